"""The TextMate grammar of the VS Code extension.

In: the patterns of tokens. Out: huiqi.tmLanguage.json. Rules consume whole tokens from left
to right, so that a keyword within a longer word is never seen.
"""

import json

import tokens as t
from pattern import ONIGURUMA, any_number, chars, either, group, maybe, seq, some

SCOPES = {
    "award": "keyword.control.award",
    "modifier": "keyword.other.modifier",
    "conditional": "keyword.control.conditional",
    "function": "support.function",
    "operator": "keyword.operator.word",
    "declaration": "storage.type",
    "property": "entity.other.attribute-name",
    "type": "support.type",
    "settle": "keyword.control.settle",
    "test": "keyword.other.test",
    "constant": "constant.language",
    "predeclared": "variable.language",
}
SIGN = "keyword.operator.sign"
DELIMITER = "punctuation.separator"
BRACKET = "punctuation.section"


def scoped(scope):
    """The full name of a scope."""
    return f"{scope}.huiqi"


def rule(scope, pattern):
    """A rule that gives what it finds one scope; none for a plain name."""
    made = {"match": pattern.text(ONIGURUMA)}
    return made | {"name": scoped(scope)} if scope else made


def captured(pattern, *scopes):
    """A rule whose groups have scopes of their own, or are read by further rules."""
    captures = {
        str(number): {"patterns": scope} if isinstance(scope, list) else {"name": scoped(scope)}
        for number, scope in enumerate(scopes, 1) if scope
    }
    return {"match": pattern.text(ONIGURUMA), "captures": captures}


def include(name):
    """Rules kept under a name."""
    return {"include": f"#{name}"}


def names_of(scope):
    """A name and its aliases."""
    return [rule(SIGN, t.slash), rule(scope, t.name)]


def heads():
    """Heads: a keyword with what it declares."""
    text = either(seq('"', any_number(chars(r'^"')), '"'), seq("“", any_number(chars("^“”")), "”"))
    text_rule = [include("text")]
    number = either(t.article_number, t.clause_number)
    return [
        captured(
            seq(group(t.head({"policy"})), some(t.blank), group(t.name)), SCOPES["declaration"], "entity.name.function",
        ),
        captured(
            seq(
                group(t.head({"article", "clause"})), t.blanks,
                maybe(either(group(text), group(number))), t.blanks, maybe(group(t.name)), t.blanks,
                t.ahead(chars("{｛")),
            ),
            SCOPES["declaration"], text_rule, SCOPES["declaration"], "entity.name.function",
        ),
        captured(
            seq(group(number), maybe(seq(t.blanks, group(t.name), t.ahead(t.blanks, chars("{｛"))))),
            SCOPES["declaration"], "entity.name.function",
        ),
        captured(
            seq(group(t.head({"let", "parameter"})), some(t.blank), group(t.names)),
            SCOPES["declaration"], names_of("variable.other.property"),
        ),
        captured(
            seq(group(t.head({"unit"})), some(t.blank), group(t.names)), SCOPES["declaration"], names_of("entity.name.type"),
        ),
    ]


def record():
    """A record: facts are declared directly in its braces."""
    return {
        "begin": seq(group(t.head({"record"})), some(t.blank), group(t.names), t.blanks, group(chars("{｛"))).text(ONIGURUMA),
        "beginCaptures": {
            "1": {"name": scoped(SCOPES["declaration"])},
            "2": {"patterns": names_of("entity.name.type")},
            "3": {"name": scoped(BRACKET)},
        },
        "end": "[}｝]",
        "endCaptures": {"0": {"name": scoped(BRACKET)}},
        "patterns": [include("comment"), include("block"), include("head"), include("fact"), include("token")],
    }


def block():
    """Braces within a record: nothing is declared there."""
    return {
        "begin": "[{｛]",
        "beginCaptures": {"0": {"name": scoped(BRACKET)}},
        "end": "[}｝]",
        "endCaptures": {"0": {"name": scoped(BRACKET)}},
        "patterns": [include("comment"), include("block"), include("token")],
    }


def texts():
    """Quoted texts; one that is never closed costs its line."""
    return [
        {"begin": '"""', "end": '"""', "name": scoped("string.quoted.triple"),
         "patterns": [{"match": r"\\.", "name": scoped("constant.character.escape")}]},
        {"match": r'"(?:\\.|[^"\\])*(?:"|$)', "name": scoped("string.quoted.double")},
        {"match": "“(?:[^“”]|“(?:[^“”]|“[^“”]*”)*”)*”|“.*$", "name": scoped("string.quoted.other")},
    ]


def tokens():
    """Every token but comments and declarations, in the order in which they are tried."""
    field = either(chars(".．"))
    return [
        include("text"),
        rule("constant.numeric.date", t.date),
        rule("constant.numeric", t.number),
        rule(None, either(t.quoted_name, seq("「", any_number(chars("^「」")), t.END_OF_LINE))),
        rule(SIGN, either("..", "．．", "——", chars("—–～~"), t.forms_pattern(["至"]))),
        captured(
            seq(group(field), t.blanks, group(t.name)), DELIMITER, [rule(SCOPES["predeclared"], t.predeclared), rule(None, t.name)],
        ),
        captured(
            seq(group("的"), t.blanks, group(t.forms_pattern(set(t.soft_forms) - set(t.forms_of({"marginal", "slab"}))))),
            SCOPES["operator"], [rule(None, t.word)],
        ),
        rule(None, t.soft_name),
        captured(seq(group(t.colon), t.blanks, group(t.type_words)), DELIMITER, SCOPES["type"]),
        *(rule(SCOPES[kind], pattern) for kind, pattern in t.keyword_patterns()),
        rule(SCOPES["predeclared"], t.predeclared),
        rule(None, t.word),
        rule(SCOPES["operator"], either("的")),
        rule(SIGN, chars("=＝>＞<＜!！≥≤≧≦≠+＋\\-－−*＊×/／÷")),
        rule(BRACKET, chars("{}｛｝()（）\\[\\]［］")),
        rule(DELIMITER, chars(",，、;；。:：∶.．")),
    ]


def grammar(made):
    """The grammar as JSON."""
    whole = {
        "information_for_contributors": [made],
        "name": "Huiqi",
        "scopeName": "source.huiqi",
        "patterns": [include("comment"), include("record"), include("head"), include("token")],
        "repository": {
            "comment": {"patterns": [
                {"match": "[#＃]{2}.*$", "name": scoped("comment.line.documentation")},
                {"match": "[#＃].*$", "name": scoped("comment.line.number-sign")},
            ]},
            "record": record(),
            "block": block(),
            "head": {"patterns": heads()},
            "fact": {"patterns": [captured(
                seq(group(t.names), t.ahead(t.blanks, t.colon)), names_of("variable.other.property"),
            )]},
            "text": {"patterns": texts()},
            "token": {"patterns": tokens()},
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
