; Written by editors/generate from grammar/keywords.toml; do not edit.

(clause body: (_) @class.inside) @class.around
(article body: (_) @class.inside) @class.around
(test body: (_) @test.inside) @test.around
[
  (comment)
  (doc_comment)
] @comment.inside
