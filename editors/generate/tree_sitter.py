"""What the tree-sitter grammar takes from the keyword table, and its queries in every editor's folder.

In: the keyword table; queries/*.scm as written by hand. Out: keywords.js for grammar.js,
src/keywords.h for the scanner, and the keyword part of queries/highlights.scm.
"""

import re

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

# Helix and Zed name some things otherwise.
RENAMED = {
    "helix": {
        "number": "constant.numeric",
        "keyword.conditional": "keyword.control.conditional",
        "keyword.declaration": "keyword.storage.type",
        "property": "variable.other.member",
        "comment.documentation": "comment.block.documentation",
    },
    "zed": {"comment.documentation": "comment.doc", "variable.builtin": "variable.special"},
    "neovim": {"number": "number"},
}


def renamed(query, editor):
    """A query with the captures of another editor."""
    return re.sub(
        r"@([\w.]+)", lambda hit: "@" + RENAMED[editor].get(hit[1], hit[1]), query,
    )


HELIX_INDENTS = """[
  (body)
  (record_body)
  (settle_body)
  (test_body)
  (dated_values)
  (table)
  (rows)
  (row)
] @indent

[
  "}"
  "]"
] @outdent
"""

HELIX_TEXT_OBJECTS = """(clause body: (_) @class.inside) @class.around
(article body: (_) @class.inside) @class.around
(test body: (_) @test.inside) @test.around
[
  (comment)
  (doc_comment)
] @comment.inside
"""

ZED_OUTLINE = """(policy "policy" @context name: (name) @name) @item
(article name: (name) @name) @item
(clause name: (name) @name) @item
(record "record" @context (names name: (name) @name)) @item
(test "test" @context name: (text) @name) @item
(settle "settle" @name) @item
"""

ZED_BRACKETS = """("{" @open "}" @close)
("[" @open "]" @close)
("(" @open ")" @close)
"""

ZED_INDENTS = """(_ "{" "}" @end) @indent
(_ "[" "]" @end) @indent
(_ "(" ")" @end) @indent
"""


def queries(highlights_query, folds, indents, injections, locals_query, made):
    """The query files of Neovim, Helix and Zed."""
    note = f"; {made}\n\n"
    return {
        "neovim/queries/huiqi/highlights.scm": note + renamed(highlights_query, "neovim"),
        "neovim/queries/huiqi/folds.scm": note + folds,
        "neovim/queries/huiqi/indents.scm": note + indents,
        "neovim/queries/huiqi/injections.scm": note + injections,
        "neovim/queries/huiqi/locals.scm": note + locals_query,
        "helix/queries/highlights.scm": note + renamed(highlights_query, "helix"),
        "helix/queries/indents.scm": note + HELIX_INDENTS,
        "helix/queries/injections.scm": note + injections,
        "helix/queries/textobjects.scm": note + HELIX_TEXT_OBJECTS,
        "zed/languages/huiqi/highlights.scm": note + renamed(highlights_query, "zed"),
        "zed/languages/huiqi/brackets.scm": note + ZED_BRACKETS,
        "zed/languages/huiqi/indents.scm": note + ZED_INDENTS,
        "zed/languages/huiqi/outline.scm": note + ZED_OUTLINE,
    }
