#!/usr/bin/env bash
# Builds the tree-sitter parser for Emacs 29 and later, into the folder given or ~/.emacs.d/tree-sitter.
# Needs a C compiler.
set -euo pipefail
cd "$(dirname "$0")"
folder=${1:-$HOME/.emacs.d/tree-sitter}
grammar=../tree-sitter-huiqi/src
mkdir -p "$folder"
"${CC:-cc}" -shared -fPIC -O2 -std=c11 -I"$grammar" "$grammar/parser.c" "$grammar/scanner.c" -o "$folder/libtree-sitter-huiqi.so"
