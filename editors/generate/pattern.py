"""Patterns written once, for editors whose regular expressions look different.

In: pieces put together by the functions below. Out: the text of a pattern for Oniguruma
(TextMate grammars) or for Vim ("very magic").
"""

from dataclasses import dataclass

ONIGURUMA = "oniguruma"
VIM = "vim"


@dataclass(frozen=True)
class Pattern:
    """A pattern with its two texts."""

    oniguruma: str
    vim: str

    def text(self, flavour):
        """The text for one kind of editor."""
        return self.vim if flavour == VIM else self.oniguruma


def pattern(part):
    """A piece: a text stands for itself."""
    return part if isinstance(part, Pattern) else literal(part)


def literal(text):
    """Exactly this text."""
    onig = "".join("\\" + c if c in r"\.*+?()[]{}|^$/" else c for c in text)
    vim = "".join("\\" + c if c in r"\.*+?()[]{}|^$/~@&<>=%" else c for c in text)
    return Pattern(onig, vim)


def any_case(part):
    """In capitals too; Vim's patterns are so as a whole (`\\c`)."""
    inner = pattern(part)
    return Pattern(f"(?i:{inner.oniguruma})", inner.vim)


def seq(*parts):
    """One after the other."""
    parts = [pattern(part) for part in parts]
    return Pattern("".join(p.oniguruma for p in parts), "".join(p.vim for p in parts))


def either(*parts):
    """The first that fits."""
    parts = [pattern(part) for part in parts]
    return Pattern(f"(?:{'|'.join(p.oniguruma for p in parts)})", f"%({'|'.join(p.vim for p in parts)})")


def group(*parts):
    """A part that a match may name."""
    whole = seq(*parts)
    return Pattern(f"({whole.oniguruma})", f"({whole.vim})")


def _counted(part, onig, vim):
    inner = pattern(part)
    return Pattern(f"(?:{inner.oniguruma}){onig}", f"%({inner.vim}){vim}")


def maybe(part):
    """Once or not at all."""
    return _counted(part, "?", "?")


def some(part):
    """Once or more."""
    return _counted(part, "+", "+")


def any_number(part):
    """Any number of times."""
    return _counted(part, "*", "*")


def times(part, least, most=None):
    """So many times."""
    most = least if most is None else most
    return _counted(part, f"{{{least},{most}}}", f"{{{least},{most}}}")


def ahead(*parts):
    """What must follow and is not taken."""
    inner = seq(*parts)
    return Pattern(f"(?={inner.oniguruma})", f"%({inner.vim})@=")


def not_ahead(*parts):
    """What must not follow."""
    inner = seq(*parts)
    return Pattern(f"(?!{inner.oniguruma})", f"%({inner.vim})@!")


def chars(ranges):
    """One of some characters, written as in a bracket; `\\x{4E00}` is allowed."""
    import re

    plain = re.sub(r"\\x\{([0-9A-F]+)\}", lambda hit: chr(int(hit[1], 16)), ranges)
    return Pattern(f"[{ranges}]", "[" + plain.replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\[").replace("\\\\-", "\\-").replace("/", "\\/") + "]")


END_OF_LINE = Pattern("$", "$")
