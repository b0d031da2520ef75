; Every token has one class, the same in all editors; editors/generate makes the queries of
; the other editors from this file.

(comment) @comment
(doc_comment) @comment.documentation
(text) @string
[
  (number)
  (date)
  (month_day)
] @number
[
  (article_number)
  (clause_number)
] @keyword.declaration

[
  "{"
  "}"
  "("
  ")"
  "["
  "]"
] @punctuation.bracket
[
  ","
  ";"
  ":"
  "."
] @punctuation.delimiter
[
  "+"
  "-"
  "*"
  "/"
  "="
  ">"
  "<"
  ">="
  "<="
  "!="
  ".."
] @operator
"的" @keyword.operator

; Keywords: written by editors/generate from grammar/keywords.toml
[
  "award"
  "match"
  "recover"
  "lump_sum"
  "for_each"
  "outside_budget"
  "funded_by"
  "the_rest"
] @keyword.award
[
  "up_to"
  "cap"
  "cap_each"
  "cap_cumulative"
  "floor"
  "times"
  "less"
  "nothing_below"
  "round"
  "topping_up"
  "topping_up_on_paid"
  "once"
  "cumulative"
  "half_up"
  "up"
  "down"
  "or_more"
  "or_less"
  "included"
  "excluded"
  "at_least"
  "at_most"
  "more_than"
  "less_than"
  "equal_to"
  "different_from"
] @keyword.modifier
[
  "when"
  "unless"
  "during"
  "marginal"
  "slab"
  "otherwise"
] @keyword.conditional
[
  "lesser"
  "greater"
  "days_from"
  "months_from"
  "years_from"
  "year_of"
  "paid_under"
  "newly"
  "sum"
  "smallest"
  "largest"
  "average"
  "count_of"
  "rank"
  "top"
  "asc"
  "desc"
  "any"
  "every"
] @function.builtin
[
  "to_record"
  "each"
  "with"
  "to"
  "by"
  "on"
  "over"
  "over_all"
  "has"
  "where"
  "of"
  "or_else"
  "and"
  "between_and"
  "or"
  "not"
  "in"
  "between"
  "is_none"
  "is_not_none"
  "from"
  "scale_in"
  "per"
  "for"
  "from_payer"
  "decided_on"
] @keyword.operator
[
  "policy"
  "article"
  "clause"
  "record"
  "unit"
  "let"
  "use"
  "bind"
  "parameter"
  "settle"
  "test"
] @keyword.declaration
[
  "title"
  "document_number"
  "issuer"
  "issued"
  "in_force"
  "overrides"
  "budget"
  "eligible_when"
  "convention"
  "lead"
  "text"
  "commitment"
] @attribute
[
  "money"
  "number_type"
  "count_type"
  "rate"
  "bool"
  "date"
  "text_type"
  "one_of"
  "level_of"
  "dated"
  "quantity_in"
  "price_per"
  "list_of"
  "per_year"
  "per_quarter"
  "key"
] @type.builtin
[
  "budget_of_year"
  "highest_among"
  "not_together"
  "exclude"
  "select"
  "limit"
  "total"
  "ties_all"
  "ties_none"
  "ties_by"
  "pro_rata"
  "equally"
  "in_order_of"
  "then_by"
  "then_pro_rata"
  "then_equally"
  "rest_stays"
  "rest_by_remainder"
  "rest_to_largest"
] @keyword.settle
[
  "given"
  "expect"
  "exact"
  "unknown"
  "not_eligible"
  "not_in_force"
] @keyword.test
[
  "pending"
  "none"
  "yes"
  "no"
] @constant.builtin
((name) @variable.builtin
  (#any-of? @variable.builtin "year" "本年" "period" "评价期" "today" "今日" "history" "历史" "paid" "已发放" "standard" "标准"))
; End of keywords

; What a file declares.
(policy name: (name) @function)
(article name: (name) @function)
(clause name: (name) @function)
(record (names (name) @type))
(unit (names (name) @type))
(fact (names (name) @property))
(let (names (name) @property))
(parameter (names (name) @property))
