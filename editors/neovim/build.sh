#!/usr/bin/env bash
# Builds the tree-sitter parser for Neovim: editors/neovim/parser/huiqi.so. Needs a C compiler.
set -euo pipefail
cd "$(dirname "$0")"
grammar=../tree-sitter-huiqi/src
mkdir -p parser
"${CC:-cc}" -shared -fPIC -O2 -std=c11 -I"$grammar" "$grammar/parser.c" "$grammar/scanner.c" -o parser/huiqi.so
