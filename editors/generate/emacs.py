"""The keyword tables of Emacs.

In: the keyword table and what may follow a keyword. Out: huiqi-keywords.el, and what tree-sitter
shows, huiqi-ts-queries.el. Emacs has no patterns that look ahead, so huiqi-mode.el reads words one
by one and looks them up here.
"""

import tokens as t
from keywords import CLASSES, is_word, keywords

# Classes to faces, as in huiqi-mode.el.
FACES = {
    "award": "keyword",
    "modifier": "builtin",
    "conditional": "keyword",
    "function": "function-name",
    "operator": "builtin",
    "declaration": "keyword",
    "property": "preprocessor",
    "type": "type",
    "settle": "keyword",
    "test": "keyword",
    "constant": "constant",
    "predeclared": "constant",
}

QUERIES = """    (comment
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
     (parameter (names (name) @font-lock-variable-name-face)))"""


def table(made):
    """The file: every form with its class and how it is told from a name."""
    rows = {}
    for keyword in keywords():
        if keyword.place == ("prompt",):
            continue
        for form in keyword.forms:
            if is_word(form):
                rows.setdefault(form, []).append(keyword)
    lines = [
        ";;; huiqi-keywords.el --- Keywords of Huiqi  -*- lexical-binding: t; coding: utf-8 -*-",
        "",
        f";;; Commentary:",
        f";; {made}",
        ";; Each form with its class, and when it is a keyword: `always', `alone' (may be a name",
        ";; before a colon), `operand' (an operand must follow), `text' (a quoted text must",
        ";; follow), `type' (behind a colon only), or the words that must follow.",
        "",
        ";;; Code:",
        "",
        "(defconst huiqi-keywords",
        "  '(",
    ]
    for form, owners in sorted(rows.items(), key=lambda row: (-row[0].count(" "), row[0])):
        entries = " ".join(f"({kind} . {when})" for kind, when in dict.fromkeys((owner.kind, when_of(owner)) for owner in owners))
        lines.append(f'    ("{form}" {entries})')
    lines += ["    )", '  "Forms of the keywords, with classes and conditions.")', "", "(defconst huiqi-no-operands", "  '("]
    lines += [f'    "{form}"' for form in sorted(t.no_operands)]
    lines += ["    )", '  "Forms that no operand begins with.")', "", "(provide 'huiqi-keywords)",
              ";;; huiqi-keywords.el ends here", ""]
    return "\n".join(lines)


def queries(made):
    """What tree-sitter shows in which face, as queries by feature."""
    lines = [
        ";;; huiqi-ts-queries.el --- Queries of Huiqi for tree-sitter  -*- lexical-binding: t; coding: utf-8 -*-",
        "",
        ";;; Commentary:",
        f";; {made}",
        "",
        ";;; Code:",
        "",
        "(defconst huiqi-ts-queries",
        "  '(",
        QUERIES,
        "    (keyword",
        '     "的" @font-lock-builtin-face',
    ]
    for kind in CLASSES:
        members = [keyword for keyword in keywords() if keyword.kind == kind]
        face = f"font-lock-{FACES[kind]}-face"
        if kind == "predeclared":
            forms = "\\\\|".join(form for keyword in members for form in keyword.forms)
            lines.append(f'     ((name) @{face} (:match "\\\\`\\\\(?:{forms}\\\\)\\\\\'" @{face}))')
        else:
            words = " ".join(f'"{keyword.word}"' for keyword in members if keyword.in_grammar and keyword.id != "..")
            lines.append(f"     [{words}] @{face}")
    lines += ["     )", "    )", '  "Features with what is shown of them.")', "", "(provide 'huiqi-ts-queries)",
              ";;; huiqi-ts-queries.el ends here", ""]
    return "\n".join(lines)


def when_of(keyword):
    """When a form of a keyword is one."""
    if keyword.kind == "predeclared" or keyword.id in {"otherwise", "or_more", "or_less"}:
        return "always"
    if keyword.id in t.AFTER_COLON:
        return "type"
    if keyword.id == "total":
        return '("to" "到")'
    if keyword.id in {"marginal", "slab"}:
        return '("by" "按" "按照")'
    if keyword.id == "match":
        return "number"
    if keyword.id in t.BEFORE_TEXT:
        return "text"
    if keyword.reserved:
        return "always"
    if keyword.word in t.NEEDS_NOTHING or keyword.id == "..":
        return "alone"
    return "amount" if keyword.id in t.OPENS_AMOUNT else "operand"
