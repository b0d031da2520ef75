"""What the tree-sitter grammar takes from the keyword table, and its queries in every editor's folder.

In: the keyword table; queries/*.scm as written by hand. Out: keywords.js for grammar.js,
src/keywords.h for the scanner, and the keyword part of queries/highlights.scm.
"""

from keywords import CLASSES, keywords, owners_of_forms

# Classes to capture names; a name falls back to what stands before its last dot.
CAPTURES = {
    "award": "keyword.award",
    "modifier": "keyword.modifier",
    "conditional": "keyword.conditional",
    "function": "function.builtin",
    "operator": "keyword.operator",
    "declaration": "keyword.declaration",
    "property": "attribute",
    "type": "type.builtin",
    "settle": "keyword.settle",
    "test": "keyword.test",
    "constant": "constant.builtin",
    "predeclared": "variable.builtin",
}

BEGIN = "; Keywords: written by editors/generate from grammar/keywords.toml"
END = "; End of keywords"


def keywords_js(made):
    """The ids of the grammar's keywords, in the order of the scanner's tokens."""
    lines = [f"// {made}", "module.exports = ["]
    lines += [f'  {{ id: "{keyword.id}", word: "{keyword.word}" }},' for keyword in keywords() if keyword.in_grammar]
    return "\n".join([*lines, "];", ""])


def keywords_h(made):
    """The scanner's table: forms in the order of their bytes, each with the keywords it may be."""
    lines = [f"// {made}", "", "enum Keyword {"]
    lines += [f"  KEYWORD_{keyword.word.upper()}," for keyword in keywords() if keyword.in_grammar]
    lines += ["  KEYWORD_COUNT,", "};", "", "static const Form FORMS[] = {"]
    for form, owners in sorted(owners_of_forms().items(), key=lambda item: item[0].encode()):
        ids = ", ".join(f"KEYWORD_{owner.word.upper()}" for owner in owners)
        reserved = "true" if any(owner.reserved for owner in owners) else "false"
        lines.append(f'  {{"{form}", {reserved}, {len(owners)}, {{{ids}}}}},')
    return "\n".join([*lines, "};", ""])


def highlights(written):
    """highlights.scm with its keyword part written anew."""
    lines = [BEGIN]
    for kind in CLASSES:
        members = [keyword for keyword in keywords() if keyword.kind == kind]
        if kind == "predeclared":
            forms = " ".join(f'"{form}"' for keyword in members for form in keyword.forms)
            lines.append(f"((name) @{CAPTURES[kind]}\n  (#any-of? @{CAPTURES[kind]} {forms}))")
        else:
            words = [keyword.word for keyword in members if keyword.in_grammar and keyword.id != ".."]
            lines.append("[\n  " + "\n  ".join(f'"{word}"' for word in words) + f"\n] @{CAPTURES[kind]}")
    lines.append(END)
    before, rest = written.split(BEGIN)
    return before + "\n".join(lines) + rest.split(END)[1]
