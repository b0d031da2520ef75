"""The keyword table, grammar/keywords.toml, with the highlight class of every keyword.

In: the file. Out: keywords in the order of the table, their forms, and for every keyword
the one class that all editors show it in. The class follows the place of the keyword;
little words that join others are shown alike wherever they stand, and so are the words
that bound an amount, since 不超过 is a cap here and a comparison there.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# Places of keywords.toml to classes.
CLASS_OF_PLACE = {
    "award": "award",
    "modifier": "modifier",
    "round": "modifier",
    "comparison": "modifier",
    "gate": "conditional",
    "table": "conditional",
    "operand": "function",
    "aggregate": "function",
    "condition": "function",
    "operator": "operator",
    "declaration": "declaration",
    "property": "property",
    "type": "type",
    "settle": "settle",
    "shortage": "settle",
    "test": "test",
    "predeclared": "predeclared",
    "prompt": "prompt",
}

# Keywords that are shown otherwise than their place says.
CLASS_OF_ID = {
    **dict.fromkeys(["none", "yes", "no"], "constant"),
    "up_to": "modifier",
    "pending": "constant",
    **dict.fromkeys(
        ["to", "to_record", "by", "for", "from", "from_payer", "on", "decided_on", "with", "over", "over_all",
         "where", "has", "per", "scale_in", "each"],
        "operator",
    ),
}

CLASSES = [
    "award", "modifier", "conditional", "function", "operator", "declaration", "property", "type", "settle", "test",
    "constant", "predeclared",
]

# Signs that are ids of keywords, as words.
NAME_OF_SIGN = {
    ">=": "at_least", "<=": "at_most", ">": "more_than", "<": "less_than", "=": "equal_to", "!=": "different_from",
    "..": "through",
}


@dataclass(frozen=True)
class Keyword:
    """One keyword of the table."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    place: tuple[str, ...]
    reserved: bool
    help_en: str
    help_zh: str

    @property
    def forms(self):
        """All forms, English first."""
        return self.en + self.zh

    @property
    def kind(self):
        """The highlight class."""
        return CLASS_OF_ID.get(self.id) or CLASS_OF_PLACE[self.place[0]]

    @property
    def word(self):
        """The id as letters: `>=` is at_least."""
        return NAME_OF_SIGN.get(self.id, self.id)

    @property
    def in_grammar(self):
        """Whether the grammar knows it."""
        return not {"prompt", "predeclared"} & set(self.place)


def is_word(form):
    """Whether a form is made of words, not of signs."""
    return form[0].isalpha()


def keywords():
    """Every keyword, in the order of the table."""
    table = tomllib.loads((ROOT / "grammar/keywords.toml").read_text(encoding="utf-8"))
    return [
        Keyword(**{field: tuple(value) if isinstance(value, list) else value for field, value in entry.items()})
        for entry in table["keyword"]
    ]


def owners_of_forms():
    """Every form of the grammar that is made of words, with the keywords that have it."""
    owners = {}
    for keyword in keywords():
        if keyword.in_grammar:
            for form in keyword.forms:
                if is_word(form):
                    owners.setdefault(form, []).append(keyword)
    return owners
