; Written by editors/generate from grammar/keywords.toml; do not edit.

(policy "policy" @context name: (name) @name) @item
(article name: (name) @name) @item
(clause name: (name) @name) @item
(record "record" @context (names name: (name) @name)) @item
(test "test" @context name: (text) @name) @item
(settle "settle" @name) @item
