; Written by editors/generate from grammar/keywords.toml; do not edit.

[
  (body)
  (record_body)
  (settle_body)
  (test_body)
  (dated_values)
  (table)
  (rows)
  (row)
] @indent

[
  "}"
  "]"
] @outdent
