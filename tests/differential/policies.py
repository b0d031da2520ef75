"""Random policies that type-check.

In: a random generator. Out: a `Policy`. Every form that the evaluator knows is drawn; amounts,
bounds and caps lie close together, so that many records stand at a threshold.
"""

from datetime import date
from fractions import Fraction

from language import Clause, Fact, Let, Modifier, Parameter, Policy

MONEY = [("投资额", "capex"), ("借款额", "borrowed"), ("费用额", "fees"), ("合同额", "contract"), ("上级资金", "upper_funds")]
RATES = [("占比", "share"), ("增速", "growth")]
COUNTS = [("人数", "staff"), ("户数", "households")]
BOOLS = [("规上", "above_scale"), ("失信", "dishonest"), ("新设", "founded")]
DATES = [("认定日", "recognised_on"), ("开工日", "started_on"), ("迁出日", "moved_on")]
LEVELS = ["国家级", "省级", "市级", "区级"]
KINDS = ["东区", "西区", "高新区"]
ROUND_MODES = ["half up", "up", "down"]


class Generator:
    """Draws one policy."""

    def __init__(self, rng):
        self.rng = rng
        self.rules, self.lets, self.parameters = {}, [], []
        self.in_item, self.only_item, self.in_let, self.depth = False, False, False, 0

    def chance(self, share):
        return self.rng.random() < share

    def some(self, things, least=1):
        """A few of them, in their order."""
        count = self.rng.randint(min(least, len(things)), len(things))
        picked = self.rng.sample(range(len(things)), count)
        return [things[index] for index in sorted(picked)]

    # Records

    def facts(self):
        rng = self.rng
        dates = [Fact(zh, en, "date", default=rng.choice([None, None, "none"])) for zh, en in self.some(DATES)]
        facts = [self.money_fact(*names) for names in self.some(MONEY, 2)]
        facts += [Fact(zh, en, "rate", least=rng.choice([None, (">=", Fraction(0))])) for zh, en in self.some(RATES)]
        facts += [Fact(zh, en, "count", least=rng.choice([None, (">=", Fraction(1))])) for zh, en in self.some(COUNTS)]
        facts += [Fact(zh, en, "bool", default=rng.choice([None, False, True])) for zh, en in self.some(BOOLS)]
        facts += [
            Fact("系数", "factor", "number", least=rng.choice([None, (">=", Fraction(0))])),
            Fact("节能量", "saved", "quantity", least=rng.choice([None, (">=", Fraction(0))])),
            Fact("区县", "district", "one of", values=KINDS[: rng.randint(2, 3)]),
            Fact("行业", "industry", "text"),
            Fact("等次", "honour", "level", values=self.some(LEVELS, 2), dated=rng.choice([None, *dates])),
            Fact("营收", "revenue", "money", least=rng.choice([None, (">=", Fraction(0))]), yearly=True),
        ]
        self.firm = facts + dates
        self.project = [
            Fact("项目额", "cost", "money", least=rng.choice([None, (">=", Fraction(0))]), record="project"),
            Fact("设备数", "machines", "count", record="project"),
            Fact("落地", "landed", "bool", default=rng.choice([None, False]), record="project"),
            Fact("类别", "sort", "one of", values=["软件", "设备", "平台"], record="project"),
            Fact("竣工日", "finished_on", "date", record="project"),
            Fact("贴息率", "interest", "rate", record="project"),
            Fact("节电量", "spared", "quantity", least=(">=", Fraction(0)), record="project"),
            Fact("权重", "weight", "number", record="project"),
            Fact("评级", "grade", "level", values=["优", "良"], record="project"),
            Fact("备注", "remark", "text", record="project"),
        ]

    def money_fact(self, zh, en):
        least = self.rng.choice([None, (">=", Fraction(0)), (">=", Fraction(0)), (">=", Fraction(1000))])
        default = self.rng.choice([None, None, None, "none", Fraction(0)])
        if least and default == 0 and least[1] > 0:
            default = None
        return Fact(zh, en, "money", least=least, default=default)

    def facts_of(self, *kinds):
        """The facts in scope of these types."""
        scope = self.project if self.only_item else self.firm + (self.project if self.in_item else [])
        return [fact for fact in scope if fact.type in kinds and not fact.yearly]

    def pick(self, *kinds):
        """A fact in scope: inside an item, one of the item's more often."""
        facts = self.facts_of(*kinds)
        if not facts:
            facts = [fact for fact in self.project if fact.type in kinds]
        own = [fact for fact in facts if fact.record == "project"]
        if own and self.chance(0.7):
            return self.rng.choice(own)
        return self.rng.choice(facts)

    # Literals

    def amount(self, least=1, most=9):
        """An amount of one or two significant digits."""
        return Fraction(self.rng.choice([1, 2, 5, 10, 15, 30, 45])) * 10 ** self.rng.choice(range(least, most - 1))

    def money_literal(self):
        value = self.amount()
        if self.chance(0.1):
            value += Fraction(self.rng.choice([1, 33, 50, 99]), 100)
        return ("lit", "money", value)

    def rate_literal(self):
        return ("lit", "rate", Fraction(self.rng.choice([1, 2, 3, 5, 8, 10, 15, 30, 50, 100, 120]), self.rng.choice([100, 100, 100, 1000])))

    def number_literal(self):
        return ("lit", "number", self.rng.choice([Fraction(n) for n in (1, 2, 3, 5, 10)] + [Fraction(1, 2), Fraction(12, 10)]))

    def count_literal(self):
        return ("lit", "count", Fraction(self.rng.choice([1, 2, 3, 5, 10, 20])))

    def day(self):
        return date(self.rng.choice([2022, 2023, 2024, 2024, 2025]), self.rng.randint(1, 12), self.rng.choice([1, 15, 28]))

    # Money

    def money(self):
        """An expression of money."""
        self.depth += 1
        if self.depth > 3 or self.chance(0.25):
            form = self.rng.choice([self.money_base, self.money_base, self.money_literal])
        else:
            form = self.rng.choice(self.money_forms())
        node = form()
        self.depth -= 1
        return node

    def money_forms(self):
        return [
            self.rate_of_money, self.rate_of_money, self.price_of_quantity, self.money_sum, self.money_sum, self.extreme,
            self.money_or_else, self.round_money, self.match, self.money_table, self.money_table, self.progression,
            self.money_list, self.per_head, self.by_number, self.money_pending, self.money_let, self.money_parameter,
        ]

    def money_base(self):
        """A fact of money."""
        if self.only_item:
            return ("fact", self.pick("money"))
        yearly = [fact for fact in self.firm if fact.yearly]
        roll = self.rng.random()
        if roll < 0.15:
            return ("fact", yearly[0])
        if roll < 0.22:
            return ("yearly", yearly[0], self.rng.choice([-1, -2]))
        if roll < 0.26:
            return ("in_year", yearly[0], self.rng.choice([2022, 2023, 2024]))
        if roll < 0.3:
            return ("or_else", ("over_years", self.rng.choice(["most", "least", "average"]), yearly[0], 2022, 2024), self.money_literal())
        return ("fact", self.pick("money"))

    def rate_of_money(self):
        return ("mul", self.rate(), self.money())

    def price_of_quantity(self):
        price = ("lit", "price", Fraction(self.rng.choice([10, 50, 400, 1250])))
        return ("mul", price, ("fact", self.pick("quantity")))

    def money_sum(self):
        terms = [(self.rng.choice("++-"), self.money()) for _ in range(self.rng.randint(1, 2))]
        return ("add", self.money(), terms)

    def extreme(self):
        parts = [self.money() for _ in range(self.rng.randint(2, 3))]
        return (self.rng.choice(["lesser", "greater"]), parts)

    def money_or_else(self):
        return ("or_else", self.money(), self.rng.choice([self.money_literal, self.money_base])())

    def round_money(self):
        return ("round", self.rng.choice(ROUND_MODES), self.money(), self.rng.choice(["元", "分", "万元"]))

    def match(self):
        return ("match", self.rng.choice([1, 2, 3]), self.rng.choice([1, 2]), self.money_base())

    def per_head(self):
        """Money over a count, guarded where the count may be nothing."""
        fact = self.pick("count")
        node = ("div", self.money(), ("fact", fact))
        return node if self.chance(0.1) else ("or_else", node, self.money_literal())

    def by_number(self):
        return ("mul", self.money(), self.number())

    def money_pending(self):
        if self.in_let or self.depth > 1 or not self.chance(0.6):  # an open rule takes its type from its place
            return self.money_literal()
        return self.pending("money")

    def pending(self, kind):
        text = self.rng.choice(["实施细则", "市级办法", "年度通知"]) + {"money": "金额", "rate": "比率"}[kind]
        self.rules[text] = kind
        return ("pending", text, kind)

    def money_let(self):
        return self.let("money") or self.money_base()

    def let(self, kind):
        scopes = ("project",) if self.only_item else ("firm", "project") if self.in_item else ("firm",)
        lets = [let for let in self.lets if let.type == kind and let.record in scopes]
        return ("let", self.rng.choice(lets)) if lets else None

    def money_parameter(self):
        return self.parameter("money") or self.money_literal()

    def parameter(self, kind):
        found = [parameter for parameter in self.parameters if parameter.type == kind]
        if not found:
            return None
        parameter = self.rng.choice(found)
        day = self.rng.choice([("today",), ("fact", self.pick("date"))]) if parameter.dated else None
        return ("parameter", parameter, day)

    # Tables

    def money_table(self):
        row = self.rng.choice([self.money_literal, self.money_literal, self.money])
        return self.table(row, self.money_literal)

    def table(self, row, other):
        """A table by value, by bound or by case."""
        otherwise = other() if self.chance(0.4) else None
        shape = self.rng.choice(["value", "bound", "case"])
        if shape == "value":
            fact = self.pick("level", "one of")
            keys = self.some(fact.values)
            self.rng.shuffle(keys)
            rows = [((key,), row()) for key in keys]
            if len(keys) > 2 and self.chance(0.4):
                rows = [(tuple(keys[:2]), row()), *rows[2:]]
            if len(keys) == len(fact.values) and fact.type == "one of":
                otherwise = None
            return ("by_value", ("fact", fact), rows, otherwise)
        if shape == "bound":
            return ("by_bound", None, *self.bounds(row, self.rng.choice(["money", "count", "quantity", "rate"])), otherwise)
        rows = [(self.condition(), row()) for _ in range(self.rng.randint(1, 3))]
        return ("by_case", rows, otherwise)

    def bounds(self, row, kind, upward=None, nonnegative=False):
        """A subject and rows at rising bounds, in any order."""
        subject = self.money_base() if kind == "money" and self.chance(0.5) else ("fact", self.pick(kind))
        ops = [">=", ">"] if upward or self.chance(0.8) else ["<=", "<"]
        literal = {"money": self.money_literal, "count": self.count_literal, "rate": self.rate_literal}
        at = {literal.get(kind, lambda: ("lit", kind, self.amount(0, 4)))()[2] for _ in range(self.rng.randint(1, 4))}
        if nonnegative and self.chance(0.6):
            at.add(Fraction(0))
        mixed = self.chance(0.5)
        first = self.rng.choice(ops)
        rows = [(self.rng.choice(ops) if mixed else first, kind, bound, row()) for bound in sorted(at)]
        self.rng.shuffle(rows)
        return subject, rows

    def progression(self):
        """Brackets whose rows are rates of the subject."""
        how = self.rng.choice(["marginal", "slab"])
        row = self.rate_literal if self.chance(0.8) else self.rate
        subject, rows = self.bounds(row, "money", upward=True, nonnegative=True)
        return ("by_bound", how, subject, rows, None)

    # Lists

    def items(self, ordered=True):
        which = ("all",)
        if self.chance(0.6):
            which = ("where", self.within_item(self.condition))
        if ordered and self.chance(0.2):
            key = ("fact", self.rng.choice([fact for fact in self.project if fact.type in ("money", "count", "date")]))
            which = ("top", self.rng.randint(1, 3), which, key, self.chance(0.3))
        return which

    def within_item(self, draw):
        outer, self.in_item = self.in_item, True
        node = draw()
        self.in_item = outer
        return node

    def money_list(self):
        if self.in_item:
            return self.money_base()
        how = self.rng.choice(["sum", "sum", "most", "least", "average"])
        inner = self.within_item(self.money) if self.chance(0.4) else ("fact", self.project[0])
        if inner[0] == "fact" and inner[1].yearly:  # with a bare fact by year, `over` asks for years
            inner = ("fact", self.project[0])
        node = ("over", how, inner, self.items())
        return node if how == "sum" else ("or_else", node, self.money_literal())

    # Rates and numbers

    def rate(self):
        """A rate."""
        self.depth += 1
        forms = [self.rate_literal] * 4 + [lambda: ("fact", self.pick("rate")), self.rate_pending]
        if self.depth < 4:
            forms += [lambda: self.table(self.rate_literal, self.rate_literal)] * 3
        forms.append(lambda: self.parameter("rate") or self.rate_literal())
        forms.append(lambda: self.let("rate") or self.rate_literal())
        node = self.rng.choice(forms)()
        self.depth -= 1
        return node

    def rate_pending(self):
        return self.pending("rate") if not self.in_let and self.chance(0.2) else self.rate_literal()

    def number(self):
        """A number: a ratio, a count, a duration."""
        self.depth += 1
        forms = [self.number_literal, lambda: ("fact", self.pick("number")), lambda: ("fact", self.pick("count"))]
        if self.depth < 4:
            forms += [self.ratio, self.duration]
            if not self.in_item:
                forms.append(lambda: ("count", self.items(ordered=False)))
        node = self.rng.choice(forms)()
        self.depth -= 1
        return node

    def ratio(self):
        node = ("div", self.money(), self.money_base())
        if self.chance(0.4):
            node = ("add", node, [("-", ("lit", "number", Fraction(1)))])
        return ("or_else", node, self.number_literal())

    def duration(self):
        return ("or_else", ("whole", self.rng.choice(["years", "months", "days"]), ("fact", self.pick("date")), self.later_day()), self.number_literal())

    def later_day(self):
        return self.rng.choice([("today",), ("lit", "date", self.day()), ("fact", self.pick("date"))])

    # Conditions

    def condition(self):
        """A condition."""
        self.depth += 1
        forms = [self.compare_money, self.compare_money, self.compare_other, self.test_bool, self.test_level, self.test_kind, self.test_day]
        if self.depth < 4:
            forms += [self.logic, self.logic]
            if not self.in_item:
                forms += [self.test_list]
        node = self.rng.choice(forms)()
        self.depth -= 1
        return node

    def logic(self):
        parts = [self.condition() for _ in range(self.rng.randint(2, 3))]
        kind = self.rng.choice(["and", "or", "not"])
        return ("not", parts[0]) if kind == "not" else (kind, parts)

    def compare_money(self):
        left = self.money_base() if self.chance(0.7) else self.money()
        roll = self.rng.random()
        if roll < 0.15:
            low, high = sorted([self.amount(), self.amount()])
            return (self.rng.choice(["between", "within"]), left, ("lit", "money", low), ("lit", "money", high))
        right = self.money_literal() if roll < 0.75 else self.money_base()
        return ("compare", self.rng.choice([">=", ">=", ">", "<=", "<", "="]), left, right)

    def compare_other(self):
        kind = self.rng.choice(["count", "rate", "number", "quantity"])
        op = self.rng.choice([">=", ">", "<=", "<"])
        if kind == "number":
            return ("compare", op, self.number(), self.number_literal())
        right = {"count": self.count_literal, "rate": self.rate_literal}.get(kind, lambda: ("lit", kind, self.amount(0, 4)))()
        return ("compare", op, ("fact", self.pick(kind)), right)

    def test_bool(self):
        fact = ("fact", self.pick("bool"))
        return fact if self.chance(0.8) else ("compare", "=", fact, ("lit", "bool", self.chance(0.5)))

    def test_level(self):
        fact = self.pick("level")
        if self.chance(0.2):
            return ("is_none", ("fact", fact), self.chance(0.5))
        value = ("lit", "level", self.rng.choice(fact.values))
        return ("compare", self.rng.choice([">=", ">", "<=", "<", "="]), ("fact", fact), value)

    def test_kind(self):
        if self.chance(0.3) and not self.in_item:
            return ("compare", self.rng.choice(["=", "!="]), ("fact", self.pick("text")), ("lit", "text", "软件业"))
        fact = self.pick("one of")
        if self.chance(0.4):
            return ("among", ("fact", fact), "one of", self.some(fact.values, 1))
        return ("compare", self.rng.choice(["=", "!="]), ("fact", fact), ("lit", "one of", self.rng.choice(fact.values)))

    def test_day(self):
        fact = self.pick("date")
        day = ("fact", fact)
        roll = self.rng.random()
        if roll < 0.2:
            return ("is_none", day, self.chance(0.5))
        if roll < 0.4:
            period = self.rng.choice([
                ("2024", date(2024, 1, 1), date(2024, 12, 31)),
                ("2023年", date(2023, 1, 1), date(2023, 12, 31)),
                ("2024Q2", date(2024, 4, 1), date(2024, 6, 30)),
                ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
                ("2023年7月—9月", date(2023, 7, 1), date(2023, 9, 30)),
            ])
            return ("in_period", day, *period)
        if roll < 0.5:
            day = ("later", day, self.rng.choice([1, 6, 14]), self.rng.choice(["years", "months", "days"]))
        if roll < 0.6:
            sides = [("lit", "date", one) for one in sorted([self.day(), self.day()])]
            return ("within", day, sides[0], sides[1] if self.chance(0.7) else None)
        if roll < 0.7:
            return ("compare", self.rng.choice([">=", "<", "="]), ("year_of", day), ("lit", "number", Fraction(self.rng.choice([2023, 2024]))))
        return ("compare", self.rng.choice([">=", ">", "<=", "<"]), day, self.later_day())

    def test_list(self):
        condition = self.within_item(self.condition)
        roll = self.rng.random()
        if roll < 0.35:
            return ("any", condition)
        if roll < 0.7:
            return ("every", condition)
        return ("compare", self.rng.choice([">=", ">", "<=", "="]), ("count", self.items(ordered=False)), self.count_literal())

    # Clauses

    def clause(self, name):
        rng = self.rng
        self.in_item = False
        clause = Clause(name, None, up_to=self.chance(0.15), lump_sum=self.chance(0.05), recover=self.chance(0.04))
        if clause.recover:
            clause.up_to = clause.lump_sum = False
        if self.chance(0.25):
            clause.each = self.items()
            clause.award = self.within_item(self.money)
        else:
            clause.award = self.money()
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            clause.modifiers.append(self.modifier(clause))
        if self.chance(0.6):
            clause.modifiers.append(Modifier("cap", self.money_literal()))
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            clause.gates.append(self.gate(clause))
        return clause

    def modifier(self, clause):
        """One modifier; with `each` it sees the facts of the item."""
        each = bool(clause.each) and self.chance(0.5)
        draw = self.within_item if each else lambda form: form()
        kind = self.rng.choice(["cap", "cap", "floor", "times", "less", "nothing below", "round"])
        if kind == "round":
            return Modifier("round", mode=self.rng.choice(ROUND_MODES), unit=self.rng.choice(["元", "分", "万元"]), each=each)
        if kind == "times":
            return Modifier(kind, draw(self.rng.choice([self.rate, self.number])), each=each)
        form = self.money_literal if self.chance(0.6) else self.money
        return Modifier(kind, draw(form), each=each)

    def gate(self, clause):
        roll = self.rng.random()
        dates = [fact for fact in self.firm if fact.type == "date"]
        if roll < 0.12 and not any(gate[0] in ("during", "newly") for gate in clause.gates):
            first, last = sorted([self.day(), self.day()])
            return ("during", first if self.chance(0.8) else None, last, self.rng.choice([None, *dates]))
        dated = [fact for fact in self.firm if fact.type == "date" or (fact.type == "level" and fact.dated)]
        if roll < 0.2 and not any(gate[0] in ("during", "newly") for gate in clause.gates):
            return ("newly", self.rng.choice(dated))
        return (self.rng.choice(["when", "when", "unless"]), self.condition())

    def with_history(self, clause, names):
        """Adds a modifier that looks at the history, or takes what was paid off."""
        others = self.rng.sample(names, 1) if self.chance(0.3) else []
        others = [name for name in others if name != clause.name]
        kind = self.rng.choice(["cumulative", "once", "topping", "topping paid", "less", "less of list", "gate"])
        if kind == "gate":
            clause.gates.append(("when", self.of_payments(names)))
            return
        if kind == "less of list":
            modifier = Modifier("less", ("history_sum", *self.payments(names)))
        elif kind == "less":
            modifier = Modifier("less", ("paid", None if self.chance(0.5) else self.rng.sample(names, 1)))
        elif kind == "cumulative":
            modifier = Modifier(kind, self.money_literal(), each=bool(clause.each) and self.chance(0.5), others=others)
        elif kind == "once":
            modifier = Modifier(kind, each=bool(clause.each) and self.chance(0.5), others=others)
        else:
            modifier = Modifier(kind, others=others)
        clause.modifiers.append(modifier)

    def payments(self, names):
        """Which rows of the history: from a day on, under a clause."""
        return self.day() if self.chance(0.6) else None, self.rng.choice(names) if self.chance(0.5) else None

    def of_payments(self, names):
        """A condition on what was paid before."""
        if self.chance(0.5):
            return ("compare", self.rng.choice(["<=", "<", "="]), ("history_count", *self.payments(names)), self.count_literal())
        return ("compare", self.rng.choice(["<=", "<"]), ("history_sum", *self.payments(names)), self.money_literal())

    def declare_lets(self):
        self.in_let = True
        for index in range(self.rng.choice([0, 1, 2, 3])):
            kind = self.rng.choice(["money", "money", "rate"])
            record = self.rng.choice(["firm", "firm", "project"])
            draw = self.money if kind == "money" else self.rate
            self.only_item = record == "project"
            body = self.within_item(draw) if self.only_item else draw()
            self.only_item = False
            self.lets.append(Let(f"导出{'甲乙丙'[index]}", f"derived_{'abc'[index]}", kind, body, record))
        self.in_let = False

    def declare_parameters(self):
        for index in range(self.rng.choice([0, 1, 2])):
            kind = self.rng.choice(["money", "rate"])
            literal = self.money_literal if kind == "money" else self.rate_literal
            parameter = Parameter(f"参数{'甲乙'[index]}", kind)
            roll = self.rng.random()
            if roll < 0.2:
                parameter.pending = f"{kind}细则{index}"
                self.rules[parameter.pending] = kind
            elif roll < 0.6:
                parameter.dated = [(day, literal()) for day in sorted({self.day(), self.day()})]
            else:
                parameter.value = literal()
            self.parameters.append(parameter)

    # Settlement

    def step(self, names):
        """A step of settlement."""
        some = self.rng.sample(names, self.rng.randint(2, len(names))) if len(names) > 1 else names
        kind = self.rng.choice(["highest", "not together", "exclude", "limit", "limit", "budget", "budget"])
        if kind in ("highest", "not together"):
            return (kind, some) if len(some) > 1 else None
        if kind == "exclude":
            return (kind, some[0], self.condition())
        some = some if self.chance(0.7) else None
        how = self.rng.choice(["pro rata", "equally", "in order of"])
        rest = self.rng.choice([None, "rest stays", "rest by remainder", "rest to largest"])
        then, keys = None, None
        if how == "in order of":
            rest = None
            if kind == "limit" and some is None:
                some = names[:]
            keys = some[:] if some and (kind == "limit" or self.chance(0.3)) else [("fact", self.pick("count"))]
            then = self.rng.choice(["then pro rata", "then equally"]) if kind == "budget" else None
            if kind == "limit":
                self.rng.shuffle(keys)
        return (kind, some, ("lit", "money", self.amount(3, 9 if kind == "limit" else 11)), (how, keys, then, rest))

    def steps(self, clauses):
        """A few steps, over clauses that pay."""
        names = [clause.name for clause in clauses if not clause.recover]
        steps = [self.step(names) for _ in range(self.rng.randint(1, 3))] if names else []
        return [step for step in steps if step]

    def policy(self, language, history=False, settled=False):
        """A whole policy."""
        rng = self.rng
        self.facts()
        self.declare_parameters()
        self.declare_lets()
        clauses = [self.clause(f"款{'甲乙丙丁戊己庚辛'[index]}") for index in range(rng.randint(2, 7))]
        names = [clause.name for clause in clauses]
        if history:
            for clause in clauses:
                if self.chance(0.6):
                    self.with_history(clause, names)
        policy = Policy(self.firm, self.project, self.lets, self.parameters, clauses, language=language, open_rules=self.rules)
        policy.text_seed = rng.randrange(2**32)
        self.in_item = False
        if settled:
            policy.steps = self.steps(clauses)
        if self.chance(0.4):
            dates = [fact for fact in self.firm if fact.type == "date"]
            policy.in_force = (rng.choice([None, date(2023, 1, 1), date(2024, 3, 1)]), date(2025, 12, 31), rng.choice([None, None, *dates]))
        if self.chance(0.3):
            policy.eligible = self.condition()
        if self.chance(0.3):
            policy.rounding = (rng.choice(ROUND_MODES), rng.choice(["元", "分", "万元"]))
        return policy
