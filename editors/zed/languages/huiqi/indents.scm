; Written by editors/generate from grammar/keywords.toml; do not edit.

(_ "{" "}" @end) @indent
(_ "[" "]" @end) @indent
(_ "(" ")" @end) @indent
