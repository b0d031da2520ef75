"""Policies as data, and their text.

In: records, clauses and expressions as plain tuples. Out: the same policy as `.hq` text, in
English, in Chinese, or with both mixed word by word.

An expression is a tuple whose first item is its form: ("lit", type, value), ("fact", fact),
("mul", a, b), … `Printer.expression` lists them all. Literals hold exact fractions, days hold
`datetime.date`. A node may end in None where a part is left out.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(eq=False)
class Fact:
    """A fact of a record: its two names, type and checks."""

    zh: str
    en: str
    type: str  # money, number, count, rate, bool, date, text, one of, level, quantity
    least: tuple | None = None  # (">=" or ">", bound) of `where`
    default: object = None  # "none" or a value for a blank cell; None: a blank is unknown
    values: list = field(default_factory=list)  # of `one of` and levels, the highest first
    dated: "Fact | None" = None
    yearly: bool = False
    record: str = "firm"


@dataclass(eq=False)
class Let:
    """A derived fact of the recipient, or of a listed record."""

    zh: str
    en: str
    type: str
    body: tuple
    record: str = "firm"
    values: list = field(default_factory=list)


@dataclass(eq=False)
class Parameter:
    """A parameter of the policy: one value, values from dates on, or open."""

    name: str
    type: str
    value: tuple | None = None
    dated: list = field(default_factory=list)  # [(date, literal)]
    pending: str | None = None


@dataclass(eq=False)
class Clause:
    """One award with its modifiers and gates."""

    name: str
    award: tuple
    up_to: bool = False
    lump_sum: bool = False
    recover: bool = False
    each: tuple | None = None  # a list
    modifiers: list = field(default_factory=list)  # [Modifier]
    gates: list = field(default_factory=list)  # [("when", C) | ("unless", C) | ("during", from, to, fact) | ("newly", fact)]


@dataclass(eq=False)
class Modifier:
    """One change of the amount so far."""

    kind: str  # cap, floor, times, less, nothing below, round, cumulative, topping, topping paid, once
    value: tuple | None = None
    mode: str | None = None
    unit: str | None = None
    each: bool = False
    others: list = field(default_factory=list)  # names of further clauses whose history counts


@dataclass(eq=False)
class Policy:
    """A whole policy file with its records."""

    firm: list  # facts of the recipient
    project: list  # facts of the listed record
    lets: list
    parameters: list
    clauses: list
    in_force: tuple | None = None  # (from or None, to or None, fact or None)
    eligible: tuple | None = None
    rounding: tuple | None = None  # (mode, unit)
    steps: list = field(default_factory=list)
    language: str = "en"
    text_seed: int = 0
    open_rules: dict = field(default_factory=dict)  # text: type


ZH = {
    "record": "登记表", "key": "主键", "money": "金额", "number": "数值", "count": "计数", "rate": "比率",
    "bool": "是否", "date": "日期", "text": "文字", "one of": "取值", "level of": "等级", "dated": "日期见",
    "quantity in": "数量", "list of": "列表", "per year": "每年", "where": "其中", "let": "令", "policy": "政策",
    "clause": "款", "award": "奖补", "recover": "追回", "up to": "至多", "lump sum": "一次性", "for each": "每个",
    "cap": "最高", "floor": "保底", "times": "乘以", "less": "扣除", "nothing below": "起付", "round": "取整",
    "half up": "四舍五入", "up": "向上", "down": "向下", "to": "到", "each": "每项", "cumulative": "累计",
    "topping up": "晋档补差", "topping up on paid": "晋档补差按已发", "once": "仅奖励一次", "with": "连同",
    "when": "当", "unless": "除非", "during": "发生于", "by": "按", "marginal": "超额累进", "slab": "全额累进",
    "otherwise": "其余", "pending": "待定", "min": "孰低", "max": "孰高", "least": "最小", "most": "最大",
    "sum": "求和", "average": "平均", "count of": "个数", "over": "于", "top": "前", "asc": "升序", "any": "任一",
    "every": "凡", "has": "均", "of": "的", "or else": "若无则", "and": "且", "or": "或", "not": "非",
    "between": "介于", "between and": "与", "is none": "为空", "is not none": "不为空", "in": "属于", "yes": "是",
    "no": "否", "none": "无", "year": "本年", "today": "今日", "parameter": "参数", "from": "自", "on": "时点",
    "in force": "有效期", "eligible when": "申报条件", "newly": "新获", "match": "配套", "years from": "年数自",
    "months from": "月数自", "days from": "天数自", "until": "至", "year of": "年份取", "unit": "计量单位",
    "settle": "结算", "highest among": "就高", "not together": "不得同享", "exclude": "排除", "limit": "限额",
    "total": "合计", "budget": "预算", "for": "用于", "pro rata": "按比例", "equally": "平均分摊",
    "in order of": "依次按", "then pro rata": "再按比例", "then equally": "再平均分摊", "rest stays": "余数留存",
    "rest by remainder": "余数按最大余数", "rest to largest": "余数归最大", "paid": "已发放", "paid under": "已发于",
    "history": "历史",
    "select": "择优", "then by": "再按", "desc": "降序", "ties all": "并列全取", "ties none": "并列全舍",
}
EN = {"least": "min", "most": "max", "count of": "count", "until": "to", "between and": "and"}
COMPARE = {
    "en": {">=": [">="], ">": [">"], "<=": ["<="], "<": ["<"], "=": ["="], "!=": ["!="]},
    "zh": {
        ">=": ["不低于", "达到", "不少于", "≥", "至少"], ">": ["超过", "大于", "高于", "＞"],
        "<=": ["不高于", "至多", "≤", "不超过"], "<": ["不足", "低于", "小于", "＜"],
        "=": ["等于", "="], "!=": ["不等于", "≠"],
    },
}
BEHIND = {"en": {">=": ["or more"], "<=": ["or less"]}, "zh": {">=": ["以上", "及以上"], "<=": ["以下", "及以下", "以内"]}}
TYPES = ("money", "number", "count", "rate", "bool", "date", "text")
OR_ELSE, ADD, MUL, OF, ATOM = 5, 6, 7, 8, 9


def digits(value, group=False):
    """A fraction with a finite decimal, as digits."""
    sign = "-" if value < 0 else ""
    value = abs(Fraction(value))
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    text = str((value * 10**places).numerator).rjust(places + 1, "0")
    whole, part = (text[:-places], text[-places:]) if places else (text, "")
    if group:
        whole = f"{int(whole):,}"
    return sign + whole + ("." + part if part else "")


class Printer:
    """Writes one policy. What may be written in several ways is drawn from `rng`."""

    def __init__(self, policy, rng):
        self.policy, self.rng = policy, rng

    def language(self):
        """The language of the next word."""
        wanted = self.policy.language
        return self.rng.choice(["en", "zh"]) if wanted == "mixed" else wanted

    def word(self, key):
        """A keyword."""
        return ZH[key] if self.language() == "zh" else EN.get(key, key)

    def name(self, thing):
        """A fact or a derived fact by one of its names."""
        return thing.zh if self.language() == "zh" else thing.en

    def literal(self, kind, value):
        """A literal in one of its spellings."""
        rng = self.rng
        if kind == "money":
            size = abs(value)
            forms = [digits(value) + "元"]
            if size >= 1000:
                forms += [digits(value / 10000) + "万元", digits(value, True) + "元"]
            if size >= 10**7:
                forms += [digits(value / 10**8) + "亿元", digits(value / 10**7) + "千万元"]
            return rng.choice(forms)
        if kind == "rate":
            return rng.choice([digits(value * 100) + "%", digits(value * 1000) + "‰", digits(value * 100) + "％"])
        if kind == "quantity":
            return digits(value) + self.rng.choice(["吨标煤", "tce"])
        if kind == "price":
            return digits(value) + "元/" + self.rng.choice(["吨标煤", "tce"])
        if kind == "bool":
            return self.word("yes" if value else "no")
        if kind == "date":
            return rng.choice([value.isoformat(), f"{value.year}年{value.month}月{value.day}日"])
        if kind == "text":
            return rng.choice([f'"{value}"', f"“{value}”"])
        if kind in ("one of", "level"):
            return self.word("none") if value is None else value
        return digits(value)

    def expression(self, node, least=0):
        """An expression, in brackets where it binds looser than `least` (or, now and then, anyway)."""
        text, binds = self.form(node)
        if binds < least or (binds < ATOM and self.rng.random() < 0.2):
            return f"（{text}）" if self.language() == "zh" else f"({text})"
        return text

    def form(self, node):
        """The text of a form and how tightly it binds."""
        kind = node[0]
        method = getattr(self, "form_" + kind)
        return method(*node[1:])

    # Operands

    def form_lit(self, kind, value):
        return self.literal(kind, value), ATOM

    def form_fact(self, fact):
        return self.name(fact), ATOM

    def form_let(self, let):
        return self.name(let), ATOM

    def form_parameter(self, parameter, day):
        if day is None:
            return parameter.name, ATOM
        return f"({parameter.name} {self.word('on')} {self.expression(day, ATOM)})", ATOM

    def form_pending(self, text, _kind):
        return f'{self.word("pending")} "{text}"', ATOM

    def form_today(self):
        return self.word("today"), ATOM

    def form_yearly(self, fact, years):
        sign = "-" if years < 0 else "+"
        inner = f"({self.word('year')} {sign} {abs(years)})" if years else self.word("year")
        at = "在" if self.language() == "zh" else "in"
        return f"({self.name(fact)} {at} {inner})", ATOM

    def form_in_year(self, fact, year):
        at = "在" if self.language() == "zh" else "in"
        return f"({self.name(fact)} {at} {year})", ATOM

    def form_over_years(self, how, fact, first, last):
        return f"({self.word(how)} {self.name(fact)} {self.word('over')} {first}..{last})", ATOM

    # Arithmetic

    def form_mul(self, a, b):
        style = self.rng.choice(["of", "*", "的"])
        if style == "的" and a[0] == "lit" and a[1] in ("rate", "price"):
            return f"{self.expression(b, ATOM)}的{self.expression(a, ATOM)}", OF
        if style == "的":
            return f"{self.expression(b, ATOM)}的（{self.expression(a)}）", OF
        if style == "of":
            of = "of"
            return f"{self.expression(a, ATOM)} {of} {self.expression(b, OF)}", OF
        sign = self.rng.choice(["*", "×"])
        return f"{self.expression(a, MUL)} {sign} {self.expression(b, OF)}", MUL

    def form_div(self, a, b):
        return f"{self.expression(a, MUL)} {self.rng.choice(['/', '÷'])} {self.expression(b, OF)}", MUL

    def form_add(self, first, rest):
        text = self.expression(first, ADD)
        for sign, term in rest:
            mark = {"+": self.rng.choice("+＋"), "-": self.rng.choice("-－")}[sign]
            text += f" {mark} {self.expression(term, MUL)}"
        return text, ADD

    def form_lesser(self, parts):
        return f"{self.word('min')}({', '.join(self.expression(part) for part in parts)})", ATOM

    def form_greater(self, parts):
        return f"{self.word('max')}({', '.join(self.expression(part) for part in parts)})", ATOM

    def form_or_else(self, a, b):
        return f"{self.expression(a, ADD)} {self.word('or else')} {self.expression(b, ADD)}", OR_ELSE

    def form_round(self, mode, inner, unit):
        return f"({self.word('round')} {self.word(mode)} ({self.expression(inner)}) {self.word('to')} {unit})", ATOM

    def form_match(self, a, b, inner):
        return f"({self.word('match')} {a}:{b} {self.expression(inner, ATOM)})", ATOM

    def form_whole(self, unit, a, b):
        return f"({self.word(unit + ' from')} {self.expression(a, ATOM)} {self.word('until')} {self.expression(b, ATOM)})", ATOM

    def form_later(self, day, number, unit):
        name = {"years": "年", "months": "个月", "days": "日"}[unit]
        return f"({self.expression(day, ATOM)} + {number}{name})", ATOM

    def form_year_of(self, day):
        return f"({self.word('year of')} {self.expression(day, ATOM)})", ATOM

    def form_paid(self, names):
        if names is None:
            return self.word("paid"), ATOM
        return f"({self.word('paid under')} ({', '.join(names)}))", ATOM

    def payments(self, day, name):
        """The history, all of it or from a day on or under a clause."""
        parts = [f"{self.rng.choice(['日期', 'date'])} >= {day.isoformat()}"] if day else []
        parts += [f'条款 = "{name}"'] if name else []
        if not parts:
            return self.word("history")
        condition = f" {self.word('and')} ".join(parts)
        return f"({self.word('history')} {self.word('where')} {condition})"

    def form_history_sum(self, day, name):
        paid = self.rng.choice(["已发放", "paid"])
        return f"({self.word('sum')} {paid} {self.word('over')} {self.payments(day, name)})", ATOM

    def form_history_count(self, day, name):
        return f"({self.word('count of')} {self.payments(day, name)})", ATOM

    # Tables

    def table(self, subject, rows):
        head = f"{self.word('by')} {self.expression(subject, ATOM)} " if subject else f"{self.word('by')} "
        joint = self.rng.choice([", ", "，", "\n    "])
        return f"{head}{{ {joint.join(rows)} }}"

    def otherwise(self, rows, value):
        if value is not None:
            rows.append(f"{self.word('otherwise')}: {self.expression(value)}")
        return rows

    def form_by_value(self, subject, rows, otherwise):
        texts = [f"{self.rng.choice([', ', '、']).join(keys)}: {self.expression(value)}" for keys, value in rows]
        return self.table(subject, self.otherwise(texts, otherwise)), ATOM

    def form_by_bound(self, how, subject, rows, otherwise):
        texts = [f"{self.bound(op, kind, at)}: {self.expression(value)}" for op, kind, at, value in rows]
        text = self.table(subject, self.otherwise(texts, otherwise))
        return (f"{self.word(how)} {text}" if how else text), ATOM

    def bound(self, op, kind, at):
        """`>= 500万` or `500万以上`."""
        behind = BEHIND[self.language()].get(op)
        if behind and self.rng.random() < 0.4:
            return f"{self.literal(kind, at)} {self.rng.choice(behind)}"
        return f"{self.rng.choice(COMPARE[self.language()][op])} {self.literal(kind, at)}"

    def form_by_case(self, rows, otherwise):
        texts = [f"{self.expression(when)}: {self.expression(value)}" for when, value in rows]
        return self.table(None, self.otherwise(texts, otherwise)), ATOM

    # Lists

    def items(self, which):
        """A list: the projects, those that meet a condition, or the first of an order."""
        if which[0] == "all":
            return self.rng.choice(["项目", "project"])
        if which[0] == "where":
            return f"({self.rng.choice(['项目', 'project'])} {self.word('where')} {self.expression(which[1])})"
        _, number, inner, key, asc = which
        order = f" {self.word('asc')}" if asc else ""
        if self.language() == "zh":
            return f"(前{number} {self.items(inner)} 按 {self.expression(key, ATOM)}{order})"
        return f"(top {number} of {self.items(inner)} by {self.expression(key, ATOM)}{order})"

    def form_over(self, how, inner, which):
        return f"({self.word(how)} {self.expression(inner, ATOM)} {self.word('over')} {self.items(which)})", ATOM

    def form_count(self, which):
        return f"({self.word('count of')} {self.items(which)})", ATOM

    def form_any(self, condition):
        return f"({self.word('any')} 项目 {self.word('where')} {self.expression(condition)})", ATOM

    def form_every(self, condition):
        return f"({self.word('every')} 项目 {self.word('has')} {self.expression(condition)})", ATOM

    # Conditions

    def form_compare(self, op, a, b):
        if b[0] == "lit" and b[1] in ("money", "count", "quantity", "rate") and self.rng.random() < 0.3:
            return f"{self.expression(a, ADD)} {self.bound(op, b[1], b[2])}", 4
        sign = self.rng.choice(COMPARE[self.language()][op])
        return f"{self.expression(a, ADD)} {sign} {self.expression(b, ADD)}", 4

    def form_between(self, a, low, high):
        return f"{self.expression(a, ADD)} {self.word('between')} {self.expression(low, ADD)} {self.word('between and')} {self.expression(high, ADD)}", 4

    def form_within(self, a, low, high):
        first, last = (self.expression(side, ATOM) if side else "" for side in (low, high))
        return f"{self.expression(a, ADD)} {self.word('in')} {first}..{last}", 4

    def form_in_period(self, a, text, _first, _last):
        return f"{self.expression(a, ADD)} {self.word('in')} {text}", 4

    def form_among(self, a, kind, values):
        return f"{self.expression(a, ADD)} {self.word('in')} ({', '.join(self.literal(kind, value) for value in values)})", 4

    def form_is_none(self, a, yes):
        return f"{self.expression(a, ADD)} {self.word('is none' if yes else 'is not none')}", 4

    def form_not(self, a):
        return f"{self.word('not')} ({self.expression(a)})", 3

    def form_and(self, parts):
        return f" {self.word('and')} ".join(self.expression(part, 3) for part in parts), 2

    def form_or(self, parts):
        return f" {self.word('or')} ".join(self.expression(part, 2) for part in parts), 1
