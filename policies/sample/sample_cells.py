"""Amounts, days and tables as texts.

In: fen, days and rows of facts. Out: the text of a cell, the bytes of a file. Fen are
integers throughout; a text of money is 元 with two decimals.
"""

NONE = "无"  # known not to exist; a blank cell is unknown, or the default of its fact
WAN = 1_000_000  # one 万元 in fen


def yuan(fen):
    """Fen as 元 with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen_of(text):
    """元 with two decimals as fen."""
    whole, _, places = text.partition(".")
    return int(whole) * 100 + int((places + "00")[:2])


def in_wan(text):
    """元 as 万元, exact to the fen."""
    if text in ("", NONE):
        return text
    fen = fen_of(text)
    whole, rest = divmod(fen, WAN)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") if rest else str(whole)


def grouped(text):
    """元 with a comma every three digits, as contracts have it."""
    whole, _, places = text.partition(".")
    return f"{int(whole):,}.{places}" if text else text


def slashed(text):
    """A day as a spreadsheet shows it: 2024/3/1."""
    if text in ("", NONE):
        return text
    year, month, day = text.split("-")
    return f"{year}/{int(month)}/{int(day)}"


def iso(day):
    return day.isoformat()


def percent(thousandths):
    """Thousandths as a percentage: 625 as 62.5%."""
    return f"{thousandths // 10}.{thousandths % 10}%"


def written(row, fact):
    """The text of a fact in a file."""
    return row.get(fact, "")


def cell(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def csv(rows, columns, encoding="utf-8", end="\n"):
    """A table in bytes. A column is a fact, or `(header, fact, form)`."""
    columns = [column if isinstance(column, tuple) else (column, column, str) for column in columns]
    lines = [[header for header, _, _ in columns]]
    lines += [[form(written(row, fact)) for _, fact, form in columns] for row in rows]
    return "".join(",".join(map(cell, line)) + end for line in lines).encode(encoding)
