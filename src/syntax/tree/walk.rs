//! A walk over every expression of a tree, the inner ones first.
//!
//! In: items and what is to be done. Out: the items, changed. Each match names all that it
//! holds, so that a new form of the language cannot be forgotten here.

use super::*;

type Visit<'f> = dyn FnMut(&mut Expr) + 'f;

/// Visits every expression of some items.
pub(crate) fn each_expression(items: &mut [Item], visit: &mut Visit) {
    for item in items {
        match item {
            Item::Use(_) | Item::Unit(_) => {}
            Item::Record(record) => {
                for fact in &mut record.facts {
                    fact.check.iter_mut().chain(&mut fact.default).for_each(|expr| expression(expr, visit));
                }
                record.lets.iter_mut().for_each(|fact| expression(&mut fact.value, visit));
            }
            Item::Let(fact) => expression(&mut fact.value, visit),
            Item::Parameter(parameter) => dated(&mut parameter.values, visit),
            Item::Bind(bind) => expression(&mut bind.value, visit),
            Item::Policy(policy) => each_expression(&mut policy.items, visit),
            Item::Article(article) => each_expression(&mut article.items, visit),
            Item::Clause(clause) => {
                clause.lets.iter_mut().for_each(|fact| expression(&mut fact.value, visit));
                clause.parts.iter_mut().for_each(|item| part(item, visit));
            }
            Item::Settle(settle) => settle.steps.iter_mut().for_each(|step| step_expressions(step, visit)),
            Item::Test(test) => {
                test.period.iter_mut().chain(&mut test.date).for_each(|expr| expression(expr, visit));
                test.lines.iter_mut().for_each(|line| test_line(line, visit));
            }
            Item::Property(item) => property(item, visit),
        }
    }
}

fn dated(values: &mut [(Option<Expr>, Expr)], visit: &mut Visit) {
    for (date, value) in values {
        date.iter_mut().for_each(|date| expression(date, visit));
        expression(value, visit);
    }
}

fn part(part: &mut Part, visit: &mut Visit) {
    match part {
        Part::Award(award) => expression(&mut award.amount, visit),
        Part::ForEach(list, _) => expression(list, visit),
        Part::To(_) => {}
        Part::Modifier(item) => modifier(item, visit),
        Part::Gate(gate) => match &mut gate.kind {
            GateKind::When(condition) | GateKind::Unless(condition) => expression(condition, visit),
            GateKind::During { range, by } => {
                expression(range, visit);
                by.iter_mut().for_each(|by| expression(by, visit));
            }
        },
        Part::Property(item) => property(item, visit),
    }
}

fn modifier(modifier: &mut Modifier, visit: &mut Visit) {
    match &mut modifier.kind {
        ModifierKind::Cap(amount)
        | ModifierKind::Floor(amount)
        | ModifierKind::Times(amount)
        | ModifierKind::Less(amount)
        | ModifierKind::NothingBelow(amount) => expression(amount, visit),
        ModifierKind::Round(rounding) => expression(&mut rounding.to, visit),
        ModifierKind::ToppingUp { on_paid: _ } | ModifierKind::Once => {}
    }
}

fn property(property: &mut Property, visit: &mut Visit) {
    match &mut property.kind {
        PropertyKind::Issued(date) => expression(date, visit),
        PropertyKind::InForce { range, by } => {
            expression(range, visit);
            by.iter_mut().for_each(|by| expression(by, visit));
        }
        PropertyKind::Round(rounding) => expression(&mut rounding.to, visit),
        PropertyKind::Budget(rows) => dated(rows, visit),
        PropertyKind::Eligible(condition) => expression(condition, visit),
        PropertyKind::FundedBy(found) => payers(found, visit),
        PropertyKind::Title(_)
        | PropertyKind::Number(_)
        | PropertyKind::Issuer(_)
        | PropertyKind::Overrides(_)
        | PropertyKind::Convention { word: _, included: _ }
        | PropertyKind::Lead(_)
        | PropertyKind::Text(_)
        | PropertyKind::Commitment(_)
        | PropertyKind::OutsideBudget => {}
    }
}

fn payers(payers: &mut [Payer], visit: &mut Visit) {
    for payer in payers {
        payer.share.iter_mut().chain(&mut payer.cap).for_each(|expr| expression(expr, visit));
    }
}

fn step_expressions(step: &mut Step, visit: &mut Visit) {
    match &mut step.kind {
        StepKind::Modifier { modifier: item, clauses: _ } => modifier(item, visit),
        StepKind::HighestAmong { clauses: _, per } | StepKind::NotTogether { clauses: _, per } => {
            per.iter_mut().for_each(|per| expression(per, visit));
        }
        StepKind::Exclude { clauses: _, when } => expression(when, visit),
        StepKind::Select { count, clauses: _, keys: sort, per, ties } => {
            expression(count, visit);
            keys(sort, visit);
            per.iter_mut().for_each(|per| expression(per, visit));
            if let Some(Ties::By(key)) = ties {
                expression(&mut key.key, visit);
            }
        }
        StepKind::Limit { clauses: _, to, cumulative: _, per, shortage: rule } => {
            expression(to, visit);
            per.iter_mut().for_each(|per| expression(per, visit));
            rule.iter_mut().for_each(|rule| shortage(rule, visit));
        }
        StepKind::Budget { amount, clauses: _, from: _, per, shortage: rule } => {
            amount.iter_mut().chain(per).for_each(|expr| expression(expr, visit));
            rule.iter_mut().for_each(|rule| shortage(rule, visit));
        }
        StepKind::OutsideBudget(_) | StepKind::Policies(_) => {}
        StepKind::FundedBy(found) => payers(found, visit),
    }
}

fn keys(keys: &mut [SortKey], visit: &mut Visit) {
    keys.iter_mut().for_each(|key| expression(&mut key.key, visit));
}

fn shortage(shortage: &mut Shortage, visit: &mut Visit) {
    for rule in std::iter::once(&mut shortage.rule).chain(&mut shortage.tie) {
        match rule {
            ShortageRule::ProRata | ShortageRule::Equally => {}
            ShortageRule::InOrderOf(sort) => keys(sort, visit),
        }
    }
    shortage.round_to.iter_mut().for_each(|to| expression(to, visit));
}

fn test_line(line: &mut TestLine, visit: &mut Visit) {
    match line {
        TestLine::Given { record: _, rows, span: _ } => rows.iter_mut().for_each(|item| row(item, visit)),
        TestLine::Bind(bind) => expression(&mut bind.value, visit),
        TestLine::Expect(expect) => {
            expression(&mut expect.target, visit);
            match &mut expect.outcome {
                Some(Outcome::UpTo(amount) | Outcome::Exact(Some(amount))) => expression(amount, visit),
                Some(
                    Outcome::Exact(None)
                    | Outcome::Pending(_)
                    | Outcome::Unknown
                    | Outcome::NotEligible
                    | Outcome::NotInForce,
                )
                | None => {}
            }
        }
    }
}

fn row(item: &mut Row, visit: &mut Visit) {
    for cell in &mut item.cells {
        cell.period.iter_mut().for_each(|period| expression(period, visit));
        match &mut cell.value {
            CellValue::Expr(value) => expression(value, visit),
            CellValue::Rows(rows) => rows.iter_mut().for_each(|inner| row(inner, visit)),
            CellValue::Unknown(_) => {}
        }
    }
}

/// The expressions within one, then that one.
fn expression(expr: &mut Expr, visit: &mut Visit) {
    let mut all = |inner: &mut Expr| expression(inner, visit);
    match &mut expr.kind {
        ExprKind::Number(_)
        | ExprKind::Date(_)
        | ExprKind::Text(_)
        | ExprKind::Yes
        | ExprKind::No
        | ExprKind::None
        | ExprKind::Name(_)
        | ExprKind::Pending(_)
        | ExprKind::PaidUnder(_)
        | ExprKind::Poison => {}
        ExprKind::Field(inner, _)
        | ExprKind::Negative(inner)
        | ExprKind::Not(inner)
        | ExprKind::IsNone(inner, _)
        | ExprKind::Newly(inner)
        | ExprKind::Match(_, _, inner)
        | ExprKind::YearOf(inner) => all(inner),
        ExprKind::Chain(first, rest) => {
            all(first);
            rest.iter_mut().for_each(|(_, operand)| all(operand));
        }
        ExprKind::Compare(subject, _, right) | ExprKind::In(subject, right) => {
            subject.iter_mut().for_each(|subject| all(subject));
            all(right);
        }
        ExprKind::Between(subject, low, high) => {
            subject.iter_mut().for_each(|subject| all(subject));
            all(low);
            all(high);
        }
        ExprKind::List(members) | ExprKind::Call(_, members) => members.iter_mut().for_each(all),
        ExprKind::Range(from, to) => from.iter_mut().chain(to).for_each(|end| all(end)),
        ExprKind::Table(table) => {
            table.subject.iter_mut().for_each(&mut all);
            for row in &mut table.rows {
                row.keys.iter_mut().for_each(&mut all);
                all(&mut row.value);
            }
        }
        ExprKind::Round(_, a, b) | ExprKind::Where(a, b) | ExprKind::On(a, b) | ExprKind::Elapsed(_, a, b) => {
            all(a);
            all(b);
        }
        ExprKind::Aggregate(aggregate) => {
            let Aggregate { kind: _, value, over, all: _, condition } = &mut **aggregate;
            value.iter_mut().chain(over).chain(condition).for_each(all);
        }
        ExprKind::Top(count, list, sort) => {
            all(count);
            all(list);
            sort.iter_mut().for_each(|key| all(&mut key.key));
        }
    }
    visit(expr);
}
