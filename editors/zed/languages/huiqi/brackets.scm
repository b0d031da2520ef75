; Written by editors/generate from grammar/keywords.toml; do not edit.

("{" @open "}" @close)
("[" @open "]" @close)
("(" @open ")" @close)
