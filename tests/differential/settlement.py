"""What is paid after the steps of `settle`, where every amount is known.

In: a policy, its records with the exact amount of each clause. Out: what is settled for each
recipient and clause, in fen; or nothing, where a step leaves a tie that no rule decides.
"""

from fractions import Fraction
from itertools import groupby, product

from evaluate import Evaluation

FEN = Fraction(1, 100)


def fen(value):
    """Down to the fen."""
    return value // FEN * FEN


class Settlement:
    """Carries the steps out in the order written."""

    def __init__(self, policy, records, amounts):
        self.policy, self.records = policy, records
        self.paid = dict(amounts)  # (recipient's key, clause): amount
        self.recovers = {clause.name for clause in policy.clauses if clause.recover}

    def value(self, cells, node):
        """A number that an expression comes to for a recipient; None where there is none."""
        value = Evaluation(self.policy, cells).of(node)
        return value.low if value.known() and not value.none else None

    def holds(self, cells, node):
        return Evaluation(self.policy, cells).of(node).values == {True}

    def names(self, step_names):
        """The clauses of a step, all that pay where none are named."""
        # Among equals the first of the document comes first, however the step lists them.
        every = [clause.name for clause in self.policy.clauses if clause.name not in self.recovers]
        return [name for name in every if name in step_names] if step_names else every

    def settle(self):
        """What is settled, or None."""
        for kind, steps in groupby(self.policy.steps, key=lambda step: step[0]):
            if kind == "not together":
                # Steps that follow one another count together: a choice in one may open another.
                self.not_together([names for _, names in steps])
                continue
            for step in steps:
                if getattr(self, kind)(*step[1:]) is False:
                    return None
        return self.paid

    def highest(self, names):
        for cells in self.records:
            best = max(names, key=lambda name: self.paid[cells["key"], name])  # the first among equals
            for name in names:
                if name != best:
                    self.paid[cells["key"], name] = Fraction(0)

    def not_together(self, lists):
        """Of each list one clause at most: the set that pays most, among equals the one with the earlier clauses."""
        names = list(dict.fromkeys(name for one in lists for name in one))
        sets = [
            kept for kept in product([True, False], repeat=len(names))
            if all(sum(keeps for keeps, name in zip(kept, names) if name in one) <= 1 for one in lists)
        ]
        for cells in self.records:
            paid = [self.paid[cells["key"], name] for name in names]
            worth = lambda kept: [amount if keeps else Fraction(0) for amount, keeps in zip(paid, kept)]
            best = max(sets, key=lambda kept: (sum(worth(kept)), [amount > 0 for amount in worth(kept)]))
            for name, keeps in zip(names, best):
                if not keeps:
                    self.paid[cells["key"], name] = Fraction(0)

    def exclude(self, name, condition):
        for cells in self.records:
            if self.holds(cells, condition):
                self.paid[cells["key"], name] = Fraction(0)

    def limit(self, names, room, rule):
        """A joint limit of each recipient."""
        for cells in self.records:
            room_here = max(self.value(cells, room), Fraction(0))
            claims = [((cells["key"], name), cells) for name in self.names(names)]
            if self.share(claims, room_here, rule) is False:
                return False
        return None

    def budget(self, names, room, rule):
        """One pool for everybody."""
        claims = [((cells["key"], name), cells) for cells in self.records for name in self.names(names)]
        return self.share(claims, self.value(self.records[0], room), rule)

    def share(self, claims, room, rule):
        """Cuts claims to the room that there is."""
        how, keys, then, rest = rule
        claims = [(place, cells) for place, cells in claims if self.paid[place] > 0]
        if sum((self.paid[place] for place, _ in claims), Fraction(0)) <= room:
            return None
        if how == "in order of":
            return self.in_order(claims, room, keys, then)
        return self.together([place for place, _ in claims], room, how, rest)

    def in_order(self, claims, room, keys, then):
        """Those whose turn comes first are paid in full."""
        groups = {}
        for place, cells in claims:
            turn = keys.index(place[1]) if isinstance(keys[0], str) else self.value(cells, keys[0])
            groups.setdefault(turn, []).append(place)
        if None in groups:
            return False
        for turn in sorted(groups):
            group = groups[turn]
            wanted = sum((self.paid[place] for place in group), Fraction(0))
            if wanted > room and len(group) == 1:
                self.paid[group[0]] = fen(room)
            elif wanted > room:
                if then is None and room > 0:
                    return False  # no rule says who of those tied is paid
                self.together(group, room, (then or "then pro rata").removeprefix("then "), None)
            room = max(room - wanted, Fraction(0))
        return None

    def together(self, places, room, how, rest):
        """All bear the shortage: in proportion, or in equal amounts."""
        wanted = {place: self.paid[place] for place in places}
        if how == "pro rata":
            factor = room / sum(wanted.values())
            shares = {place: amount * factor for place, amount in wanted.items()}
        else:
            shares = self.equal_losses(wanted, room)
        for place, share in shares.items():
            self.paid[place] = fen(share)
        left = fen(room) - sum((self.paid[place] for place in places), Fraction(0))
        if rest == "rest to largest" and left > 0:
            self.paid[max(places, key=lambda place: wanted[place])] += left
        elif rest == "rest by remainder":
            order = sorted(places, key=lambda place: -(shares[place] - self.paid[place]))
            for place in order[: int(left / FEN)]:
                self.paid[place] += FEN
        return None

    def equal_losses(self, wanted, room):
        """Each loses as much, but none more than it has."""
        losing, short = set(wanted), sum(wanted.values()) - room
        while losing:
            loss = short / len(losing)
            small = {place for place in losing if wanted[place] <= loss}
            if not small:
                return {place: amount - loss if place in losing else Fraction(0) for place, amount in wanted.items()}
            losing -= small
            short -= sum(wanted[place] for place in small)
        return dict.fromkeys(wanted, Fraction(0))
