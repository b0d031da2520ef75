"""What an expression is worth, by the rules alone, in exact fractions.

In: a policy, one recipient's cells, the history, the period. Out: values, numbers with their bounds.
Facts may be unknown; then every operation is carried out on what may be. Written from the
language's description, not from the program that it checks.

Where a form has no tight bounds here (the first of an order with unknown keys, an average over
what may count), the evaluation is marked `loose`: only what completions of the record show is
held against the program.
"""

import calendar
from datetime import date, timedelta
from fractions import Fraction

from values import (
    INF, NONE, NOTHING, YES, Choice, Range, because, both, combine, each_bound, either, exact, hull, negation,
    product, quotient, total,
)

UNKNOWN = "unknown"
YEAR = 2024
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
UNITS = {"分": Fraction(1, 100), "元": Fraction(1), "万元": Fraction(10000)}
ZERO = exact(0)


def rounded(value, mode, unit):
    """A number to a unit; below 0 as above: up is away from 0, down is towards it."""
    if value in (INF, -INF):
        return value
    size = UNITS[unit]
    whole, part = divmod(abs(value) / size, 1)
    sign = -1 if value < 0 else 1
    if mode == "half up":
        return sign * size * (whole + (part >= Fraction(1, 2)))
    return sign * size * (whole + (1 if part and mode == "up" else 0))


def later(day, number, unit):
    """The corresponding day, or the last of its month."""
    if unit == "days":
        return day + timedelta(days=number)
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months(first, last):
    """Complete months between two days, by corresponding days."""
    if last < first:
        return -whole_months(last, first)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if later(first, months, "months") <= last else months - 1


def day_of(bound):
    return date.fromordinal(int(bound))


class Evaluation:
    """One recipient under one policy. `bound` gives values to open rules."""

    def __init__(self, policy, cells, history=None, bound=None):
        self.policy, self.cells, self.history = policy, cells, history
        self.bound = bound or {}
        self.item, self.clause, self.loose, self.derived = None, None, False, {}

    # Operands

    def of(self, node):
        """The value of an expression."""
        return getattr(self, "of_" + node[0])(*node[1:])

    def all_of(self, nodes):
        return [self.of(node) for node in nodes]

    def of_lit(self, kind, value):
        if kind in ("bool", "one of", "level", "text"):
            return Choice([value])
        return exact(value.toordinal() if isinstance(value, date) else value)

    def of_fact(self, fact):
        cells = self.item[1] if fact.record == "project" else self.cells
        cell = cells[fact]
        at = self.item[0] if fact.record == "project" else None
        if fact.yearly:
            return self.year_cell(fact, YEAR)
        return self.cell(fact, cell, ("fact", fact, at, None))

    def year_cell(self, fact, year):
        return self.cell(fact, self.cells[fact].get(year, UNKNOWN), ("fact", fact, None, year))

    def cell(self, fact, cell, cause):
        """A cell, or all that an unknown one may hold."""
        causes = frozenset([cause])
        if cell == UNKNOWN:
            if fact.type == "bool":
                return Choice([True, False], causes)
            if fact.type in ("one of", "level"):
                return Choice([*fact.values, *([None] if fact.type == "level" else [])], causes)
            if fact.type == "text":
                return Choice(["软件业", "some other"], causes)
            low = fact.least[1] if fact.least else -INF
            if fact.type == "count":
                low = max(low, 0)
            return Range(low, INF, causes, none=fact.default == "none")
        if cell == "none" and fact.type != "text":
            return NONE
        return self.of_lit(fact.type, cell)

    def of_let(self, let):
        at = self.item[0] if let.record == "project" else None
        if (let, at) not in self.derived:
            self.derived[let, at] = self.of(let.body)
        return self.derived[let, at]

    def of_parameter(self, parameter, day):
        if parameter.pending:
            return self.of_pending(parameter.pending, parameter.type)
        if not parameter.dated:
            return self.of(parameter.value)
        on = self.of(day)
        if on.low is None:
            return NONE
        parts = []
        rows = parameter.dated
        for index, (start, value) in enumerate(rows):
            end = rows[index + 1][0].toordinal() - 1 if index + 1 < len(rows) else INF
            if on.low <= end and on.high >= start.toordinal():
                parts.append(self.of(value))
        if on.low < rows[0][0].toordinal():  # before the first value nothing is known
            parts.append(Range(-INF, INF, frozenset([("fact", parameter.name, None, None)])))
        result = hull(*parts)
        return Range(result.low, result.high, result.causes | on.causes, on.none or result.none, on.undefined)

    def of_pending(self, text, kind):
        if text in self.bound:
            return exact(self.bound[text])
        return Range(Fraction(0), INF, frozenset([("rule", text)]))

    def of_today(self):
        return exact(LAST.toordinal())

    def of_yearly(self, fact, years):
        return self.year_cell(fact, YEAR + years)

    def of_in_year(self, fact, year):
        return self.year_cell(fact, year)

    def of_over_years(self, how, fact, first, last):
        return self.aggregate(how, [(self.year_cell(fact, year), YES) for year in range(first, last + 1)])

    # Arithmetic

    def of_mul(self, a, b):
        return self.of_nothing(self.of(a), self.of(b), product)

    def of_div(self, a, b):
        return self.of_nothing(self.of(a), self.of(b), lambda x, y: quotient(x, y, "division"))

    def of_nothing(self, a, b, operation):
        """0 of what does not exist is 0, and an unknown of it is none: not held against the program."""
        if any(x.low == x.high == 0 and y.none for x, y in ((a, b), (b, a))):
            self.loose = True
        return operation(a, b)

    def of_add(self, first, rest):
        return total([("+", self.of(first)), *((sign, self.of(term)) for sign, term in rest)])

    def of_lesser(self, parts):
        values = self.all_of(parts)
        return combine(values, lambda: (min(value.low for value in values), min(value.high for value in values)))

    def of_greater(self, parts):
        values = self.all_of(parts)
        return combine(values, lambda: (max(value.low for value in values), max(value.high for value in values)))

    def of_or_else(self, a, b):
        value = self.of(a)
        if not value.none and not value.undefined:
            return value
        other = self.of(b)
        faults = frozenset(cause for cause in value.causes if cause[0] == "fault")
        if value.low is None:
            return because(other, value.causes - faults)
        surely = Range(value.low, value.high, value.causes - faults)
        return because(hull(surely, other), value.causes - faults)

    def of_round(self, mode, inner, unit):
        return each_bound(self.of(inner), lambda value: rounded(value, mode, unit))

    def of_match(self, a, b, inner):
        return product(exact(Fraction(b, a)), self.of(inner))

    def of_whole(self, unit, a, b):
        first, last = self.of(a), self.of(b)

        def between(x, y):
            if x in (INF, -INF) or y in (INF, -INF):
                return INF if x == -INF or y == INF else -INF
            if unit == "days":
                return y - x
            months = whole_months(day_of(x), day_of(y))
            return Fraction(months) if unit == "months" else Fraction(int(months / 12))

        return combine([first, last], lambda: (between(first.high, last.low), between(first.low, last.high)))

    def of_later(self, day, number, unit):
        def move(bound):
            return bound if bound in (INF, -INF) else Fraction(later(day_of(bound), number, unit).toordinal())

        return each_bound(self.of(day), move)

    def of_year_of(self, day):
        return each_bound(self.of(day), lambda bound: bound if bound in (INF, -INF) else Fraction(day_of(bound).year))

    def of_paid(self, names):
        return self.paid([self.clause.name] if names is None else names)

    # Tables

    def of_by_value(self, subject, rows, otherwise):
        chosen = self.of(subject)
        parts = []
        for value in chosen.values:
            row = next((body for keys, body in rows if value in keys), otherwise)
            parts.append(ZERO if row is None else self.of(row))
        return self.rows(parts, chosen.causes)

    def rows(self, parts, causes):
        """The rows that may apply."""
        if isinstance(parts[0], Choice):
            values = frozenset().union(*(part.values for part in parts))
            return Choice(values, causes.union(*(part.causes for part in parts)))
        return because(hull(*parts), causes)

    def of_by_bound(self, how, subject, rows, otherwise):
        value = self.of(subject)
        upward = rows[0][0] in (">", ">=")
        ordered = sorted(rows, key=lambda row: row[2] if upward else -row[2])
        if how == "marginal":
            if value.none:
                surely = Range(value.low, value.high, value.causes, undefined=value.undefined)
                return ZERO if value.low is None else because(hull(ZERO, self.marginal(surely, ordered)), value.causes)
            return self.marginal(value, ordered)
        parts = []
        for index in range(-1, len(ordered)):
            low, high, closed_low, closed_high = self.region(ordered, index, upward)
            at = (max(low, value.low), min(high, value.high)) if value.low is not None else (1, 0)
            touching = at[0] < at[1] or (
                at[0] == at[1] and (at[0] != low or closed_low) and (at[0] != high or closed_high)
            )
            if not touching:
                continue
            if index < 0:
                parts.append(ZERO if otherwise is None else self.of(otherwise))
            else:
                row = self.of(ordered[index][3])
                parts.append(product(row, Range(at[0], at[1], value.causes)) if how == "slab" else row)
        if value.none:
            parts.append(ZERO if otherwise is None else self.of(otherwise))
        if not parts:
            return value
        result = self.rows(parts, value.causes)
        if value.undefined:
            result = Range(result.low, result.high, result.causes, result.none, True)
        return result

    def region(self, ordered, index, upward):
        """Where a row is the one reached: its bounds, and whether they belong to it."""
        here = ordered[index] if index >= 0 else None
        beyond = ordered[index + 1] if index + 1 < len(ordered) else None
        if upward:
            low, closed_low = (here[2], here[0] == ">=") if here else (-INF, True)
            high, closed_high = (beyond[2], beyond[0] == ">") if beyond else (INF, True)
        else:
            high, closed_high = (here[2], here[0] == "<=") if here else (INF, True)
            low, closed_low = (beyond[2], beyond[0] == "<") if beyond else (-INF, True)
        return low, high, closed_low, closed_high

    def marginal(self, value, ordered):
        parts = []
        for index, (_, _, at, body) in enumerate(ordered):
            end = ordered[index + 1][2] if index + 1 < len(ordered) else INF
            slice_of = each_bound(value, lambda bound, at=at, end=end: max(min(bound, end) - at, Fraction(0)))
            if slice_of.low == slice_of.high == 0:
                continue
            parts.append(("+", product(self.of(body), slice_of)))
        return total(parts) if parts else each_bound(value, lambda _: Fraction(0))

    def of_by_case(self, rows, otherwise):
        parts, causes = [], NOTHING
        for condition, body in rows:
            holds = self.of(condition)
            if True in holds.values:
                parts.append(self.of(body))
                causes |= holds.causes
            else:
                continue
            if holds.values == {True}:
                break
            causes |= holds.causes
        else:
            parts.append(ZERO if otherwise is None else self.of(otherwise))
        return self.rows(parts, causes)

    # Lists

    def members(self, which):
        """The items of a list, each with whether it counts; None if the list is unknown."""
        projects = self.cells["projects"]
        if projects == UNKNOWN:
            return None
        if which[0] == "top":
            return self.first(*which[1:])
        found = []
        for item in enumerate(projects):
            holds = YES if which[0] == "all" else self.inside(item, which[1])
            if True in holds.values:
                found.append((item, holds))
        return found

    def inside(self, item, node):
        """An expression among the facts of an item."""
        outer, self.item = self.item, item
        value = self.of(node)
        self.item = outer
        return value

    def first(self, number, inner, key, asc):
        members = self.members(inner)
        keys = [(self.inside(item, key), item, holds) for item, holds in members]
        if any(not value.known() or value.none or holds.values != {True} for value, _, holds in keys):
            self.loose = True
            return members
        keys.sort(key=lambda entry: entry[0].low if asc else -entry[0].low)
        if len(keys) > number and keys[number - 1][0].low == keys[number][0].low:
            self.loose = True
        return [(item, holds) for _, item, holds in keys[:number]]

    def list_cause(self):
        return frozenset([("fact", "projects", None, None)])

    def of_over(self, how, inner, which):
        members = self.members(which)
        if members is None:
            self.loose = True
            return Range(-INF, INF, self.list_cause(), none=how != "sum")
        return self.aggregate(how, [(self.inside(item, inner), holds) for item, holds in members])

    def aggregate(self, how, values):
        """The sum, the least, the most or the average of (value, whether it counts)."""
        values = [(value, holds) for value, holds in values if value.low is not None or not value.none]
        if any(value.none for value, _ in values):
            self.loose = True
        causes = NOTHING.union(*(value.causes | holds.causes for value, holds in values))
        sure = [value for value, holds in values if holds.values == {True}]
        every = [value for value, _ in values]
        undefined = any(value.undefined for value in every)
        if any(value.low is None for value in every):
            return Range(None, None, causes, how != "sum", undefined)
        if how == "sum":
            parts = [("+", value if holds.values == {True} else because(hull(ZERO, value), holds.causes)) for value, holds in values]
            return total(parts) if parts else ZERO
        if not every:
            return NONE
        if how == "average":
            if len(sure) < len(every):
                self.loose = True
            summed = total([("+", value) for value in every])
            return product(summed, exact(Fraction(1, len(every))))
        pick, other = (max, min) if how == "most" else (min, max)
        near = [value.low if how == "most" else value.high for value in (sure or every)]
        far = [value.high if how == "most" else value.low for value in every]
        bounds = (pick(near) if sure else other(near), pick(far))
        low, high = bounds if how == "most" else bounds[::-1]
        return Range(low, high, causes, none=not sure, undefined=undefined)

    def of_count(self, which):
        members = self.members(which)
        if members is None:
            return Range(Fraction(0), INF, self.list_cause())
        sure = sum(holds.values == {True} for _, holds in members)
        return Range(Fraction(sure), Fraction(len(members)), NOTHING.union(*(holds.causes for _, holds in members)))

    def of_any(self, condition):
        projects = self.cells["projects"]
        if projects == UNKNOWN:
            return Choice([True, False], self.list_cause())
        return either([self.inside(item, condition) for item in enumerate(projects)])

    def of_every(self, condition):
        projects = self.cells["projects"]
        if projects == UNKNOWN:
            return Choice([True, False], self.list_cause())
        return both([self.inside(item, condition) for item in enumerate(projects)])

    # Conditions

    def of_compare(self, op, a, b):
        left, right = self.of(a), self.of(b)
        if isinstance(left, Choice):
            return self.compare_choices(op, left, right, self.order(a, b))
        causes = left.causes | right.causes
        possible = set()
        if left.none or right.none:
            possible.add(False)
        if left.undefined or right.undefined:
            possible |= {True, False}
        if left.low is not None and right.low is not None:
            possible |= {
                ">=": {left.high >= right.low, left.low >= right.high},
                ">": {left.high > right.low, left.low > right.high},
                "<=": {left.low <= right.high, left.high <= right.low},
                "<": {left.low < right.high, left.high < right.low},
                "=": {left.low <= right.high and right.low <= left.high, left.low == left.high == right.low == right.high},
                "!=": {left.low != left.high or right.low != right.high or left.low != right.low,
                       left.high < right.low or right.high < left.low},
            }[op]
        return Choice(possible, causes)

    def order(self, *nodes):
        """The levels that a comparison is about, the lowest first."""
        for node in nodes:
            if node[0] in ("fact", "let"):
                return node[1].values[::-1]
        return []

    def compare_choices(self, op, left, right, order):
        possible = set()
        for x in left.values:
            for y in right.values:
                if op in ("=", "!="):
                    possible.add((x == y) == (op == "="))
                elif x is None or y is None:
                    possible.add(False)
                else:
                    i, j = order.index(x), order.index(y)
                    possible.add({">=": i >= j, ">": i > j, "<=": i <= j, "<": i < j}[op])
        return Choice(possible, left.causes | right.causes)

    def of_between(self, a, low, high):
        return both([self.of_compare(">=", a, low), self.of_compare("<=", a, high)])

    def of_within(self, a, low, high):
        return both([self.of_compare(op, a, side) for op, side in ((">=", low), ("<=", high)) if side])

    def of_in_period(self, a, _text, first, last):
        return self.lies(self.of(a), first, last)

    def lies(self, day, first, last):
        """Whether a day lies between two."""
        low = first.toordinal() if first else -INF
        high = last.toordinal() if last else INF
        possible = set()
        if day.none or day.low is None:
            possible.add(False)
        if day.low is not None:
            possible |= {day.high >= low and day.low <= high, day.low >= low and day.high <= high}
        return Choice(possible, day.causes)

    def of_among(self, a, _kind, values):
        chosen = self.of(a)
        return Choice([value in values for value in chosen.values], chosen.causes)

    def of_is_none(self, a, yes):
        value = self.of(a)
        if isinstance(value, Choice):
            return Choice([(one is None) == yes for one in value.values], value.causes)
        if a[0] == "fact" and value.causes and value.low is not None:
            return Choice([True, False], value.causes)  # what is unknown may also not exist
        possible = ([True] if value.none else []) + ([False] if value.low is not None or value.undefined else [])
        return Choice([one == yes for one in possible], value.causes)

    def of_not(self, a):
        return negation(self.of(a))

    def of_and(self, parts):
        return both(self.all_of(parts))

    def of_or(self, parts):
        return either(self.all_of(parts))

    # History

    def rows_of(self, names, item=None):
        """Rows of these clauses before the end of the period."""
        return [
            row for row in self.history
            if row["clause"] in names and row["date"] <= LAST and (item is None or row["item"] == item)
        ]

    def paid(self, names, item=None, in_force=False):
        if self.history is None:
            return Range(Fraction(0), INF, frozenset([("fact", "history", None, None)]))
        rows = self.rows_of(names, item)
        if in_force and self.policy.in_force:
            first, last, _ = self.policy.in_force
            rows = [row for row in rows if (not first or row["date"] >= first) and (not last or row["date"] <= last)]
        return exact(sum((row["paid"] for row in rows), Fraction(0)))

    def payments(self, day, name):
        """Rows before the end of the period, all or from a day on or under a clause."""
        return [
            row for row in self.history
            if row["date"] <= LAST and (day is None or row["date"] >= day) and (name is None or row["clause"] == name)
        ]

    def of_history_sum(self, day, name):
        if self.history is None:
            return Range(-INF, INF, frozenset([("fact", "history", None, None)]))
        return exact(sum((row["paid"] for row in self.payments(day, name)), Fraction(0)))

    def of_history_count(self, day, name):
        if self.history is None:
            return Range(Fraction(0), INF, frozenset([("fact", "history", None, None)]))
        return exact(Fraction(len(self.payments(day, name))))
