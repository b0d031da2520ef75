; The outline: policies, articles, clauses, records and tests.
(policy name: (name) @name) @definition.module
(article name: (name) @name) @definition.class
(clause name: (name) @name) @definition.function
(record (names name: (name) @name)) @definition.class
(test name: (text) @name) @definition.function
