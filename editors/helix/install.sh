#!/usr/bin/env bash
# Copies the queries to Helix's folder, builds the parser there, and adds the language to its languages.toml, once.
# Needs a C compiler. `hx --grammar build` would build the parsers of all languages, whose sources are not there.
set -euo pipefail
cd "$(dirname "$0")"
config=${HELIX_CONFIG:-$HOME/.config/helix}
grammar=$(cd ../tree-sitter-huiqi && pwd)
mkdir -p "$config/runtime/queries/huiqi" "$config/runtime/grammars"
cp queries/*.scm "$config/runtime/queries/huiqi/"
"${CC:-cc}" -shared -fPIC -O2 -std=c11 -I"$grammar/src" "$grammar/src/parser.c" "$grammar/src/scanner.c" \
  -o "$config/runtime/grammars/huiqi.so"
if ! grep -q '^name = "huiqi"' "$config/languages.toml" 2>/dev/null; then
  sed "s|GRAMMAR|$grammar|" languages.toml >>"$config/languages.toml"
fi
echo "Helix: $config/languages.toml knows .hq; hx --health huiqi tells what works"
