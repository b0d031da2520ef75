;;; huiqi-ts-queries.el --- Queries of Huiqi for tree-sitter  -*- lexical-binding: t; coding: utf-8 -*-

;;; Commentary:
;; Written by editors/generate from grammar/keywords.toml; do not edit.

;;; Code:

(defconst huiqi-ts-queries
  '(
    (comment
     [(comment) (doc_comment)] @font-lock-comment-face)
    (string
     (text) @font-lock-string-face)
    (number
     [(number) (date) (month_day)] @font-lock-constant-face)
    (declared
     [(article_number) (clause_number)] @font-lock-keyword-face
     (policy name: (name) @font-lock-function-name-face)
     (article name: (name) @font-lock-function-name-face)
     (clause name: (name) @font-lock-function-name-face)
     (record (names (name) @font-lock-type-face))
     (unit (names (name) @font-lock-type-face))
     (fact (names (name) @font-lock-variable-name-face))
     (let (names (name) @font-lock-variable-name-face))
     (parameter (names (name) @font-lock-variable-name-face)))
    (keyword
     "的" @font-lock-builtin-face
     ["award" "match" "recover" "lump_sum" "for_each" "outside_budget" "funded_by" "the_rest"] @font-lock-keyword-face
     ["up_to" "cap" "cap_each" "cap_cumulative" "floor" "times" "less" "nothing_below" "round" "topping_up" "topping_up_on_paid" "once" "cumulative" "half_up" "up" "down" "or_more" "or_less" "included" "excluded" "at_least" "at_most" "more_than" "less_than" "equal_to" "different_from"] @font-lock-builtin-face
     ["when" "unless" "during" "marginal" "slab" "otherwise"] @font-lock-keyword-face
     ["lesser" "greater" "days_from" "months_from" "years_from" "year_of" "paid_under" "newly" "sum" "smallest" "largest" "average" "count_of" "rank" "top" "asc" "desc" "any" "every"] @font-lock-function-name-face
     ["to_record" "each" "with" "to" "by" "on" "over" "over_all" "has" "where" "of" "or_else" "and" "between_and" "or" "not" "in" "between" "is_none" "is_not_none" "from" "scale_in" "per" "for" "from_payer" "decided_on"] @font-lock-builtin-face
     ["policy" "article" "clause" "record" "unit" "let" "use" "bind" "parameter" "settle" "test"] @font-lock-keyword-face
     ["title" "document_number" "issuer" "issued" "in_force" "overrides" "budget" "eligible_when" "convention" "lead" "text" "commitment"] @font-lock-preprocessor-face
     ["money" "number_type" "count_type" "rate" "bool" "date" "text_type" "one_of" "level_of" "dated" "quantity_in" "price_per" "list_of" "per_year" "per_quarter" "key"] @font-lock-type-face
     ["budget_of_year" "highest_among" "not_together" "exclude" "select" "limit" "total" "ties_all" "ties_none" "ties_by" "pro_rata" "equally" "in_order_of" "then_by" "then_pro_rata" "then_equally" "rest_stays" "rest_by_remainder" "rest_to_largest"] @font-lock-keyword-face
     ["given" "expect" "exact" "unknown" "not_eligible" "not_in_force"] @font-lock-keyword-face
     ["pending" "none" "yes" "no"] @font-lock-constant-face
     ((name) @font-lock-constant-face (:match "\\`\\(?:year\\|本年\\|period\\|评价期\\|today\\|今日\\|history\\|历史\\|paid\\|已发放\\|standard\\|标准\\)\\'" @font-lock-constant-face))
     )
    )
  "Features with what is shown of them.")

(provide 'huiqi-ts-queries)
;;; huiqi-ts-queries.el ends here
