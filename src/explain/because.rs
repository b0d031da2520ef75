//! Why it is not more: the condition that fails and by how much, what is missing, what
//! settlement took away.

use super::steps::percent;
use super::words::{Words, money};
use crate::check::program::{GateKindDef, PolicyId, RecordId, Type};
use crate::eval::{
    Answer, ClauseResult, Failure, Fault, FaultKind, Interval, Missing, failure,
};
use crate::eval::trace::{FailedComparison, GatePlace};
use crate::settle::{Award, Recipient};
use crate::value::{Number, Value};

/// The reasons of a clause's result, in the order in which they arose.
pub fn reasons(words: &Words<'_>, recipient: &Recipient<'_>, result: &ClauseResult, award: &Award) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(failure) = failure(words.program, &recipient.result.trace, result.steps) {
        out.push(words.failure(result, &failure));
    }
    out.extend(result.faults.iter().map(|fault| words.fault(fault)));
    out.extend(award.reductions.iter().map(|reduction| words.reduction(reduction)));
    out
}

/// A missing fact in words; one of an item names the item.
pub fn missing(words: &Words<'_>, recipient: RecordId, what: &Missing) -> String {
    match what {
        Missing::Fact { record, fact, key, period, .. } => {
            let name = words.program.records.get(record.index()).and_then(|def| def.facts.get(fact.index()));
            let name = name.map_or_else(String::new, |fact| fact.name.to_string());
            let name = match period {
                Some(period) => words.pick(format!("{period}的{name}"), format!("{name} in {period}")),
                None => name,
            };
            let owner = words.program.records.get(record.index()).map_or("", |def| def.name.as_str());
            match (*record == recipient, key.is_empty()) {
                (true, _) => name,
                (false, true) => format!("{owner}.{name}"),
                (false, false) => format!("{owner}[{key}].{name}"),
            }
        }
        Missing::Parameter(id) => words.program.parameters.get(id.index()).map_or_else(String::new, |p| p.name.to_string()),
        Missing::History => words.pick("历史兑付记录", "history").into(),
        Missing::Population(record) => words.pick(format!("全体{}", words.record(*record)), format!("all {}", words.record(*record))),
        Missing::Clause(id) => words.program.clauses.get(id.index()).map_or_else(String::new, |c| c.name.to_string()),
        Missing::Total => words.pick("合计", "the total").into(),
        Missing::Others(step) => {
            let step = words.step(*step);
            words.pick(format!("其他受益主体在“{step}”中的金额"), format!("the amounts of others in \u{201c}{step}\u{201d}"))
        }
        Missing::Tie(id) => {
            let list = words.expr(*id);
            words.pick(format!("{list}在入选线上并列"), format!("a tie at the line of {list}"))
        }
    }
}

impl Words<'_> {
    /// A policy's name; a bare file has none.
    pub fn policy(&self, id: PolicyId) -> String {
        self.program.policies.get(id.index()).map_or_else(String::new, |policy| policy.name.to_string())
    }

    /// A settlement step as it is written.
    pub fn step(&self, step: usize) -> String {
        let span = self.program.settle.get(step).map(|step| step.span).unwrap_or_default();
        self.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The gate that fails, its condition, and the distance to it.
    pub fn failure(&self, result: &ClauseResult, failure: &Failure) -> String {
        let asked = failure.expr.map(|expr| self.expr(expr)).unwrap_or_default();
        if let GatePlace::Own(at) = failure.gate {
            let clause = self.program.clauses.get(result.clause.index());
            let gate = clause.and_then(|clause| clause.gates.get(usize::from(at)));
            if let Some(GateKindDef::Unless(condition)) = gate.map(|gate| &gate.kind) {
                let condition = self.expr(*condition);
                return self.pick(format!("属于“{condition}”，不予支付"), format!("nothing is paid when {condition}"));
            }
        }
        if let Some(comparison) = &failure.comparison {
            return self.short_of(failure, comparison, &asked);
        }
        match failure.gate {
            GatePlace::Force => self.pick("不在政策有效期内".into(), "the policy is not in force".into()),
            GatePlace::Eligible => self.pick(format!("不符合政策的申报条件：{asked}"), format!("the policy's own condition fails: {asked}")),
            GatePlace::Own(at) => {
                let clause = self.program.clauses.get(result.clause.index());
                let gate = clause.and_then(|clause| clause.gates.get(usize::from(at)));
                let typed = gate.map(|gate| self.sources.text(gate.span).trim().to_owned()).unwrap_or_default();
                self.pick(format!("条件不成立：{typed}"), format!("this fails: {typed}"))
            }
        }
    }

    fn short_of(&self, failure: &Failure, comparison: &FailedComparison, asked: &str) -> String {
        let kind = self.compared_kind(failure);
        let rates = failure.expr.is_some_and(|expr| self.compares_rates(expr));
        let shown = |value: &Value| match value {
            Value::Number(number) if rates => percent(number),
            value => self.value(value, &kind),
        };
        let (has, needs) = (shown(&comparison.has), shown(&comparison.needs));
        if comparison.has == Value::None {
            let subject = failure.expr.and_then(|expr| self.left_of(expr)).unwrap_or_else(|| asked.to_owned());
            return self.pick(format!("没有{subject}：{asked}不成立"), format!("there is no {subject}: {asked} fails"));
        }
        let sign = match kind {
            Type::Date | Type::Period => self.order_in_time(comparison.operator),
            _ => self.comparison(comparison.operator),
        };
        let subject = failure.expr.and_then(|expr| self.left_of(expr)).unwrap_or_else(|| asked.to_owned());
        let text = self.pick(format!("须{subject}{sign}{needs}，现为{has}"), format!("needs {subject} {sign} {needs}, has {has}"));
        match &comparison.distance {
            Some(distance) if !distance.is_zero() => {
                let distance = shown(&Value::Number(distance.clone()));
                let below = matches!((&comparison.has, &comparison.needs), (Value::Number(has), Value::Number(needs)) if has < needs);
                let (zh, en) = if below { ("差", "short") } else { ("多", "over by") };
                self.pick(format!("{text}，{zh}{distance}"), format!("{text}, {en} {distance}"))
            }
            _ => text,
        }
    }

    /// Whether a comparison is with a rate written as one: `>= 15%`.
    pub(super) fn compares_rates(&self, expr: crate::check::program::ExprId) -> bool {
        use crate::check::program::Node;
        let typed = |id: crate::check::program::ExprId| {
            let span = self.program.exprs.get(id.index()).map(|expr| expr.span).unwrap_or_default();
            self.sources.text(span).trim_end().ends_with(['%', '％', '‰'])
        };
        match self.program.exprs.get(expr.index()).map(|expr| &expr.node) {
            Some(Node::Compare(_, left, right)) => typed(*left) || typed(*right),
            _ => false,
        }
    }

    fn compared_kind(&self, failure: &Failure) -> Type {
        use crate::check::program::Node;
        let expr = failure.expr.and_then(|expr| self.program.exprs.get(expr.index()));
        match expr.map(|expr| &expr.node) {
            Some(Node::Compare(_, left, _)) => self.program.exprs.get(left.index()).map_or(Type::Poison, |left| left.kind.clone()),
            _ => Type::Poison,
        }
    }

    fn left_of(&self, expr: crate::check::program::ExprId) -> Option<String> {
        use crate::check::program::Node;
        match &self.program.exprs.get(expr.index())?.node {
            Node::Compare(_, left, _) => Some(self.expr(*left)),
            _ => None,
        }
    }

    /// What could not be computed, in words.
    pub fn fault(&self, fault: &Fault) -> String {
        let typed = self.sources.text(fault.span).trim();
        match fault.kind {
            FaultKind::DividedByZero => self.pick(format!("除数为零：{typed}"), format!("division by zero: {typed}")),
            FaultKind::TooLarge => self.pick(format!("数字太大，算不出：{typed}"), format!("too large to compute: {typed}")),
            FaultKind::TooDeep => self.pick(format!("嵌套太深：{typed}"), format!("nested too deeply: {typed}")),
            FaultKind::NegativeAward => self.pick(format!("金额为负，按0计：{typed}"), format!("a negative amount pays 0: {typed}")),
        }
    }

    /// An amount that may be open.
    pub fn answer(&self, answer: &Answer) -> String {
        match answer {
            Answer::Known(Value::Number(number)) => money(number),
            Answer::Known(value) => self.value(value, &Type::Poison),
            Answer::Open(_) => self.interval(&answer.interval().unwrap_or_default()),
        }
    }

    /// Bounds of an amount in words.
    pub fn interval(&self, interval: &Interval) -> String {
        let low = interval.lowest.clone().unwrap_or(Number::ZERO);
        match &interval.highest {
            Some(high) => self.pick(format!("{}至{}", money(&low), money(high)), format!("{} to {}", money(&low), money(high))),
            None => self.pick(format!("{}以上，上限未定", money(&low)), format!("{} or more, no upper bound", money(&low))),
        }
    }
}
