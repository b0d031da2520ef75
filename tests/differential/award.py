"""What a clause pays, by the rules alone, in exact fractions.

In: an evaluation and its clauses. Out: for each clause its status, amount, bounds and what is
missing.
"""

from fractions import Fraction

from evaluate import FIRST, LAST, Evaluation, rounded
from values import INF, NO, NOTHING, YES, Range, because, both, each_bound, exact, hull, negation, product, total

ZERO = exact(0)


class Outcome:
    """What a clause comes to."""

    def __init__(self, status, amount, low, high, missing=NOTHING, items=(), loose=False):
        self.status, self.amount, self.low, self.high = status, amount, low, high
        self.missing, self.items, self.loose = missing, items, loose


class Awards(Evaluation):
    """The awards of one recipient under one policy."""

    def gates(self, clause):
        """(in force, eligible) as conditions."""
        force, eligible = [], []
        if self.policy.in_force:
            force.append(self.window(*self.policy.in_force))
        if self.policy.eligible:
            eligible.append(self.of(self.policy.eligible))
        for gate in clause.gates:
            if gate[0] == "during":
                force.append(self.window(*gate[1:]))
            elif gate[0] == "newly":
                eligible.append(self.newly(gate[1], clause))
            else:
                holds = self.of(gate[1])
                eligible.append(holds if gate[0] == "when" else negation(holds))
        return force, eligible

    def window(self, first, last, fact):
        if fact is None:
            meets = (first is None or first <= LAST) and (last is None or last >= FIRST)
            return YES if meets else NO
        return self.lies(self.of_fact(fact), first, last)

    def newly(self, fact, clause):
        day = fact.dated if fact.type == "level" else fact
        parts = [self.lies(self.of_fact(day), FIRST, LAST)]
        if fact.type == "level":
            parts.insert(0, self.of_is_none(("fact", fact), False))
        for gate in clause.gates:
            if gate[0] == "during":
                parts.append(self.lies(self.of_fact(day), gate[1], gate[2]))
        if self.policy.in_force:
            parts.append(self.lies(self.of_fact(day), *self.policy.in_force[:2]))
        return both(parts)

    def change(self, amount, modifier, item=None):
        """The amount after one modifier."""
        kind = modifier.kind
        if kind == "round":
            return each_bound(amount, lambda value: rounded(value, modifier.mode, modifier.unit))
        if kind in ("topping", "topping paid", "once", "cumulative"):
            return self.by_history(amount, modifier, item)
        value = self.of(modifier.value)
        causes = amount.causes | value.causes
        if value.undefined:
            value = Range(-INF, INF, value.causes, value.none or value.low is None)
        if value.low is None:
            return because(ZERO, causes) if kind == "times" else amount
        if kind == "cap":
            low, high = min(amount.low, max(value.low, 0)), min(amount.high, max(value.high, 0))
        elif kind == "floor":
            low, high = max(amount.low, value.low), max(amount.high, value.high)
        elif kind == "times":
            changed = product(amount, value)
            low, high = changed.low, changed.high
        elif kind == "less":
            low, high = amount.low - value.high, amount.high - value.low
        elif amount.low >= value.high:
            low, high = amount.low, amount.high
        else:
            low, high = Fraction(0), Fraction(0) if amount.high < value.low else amount.high
        if value.none and kind == "times":
            low = Fraction(0)
        elif value.none:
            low, high = min(low, amount.low), max(high, amount.high)
        return Range(max(low, Fraction(0)), max(high, Fraction(0)), causes)

    def by_history(self, amount, modifier, item):
        names = [self.clause.name, *modifier.others]
        if modifier.kind == "cumulative":
            room = total([("+", self.of(modifier.value)), ("-", self.paid(names, item, in_force=True))])
            room = each_bound(room, lambda bound: max(bound, Fraction(0)))
            return Range(min(amount.low, room.low), min(amount.high, room.high), amount.causes | room.causes)
        if self.history is None:
            return because(hull(ZERO, amount), frozenset([("fact", "history", None, None)]))
        rows = self.rows_of(names, item)
        if modifier.kind == "once":
            return ZERO if any(row["paid"] > 0 for row in rows) else amount
        highest = max((row["standard"] for row in rows), default=Fraction(0))
        taken = highest
        if modifier.kind == "topping paid":
            taken = sum((row["paid"] for row in rows), Fraction(0))
        return each_bound(amount, lambda bound: max(bound - taken, Fraction(0)))

    def base(self, node):
        """An award before modifiers: never below 0, and 0 where there is none."""
        value = self.of(node)
        low, high = value.low, value.high
        if value.low is None:
            low = high = Fraction(0)
        elif value.none:
            low, high = min(low, Fraction(0)), max(high, Fraction(0))
        if value.undefined:
            low, high = Fraction(0), INF
        return Range(max(low, Fraction(0)), max(high, Fraction(0)), value.causes)

    def award(self, clause):
        """The amount of a clause before its gates, and its items."""
        if not clause.each:
            amount = self.base(clause.award)
            items = []
        else:
            members = self.members(clause.each)
            if members is None:
                self.loose = True
                return Range(Fraction(0), INF, self.list_cause()), []
            items, parts = [], []
            for item, holds in members:
                amount = self.item_amount(clause, item)
                if holds.values != {True}:
                    amount = because(hull(ZERO, amount), holds.causes)
                parts.append(("+", amount))
                items.append((item[0], amount))
            amount = total(parts) if parts else ZERO
        for modifier in clause.modifiers:
            if not modifier.each:
                amount = self.change(amount, modifier)
        return amount, items

    def item_amount(self, clause, item):
        outer, self.item = self.item, item
        amount = self.base(clause.award)
        for modifier in clause.modifiers:
            if modifier.each:
                amount = self.change(amount, modifier, self.cells["projects"][item[0]]["key"])
        self.item = outer
        return amount

    def outcome(self, clause):
        """What the clause comes to, rounded."""
        self.clause, self.loose, self.derived = clause, False, {}
        force, eligible = self.gates(clause)
        if any(gate.values == {False} for gate in force):
            return Outcome("not in force", Fraction(0), Fraction(0), Fraction(0), loose=self.loose)
        if any(gate.values == {False} for gate in eligible):
            return Outcome("not eligible", Fraction(0), Fraction(0), Fraction(0), loose=self.loose)
        amount, items = self.award(clause)
        gate = both([*force, *eligible])
        if gate.values != {True}:
            amount = because(hull(ZERO, amount), gate.causes)
            items = [(key, because(hull(ZERO, one), gate.causes)) for key, one in items]
        mode, unit = self.policy.rounding or ("half up", "分")
        amount = each_bound(amount, lambda value: rounded(value, mode, unit))
        return self.status(clause, amount, [(key, self.status(clause, one, [])) for key, one in items])

    def status(self, clause, amount, items):
        kinds = {cause[0] for cause in amount.causes}
        missing = frozenset(cause for cause in amount.causes if cause[0] == "fact")
        if not amount.known():
            status = "unknown" if kinds & {"fact", "fault"} else "pending"
            low = Fraction(0) if clause.up_to else amount.low
            return Outcome(status, None, low, amount.high, missing, items, self.loose)
        if clause.up_to and amount.high > 0:
            return Outcome("up to", amount.high, Fraction(0), amount.high, NOTHING, items, self.loose)
        return Outcome("exact", amount.low, amount.low, amount.low, NOTHING, items, self.loose)
