//! Expressions of a program in words, in either language.
//!
//! In: the checked program. Out: text that a reader who knows neither keywords nor signs can
//! follow. Literals are shown as the drafter typed them.

use crate::check::program::*;
use crate::diagnostic::Language;
use crate::source::{Sources, Span};
use crate::syntax::tree::{AggregateKind, Compare, RoundMode, TableKind, TimeUnit};
use crate::value::{Number, Value};

/// Words for the parts of one program.
#[derive(Clone, Copy)]
pub struct Words<'p> {
    /// The program.
    pub program: &'p Program,
    /// The texts it was read from.
    pub sources: &'p Sources,
    /// In which language.
    pub language: Language,
}

/// How tightly a phrase holds together, for parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Compare,
    Sum,
    Product,
    Word,
}

impl<'p> Words<'p> {
    /// The Chinese or the English of a phrase.
    pub fn pick<T>(&self, zh: T, en: T) -> T {
        self.language.pick(zh, en)
    }

    /// An expression in words.
    pub fn expr(&self, id: ExprId) -> String {
        self.at(id, Level::Or)
    }

    /// The name of a fact in the language shown: the Chinese name, or an English alias where there is one.
    pub fn fact(&self, record: RecordId, fact: FactId) -> String {
        let def = self.program.records.get(record.index()).and_then(|record| record.facts.get(fact.index()));
        def.map_or_else(String::new, |def| self.named(&def.name, &def.aliases))
    }

    /// A name in the language shown.
    pub fn named(&self, name: &str, aliases: &[smol_str::SmolStr]) -> String {
        let english = |name: &&smol_str::SmolStr| name.is_ascii();
        let chosen = match self.language {
            Language::English if !name.is_ascii() => aliases.iter().find(english).map(|alias| alias.as_str()),
            _ => None,
        };
        chosen.unwrap_or(name).replace('_', " ")
    }

    /// A record type's name in the language shown.
    pub fn record(&self, id: RecordId) -> String {
        self.program.records.get(id.index()).map_or_else(String::new, |def| self.named(&def.name, &def.aliases))
    }

    /// A value of a type in words.
    pub fn value(&self, value: &Value, kind: &Type) -> String {
        match value {
            Value::None => self.pick("无", "none").into(),
            Value::Bool(true) => self.pick("是", "yes").into(),
            Value::Bool(false) => self.pick("否", "no").into(),
            Value::Number(number) => self.number(number, kind),
            Value::Date(date) => date.to_string(),
            Value::Period(period) => period.to_string(),
            Value::Text(text) => format!("“{text}”"),
            Value::Code(code) => match kind {
                Type::Code(id) => {
                    let values =
                        self.program.enums.get(id.index()).map(|def| def.values.as_slice()).unwrap_or_default();
                    values.get(usize::from(*code)).map_or_else(|| code.to_string(), ToString::to_string)
                }
                _ => code.to_string(),
            },
            Value::Duration(duration) => duration.to_string(),
        }
    }

    /// A number of a type: money in 万元 or 亿元 where that is shorter and exact, quantities with their unit.
    pub fn number(&self, number: &Number, kind: &Type) -> String {
        let Type::Number(dimension) = kind else { return number.to_string() };
        if dimension.is_money() {
            return money(number);
        }
        let name = |unit: &crate::value::UnitId| {
            self.program.units.get(usize::from(unit.0)).and_then(|names| names.first()).map_or("", |name| name.as_str())
        };
        match dimension.units() {
            [] => number.to_string(),
            [(unit, 1)] => format!("{number}{}", name(unit)),
            [(crate::value::UnitId::YUAN, 1), (unit, -1)] => format!("{number}元/{}", name(unit)),
            _ => number.to_string(),
        }
    }

    fn typed(&self, span: Span) -> Option<String> {
        let text = self.sources.text(span).trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn at(&self, id: ExprId, outer: Level) -> String {
        let Some(expr) = self.program.exprs.get(id.index()) else { return String::new() };
        let (text, level) = self.node(expr);
        if level < outer { format!("{}{text}{}", self.pick("（", "("), self.pick("）", ")")) } else { text }
    }

    fn list(&self, ids: &[ExprId], separator: &str, level: Level) -> String {
        ids.iter().map(|id| self.at(*id, level)).collect::<Vec<_>>().join(separator)
    }

    fn node(&self, expr: &Expr) -> (String, Level) {
        let word = |text: String| (text, Level::Word);
        match &expr.node {
            Node::Value(value) => match (value, self.typed(expr.span)) {
                (Value::Number(_) | Value::Date(_) | Value::Period(_) | Value::Duration(_), Some(typed)) => word(typed),
                _ => word(self.value(value, &expr.kind)),
            },
            Node::Pending(id) => word(self.pending(*id)),
            Node::Fact { .. } | Node::FactIn { .. } | Node::Items { .. } => self.fact_words(expr),
            Node::Let { id, .. } => word(
                self.program.lets.get(id.index()).map_or_else(String::new, |def| self.named(&def.name, &def.aliases)),
            ),
            Node::Parameter(id) => word(self.parameter(*id)),
            Node::ParameterOn(id, date) => {
                let (name, date) = (self.parameter(*id), self.at(*date, Level::Word));
                word(self.pick(format!("{date}的{name}"), format!("{name} on {date}")))
            }
            Node::Year => word(self.pick("本年", "the year").into()),
            Node::Period => word(self.pick("评价期", "the period").into()),
            Node::Today => word(self.pick("今日", "today").into()),
            Node::Total => word(self.pick("合计", "the total").into()),
            Node::ClauseAmount(id) => {
                word(self.program.clauses.get(id.index()).map_or_else(String::new, |c| c.name.to_string()))
            }
            Node::PaidUnder(clauses) => {
                let names = clauses.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join("、");
                word(self.pick(format!("已按「{names}」发放的金额"), format!("what was paid under {names}")))
            }
            Node::History => word(self.pick("历史", "the history").into()),
            Node::All(record) => {
                let name = self.record(*record);
                word(self.pick(format!("全体{name}"), format!("every {name}")))
            }
            Node::Negate(inner) => (format!("−{}", self.at(*inner, Level::Word)), Level::Product),
            Node::Sum(terms) => (self.sum(terms), Level::Sum),
            Node::Product(factors) => (self.product(factors), Level::Product),
            Node::Shift(start, moves) => {
                let start = self.at(*start, Level::Sum);
                let moves = moves
                    .iter()
                    .map(|(back, by)| format!(" {} {}", if *back { "−" } else { "+" }, self.at(*by, Level::Product)));
                (format!("{start}{}", moves.collect::<String>()), Level::Sum)
            }
            Node::OrElse(options) => {
                (self.list(options, self.pick("，若无则", ", or else "), Level::Sum), Level::Compare)
            }
            Node::And(parts) => (self.list(parts, self.pick("，且", " and "), Level::And), Level::And),
            Node::Or(parts) => (self.list(parts, self.pick("，或", " or "), Level::And), Level::Or),
            Node::Min(parts) => {
                let list = self.list(parts, self.pick("、", ", "), Level::Sum);
                word(self.pick(format!("（{list}）孰低"), format!("the lesser of ({list})")))
            }
            Node::Max(parts) => {
                let list = self.list(parts, self.pick("、", ", "), Level::Sum);
                word(self.pick(format!("（{list}）孰高"), format!("the greater of ({list})")))
            }
            Node::Table(table) => word(self.table(table)),
            Node::Round(mode, inner, unit) => {
                let inner = self.at(*inner, Level::Sum);
                let (mode, unit) = (self.rounding(*mode), self.number(unit, &expr.kind));
                word(self.pick(format!("{inner}（{mode}到{unit}）"), format!("{inner} ({mode} to {unit})")))
            }
            Node::Not(_)
            | Node::Compare(..)
            | Node::InList(..)
            | Node::InRange(..)
            | Node::Range(..)
            | Node::IsNone(_)
            | Node::Newly { .. } => self.condition(expr),
            Node::Aggregate { .. } | Node::OverPeriods { .. } | Node::Rank(_) | Node::Where(..) | Node::Top { .. } => {
                word(self.aggregate(expr))
            }
            Node::Elapsed(unit, from, to) => {
                let (from, to) = (self.at(*from, Level::Sum), self.at(*to, Level::Sum));
                let (zh, en) = match unit {
                    TimeUnit::Days => ("天数", "days"),
                    TimeUnit::Months => ("整月数", "whole months"),
                    TimeUnit::Years => ("整年数", "whole years"),
                };
                word(self.pick(format!("自{from}至{to}的{zh}"), format!("the {en} from {from} to {to}")))
            }
            Node::YearOf(date) => {
                let date = self.at(*date, Level::Word);
                word(self.pick(format!("{date}所在年份"), format!("the year of {date}")))
            }
        }
    }

    fn fact_words(&self, expr: &Expr) -> (String, Level) {
        let text = match &expr.node {
            Node::Fact { record, fact, .. } | Node::Items { record, fact, .. } => self.fact(*record, *fact),
            Node::FactIn { record, fact, period, .. } => {
                let name = self.fact(*record, *fact);
                if self.is_last_year(*period) {
                    return (self.pick(format!("上年{name}"), format!("last year's {name}")), Level::Word);
                }
                let period = self.at(*period, Level::Word);
                self.pick(format!("{period}的{name}"), format!("{name} in {period}"))
            }
            _ => String::new(),
        };
        (text, Level::Word)
    }

    /// `year - 1`
    fn is_last_year(&self, period: ExprId) -> bool {
        let node = |id: ExprId| self.program.exprs.get(id.index()).map(|expr| &expr.node);
        let Some(Node::Shift(start, moves)) = node(period) else { return false };
        let one = |id: ExprId| matches!(node(id), Some(Node::Value(Value::Number(n))) if *n == Number::ONE);
        matches!(node(*start), Some(Node::Year)) && matches!(moves.as_slice(), [(true, by)] if one(*by))
    }

    fn pending(&self, id: PendingId) -> String {
        let name = self.program.pendings.get(id.index()).map_or("", |def| def.name.as_str());
        self.pick(format!("待定事项“{name}”"), format!("what “{name}” will say (pending)"))
    }

    fn parameter(&self, id: ParameterId) -> String {
        self.program.parameters.get(id.index()).map_or_else(String::new, |def| self.named(&def.name, &def.aliases))
    }

    fn sum(&self, terms: &[(bool, ExprId)]) -> String {
        let mut text = String::new();
        for (at, (minus, id)) in terms.iter().enumerate() {
            let sign = match (at, minus) {
                (0, false) => "",
                (0, true) => "−",
                (_, false) => " + ",
                (_, true) => " − ",
            };
            text.push_str(sign);
            text.push_str(&self.at(*id, Level::Product));
        }
        text
    }

    /// `5% of A` reads 「A的5%」 in Chinese; longer products keep their signs.
    fn product(&self, factors: &[(bool, ExprId)]) -> String {
        if let [(false, rate), (false, base)] = factors
            && self.is_rate(*rate)
        {
            let (rate, base) = (self.at(*rate, Level::Product), self.at(*base, Level::Product));
            return self.pick(format!("{base}的{rate}"), format!("{rate} of {base}"));
        }
        if let [(false, ours), (false, base), (true, theirs)] = factors
            && let (Some(ours), Some(theirs)) = (self.whole(*ours), self.whole(*theirs))
        {
            let base = self.at(*base, Level::Word);
            return self.pick(format!("按{theirs}:{ours}配套{base}"), format!("{theirs}:{ours} matching {base}"));
        }
        let mut text = String::new();
        for (at, (divides, id)) in factors.iter().enumerate() {
            if at > 0 || *divides {
                text.push_str(if *divides { " ÷ " } else { " × " });
            }
            text.push_str(&self.at(*id, Level::Word));
        }
        text
    }

    /// The figure that a constant factor is.
    fn whole(&self, factor: ExprId) -> Option<String> {
        match self.program.exprs.get(factor.index()).map(|expr| &expr.node) {
            Some(Node::Value(Value::Number(number))) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether a factor reads as a rate or price of what follows it.
    fn is_rate(&self, factor: ExprId) -> bool {
        match self.program.exprs.get(factor.index()).map(|expr| &expr.node) {
            Some(Node::Value(_) | Node::Parameter(_) | Node::ParameterOn(..) | Node::Pending(_)) => true,
            Some(Node::Let { .. } | Node::Fact { .. }) => {
                let kind = self.program.exprs.get(factor.index()).map(|expr| &expr.kind);
                matches!(kind, Some(Type::Number(dimension)) if !dimension.is_money())
            }
            _ => false,
        }
    }

    /// A comparison sign in words.
    pub fn comparison(&self, operator: Compare) -> &'static str {
        match operator {
            Compare::Equal => self.pick("为", "is"),
            Compare::NotEqual => self.pick("不为", "is not"),
            Compare::Less => self.pick("不足", "is below"),
            Compare::LessOrEqual => self.pick("不超过", "is at most"),
            Compare::Greater => self.pick("超过", "is above"),
            Compare::GreaterOrEqual => self.pick("达到", "is at least"),
        }
    }

    /// The test of a row of a table that begins or ends at a bound.
    pub(super) fn bounded(&self, operator: Compare, bound: ExprId) -> String {
        let (sign, bound) = (self.comparison(operator), self.at(bound, Level::Sum));
        self.pick(format!("{sign}{bound}"), format!("{} {bound}", sign.trim_start_matches("is ")))
    }

    /// A comparison of days in words.
    pub(super) fn order_in_time(&self, operator: Compare) -> &'static str {
        match operator {
            Compare::Less => self.pick("早于", "is before"),
            Compare::LessOrEqual => self.pick("不晚于", "is not after"),
            Compare::Greater => self.pick("晚于", "is after"),
            Compare::GreaterOrEqual => self.pick("不早于", "is not before"),
            other => self.comparison(other),
        }
    }

    fn condition(&self, expr: &Expr) -> (String, Level) {
        let side = |id: &ExprId| self.at(*id, Level::Sum);
        let text = match &expr.node {
            Node::Not(inner) => match self.program.exprs.get(inner.index()).map(|e| &e.node) {
                Some(Node::IsNone(of)) => self.pick(format!("有{}", side(of)), format!("there is {}", side(of))),
                _ => self.pick(format!("不是“{}”", self.expr(*inner)), format!("not ({})", self.expr(*inner))),
            },
            Node::Compare(operator, left, right) => {
                let time =
                    matches!(self.program.exprs.get(left.index()).map(|e| &e.kind), Some(Type::Date | Type::Period));
                let sign = if time { self.order_in_time(*operator) } else { self.comparison(*operator) };
                let (left, right) = (side(left), side(right));
                self.pick(format!("{left}{sign}{right}"), format!("{left} {sign} {right}"))
            }
            Node::InList(subject, values) => {
                let list = self.list(values, self.pick("、", ", "), Level::Sum);
                self.pick(format!("{}属于{list}", side(subject)), format!("{} is one of {list}", side(subject)))
            }
            Node::InRange(subject, range) => self.pick(
                format!("{}在{}内", side(subject), side(range)),
                format!("{} lies in {}", side(subject), side(range)),
            ),
            Node::Range(low, high) => {
                let end = |id: &Option<ExprId>| id.map_or(String::new(), |id| self.at(id, Level::Sum));
                self.pick(format!("{}至{}", end(low), end(high)), format!("{} to {}", end(low), end(high)))
            }
            Node::IsNone(inner) => self.pick(format!("没有{}", side(inner)), format!("there is no {}", side(inner))),
            Node::Newly { level, .. } => self.pick(format!("新获{}", side(level)), format!("{} is new", side(level))),
            _ => String::new(),
        };
        (text, Level::Compare)
    }

    fn rounding(&self, mode: RoundMode) -> &'static str {
        match mode {
            RoundMode::HalfUp => self.pick("四舍五入", "rounded half up"),
            RoundMode::Up => self.pick("向上取整", "rounded up"),
            RoundMode::Down => self.pick("向下取整", "rounded down"),
        }
    }

    /// A table: what each row asks and gives.
    fn table(&self, table: &TableNode) -> String {
        let subject = table.subject.map(|subject| self.at(subject, Level::Sum));
        let rows = table.rows.iter().map(|row| {
            let test = match &row.test {
                RowTest::OneOf(values) => self.list(values, "、", Level::Sum),
                RowTest::Bound(operator, bound) => self.bounded(*operator, *bound),
                RowTest::Condition(condition) => self.expr(*condition),
            };
            let value = self.at(row.value, Level::Sum);
            self.pick(format!("{test}的{value}"), format!("{test}: {value}"))
        });
        let mut rows: Vec<String> = rows.collect();
        if let Some(otherwise) = table.otherwise {
            let value = self.at(otherwise, Level::Sum);
            rows.push(self.pick(format!("其余{value}"), format!("otherwise {value}")));
        }
        let rows = rows.join(self.pick("，", ", "));
        let how = match table.kind {
            TableKind::Plain => "",
            TableKind::Marginal => self.pick("超额累进，", "each slice at its own rate, "),
            TableKind::Slab => self.pick("全额累进，", "the whole at the rate reached, "),
        };
        match subject {
            Some(subject) => self.pick(format!("按{subject}（{how}{rows}）"), format!("by {subject} ({how}{rows})")),
            None => self.pick(format!("分情形（{rows}）"), format!("as the case may be ({rows})")),
        }
    }

    fn aggregate(&self, expr: &Expr) -> String {
        match &expr.node {
            Node::Where(list, condition) => {
                let (list, condition) = (self.at(*list, Level::Word), self.expr(*condition));
                self.pick(format!("{condition}的{list}"), format!("{list} where {condition}"))
            }
            Node::Top { list, count, keys } => {
                let keys = keys.iter().map(|(key, _)| self.at(*key, Level::Sum)).collect::<Vec<_>>().join("、");
                let (list, count) = (self.at(*list, Level::Word), self.at(*count, Level::Word));
                self.pick(format!("按{keys}排在前{count}的{list}"), format!("the top {count} of {list} by {keys}"))
            }
            Node::Rank(value) => {
                let value = self.at(*value, Level::Word);
                self.pick(format!("{value}的排名"), format!("the rank by {value}"))
            }
            Node::OverPeriods { kind, record, fact, range, .. } => {
                let (kind, range) = (self.aggregate_name(*kind), self.at(*range, Level::Sum));
                let fact = self.fact(*record, *fact);
                self.pick(format!("{range}{fact}的{kind}"), format!("the {kind} of {fact} over {range}"))
            }
            Node::Aggregate { kind, list, value, condition } => {
                let list = self.at(*list, Level::Word);
                match (kind, value, condition) {
                    (AggregateKind::Any, _, Some(c)) => {
                        let c = self.expr(*c);
                        self.pick(format!("有{list}满足“{c}”"), format!("some {list} has {c}"))
                    }
                    (AggregateKind::Every, _, Some(c)) => {
                        let c = self.expr(*c);
                        self.pick(format!("每个{list}都满足“{c}”"), format!("every {list} has {c}"))
                    }
                    (AggregateKind::Count, ..) => self.pick(format!("{list}的个数"), format!("the number of {list}")),
                    (kind, Some(value), _) => {
                        let (name, value) = (self.aggregate_name(*kind), self.at(*value, Level::Word));
                        self.pick(format!("{list}中{value}的{name}"), format!("the {name} of {value} over {list}"))
                    }
                    _ => list,
                }
            }
            _ => String::new(),
        }
    }

    fn aggregate_name(&self, kind: AggregateKind) -> &'static str {
        match kind {
            AggregateKind::Sum => self.pick("合计", "sum"),
            AggregateKind::Min => self.pick("最小值", "least"),
            AggregateKind::Max => self.pick("最大值", "greatest"),
            AggregateKind::Average => self.pick("平均值", "average"),
            AggregateKind::Count => self.pick("个数", "count"),
            AggregateKind::Any | AggregateKind::Every | AggregateKind::Rank => "",
        }
    }
}

/// Money as people write it: `800万元`, `1.6亿元`, `12,345.67元`; never rounded.
pub fn money(amount: &Number) -> String {
    let scaled = |factor: i64, unit: &str| {
        let factor = Number::from_i64(factor);
        let absolute = if amount.is_negative() { amount.negate() } else { amount.clone() };
        let quotient = amount.divide(&factor).ok().filter(|_| absolute >= factor)?;
        let short = quotient.multiply(&Number::from_i64(10_000)).ok().is_some_and(|n| n.is_whole());
        short.then(|| format!("{quotient}{unit}"))
    };
    scaled(100_000_000, "亿元").or_else(|| scaled(10_000, "万元")).unwrap_or_else(|| match amount.is_whole() {
        true => format!("{}元", grouped(&amount.to_string())),
        false => format!("{}元", grouped(&amount.to_yuan())),
    })
}

/// Digits in groups of three: `12,345.67`.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, ""), |(w, f)| (w, f));
    if !whole.chars().all(|c| c.is_ascii_digit()) {
        return format!("{sign}{digits}");
    }
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{out}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::{grouped, money};
    use crate::value::Number;

    fn shown(digits: &str) -> String {
        money(&Number::from_digits(digits).unwrap_or_default())
    }

    #[test]
    fn money_is_shown_in_the_unit_that_is_exact_and_short() {
        assert_eq!(shown("8000000"), "800万元");
        assert_eq!(shown("160000000"), "1.6亿元");
        assert_eq!(shown("12345.67"), "12,345.67元");
        assert_eq!(shown("0"), "0元");
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(grouped("1234567.5"), "1,234,567.5");
        assert_eq!(grouped("-123"), "-123");
    }
}
