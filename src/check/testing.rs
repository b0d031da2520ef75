//! Tests: records given, bindings, and what is expected of clauses and expressions.

use smol_str::SmolStr;

use super::context::{Checker, Member, Sight, Want};
use super::names::Meaning;
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::{TestDecl, nearest};
use crate::source::Span;
use crate::syntax::tree::{self, Compare, Expr, ExprKind, Outcome, TestLine};
use crate::value::{Period, Value};

impl<'t> Checker<'t> {
    /// Checks all tests.
    pub(super) fn check_tests(&mut self) {
        let declarations = self.declarations;
        for decl in &declarations.tests {
            let test = self.test(decl);
            self.program.tests.push(test);
        }
    }

    fn test(&mut self, decl: &TestDecl<'t>) -> TestDef {
        let tree = decl.tree;
        let sight = Sight::new(decl.scope.policy, Vec::new());
        let period = tree.period.as_ref().and_then(|period| {
            let id = self.expression(&sight, period, Want::Need(&Type::Period));
            self.period_value(id)
        });
        let date = tree.date.as_ref().and_then(|date| {
            let id = self.expression(&sight, date, Want::Need(&Type::Date));
            self.period_value(id).and_then(|day| day.first)
        });
        let mut test = TestDef {
            name: tree.name.text.clone(),
            period,
            date,
            given: Vec::new(),
            bindings: Vec::new(),
            expects: Vec::new(),
            span: tree.span,
        };
        for line in &tree.lines {
            match line {
                TestLine::Given { record, rows, .. } => {
                    if let Some(id) = self.record_named(record) {
                        let rows = rows.iter().map(|row| self.given_row(&sight, id, row)).collect();
                        test.given.push((id, rows));
                    }
                }
                TestLine::Bind(bind) => test.bindings.extend(self.binding(decl.scope.policy, bind)),
                TestLine::Expect(_) => {}
            }
        }
        let mut records: Vec<RecordId> = test.given.iter().map(|(id, _)| *id).collect();
        records.retain(|id| !self.program.records.get(id.index()).is_some_and(|r| r.is_history));
        if records.is_empty() {
            records.push(self.main_record());
        }
        for line in &tree.lines {
            if let TestLine::Expect(expect) = line {
                test.expects.extend(self.expect(decl, &records, expect));
            }
        }
        if let (Some(period), Some(tree)) = (test.period, &tree.period) {
            self.within_force(&test, period, tree.span);
        }
        test
    }

    /// Warns where every clause that a test asks about is out of force in the test's period.
    fn within_force(&mut self, test: &TestDef, period: Period, place: Span) {
        let mut outside = None;
        for expect in &test.expects {
            let clause = match &expect.kind {
                ExpectKind::Status(_, ExpectStatus::NotInForce) => return,
                ExpectKind::Amount(id, _)
                | ExpectKind::UpTo(id, _)
                | ExpectKind::Bounds(id, ..)
                | ExpectKind::Status(id, _) => *id,
                ExpectKind::Holds(..) | ExpectKind::Open(..) => continue,
            };
            let Some(def) = self.program.clauses.get(clause.index()) else { continue };
            let force = self.program.policies.get(def.policy.index()).and_then(|policy| policy.force.as_ref());
            // Where the date of an event decides, the period need not meet the range.
            let Some(force) = force.filter(|force| force.by.is_empty()) else { return };
            match self.period_value(force.range) {
                Some(range) if !range.meets(&period) => outside = Some((force.range, force.span, def.name.clone())),
                _ => return,
            }
        }
        if let Some((range, span, clause)) = outside {
            let text = |span: Span| self.project.sources.text(span).to_owned();
            let (name, other) = (text(place), text(self.span(range)));
            let diagnostic = Diagnostic::new(Code::TestOutsideForce).at(place).at(span);
            self.report(diagnostic.with("name", name).with("other", other).with("clause", clause));
        }
    }

    fn given_row(&mut self, sight: &Sight, record: RecordId, row: &tree::Row) -> GivenRow {
        let mut cells = Vec::new();
        for cell in &row.cells {
            match self.members.get(record.index()).and_then(|m| m.get(&cell.name.text)).copied() {
                Some(Member::Fact(fact)) => cells.extend(self.given_cell(sight, record, fact, cell)),
                _ => {
                    let members = self
                        .members
                        .get(record.index())
                        .map(|m| m.keys().cloned().collect::<Vec<_>>())
                        .unwrap_or_default();
                    let near = nearest(&cell.name.text, members.iter().map(SmolStr::as_str)).map(SmolStr::new);
                    let shown = self.program.records.get(record.index()).map(|r| r.name.clone()).unwrap_or_default();
                    let diagnostic =
                        Diagnostic::new(Code::UnknownTestCell).at(cell.name.span).with("name", &cell.name.text);
                    self.report(diagnostic.with("record", shown).with_some("near", near));
                }
            }
        }
        GivenRow { cells, span: row.span }
    }

    fn given_cell(&mut self, sight: &Sight, record: RecordId, fact: FactId, cell: &tree::Cell) -> Option<GivenCell> {
        let kind = self.fact(record, fact).map(|def| def.kind.clone())?;
        let period = cell.period.as_ref().map(|period| {
            let id = self.expression(sight, period, Want::Need(&Type::Period));
            self.period_value(id)
        });
        let period: Option<Period> = match period {
            Some(None) => return None,
            Some(Some(period)) => Some(period),
            None => None,
        };
        let value = match &cell.value {
            tree::CellValue::Unknown(_) => GivenValue::Unknown,
            tree::CellValue::Rows(rows) => match kind {
                Type::List(item) => GivenValue::Rows(rows.iter().map(|row| self.given_row(sight, item, row)).collect()),
                found => {
                    let found = self.phrase(&found);
                    let diagnostic = Diagnostic::new(Code::NotAList).at(cell.name.span).with("found", found);
                    self.report(diagnostic.with("name", &cell.name.text));
                    return None;
                }
            },
            tree::CellValue::Expr(expr) => GivenValue::Value(self.given_value(sight, record, fact, &kind, expr)?),
        };
        Some(GivenCell { fact, period, value })
    }

    fn given_value(
        &mut self,
        sight: &Sight,
        record: RecordId,
        fact: FactId,
        kind: &Type,
        expr: &Expr,
    ) -> Option<Value> {
        // A bare word may stand for a text, as it would in a cell of a table.
        if let (Type::Text, ExprKind::Name(name)) = (kind, &expr.kind) {
            return Some(Value::Text(name.text.clone()));
        }
        let bare = matches!(&expr.kind, ExprKind::Number(n) if n.suffix.is_empty());
        let scaled = self.fact(record, fact).is_some_and(|def| def.scale != crate::value::Number::ONE);
        let want = match kind {
            // A figure in the fact's own scale is not a slip for one in 元.
            Type::Number(_) if bare && scaled => Want::Any,
            Type::Bool => Want::Hint(kind),
            kind => Want::Need(kind),
        };
        let id = self.expression(sight, expr, want);
        let value = self.value(id).cloned();
        if *kind == Type::Bool && !matches!(self.kind(id), Type::Bool | Type::Poison) {
            let expected = Argument::phrase("`是` 或 `否`", "`yes` or `no`");
            let found = self.phrase(&self.kind(id).clone());
            self.report(
                Diagnostic::new(Code::TypeMismatch).at(expr.span).with("expected", expected).with("found", found),
            );
            return None;
        }
        match value {
            // A bare figure is in the fact's own scale, as in a file.
            Some(Value::Number(number)) if bare => {
                let scale = self.fact(record, fact).map(|def| def.scale.clone())?;
                number.multiply(&scale).ok().map(Value::Number)
            }
            Some(value) => Some(value),
            None => {
                if *self.kind(id) != Type::Poison {
                    let expected = self.phrase(kind);
                    self.report(Diagnostic::new(Code::TypeMismatch).at(expr.span).with("expected", expected));
                }
                None
            }
        }
    }

    fn expect(&mut self, decl: &TestDecl<'t>, records: &[RecordId], expect: &tree::Expect) -> Option<ExpectDef> {
        let key = expect.key.as_ref().map(|key| key.text.clone());
        let sight = Sight { clauses: true, ..Sight::new(decl.scope.policy, Vec::new()) };
        let kind = match &expect.outcome {
            Some(outcome) => self.expect_outcome(&sight, expect, outcome)?,
            None => match self.expect_amount(&sight, &expect.target) {
                Some(kind) => kind,
                None => {
                    let (record, id) = self.over_one_of(records, |checker, record| {
                        let inner = Sight { frames: vec![record], ..sight.clone() };
                        checker.expression(&inner, &expect.target, Want::Need(&Type::Bool))
                    });
                    ExpectKind::Holds(id, record)
                }
            },
        };
        Some(ExpectDef { kind, key, span: expect.span })
    }

    /// The clause that an expectation is about, reported when there is none.
    fn expected_clause(&mut self, sight: &Sight, target: &Expr) -> Option<ClauseId> {
        let id = self.expression(sight, target, Want::Any);
        match self.program.exprs.get(id.index()).map(|expr| &expr.node) {
            Some(Node::ClauseAmount(clause)) => Some(*clause),
            _ => {
                if *self.kind(id) != Type::Poison {
                    let shown = self.project.sources.text(target.span).to_owned();
                    self.report(Diagnostic::new(Code::UnknownClause).at(target.span).with("clause", shown));
                }
                None
            }
        }
    }

    fn expect_outcome(&mut self, sight: &Sight, expect: &tree::Expect, outcome: &Outcome) -> Option<ExpectKind> {
        let money = Self::money();
        if let (ExprKind::Name(name), Outcome::Unknown | Outcome::Exact(None) | Outcome::Pending(None)) =
            (&expect.target.kind, outcome)
            && self.clause_of(sight, name).is_none()
        {
            return self.expect_openness(sight, expect, outcome);
        }
        let clause = self.expected_clause(sight, &expect.target)?;
        Some(match outcome {
            Outcome::UpTo(amount) => ExpectKind::UpTo(clause, self.expression(sight, amount, Want::Need(&money))),
            Outcome::Exact(Some(amount)) => {
                ExpectKind::Amount(clause, self.expression(sight, amount, Want::Need(&money)))
            }
            Outcome::Exact(None) => ExpectKind::Status(clause, ExpectStatus::Exact),
            Outcome::Pending(rule) => {
                ExpectKind::Status(clause, ExpectStatus::Pending(rule.as_ref().map(|text| text.text.clone())))
            }
            Outcome::Unknown => ExpectKind::Status(clause, ExpectStatus::Unknown),
            Outcome::NotEligible => ExpectKind::Status(clause, ExpectStatus::NotEligible),
            Outcome::NotInForce => ExpectKind::Status(clause, ExpectStatus::NotInForce),
        })
    }

    /// `expect 项目库 unknown`: whether an expression that is no clause is known.
    fn expect_openness(&mut self, sight: &Sight, expect: &tree::Expect, outcome: &Outcome) -> Option<ExpectKind> {
        let records: Vec<RecordId> =
            (0..self.program.records.len()).filter_map(|at| u32::try_from(at).ok().map(RecordId)).collect();
        let (record, id) = self.over_one_of(&records, |checker, record| {
            let inner = Sight { frames: vec![record], ..sight.clone() };
            checker.expression(&inner, &expect.target, Want::Any)
        });
        let status = match outcome {
            Outcome::Unknown => ExpectStatus::Unknown,
            Outcome::Pending(_) => ExpectStatus::Pending(None),
            _ => ExpectStatus::Exact,
        };
        Some(ExpectKind::Open(id, record, status))
    }

    /// `C = 50万` and `C in 0..800万`, where C is a clause.
    fn expect_amount(&mut self, sight: &Sight, target: &Expr) -> Option<ExpectKind> {
        let money = Self::money();
        let (subject, rest) = match &target.kind {
            ExprKind::Compare(Some(subject), comparison, amount) if comparison.operator == Compare::Equal => {
                (subject, amount)
            }
            ExprKind::In(Some(subject), range) if matches!(range.kind, ExprKind::Range(..)) => (subject, range),
            _ => return None,
        };
        let clause = match &subject.kind {
            ExprKind::Name(name) => match self.meaning(sight, name) {
                Some(Meaning::Clause(clause)) => clause,
                _ => return None,
            },
            ExprKind::Field(..) => {
                let id = self.attempt(|checker| checker.expression(sight, subject, Want::Any)).ok()?;
                match self.program.exprs.get(id.index()).map(|expr| &expr.node) {
                    Some(Node::ClauseAmount(clause)) => *clause,
                    _ => return None,
                }
            }
            _ => return None,
        };
        match &rest.kind {
            ExprKind::Range(low, high) if matches!(target.kind, ExprKind::In(..)) => {
                let mut end =
                    |end: &Option<Box<Expr>>| end.as_deref().map(|end| self.expression(sight, end, Want::Need(&money)));
                let (low, high) = (end(low), end(high));
                Some(ExpectKind::Bounds(clause, low, high))
            }
            _ => Some(ExpectKind::Amount(clause, self.expression(sight, rest, Want::Need(&money)))),
        }
    }
}
