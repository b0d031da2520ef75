"""The tokens of grammar/tokens.pest as patterns, and which keyword may stand where.

In: the keyword table. Out: patterns of numbers, dates and words, and for every class of
keywords the patterns that find it. A grammar of patterns sees a line, not a tree: a
keyword that may be a name counts as a keyword only where what follows fits.
"""

from keywords import is_word, keywords, owners_of_forms
from pattern import END_OF_LINE, ahead, any_case, any_number, chars, either, group, literal, maybe, not_ahead, seq, some, times

HAN = (
    r"\x{4E00}-\x{7683}\x{7685}-\x{9FFF}\x{3400}-\x{4DBF}〇々\x{2E80}-\x{2FDF}\x{F900}-\x{FAFF}"
    r"\x{20000}-\x{323AF}\x{3300}-\x{33FF}"
)
LETTER = r"A-Za-zＡ-Ｚａ-ｚ\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{52F}"
DIGIT = "0-9０-９"

digit = chars(DIGIT)
blank = chars(r"\x{20}\x{09}\x{A0}\x{3000}")
blanks = any_number(blank)
in_word = chars(HAN + LETTER + "_")

word = seq(either(chars(HAN), seq(chars(LETTER), any_number(chars(LETTER + DIGIT + "_")))), any_number(in_word))
quoted_name = seq("「", some(chars("^「」")), "」")
name = either(word, quoted_name)
colon = chars(":：∶")
slash = chars("/／÷")
names = seq(name, any_number(seq(blanks, slash, blanks, name)))

# ---------------------------------------------------------------- numbers and dates

year = seq(chars("12１２"), times(digit, 3))
dash = chars(r"\-－")
quarter = chars("QqＱｑ")
date_part = seq(chars(r"\-－/／.．"), times(digit, 1, 2))
word_or_digit = chars(HAN + LETTER + DIGIT)
date = either(
    seq(year, dash, times(digit, 2), dash, times(digit, 2), not_ahead(digit)),
    seq(year, dash, times(digit, 2), not_ahead(either(digit, date_part))),
    seq(year, quarter, some(digit), not_ahead(word_or_digit)),
    seq(
        times(digit, 4), blanks, "年",
        maybe(either(
            seq(blanks, times(digit, 1, 2), blanks, "月", maybe(seq(blanks, times(digit, 1, 2), blanks, chars("日号")))),
            "度",
        )),
    ),
    # Faulty ones, which the language takes for dates too and tells about.
    seq(year, times(date_part, 2), not_ahead(digit)),
    seq(year, dash, year, maybe("年")),
    seq(year, dash, times(digit, 1, 2), not_ahead(digit)),
    # The end of a range whose start has the year.
    seq(times(digit, 1, 2), "月", maybe(seq(times(digit, 1, 2), chars("日号")))),
)

plain_char = seq(
    not_ahead(either("元", "至", "到", "以上", "以下", "以内", "及以上", "及以下")), chars(HAN + LETTER),
)
run_char = either(plain_char, "元")
yuan = seq("元", either(seq(chars("/／"), either(some(run_char), quoted_name)), any_number(run_char)))
run = either(seq(some(plain_char), maybe(yuan)), yuan)
magnitude = some(either(seq("十", ahead("万")), chars("百千万亿")))
spaced_suffix = either(
    yuan,
    seq(magnitude, maybe(run)),
    seq(either("年", "个月", "月", "日", "天"), not_ahead(run_char)),
)
suffix = either(chars("%％‰"), run, quoted_name, seq(some(blank), spaced_suffix))
number = seq(
    either(seq(times(digit, 1, 3), some(seq(",", times(digit, 3), not_ahead(digit)))), some(digit)),
    any_number(seq(chars(".．"), some(digit))),
    maybe(suffix),
)

numbered = seq("第", some(chars("0-9０-９一二三四五六七八九十百零〇")))
article_number = seq(numbered, "条")
clause_number = seq(numbered, "款")

# ---------------------------------------------------------------- keywords


def words_of(form):
    """The words of a form, on one line."""
    return seq(*[part for text in form.split(" ") for part in (some(blank), literal(text))][1:])


def forms_pattern(forms):
    """Any of some forms, each a whole word or several; those of more words and letters first."""
    ordered = sorted(set(forms), key=lambda form: (-form.count(" "), -len(form), form))
    latin = [words_of(form) for form in ordered if "a" <= form[-1] <= "z"]
    chinese = [words_of(form) for form in ordered if not "a" <= form[-1] <= "z"]
    parts = []
    if chinese:
        parts.append(seq(either(*chinese), not_ahead(in_word)))
    if latin:
        parts.append(seq(any_case(either(*latin)), not_ahead(chars(HAN + LETTER + "_" + DIGIT))))
    return either(*parts)


def forms_of(ids):
    """All forms of some keywords that are words."""
    return [form for keyword in keywords() if keyword.id in ids for form in keyword.forms if is_word(form)]


# Reserved words that begin an operand.
OPENS_OPERAND = {"pending", "none", "yes", "no", "newly", "sum", "any", "every", "round", "by", "not"}

# Words that stand alone or at an end: nothing must follow them.
NEEDS_NOTHING = {
    "the_rest", "cumulative", "each", "half_up", "up", "down", "or_more", "or_less", "included", "excluded", "asc",
    "desc", "ties_all", "ties_none", "pro_rata", "equally", "then_pro_rata", "then_equally", "rest_stays",
    "rest_by_remainder", "rest_to_largest", "exact", "unknown", "not_eligible", "not_in_force", "otherwise", "has",
    "budget_of_year", "per_year", "per_quarter", "key", "lump_sum", "between_and", "at_least", "at_most", "more_than",
    "less_than", "equal_to", "different_from",
}

# Types that stand behind a colon only.
AFTER_COLON = {
    "money", "number_type", "count_type", "rate", "bool", "date", "text_type", "one_of", "level_of", "quantity_in",
    "price_per", "list_of",
}

BEFORE_TEXT = {"title", "document_number", "text", "commitment", "use", "test"}

no_operands = [
    form for form, owners in owners_of_forms().items()
    if any(owner.reserved for owner in owners) and not any(owner.id in OPENS_OPERAND for owner in owners)
]
reserved_within = forms_pattern(no_operands)
# Statements that an amount or a date follows: a sign or an open range may begin it.
OPENS_AMOUNT = {"award", "recover", "budget", "in_force"}

up_to = forms_pattern(forms_of({"up_to"}))
text_start = chars('"“')
operand_start = seq(blanks, either(chars(DIGIT + '(（"“「{｛'), seq(not_ahead(reserved_within), chars(HAN + LETTER))))


def follow_of(keyword):
    """What must follow a keyword that may be a name; None where nothing must."""
    if keyword.id == "total":
        return ahead(some(blank), forms_pattern(["to", "到"]))
    if keyword.id in {"marginal", "slab"}:
        return ahead(blanks, forms_pattern(["by", "按", "按照"]))
    if keyword.id == "match":
        return ahead(blanks, digit)
    if keyword.id in {"lesser", "greater"}:
        return ahead(blanks, either(chars("(（"), seq(not_ahead(reserved_within), chars(HAN + LETTER))))
    if keyword.id in BEFORE_TEXT:
        return ahead(blanks, text_start)
    if keyword.reserved or keyword.word in NEEDS_NOTHING:
        return None
    if keyword.id in OPENS_AMOUNT:
        return ahead(either(operand_start, seq(blanks, chars(r"\-－−.．—")), seq(blanks, up_to)))
    return ahead(operand_start)


def keyword_patterns():
    """Pairs of class and pattern, in the order in which they are tried: more words first."""
    entries = {}
    for keyword in keywords():
        if not keyword.in_grammar or keyword.id in AFTER_COLON:
            continue
        for form in keyword.forms:
            if not is_word(form) or form == "至":
                continue
            follow = follow_of(keyword)
            key = (-form.count(" "), keyword.kind, follow)
            entries.setdefault(key, []).append(form)
    ordered = sorted(entries.items(), key=lambda entry: (entry[0][0], entry[0][2] is None))
    for (_, kind, follow), forms in ordered:
        found = forms_pattern(dict.fromkeys(forms))
        yield kind, found if follow is None else seq(found, follow)


soft_forms = [
    form for form, owners in owners_of_forms().items()
    if not any(owner.reserved or owner.id in {"otherwise", "or_more", "or_less"} for owner in owners)
]
# A keyword before a colon or a slash is a name.
soft_name = seq(forms_pattern(soft_forms), ahead(blanks, either(colon, slash)))
type_words = forms_pattern(forms_of(AFTER_COLON))
predeclared = forms_pattern(forms_of({keyword.id for keyword in keywords() if keyword.kind == "predeclared"}))


def head(ids):
    """The keyword of a head, for what it declares."""
    return forms_pattern(forms_of(ids))
