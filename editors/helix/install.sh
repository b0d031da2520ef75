#!/usr/bin/env bash
# Copies the queries to Helix's folder and adds the language to its languages.toml, once.
set -euo pipefail
cd "$(dirname "$0")"
config=${HELIX_CONFIG:-$HOME/.config/helix}
grammar=$(cd ../tree-sitter-huiqi && pwd)
mkdir -p "$config/runtime/queries/huiqi"
cp queries/*.scm "$config/runtime/queries/huiqi/"
if ! grep -q '^name = "huiqi"' "$config/languages.toml" 2>/dev/null; then
  sed "s|GRAMMAR|$grammar|" languages.toml >>"$config/languages.toml"
fi
echo "Helix: $config/languages.toml knows .hq; now run: hx --grammar build"
