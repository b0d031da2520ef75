"""The syntax file of Vim.

In: the patterns of tokens. Out: syntax/huiqi.vim. In Vim the rule defined last wins, so
the order is the reverse of a TextMate grammar's; heads hand over to what they declare.
"""

import tokens as t
from pattern import VIM, any_number, chars, either, seq, some

# Classes to groups and the groups of Vim that they are shown as.
GROUPS = {
    "award": ("huiqiAward", "Statement"),
    "modifier": ("huiqiModifier", "Keyword"),
    "conditional": ("huiqiConditional", "Conditional"),
    "function": ("huiqiFunction", "Function"),
    "operator": ("huiqiOperatorWord", "Operator"),
    "declaration": ("huiqiDeclaration", "Structure"),
    "property": ("huiqiProperty", "PreProc"),
    "type": ("huiqiType", "Type"),
    "settle": ("huiqiSettle", "Statement"),
    "test": ("huiqiTest", "Label"),
    "constant": ("huiqiConstant", "Constant"),
    "predeclared": ("huiqiPredeclared", "Special"),
    "sign": ("huiqiSign", "Operator"),
    "delimiter": ("huiqiDelimiter", "Delimiter"),
    "bracket": ("huiqiBracket", "Delimiter"),
    "number": ("huiqiNumber", "Number"),
    "date": ("huiqiDate", "Number"),
    "text": ("huiqiText", "String"),
    "comment": ("huiqiComment", "Comment"),
    "documentation": ("huiqiDocumentation", "SpecialComment"),
    "declared": ("huiqiDeclared", "Identifier"),
    "declared type": ("huiqiDeclaredType", "Type"),
    "declared fact": ("huiqiDeclaredFact", "Identifier"),
}


def match(group, pattern, *options):
    """A rule for a pattern, read by the engine that knows wide ranges of characters."""
    return f"syntax match {group} `\\%#=2\\v{pattern.text(VIM)}` {' '.join(options)}".rstrip()


def tokens():
    """Tokens that stand anywhere, what is tried last first."""
    yield match("huiqiDelimiter", chars(",，、;；。:：∶.．"))
    yield match("huiqiSign", chars("=＝>＞<＜!！≥≤≧≦≠+＋\\-－−*＊×/／÷"))
    yield match("huiqiOperatorWord", seq("的"))
    yield match("huiqiName", t.word)
    yield match("huiqiPredeclared", t.predeclared)
    for kind, pattern in reversed(list(t.keyword_patterns())):
        yield match(GROUPS[kind][0], pattern)
    yield match("huiqiSign", either("..", "．．", "——", chars("—–～~"), t.forms_pattern(["至"])))
    yield match("huiqiName", t.soft_name)
    yield match("huiqiName", either(t.quoted_name, seq("「", any_number(chars("^「」")), t.END_OF_LINE)))
    yield match("huiqiNumber", t.number)
    yield match("huiqiDate", t.date)


def declarations():
    """Heads, each handing over to the name that it declares."""
    number = either(t.article_number, t.clause_number)
    follows = t.ahead(t.blanks, either(chars('"“「{｛第'), chars(t.HAN + t.LETTER)))
    yield match("huiqiDeclared", t.name, "contained")
    yield match("huiqiDeclaredType", t.names, "contained contains=huiqiAlias nextgroup=huiqiRecord skipwhite")
    yield match("huiqiDeclaredUnit", t.names, "contained contains=huiqiAlias")
    yield match("huiqiDeclaredFact", t.names, "contained contains=huiqiAlias")
    yield match("huiqiAlias", t.slash, "contained")
    yield match("huiqiFact", seq(t.names, t.ahead(t.blanks, t.colon)), "contained contains=huiqiAlias")
    yield match("huiqiHeadNumber", number, "nextgroup=huiqiDeclared skipwhite")
    yield 'syntax region huiqiHeadText start=#"# skip=#\\\\.# end=#"\\|$# contained nextgroup=huiqiDeclared skipwhite'
    heads = {
        "huiqiDeclared": {"policy"},
        "huiqiDeclaredType": {"record"},
        "huiqiDeclaredUnit": {"unit"},
        "huiqiDeclaredFact": {"let", "parameter"},
        "huiqiHeadNumber,huiqiHeadText,huiqiDeclared": {"article", "clause"},
    }
    for group, ids in heads.items():
        yield match("huiqiDeclaration", seq(t.head(ids), follows), f"nextgroup={group} skipwhite")
    field = seq(chars(".．"), t.blanks, t.ahead(t.name))
    yield match("huiqiDelimiter", field, "nextgroup=huiqiPredeclared,huiqiField")
    yield match("huiqiField", t.name, "contained")
    attribute = t.forms_pattern(set(t.soft_forms) - set(t.forms_of({"marginal", "slab"})))
    yield match("huiqiOperatorWord", seq("的", t.ahead(t.blanks, attribute)), "nextgroup=huiqiField skipwhite")
    yield match("huiqiDelimiter", seq(t.colon, t.ahead(t.blanks, t.type_words)), "nextgroup=huiqiTypeWord skipwhite")
    yield match("huiqiTypeWord", t.type_words, "contained")


def syntax(made):
    """The syntax file."""
    declared = {"declared", "declared type", "declared fact"}
    anywhere = [group for kind, (group, _) in GROUPS.items() if kind not in declared]
    anywhere += ["huiqiName", "huiqiHeadNumber", "huiqiBlock"]
    lines = [
        f'" {made}',
        'if exists("b:current_syntax")',
        "  finish",
        "endif",
        "let s:saved = &cpoptions",
        "set cpoptions&vim",
        "syntax case ignore",
        "syntax sync fromstart",
        "",
        *tokens(),
        *declarations(),
        "",
        '" Blocks; facts are declared directly in the braces of a record.',
        "syntax region huiqiBlock matchgroup=huiqiBracket start=#[{｛]# end=#[}｝]# transparent fold contains=@huiqiAnywhere",
        f"syntax cluster huiqiAnywhere contains={','.join(anywhere)}",
        "syntax region huiqiRecord matchgroup=huiqiBracket start=#[{｛]# end=#[}｝]# contained transparent fold contains=@huiqiAnywhere,huiqiFact",
        "syntax match huiqiBracket #[()（）\\[\\]［］]#",
        "",
        '" Texts; one that is never closed costs its line.',
        'syntax region huiqiText start=#"# skip=#\\\\.# end=#"\\|$# oneline',
        'syntax region huiqiText start=#"""# end=#"""#',
        "syntax match huiqiText #“\\([^“”]\\|“\\([^“”]\\|“[^“”]*”\\)*”\\)*\\(”\\|$\\)#",
        "syntax match huiqiComment /[#＃].*$/ contains=@Spell",
        "syntax match huiqiDocumentation /[#＃][#＃].*$/ contains=@Spell",
        "",
        *(f"highlight default link {group} {shown}" for group, shown in GROUPS.values()),
        "highlight default link huiqiTypeWord huiqiType",
        "highlight default link huiqiHeadNumber huiqiDeclaration",
        "highlight default link huiqiHeadText huiqiText",
        "highlight default link huiqiDeclaredUnit huiqiDeclaredType",
        "highlight default link huiqiFact huiqiDeclaredFact",
        "highlight default link huiqiAlias huiqiSign",
        "",
        'let b:current_syntax = "huiqi"',
        "let &cpoptions = s:saved",
        "unlet s:saved",
        "",
    ]
    return "\n".join(lines)
