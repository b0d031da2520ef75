#!/usr/bin/env bash
# Vim, Neovim and Emacs, each without a screen: the colours, the indentation, the tree-sitter
# parser in Neovim. Installs the editors from Debian's packages where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v vim >/dev/null || missing+=(vim)
command -v nvim >/dev/null || missing+=(neovim)
command -v emacs >/dev/null || missing+=(emacs-nox)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ -x .tools/python/bin/python ] || python3 -m venv .tools/python
.tools/python/bin/python -c "import tree_sitter" 2>/dev/null || .tools/python/bin/pip install --quiet "tree-sitter>=0.25,<0.27"

echo "Vim"
timeout 300 .tools/python/bin/python test/vim.py vim
echo "Neovim"
bash neovim/build.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
HUIQI_POLICY=$folder/甲.hq LC_ALL=C.UTF-8 timeout 60 nvim --headless -i NONE -u NONE --cmd "set runtimepath^=$PWD/vim,$PWD/neovim" \
  --cmd "filetype plugin on" --cmd "runtime! plugin/huiqi.lua" -S test/neovim.lua
timeout 300 .tools/python/bin/python test/vim.py nvim
echo "Emacs"
HUIQI_POLICIES=$PWD/../policies LC_ALL=C.UTF-8 timeout 120 emacs -Q --batch -L emacs -l test/emacs.el -f ert-run-tests-batch-and-exit
# Emacs 29 and later read by tree-sitter too; newer.sh brings one where Debian's is older.
if [ "$(emacs -Q --batch --eval '(princ (if (and (fboundp (quote treesit-available-p)) (treesit-available-p)) 1 0))')" = 1 ]; then
  bash emacs/build.sh "$folder/parser"
  HUIQI_PARSER=$folder/parser HUIQI_POLICIES=$PWD/../policies LC_ALL=C.UTF-8 timeout 300 emacs -Q --batch -L emacs -l test/emacs-tree-sitter.el -f ert-run-tests-batch-and-exit
else
  echo "skipped: tree-sitter in Emacs, which $(emacs --version | head -1) lacks"
fi
