; Names are seen in their whole file, whatever the order of declarations; the facts of a
; record are seen within it too.
[
  (source_file)
  (record)
  (policy)
  (test)
] @local.scope

(record (names (name) @local.definition.type))
(unit (names (name) @local.definition.type))
(policy name: (name) @local.definition.namespace)
(clause name: (name) @local.definition.function)
(fact (names (name) @local.definition.field))
(let (names (name) @local.definition.var))
(parameter (names (name) @local.definition.parameter))

(name) @local.reference
