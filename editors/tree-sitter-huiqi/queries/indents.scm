[
  (body)
  (record_body)
  (settle_body)
  (test_body)
  (dated_values)
  (table)
  (rows)
  (row)
  (parenthesized)
] @indent.begin

[
  "}"
  "]"
  ")"
] @indent.branch @indent.end

[
  (comment)
  (doc_comment)
] @indent.auto
