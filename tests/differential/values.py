"""What may be: sets of possible values, with what leaves them open.

A `Range` holds numbers between two bounds (days too, by their ordinal), and says whether there
may be none at all, or something that cannot be computed. A `Choice` holds a few values: yes
and no, levels (`None` is the level none). Both carry their causes: the facts that are missing
(("fact", …)), the rules that are open (("rule", …)) and divisions by zero (("fault", …)).
A value that is surely known has no cause.
"""

from fractions import Fraction

INF = float("inf")
NOTHING = frozenset()


class Range:
    """Numbers between two bounds; without bounds where there is surely none."""

    __slots__ = ("causes", "high", "low", "none", "undefined")

    def __init__(self, low, high, causes=NOTHING, none=False, undefined=False):
        self.low, self.high, self.none, self.undefined = low, high, none, undefined
        self.causes = NOTHING if self.known() else causes

    def known(self):
        """Whether this is one value, or surely none."""
        if self.undefined:
            return False
        return self.low is None if self.none else (self.low is not None and self.low == self.high)

    def __repr__(self):
        return f"{self.low}..{self.high}{' none' if self.none else ''}{' undefined' if self.undefined else ''} {set(self.causes)}"


class Choice:
    """One of a few values."""

    __slots__ = ("causes", "values")

    def __init__(self, values, causes=NOTHING):
        self.values = frozenset(values)
        self.causes = NOTHING if len(self.values) == 1 else causes

    def __repr__(self):
        return f"{set(self.values)} {set(self.causes)}"


NONE = Range(None, None, none=True)
YES, NO = Choice([True]), Choice([False])


def exact(value):
    """One number."""
    value = Fraction(value)
    return Range(value, value)


def hull(*parts):
    """All that any of the parts may be."""
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.low is not None]
    causes = NOTHING.union(*(part.causes for part in parts))
    return Range(
        min(lows) if lows else None,
        max(highs) if highs else None,
        causes,
        any(part.none for part in parts),
        any(part.undefined for part in parts),
    )


def because(value, causes):
    """The value, open for these causes too."""
    if isinstance(value, Choice):
        return Choice(value.values, value.causes | causes)
    return Range(value.low, value.high, value.causes | causes, value.none, value.undefined)


def combine(parts, bounds):
    """An operation on numbers; what is none or cannot be computed in one part is so in the whole."""
    causes = NOTHING.union(*(part.causes for part in parts))
    none, undefined = any(part.none for part in parts), any(part.undefined for part in parts)
    if any(part.low is None for part in parts):
        return Range(None, None, causes, none, undefined)
    low, high = bounds()
    return Range(low, high, causes, none, undefined)


def times(a, b):
    """A product of bounds, where nothing times anything is nothing."""
    return Fraction(0) if a == 0 or b == 0 else a * b


def product(a, b):
    """a × b; nothing of whatever it may be is nothing."""
    if any(x.low == x.high == 0 and x.known() and not y.undefined for x, y in ((a, b), (b, a))):
        return exact(0)

    def bounds():
        corners = [times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
        return min(corners), max(corners)

    # Of none the product is none, but 0 where the other turns out to be 0.
    for x, y in ((a, b), (b, a)):
        if x.none and x.low is None and y.low is not None and y.low <= 0 <= y.high and not x.undefined:
            return Range(Fraction(0), Fraction(0), a.causes | b.causes, True, y.undefined)
    return combine([a, b], bounds)


def total(parts):
    """The sum of (sign, part)."""

    def bounds():
        low = sum((part.low if sign == "+" else -part.high for sign, part in parts), Fraction(0))
        high = sum((part.high if sign == "+" else -part.low for sign, part in parts), Fraction(0))
        return low, high

    return combine([part for _, part in parts], bounds)


def quotient(a, b, where):
    """a ÷ b, which cannot be computed where b is 0."""
    if a.known() and a.low == 0 and b.low is None and not b.undefined:
        return exact(0)
    if a.low is None or b.low is None:
        return combine([a, b], lambda: (None, None))
    if b.low == b.high == 0:
        fault = frozenset([("fault", where)])
        return Range(None, None, a.causes | b.causes | fault, a.none or b.none, True)
    undefined = b.low <= 0 <= b.high

    def bounds():
        if not undefined:
            corners = [over(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
            return min(corners), max(corners)
        if a.low == a.high == 0:
            return Fraction(0), Fraction(0)
        # A divisor that is not 0 lies on one side of it.
        if b.low == 0 and a.low >= 0:
            return over(a.low, b.high), INF
        if b.low == 0 and a.high <= 0:
            return -INF, over(a.high, b.high)
        if b.high == 0 and a.low >= 0:
            return -INF, over(a.low, b.low)
        if b.high == 0 and a.high <= 0:
            return over(a.high, b.low), INF
        return -INF, INF

    result = combine([a, b], bounds)
    if undefined:
        result = Range(result.low, result.high, a.causes | b.causes, result.none, True)
    return result


def over(x, y):
    """A quotient of bounds."""
    if y in (INF, -INF):
        return Fraction(0)
    if x in (INF, -INF):
        return x if y > 0 else -x
    return Fraction(x) / y


def each_bound(value, change):
    """A rising function of a number."""
    return combine([value], lambda: (change(value.low), change(value.high)))


def both(parts):
    """All of the conditions."""
    causes = NOTHING.union(*(part.causes for part in parts))
    if any(part.values == {False} for part in parts):
        return NO
    if all(part.values == {True} for part in parts):
        return YES
    return Choice([True, False], causes)


def negation(part):
    """Not."""
    return Choice([not value for value in part.values], part.causes)


def either(parts):
    """One of the conditions."""
    return negation(both([negation(part) for part in parts]))
