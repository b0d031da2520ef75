; Notes in comments (TODO and the like) are shown by the grammar for comments, where an editor has it.
((comment) @injection.content
  (#set! injection.language "comment"))
((doc_comment) @injection.content
  (#set! injection.language "comment"))
