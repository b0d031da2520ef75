"""Random records for a policy, and the files they are read from.

In: a policy. Out: recipients at, just below and just above its thresholds, with blanks, huge
and negative values; CSV tables or one nested JSON file, and a history.
"""

import csv
import json
from datetime import date, timedelta
from fractions import Fraction

from evaluate import UNKNOWN, YEAR
from language import digits

YEARS = (YEAR - 2, YEAR - 1, YEAR)


def literals(node, found):
    """All literals below a node, by type."""
    if isinstance(node, tuple) and len(node) == 3 and node[0] == "lit":
        found.setdefault(node[1], set()).add(node[2])
    elif isinstance(node, tuple) and len(node) == 4 and isinstance(node[1], str) and isinstance(node[2], Fraction):
        found.setdefault(node[1], set()).add(node[2])  # a row of brackets
        literals(node[3], found)
    elif isinstance(node, date):
        found.setdefault("date", set()).add(node)
    elif isinstance(node, (tuple, list)):
        for part in node:
            literals(part, found)


def thresholds(policy):
    """What the policy's literals single out, by type."""
    found = {}
    for clause in policy.clauses:
        literals([clause.award, clause.each or (), clause.gates, [modifier.value for modifier in clause.modifiers]], found)
    literals([policy.eligible or (), [let.body for let in policy.lets]], found)
    literals([(row, value) for parameter in policy.parameters for row, value in parameter.dated], found)
    money, rates = sorted(found.get("money", ())), sorted(found.get("rate", ()))
    for amount in money[:6]:
        for rate in rates[:4]:
            if rate > 0 and (amount / rate).denominator == 1:
                found["money"].add(amount / rate)
    return {kind: sorted(values) for kind, values in found.items() if kind != "one of" and None not in values}


class Records:
    """Draws recipients for one policy."""

    def __init__(self, policy, rng, blanks):
        self.policy, self.rng, self.blanks = policy, rng, blanks
        self.at = thresholds(policy)

    def number(self, fact):
        """A number near a threshold, or any."""
        rng, kind = self.rng, fact.type
        step = {"money": Fraction(1, 100), "count": Fraction(1), "rate": Fraction(1, 10000)}.get(kind, Fraction(1, 10))
        roll = rng.random()
        near = self.at.get(kind)
        if near and roll < 0.6:
            value = rng.choice(near) + rng.choice([0, 0, 0, step, -step])
        elif roll < 0.7:
            value = Fraction(0)
        elif roll < 0.73 and kind == "money":
            value = Fraction(rng.randrange(10**16), 100)
        elif roll < 0.76 and kind != "count":
            value = Fraction(-rng.randrange(10**6), 100)
        elif kind == "count":
            value = Fraction(rng.randrange(12))
        elif kind == "rate":
            value = Fraction(rng.randrange(3000), 10000)
        elif kind == "money":
            value = Fraction(rng.randrange(10 ** rng.randint(2, 10)), rng.choice([1, 100, 1000]))
        else:
            value = Fraction(rng.randrange(500), 10)
        least = fact.least[1] if fact.least else (Fraction(0) if kind == "count" else None)
        return value if least is None else max(value, least)

    def value(self, fact):
        """A value of the fact's type."""
        rng = self.rng
        if fact.type == "bool":
            return rng.random() < 0.5
        if fact.type == "date":
            near = self.at.get("date")
            day = rng.choice(near) if near and rng.random() < 0.6 else date(2022, 1, 1) + timedelta(days=rng.randrange(1400))
            return day + timedelta(days=rng.choice([0, 0, -1, 1, 365]))
        if fact.type == "text":
            return rng.choice(["软件业", "制造业"])
        if fact.type in ("one of", "level"):
            return rng.choice([*fact.values, *([None] if fact.type == "level" else [])])
        return self.number(fact)

    def cell(self, fact):
        """A cell: blank (its default, or unknown), none, or a value."""
        if fact.yearly:
            return {year: self.value(fact) for year in YEARS if self.rng.random() >= self.blanks}
        if fact.default == "none" and self.rng.random() < 0.25:
            return "none"
        if self.rng.random() < self.blanks:
            return UNKNOWN if fact.default is None else ("none" if fact.default == "none" else fact.default)
        return self.value(fact)

    def recipient(self, index):
        cells = {fact: self.cell(fact) for fact in self.policy.firm}
        cells["key"] = f"E{index:04}"
        cells["projects"] = []
        for number in range(self.rng.choice([0, 0, 1, 1, 2, 3, 5])):
            item = {fact: self.cell(fact) for fact in self.policy.project}
            item["key"] = f"E{index:04}-{number}"
            cells["projects"].append(item)
        return cells

    def all(self, rows):
        return [self.recipient(index) for index in range(rows)]

    def history(self, records):
        """Payments of earlier years to some recipients."""
        rows, seen = [], set()
        for cells in records:
            for _ in range(self.rng.choice([0, 0, 1, 2])):
                clause = self.rng.choice(self.policy.clauses)
                standard = self.rng.choice(self.at.get("money") or [Fraction(100)])
                standard = Fraction(int(standard * 100), 100)
                item = None
                if clause.each and cells["projects"]:
                    item = self.rng.choice(cells["projects"])["key"]
                day = self.rng.choice([date(2021, 5, 1), date(2023, 3, 1), date(2024, 2, 1), date(2024, 12, 31), date(2025, 1, 1)])
                if (cells["key"], clause.name, item, day) in seen:
                    continue  # the same payment twice is an error of the data
                seen.add((cells["key"], clause.name, item, day))
                rows.append({
                    "recipient": cells["key"], "clause": clause.name, "item": item, "date": day,
                    "standard": standard, "paid": Fraction(int(standard * self.rng.choice([0, 50, 100])), 100),
                })
        return rows

    def complete(self, cells):
        """The record with every unknown fact drawn."""
        def filled(fact, cell):
            if fact.yearly:
                return {year: cell.get(year, None) if year in cell else self.value(fact) for year in YEARS}
            return self.value(fact) if cell == UNKNOWN else cell

        done = {fact: filled(fact, cells[fact]) for fact in self.policy.firm}
        done["key"] = cells["key"]
        done["projects"] = [
            {"key": item["key"], **{fact: filled(fact, item[fact]) for fact in self.policy.project}} for item in cells["projects"]
        ]
        return done

    def bound(self):
        """A value for every open rule."""
        values = {}
        for text, kind in self.policy.open_rules.items():
            values[text] = Fraction(self.rng.choice([0, 1, 5, 30, 100]), 100) * (1 if kind == "rate" else 10 ** self.rng.randint(3, 8))
        return values


def spelled(fact, cell, rng):
    """A cell as a table has it."""
    if cell == "none" and fact.type != "text":
        return rng.choice(["无", "none"])
    if fact.type == "bool":
        return rng.choice(["是", "yes", "1", "true"] if cell else ["否", "no", "0", "false"])
    if fact.type == "date":
        return rng.choice([cell.isoformat(), f"{cell.year}/{cell.month}/{cell.day}", f"{cell:%Y%m%d}", f"{cell.year}年{cell.month}月{cell.day}日"])
    if fact.type in ("one of", "level", "text"):
        return "无" if cell is None else cell
    if fact.type == "money" and cell and cell % 10000 == 0 and rng.random() < 0.3:
        return digits(cell / 10000) + "万"
    if fact.type == "rate" and rng.random() < 0.5:
        return digits(cell * 100) + "%"
    return digits(cell, group=fact.type == "money" and cell >= 0 and rng.random() < 0.2)


def write(policy, records, history, folder, rng):
    """Writes the data files and returns the arguments that name them."""
    if rng.random() < 0.3:
        (folder / "企业.json").write_text(json.dumps([nested(policy, cells, rng) for cells in records], ensure_ascii=False, indent=1), "utf-8")
        arguments = ["--data", "企业.json"]
    else:
        columns = [(fact, year) for fact in policy.firm for year in (YEARS if fact.yearly else [None])]
        heads = ["代码", *(rng.choice([fact.zh, fact.en]) + (f" {year}" if year else "") for fact, year in columns)]
        rows = []
        for cells in records:
            row = [cells["key"]]
            for fact, year in columns:
                cell = cells[fact].get(year, UNKNOWN) if year else cells[fact]
                row.append(table_cell(fact, cell, rng))
            rows.append(row)
        table(folder / "企业.csv", heads, rows)
        items = [
            [cells["key"], item["key"], *(table_cell(fact, item[fact], rng) for fact in policy.project)]
            for cells in records for item in cells["projects"]
        ]
        table(folder / "项目.csv", ["代码", "项目号", *(rng.choice([fact.zh, fact.en]) for fact in policy.project)], items)
        arguments = ["--data", "企业.csv", "--data", "项目.csv"]
    if history is not None:
        heads = ["recipient", "policy", "clause", "item", "date", "standard", "paid"]
        rows = [
            [row["recipient"], "试行办法", row["clause"], row["item"] or "", row["date"].isoformat(), digits(row["standard"]), digits(row["paid"])]
            for row in history
        ]
        table(folder / "history.csv", heads, rows)
        arguments += ["--history", "history.csv"]
    return arguments


def table_cell(fact, cell, rng):
    """A cell, or a blank where it is unknown or the default is as good."""
    if cell == UNKNOWN:
        return ""
    if fact.default is not None and cell == fact.default and rng.random() < 0.5:
        return ""
    return spelled(fact, cell, rng)


def nested(policy, cells, rng):
    """A recipient as JSON with its projects."""
    result = {"代码": cells["key"], "项目": []}
    for fact in policy.firm:
        if fact.yearly:
            result[fact.zh] = {str(year): spelled(fact, value, rng) for year, value in cells[fact].items()}
        elif cells[fact] != UNKNOWN:
            result[fact.zh] = spelled(fact, cells[fact], rng)
        elif rng.random() < 0.5:
            result[fact.zh] = None
    for item in cells["projects"]:
        entry = {"项目号": item["key"]}
        entry.update({fact.zh: spelled(fact, item[fact], rng) for fact in policy.project if item[fact] != UNKNOWN})
        result["项目"].append(entry)
    return result


def table(path, heads, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
