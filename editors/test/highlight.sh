#!/usr/bin/env bash
# The TextMate grammar gives the scopes that its tests say, and shows every policy as the
# tree-sitter grammar does. Installs the node modules of the extension and, in a folder
# that is not committed, the Python package tree-sitter.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -d vscode/node_modules/vscode-tmgrammar-test ] || (cd vscode && npm ci --no-audit --no-fund --loglevel=error)
[ -x .tools/python/bin/python ] || python3 -m venv .tools/python
.tools/python/bin/python -c "import tree_sitter" 2>/dev/null || .tools/python/bin/pip install --quiet "tree-sitter>=0.25,<0.27"
(cd vscode && npx vscode-tmgrammar-test --config package.json 'test/grammar/*.hq')
.tools/python/bin/python test/agree.py
