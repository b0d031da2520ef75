//! *Why*: the calculation of one clause for one recipient, step by step, from its trace.

use super::because::{missing, reasons};
use super::line::status_word;
use super::words::{Words, money};
use crate::check::program::{ClauseDef, ExprId, GateKindDef, Node, RowTest, TableNode, Type};
use crate::diagnostic::Language;
use crate::eval::trace::GatePlace;
use crate::eval::{Answer, ClauseResult, Holds, Status, Step};
use crate::settle::{Award, Recipient};
use crate::syntax::tree::TableKind;
use crate::value::{Number, Value};

/// The calculation of one clause, a step a line.
pub fn why(words: &Words<'_>, recipient: &Recipient<'_>, result: &ClauseResult, award: &Award) -> Vec<String> {
    let mut out = Vec::new();
    let Some(clause) = words.program.clauses.get(result.clause.index()) else { return out };
    out.push(words.heading(clause, result, award));
    out.push(format!("  {}", words.sentence(clause)));
    let unless = words.unless_ranges(clause, result, recipient);
    for (at, step) in result.steps.of(&recipient.result.trace).iter().enumerate() {
        // What stands behind `not` and `unless` is told together with it.
        let at = result.steps.from as usize + at;
        if words.negated(step) || unless.iter().any(|range| range.contains(&at)) {
            continue;
        }
        let told = words.told(clause, result, step).map(|text| format!("  {text}"));
        // The same fact is told once; items each have their own.
        out.extend(told.filter(|line| clause.for_each.is_some() || !out.contains(line)));
    }
    for reason in reasons(words, recipient, result, award) {
        out.push(format!("  {}{reason}", words.pick("· ", "· ")));
    }
    let open = award.amount.causes();
    for one in open.map_or(&*result.missing, |causes| causes.missing.as_slice()) {
        let name = missing(words, recipient.record, one);
        out.push(words.pick(format!("  · 缺少：{name}"), format!("  · missing: {name}")));
    }
    for id in open.map_or(&*result.pending, |causes| causes.pending.as_slice()) {
        let name = words.program.pendings.get(id.index()).map_or("", |def| def.name.as_str());
        out.push(words.pick(format!("  · 待定：{name}"), format!("  · pending: {name}")));
    }
    for step in award.undecided_steps() {
        let (step, unsaid) = (words.step(*step), words.unsaid(*step));
        out.push(words.pick(
            format!("  · 待定：{step}——没有写明{unsaid}"),
            format!("  · pending: {step} — nothing says {unsaid}"),
        ));
    }
    out
}

impl Words<'_> {
    /// A status in words.
    pub fn status(&self, status: Status) -> &'static str {
        match self.language {
            Language::English => status_word(status),
            Language::Chinese => match status {
                Status::NotInForce => "不在有效期",
                Status::NotEligible => "不符合条件",
                Status::Unknown => "缺事实",
                Status::Pending => "待定",
                Status::UpTo => "至多",
                Status::Exact => "确定",
            },
        }
    }

    fn heading(&self, clause: &ClauseDef, result: &ClauseResult, award: &Award) -> String {
        let policy = self.program.policies.get(clause.policy.index());
        let article = clause.article.and_then(|at| policy?.articles.get(at));
        let mut place = Vec::new();
        place.extend(policy.filter(|policy| !policy.name.is_empty()).map(|policy| policy.name.to_string()));
        place.extend(article.map(|article| format!("{} {}", article.number, article.name).trim().to_owned()));
        place.push(clause.name.to_string());
        let (file, position) = self.sources.locate(clause.name_span);
        let (lowest, highest) = award.bounds();
        let amount = match award.settled() {
            Some(amount) => money(amount),
            None => self.interval(&crate::eval::Interval::new(Some(lowest), highest)),
        };
        let status = self.status(award.status(result.status));
        let line = position.line;
        let place = place.join(" / ");
        self.pick(
            format!("{place}  {amount}（{status}）  {file}:{line}"),
            format!("{place}  {amount} ({status})  {file}:{line}"),
        )
    }

    /// A step in words; steps that say nothing new are left out.
    fn told(&self, clause: &ClauseDef, result: &ClauseResult, step: &Step) -> Option<String> {
        match step {
            Step::Compared { expr, left, right, holds } => Some(self.comparison_told(*expr, left, right, *holds)),
            Step::Condition { expr, holds } => match &self.program.exprs.get(expr.index())?.node {
                // A whole is told by its parts.
                Node::And(_) | Node::Or(_) => None,
                _ => Some(format!("{} {}", self.mark(*holds), self.expr(*expr))),
            },
            Step::Value { expr, value } | Step::Let { expr, value, .. } => {
                let found = self.program.exprs.get(expr.index())?;
                match (&found.node, &found.kind) {
                    (Node::Value(_) | Node::Table(_), _) => None,
                    (_, Type::Bool) => Some(format!("{} {}", self.truth_mark(value), self.expr(*expr))),
                    (_, kind) => Some(format!("· {} = {}", self.expr(*expr), self.shown(value, kind))),
                }
            }
            Step::Row { table, row, subject, holds } => self.row_told(*table, *row, subject.as_ref(), *holds),
            Step::Gate { gate, holds, .. } => self.gate_told(clause, *gate, *holds),
            Step::Candidate { index, key } => {
                let name = self.item_name(*index, key);
                Some(self.pick(format!("{name}："), format!("{name}:")))
            }
            Step::History(paid) => {
                let paid = self.answer(paid);
                Some(self.pick(format!("· 历史计入 {paid}"), format!("· history counts {paid}")))
            }
            Step::Item { index, included } => {
                let key = result.items.iter().find(|item| item.index == *index as usize).map_or("", |item| &item.key);
                let name = self.item_name(*index, key);
                Some(match included {
                    Holds::No => self.pick(format!("{name}：不计"), format!("{name}: does not count")),
                    Holds::Yes => self.pick(format!("{name}："), format!("{name}:")),
                    Holds::Open => {
                        self.pick(format!("{name}：是否计入未定"), format!("{name}: whether it counts is open"))
                    }
                })
            }
            Step::ItemAmount(amount) => {
                let amount = self.answer(amount);
                Some(self.pick(format!("  本项 {amount}"), format!("  this item {amount}")))
            }
            Step::Award(amount) => {
                let amount = self.answer(amount);
                Some(self.pick(format!("得 {amount}"), format!("gives {amount}")))
            }
            Step::Modifier { before, after, .. } if before == after => None,
            Step::Modifier { index, before, after } => {
                let modifier = clause.modifiers.get(usize::from(*index))?;
                let (name, before, after) = (self.modifier(modifier), self.answer(before), self.answer(after));
                Some(self.pick(format!("{name}：{before} → {after}"), format!("{name}: {before} → {after}")))
            }
            Step::Rounded(_) => None,
        }
    }

    fn comparison_told(&self, expr: ExprId, left: &Answer, right: &Answer, holds: Holds) -> String {
        let (kind, right_kind) = self.sides(expr);
        let rates = self.compares_rates(expr);
        let (left, right) = (self.side(left, &kind, rates), self.side(right, &right_kind, rates));
        let (mark, expr) = (self.mark(holds), self.expr(expr));
        self.pick(format!("{mark} {expr}（{left} / {right}）"), format!("{mark} {expr} ({left} / {right})"))
    }

    /// A gate that needs a word of its own; the others are told by their conditions.
    fn gate_told(&self, clause: &ClauseDef, gate: GatePlace, holds: Holds) -> Option<String> {
        let mark = self.mark(holds);
        match gate {
            GatePlace::Force if holds != Holds::Yes => {
                Some(format!("{mark} {}", self.pick("政策在有效期内", "the policy is in force")))
            }
            GatePlace::Eligible if holds != Holds::Yes => {
                Some(format!("{mark} {}", self.pick("符合政策的申报条件", "the policy's own condition")))
            }
            GatePlace::Own(at) => match clause.gates.get(usize::from(at)).map(|gate| &gate.kind) {
                Some(GateKindDef::Unless(condition)) => {
                    let condition = self.expr(*condition);
                    Some(self.pick(format!("{mark} 不属于“{condition}”"), format!("{mark} not the case: {condition}")))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// An item by its key, or by its place.
    fn item_name(&self, index: u32, key: &str) -> String {
        match key {
            "" => self.pick(format!("第{}项", index + 1), format!("item {}", index + 1)),
            key => key.to_owned(),
        }
    }

    fn row_told(&self, table: ExprId, row: Option<u16>, subject: Option<&Answer>, holds: Holds) -> Option<String> {
        let Node::Table(node) = &self.program.exprs.get(table.index())?.node else { return None };
        if node.kind == TableKind::Marginal {
            return self.slice_told(node, row, subject?);
        }
        let subject_text = node.subject.map(|id| {
            let kind = self.program.exprs.get(id.index()).map_or(Type::Poison, |e| e.kind.clone());
            let value = subject.map_or_else(String::new, |value| self.shown(value, &kind));
            format!("{} = {value}", self.expr(id))
        });
        let subject_text = subject_text.unwrap_or_default();
        let chosen = row.and_then(|at| node.rows.get(usize::from(at)));
        let key = match chosen.map(|row| &row.test) {
            Some(RowTest::OneOf(values)) => values.iter().map(|id| self.expr(*id)).collect::<Vec<_>>().join("、"),
            Some(RowTest::Bound(operator, bound)) => self.bounded(*operator, *bound),
            Some(RowTest::Condition(condition)) => self.expr(*condition),
            None => self.pick("其余", "otherwise").into(),
        };
        Some(self.pick(
            format!("{} {subject_text} → 按“{key}”一行", self.mark(holds)),
            format!("{} {subject_text} → the row \u{201c}{key}\u{201d}", self.mark(holds)),
        ))
    }

    /// One slice of a marginal table: how much of the subject lies in it, at which rate.
    fn slice_told(&self, table: &TableNode, row: Option<u16>, slice: &Answer) -> Option<String> {
        let row = table.rows.get(usize::from(row?))?;
        let RowTest::Bound(_, bound) = &row.test else { return None };
        let kind =
            table.subject.and_then(|id| self.program.exprs.get(id.index())).map_or(Type::Poison, |e| e.kind.clone());
        let (bound, rate, part) = (self.expr(*bound), self.expr(row.value), self.shown(slice, &kind));
        let amount = match (slice, self.program.exprs.get(row.value.index()).map(|e| &e.node)) {
            (Answer::Known(Value::Number(slice)), Some(Node::Value(Value::Number(rate)))) => slice.multiply(rate).ok(),
            _ => None,
        };
        let amount = amount.map_or(String::new(), |amount| format!(" = {}", money(&amount)));
        Some(self.pick(
            format!("· 超过{bound}的部分 {part} × {rate}{amount}"),
            format!("· the slice above {bound}: {part} × {rate}{amount}"),
        ))
    }

    /// The steps in which `unless` conditions were asked.
    fn unless_ranges(
        &self,
        clause: &ClauseDef,
        result: &ClauseResult,
        recipient: &Recipient<'_>,
    ) -> Vec<std::ops::Range<usize>> {
        let steps = result.steps.of(&recipient.result.trace).iter();
        let asked = steps.filter_map(|step| match step {
            Step::Gate { gate: GatePlace::Own(at), asked, .. } => {
                let gate = clause.gates.get(usize::from(*at))?;
                matches!(gate.kind, GateKindDef::Unless(_)).then_some(asked.from as usize..asked.to as usize)
            }
            _ => None,
        });
        asked.collect()
    }

    /// Conditions that stand behind `not`: they are told together with it.
    fn negated(&self, step: &Step) -> bool {
        let expr = match step {
            Step::Compared { expr, .. }
            | Step::Condition { expr, .. }
            | Step::Value { expr, .. }
            | Step::Let { expr, .. } => *expr,
            _ => return false,
        };
        self.program.exprs.iter().any(|other| matches!(&other.node, Node::Not(inner) if *inner == expr))
    }

    fn sides(&self, compare: ExprId) -> (Type, Type) {
        let kind = |id: &ExprId| self.program.exprs.get(id.index()).map_or(Type::Poison, |e| e.kind.clone());
        match self.program.exprs.get(compare.index()).map(|e| &e.node) {
            Some(Node::Compare(_, left, right)) => (kind(left), kind(right)),
            _ => (Type::Poison, Type::Poison),
        }
    }

    fn side(&self, answer: &Answer, kind: &Type, rate: bool) -> String {
        match answer {
            Answer::Known(Value::Number(number)) if rate => percent(number),
            _ => self.shown(answer, kind),
        }
    }

    fn mark(&self, holds: Holds) -> &'static str {
        match holds {
            Holds::Yes => "✓",
            Holds::No => "✗",
            Holds::Open => "?",
        }
    }

    fn truth_mark(&self, value: &Answer) -> &'static str {
        match value {
            Answer::Known(crate::value::Value::Bool(true)) => "✓",
            Answer::Known(_) => "✗",
            Answer::Open(_) => "?",
        }
    }

    /// A value that may be open, of a type.
    pub fn shown(&self, answer: &Answer, kind: &Type) -> String {
        match answer {
            Answer::Known(value) => self.value(value, kind),
            Answer::Open(_) => match (answer.interval(), kind) {
                (Some(interval), Type::Number(_)) if interval.lowest.is_some() || interval.highest.is_some() => {
                    let end = |end: &Option<Number>| end.as_ref().map_or_else(String::new, |n| self.number(n, kind));
                    let (low, high) = (end(&interval.lowest), end(&interval.highest));
                    match (low.is_empty(), high.is_empty()) {
                        (false, false) => self.pick(format!("未定，{low}至{high}"), format!("open, {low} to {high}")),
                        (false, true) => self.pick(format!("未定，不低于{low}"), format!("open, {low} or more")),
                        _ => self.pick(format!("未定，不超过{high}"), format!("open, at most {high}")),
                    }
                }
                _ => self.pick("未知", "unknown").into(),
            },
        }
    }
}

/// A rate as people write it: `15%`.
pub(super) fn percent(rate: &Number) -> String {
    rate.multiply(&Number::from_i64(100)).map_or_else(|_| rate.to_string(), |hundredths| format!("{hundredths}%"))
}
