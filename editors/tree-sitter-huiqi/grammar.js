// The Huiqi language for editors: grammar/huiqi.pest as an LR grammar.
//
// In: tokens; words, numbers, dates, texts and ranges come from src/scanner.c, which cuts
// them as the language's own scanner does and takes a word for a keyword where one may
// stand. Out: a tree whose keywords are nodes named by their ids in grammar/keywords.toml,
// whatever language they are written in: 奖补 and award are both "award".
//
// A keyword that is a token of the scanner keeps parse states apart, so whatever may stand
// in a policy, an article or a clause may stand in each of them here, an award has with it
// what follows it, and operators stand in the order written: which binds tighter, which
// type is due and what may stand where is for the checker.

const keywords = require("./keywords.js");

const word_of = new Map(keywords.map(({ id, word }) => [id, word]));

/** A keyword, by its id. */
function k(id) {
  const word = word_of.get(id);
  if (word === undefined) throw new Error(`no keyword ${id}`);
  return alias(sym(`_${word}_word`), word);
}

/** Signs with their full-width forms. */
const SIGNS = {
  ",": [",", "，", "、"],
  ";": [";", "；", "。"],
  ":": [":", "：", "∶"],
  "{": ["{", "｛"],
  "}": ["}", "｝"],
  "(": ["(", "（"],
  ")": [")", "）"],
  "[": ["[", "［"],
  "]": ["]", "］"],
  "=": ["=", "＝"],
  ">": [">", "＞"],
  "<": ["<", "＜"],
  ">=": ["≥", "≧", ">=", "＞＝", ">＝", "＞="],
  "<=": ["≤", "≦", "<=", "＜＝", "<＝", "＜="],
  "!=": ["!=", "！＝", "!＝", "！=", "<>", "≠"],
  ".": [".", "．"],
  "+": ["+", "＋"],
  "-": ["-", "－", "−"],
  "*": ["*", "＊", "×"],
  "/": ["/", "／", "÷"],
};

/** A sign in any width. */
function p(sign) {
  return alias(token(choice(...SIGNS[sign])), sign);
}

/** A list between commas; a comma behind the last is a separator of statements. */
function listed(item) {
  return prec.right(seq(item, repeat(seq(p(","), item)), optional(p(","))));
}

/** A list between commas with nothing behind it. */
function strictly_listed(item) {
  return seq(item, repeat(seq(p(","), item)));
}

/** Members of a block in braces. */
function braced(member, separator) {
  return seq(p("{"), repeat(choice(separator, member)), p("}"));
}

module.exports = grammar({
  name: "huiqi",

  externals: ($) => [
    $.name,
    $._bound_name,
    $.number,
    $.date,
    $.month_day,
    $.text,
    $.article_number,
    $.clause_number,
    $._range_sign,
    $._open_range_sign,
    $._logic_comma,
    $._in_word_in_line_start,
    $._round_word_in_line_start,
    $._error_sentinel,
    ...keywords.map(({ word }) => sym(`_${word}_word`)),
  ],

  extras: ($) => [/[ \t\u00A0\u3000\r\n\uFEFF]/, $.comment, $.doc_comment],

  conflicts: ($) => [
    // A comma behind the last name of a list, and the next fact.
    [$.one_of],
    // 5%（含）以上, and a row whose key is in parentheses.
    [$._bound_head, $._operand],
  ],

  rules: {
    source_file: ($) => repeat(choice($._separator, $._member)),

    doc_comment: ($) => token(prec(1, /[#＃]{2}[^\r\n]*/)),
    comment: ($) => token(/[#＃][^\r\n]*/),

    _separator: ($) => choice(p(","), p(";")),

    // ------------------------------------------------------------ names

    names: ($) => seq(field("name", $.name), repeat(seq(p("/"), field("alias", $.name)))),
    path: ($) => prec.right(seq($.name, repeat(seq(p("."), $.name)))),
    office: ($) => choice($.text, $.name),

    // ------------------------------------------------------------ declarations

    _member: ($) =>
      choice(
        $.policy, $.article, $.clause, $.record, $.let, $.parameter, $.test, $.bind, $.unit, $.use, $.settle,
        $._property, $.award, $._part,
      ),
    body: ($) => braced($._member, $._separator),

    use: ($) => seq(k("use"), field("file", $.text)),
    unit: ($) => seq(k("unit"), $.names),
    let: ($) =>
      seq(k("let"), $.names, optional(seq(p(":"), $.type, optional($._per_period))), p("="), $._condition),
    parameter: ($) =>
      seq(
        k("parameter"),
        $.names,
        optional(seq(p(":"), $.type)),
        choice(seq(p("="), $._condition), $.dated_values),
      ),
    dated_values: ($) => braced($.dated_value, $._separator),
    dated_value: ($) => seq(k("from"), $._arithmetic, p(":"), $._condition),
    bind: ($) =>
      seq(
        k("bind"),
        optional(seq(field("policy", $.name), p("."))),
        field("name", choice($.text, $.name)),
        p("="),
        $._condition,
      ),

    record: ($) => seq(k("record"), $.names, field("body", $.record_body)),
    record_body: ($) => braced(choice($.let, $.fact), $._separator),
    fact: ($) => seq($.names, p(":"), $.type, repeat($._fact_tail)),
    _fact_tail: ($) => choice($._per_period, $.scale, $.key, $.check, $.default, $.dated),
    _per_period: ($) => choice(k("per_year"), k("per_quarter")),
    scale: ($) => seq(choice(k("in"), k("scale_in")), $.name),
    key: ($) => k("key"),
    check: ($) => seq(k("where"), $._condition),
    default: ($) => seq(p("="), $._arithmetic),
    dated: ($) => seq(k("dated"), $.name),

    type: ($) =>
      choice(
        $.one_of,
        $.level_of,
        seq(choice(k("quantity_in"), k("price_per"), k("list_of")), $.name),
        choice(
          k("money"), k("number_type"), k("count_type"), k("rate"), k("bool"), k("date"), k("text_type"),
        ),
      ),
    one_of: ($) => seq(k("one_of"), strictly_listed($.name)),
    level_of: ($) => seq(k("level_of"), $.name, repeat(seq(p(">"), $.name))),

    policy: ($) => seq(k("policy"), field("name", $.name), field("body", $.body)),
    article: ($) =>
      seq(
        choice(
          seq(k("article"), optional(field("number", choice($.article_number, $.text)))),
          field("number", $.article_number),
        ),
        optional(field("name", $.name)),
        field("body", $.body),
      ),
    clause: ($) =>
      seq(
        choice(
          seq(k("clause"), optional(field("number", choice($.clause_number, $.text)))),
          field("number", $.clause_number),
        ),
        optional(field("name", $.name)),
        field("body", $.body),
      ),

    _property: ($) =>
      choice(
        $.title, $.document_number, $.issuer, $.issued, $.in_force, $.overrides, $.budget, $.eligible,
        $.convention, $.lead, $.wording, $.commitment, $.funded_by,
      ),
    title: ($) => seq(k("title"), $.text),
    document_number: ($) => seq(k("document_number"), $.text),
    issuer: ($) => seq(k("issuer"), listed($.office)),
    issued: ($) => seq(k("issued"), $._arithmetic),
    in_force: ($) => seq(k("in_force"), $._arithmetic, optional(seq(k("by"), $._arithmetic))),
    overrides: ($) => seq(k("overrides"), listed($.path)),
    budget: ($) => seq(k("budget"), listed($.budget_row)),
    budget_row: ($) => seq($._arithmetic, optional(seq(p(":"), $._arithmetic))),
    eligible: ($) => seq(k("eligible_when"), $._condition),
    convention: ($) => seq(k("convention"), choice($._bound_word, $._compare), p("("), $._inclusion, p(")")),
    lead: ($) => seq(k("lead"), listed($.office)),
    wording: ($) => seq(k("text"), $.text),
    commitment: ($) => seq(k("commitment"), $.text),
    funded_by: ($) => seq(k("funded_by"), listed($.payer)),
    payer: ($) => seq($.office, choice(k("the_rest"), $._plain), optional($.payer_cap)),
    payer_cap: ($) => seq(p("("), k("cap"), $._arithmetic, p(")")),
    _inclusion: ($) => choice(k("included"), k("excluded")),

    // ------------------------------------------------------------ clauses

    // An award with the modifiers and gates that follow it.
    award: ($) =>
      prec.right(
        seq(
          choice(
            seq(k("award"), optional(k("lump_sum")), optional(k("up_to")), optional(k("lump_sum")), $._arithmetic),
            seq($._match_head, $._arithmetic),
            seq(k("recover"), $._arithmetic),
          ),
          repeat(choice(p(","), $._part)),
        ),
      ),
    _part: ($) => choice($.modifier, $.gate, $.for_each, $.to_record, $.outside_budget),
    for_each: ($) => seq(k("for_each"), $._condition),
    to_record: ($) => seq(choice(k("to"), k("to_record")), $.name),
    outside_budget: ($) => k("outside_budget"),

    modifier: ($) =>
      prec.right(
        seq(
          choice(
            seq(
              choice(
                k("cap"), k("cap_each"), k("cap_cumulative"), k("floor"), k("times"), k("less"), k("nothing_below"),
              ),
              $._arithmetic,
            ),
            choice(k("once"), k("topping_up_on_paid"), k("topping_up")),
            seq($._round, choice(seq(choice(k("half_up"), k("up"), k("down")), k("to")), k("up_to"), k("to")), $._arithmetic),
          ),
          repeat(choice(k("each"), k("cumulative"), $.with)),
        ),
      ),
    with: ($) => seq(k("with"), listed($.path)),
    _round: ($) => choice(k("round"), alias($._round_word_in_line_start, "round")),
    gate: ($) =>
      choice(
        seq(choice(k("when"), k("unless")), $._condition),
        seq(k("during"), $._arithmetic, optional(seq(k("by"), $._arithmetic))),
      ),

    // ------------------------------------------------------------ settlement

    settle: ($) => seq(k("settle"), field("body", $.settle_body)),
    settle_body: ($) => braced($._step, p(";")),
    _step: ($) =>
      choice(
        $.modifier_step, $.highest_among, $.not_together, $.exclude, $.select, $.limit, $.pool, $.outside_step,
        $.settle_policies, $.settle_funding,
      ),
    _paths: ($) => prec.right(strictly_listed($.path)),
    modifier_step: ($) => prec.right(seq($.modifier, optional(seq(k("for"), $._paths)))),
    highest_among: ($) => seq(k("highest_among"), $._paths, optional($.per)),
    not_together: ($) => seq(k("not_together"), $._paths, optional($.per)),
    exclude: ($) => seq(k("exclude"), $._paths, k("when"), $._condition),
    select: ($) =>
      seq(
        k("select"), k("top"), $._top_count, optional($._of_list), $._paths, k("by"), $.sort_key,
        repeat(seq(k("then_by"), $.sort_key)),
        repeat(choice($.per, $.ties)),
      ),
    limit: ($) =>
      seq(
        k("limit"), choice(k("total"), $._paths), k("to"), $._arithmetic,
        repeat(choice(k("cumulative"), $.per)),
        optional($.shortage),
      ),
    pool: ($) =>
      seq(
        choice(k("budget_of_year"), seq(k("budget"), $._arithmetic)),
        repeat(choice(seq(k("for"), $._paths), $.from_payer, $.per)),
        optional($.shortage),
      ),
    outside_step: ($) => seq(k("outside_budget"), $._paths),
    settle_policies: ($) => seq(k("settle"), strictly_listed($.name)),
    settle_funding: ($) => seq(k("funded_by"), strictly_listed($.payer)),
    from_payer: ($) => seq(choice(k("from"), k("from_payer")), $.office),
    per: ($) => seq(k("per"), $._operand),
    ties: ($) => choice(k("ties_all"), k("ties_none"), seq(k("ties_by"), $.sort_key)),
    sort_key: ($) => $._arithmetic,
    _direction: ($) => choice(k("asc"), k("desc")),
    shortage: ($) =>
      prec.right(
        seq(
          choice(
            seq(k("in_order_of"), $.sort_key, repeat(seq(choice(p(","), k("then_by")), $.sort_key))),
            k("pro_rata"),
            k("equally"),
          ),
          optional(choice(k("then_pro_rata"), k("then_equally"))),
          optional(choice(k("rest_stays"), k("rest_by_remainder"), k("rest_to_largest"))),
          optional(seq(k("round"), k("down"), k("to"), $._arithmetic)),
        ),
      ),

    // ------------------------------------------------------------ tests

    test: ($) =>
      seq(
        k("test"),
        field("name", $.text),
        optional(seq($._in, $._period)),
        optional(seq(choice(k("on"), k("decided_on")), $._literal)),
        field("body", $.test_body),
      ),
    test_body: ($) => braced(choice($.given, $.expect, $.bind), $._separator),
    _literal: ($) => choice($.number, $.date, $.name),
    _period: ($) =>
      seq($._literal, optional(seq(alias($._range_sign, ".."), choice($.month_day, $._literal)))),
    given: ($) => seq(k("given"), $.name, choice($.row, $.rows)),
    rows: ($) => seq(p("["), repeat(choice($._separator, $.row)), p("]")),
    row: ($) => braced($.cell, $._separator),
    cell: ($) =>
      seq(
        field("name", $.name),
        optional(seq($._in, $._arithmetic)),
        p(":"),
        choice($.rows, k("unknown"), $._arithmetic),
      ),
    expect: ($) =>
      prec.right(
        seq(
          k("expect"), $._condition,
          optional($._for_key),
          optional(choice($.outcome, alias($.keyed_test, $.expression))),
          optional($._for_key),
        ),
      ),
    keyed_test: ($) => repeat1($._test_tail),
    _for_key: ($) => seq(k("for"), $.text),
    outcome: ($) =>
      prec.right(
        choice(
          seq(k("up_to"), $._arithmetic),
          seq(k("exact"), optional($._arithmetic)),
          seq(k("pending"), optional($.text)),
          k("unknown"),
          k("not_eligible"),
          k("not_in_force"),
        ),
      ),

    // ------------------------------------------------------------ conditions

    _condition: ($) => choice(prec(-1, $._test), $.logic),
    logic: ($) =>
      prec.right(
        seq(
          $._test,
          repeat1(seq(optional(alias($._logic_comma, ",")), choice(k("and"), k("or")), $._test)),
        ),
      ),
    // A test; the key of a row and `where` may leave out its subject.
    _test: ($) => choice(prec(-1, $._operand), alias($.test_chain, $.expression)),
    test_chain: ($) =>
      prec.right(
        choice(
          seq($._operand, repeat1($._test_tail)),
          seq(repeat1($._prefix), $._operand, repeat($._test_tail)),
          seq($._comparison, repeat($._prefix), $._operand, repeat($._test_tail)),
          seq($.bound, repeat($._test_tail)),
        ),
      ),
    _test_tail: ($) =>
      choice(
        seq(choice($._operator, $._comparison), repeat($._prefix), $._operand),
        $._shared_tail,
        k("is_none"),
        k("is_not_none"),
        $.bound,
      ),
    _comparison: ($) =>
      choice($._compare, seq(k("not"), $._in), alias($._in_word_in_line_start, "in"), $._between),
    _compare: ($) =>
      choice(
        k(">="), k("<="), k(">"), k("<"), k("="), k("!="),
        p(">="), p("<="), p(">"), p("<"), p("="), p("!="),
      ),
    _between: ($) =>
      seq(
        optional(k("not")), k("between"), repeat($._prefix), $._operand,
        repeat(seq($._operator, repeat($._prefix), $._operand)),
        choice(k("and"), k("between_and")),
      ),
    _in: ($) => choice(k("in"), alias($._in_word_in_line_start, "in")),
    bound: ($) => seq($._bound_head, $._bound_word),
    _bound_head: ($) =>
      seq(
        choice($.number, alias($._bound_name, $.name), $.date),
        optional(seq(p("("), $._inclusion, p(")"))),
      ),
    _bound_word: ($) => choice(k("or_more"), k("or_less")),

    // ------------------------------------------------------------ arithmetic

    _arithmetic: ($) => choice(prec(-1, $._operand), alias($.arithmetic_chain, $.expression)),
    arithmetic_chain: ($) =>
      prec.right(
        choice(
          seq($._operand, repeat1($._arithmetic_tail)),
          seq(repeat1($._prefix), $._operand, repeat($._arithmetic_tail)),
        ),
      ),
    _arithmetic_tail: ($) => choice(seq($._operator, repeat($._prefix), $._operand), $._shared_tail),
    _shared_tail: ($) =>
      choice(
        alias($._open_range_sign, ".."),
        seq(alias($._range_sign, ".."), choice($.month_day, seq(repeat($._prefix), $._operand))),
        $.filter,
        seq(k("has"), $._condition),
        $._direction,
      ),
    filter: ($) => prec.right(seq(k("where"), $._condition)),
    // Arithmetic without ranges.
    _plain: ($) => choice(prec(-1, $._operand), alias($.plain_chain, $.expression)),
    plain_chain: ($) =>
      prec.right(
        choice(
          seq($._operand, repeat1(seq($._operator, repeat($._prefix), $._operand))),
          seq(repeat1($._prefix), $._operand, repeat(seq($._operator, repeat($._prefix), $._operand))),
        ),
      ),
    _operator: ($) =>
      choice(
        k("of"), p("+"), p("-"), p("*"), p("/"), k("or_else"), k("in"), k("on"), k("over"), k("over_all"),
        k("then_by"),
      ),
    // What stands before an operand: signs, words for what is made of it, and whatever ends
    // before it, so that its states are the same wherever the operand stands.
    _prefix: ($) =>
      choice(
        k("not"), p("-"), alias($._range_sign, ".."), k("sum"), k("average"), k("smallest"), k("largest"),
        k("lesser"), k("greater"), k("count_of"), k("any"), k("every"), k("rank"), k("newly"), k("year_of"),
        k("paid_under"), $._match_head, $._top_head, $._rounding_head, $._elapsed_head,
      ),
    _match_head: ($) => seq(k("match"), $.number, p(":"), $.number),
    _top_head: ($) =>
      seq(k("top"), $._top_count, optional($._of_list), $._operand, optional($.filter), k("by")),
    _top_count: ($) => choice($.number, $.parenthesized, $.name),
    _of_list: ($) => choice(k("of"), "的"),
    _rounding_head: ($) =>
      seq($._round, optional(choice(k("half_up"), k("up"), k("down"))), $._plain, k("to")),
    _elapsed_head: ($) =>
      seq(
        choice(k("days_from"), k("months_from"), k("years_from")), $._plain,
        choice(k("to"), alias($._range_sign, "..")),
      ),

    _operand: ($) =>
      choice(
        $.number, $.name, $.parenthesized, $.date, $.table, $.text, $.constant, $.pending, $.field, $.attribute,
      ),
    field: ($) => prec.left(12, seq($._operand, p("."), $.name)),
    attribute: ($) =>
      prec.left(12, seq($._operand, "的", choice($.number, $.table, $.parenthesized, $.pending, $.name))),

    constant: ($) => choice(k("yes"), k("no"), k("none")),
    pending: ($) => seq(k("pending"), $.text),
    parenthesized: ($) => seq($._parenthesis, p(")")),
    _parenthesis: ($) => seq(p("("), strictly_listed($._condition)),
    table: ($) => seq($._table_head, $._table_rows, p("}")),
    _table_head: ($) => seq(optional(choice(k("marginal"), k("slab"))), k("by"), optional($._plain)),
    _table_rows: ($) => seq(p("{"), repeat(choice($._separator, $.table_row))),
    table_row: ($) =>
      seq(
        choice(k("otherwise"), field("key", strictly_listed($._condition))),
        p(":"),
        field("value", $._arithmetic),
      ),
  },
});
