//! Tests: what is given and what is expected.

use super::super::grammar::Rule;
use super::super::tree::*;
use super::{Builder, P};
use crate::source::Span;

impl Builder<'_> {
    pub(super) fn test_case(&mut self, pair: P) -> Test {
        let span = self.span(&pair);
        let mut test = Test { name: Text { text: "".into(), span }, period: None, date: None, lines: Vec::new(), span };
        for child in pair.into_inner() {
            self.test_part(&mut test, child);
        }
        test
    }

    /// The head of a test or one of its lines.
    pub(in super::super) fn test_part(&mut self, test: &mut Test, child: P) {
        let span = self.span(&child);
        match child.as_rule() {
            Rule::test_head => self.test_head(test, child),
            Rule::given => test.lines.extend(self.given(child, span)),
            Rule::bind => test.lines.push(TestLine::Bind(self.bind(child))),
            Rule::expect => test.lines.push(TestLine::Expect(self.expect(child, span))),
            _ => {}
        }
    }

    fn test_head(&mut self, test: &mut Test, head: P) {
        for child in head.into_inner() {
            match child.as_rule() {
                Rule::test_period => test.period = Some(self.inner_chain(child)),
                Rule::test_date => test.date = Some(self.inner_chain(child)),
                _ => test.name = self.text(&child),
            }
        }
    }

    fn given(&mut self, pair: P, span: Span) -> Option<TestLine> {
        let mut inner = pair.into_inner();
        let record = self.name(&inner.next()?);
        let content = inner.next()?;
        let rows = match content.as_rule() {
            Rule::rows => self.rows(content),
            _ => vec![self.row(content)],
        };
        Some(TestLine::Given { record, rows, span })
    }

    fn rows(&mut self, pair: P) -> Vec<Row> {
        pair.into_inner().map(|row| self.row(row)).collect()
    }

    fn row(&mut self, pair: P) -> Row {
        let span = self.span(&pair);
        Row { cells: pair.into_inner().filter_map(|cell| self.cell(cell)).collect(), span }
    }

    fn cell(&mut self, pair: P) -> Option<Cell> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let mut period = None;
        let mut value = inner.next()?;
        if value.as_rule() == Rule::cell_period {
            period = value.into_inner().next().map(|period| self.expression(period));
            value = inner.next()?;
        }
        let value = match value.as_rule() {
            Rule::rows => CellValue::Rows(self.rows(value)),
            Rule::unknown => CellValue::Unknown(self.span(&value)),
            _ => CellValue::Expr(self.expression(value)),
        };
        Some(Cell { name, period, value })
    }

    fn expect(&mut self, pair: P, span: Span) -> Expect {
        let mut expect = Expect { target: self.poison(span), outcome: None, key: None, span };
        let mut clause = None;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::path => {
                    expect.target = self.target(child.clone());
                    clause = Some(child);
                }
                Rule::for_key => expect.key = child.into_inner().next().map(|text| self.text(&text)),
                Rule::outcome => expect.outcome = Some(self.outcome(child)),
                // `expect C for "E1" = 5万`: the condition goes on behind the key.
                Rule::keyed_tail => expect.target = self.keyed_condition(clause.take(), child, span),
                _ => expect.target = self.expression(child),
            }
        }
        expect
    }

    fn keyed_condition(&mut self, clause: Option<P>, tail: P, span: Span) -> Expr {
        let target = match clause {
            Some(clause) => self.target(clause),
            None => self.poison(span),
        };
        self.chain_after(target, tail.into_inner(), span)
    }

    /// A clause as an expression: a name, or fields of a policy.
    fn target(&mut self, path: P) -> Expr {
        let mut parts = path.into_inner().map(|name| self.name(&name));
        let Some(first) = parts.next() else { return Expr { kind: ExprKind::Poison, span: Span::default() } };
        let mut target = Expr { span: first.span, kind: ExprKind::Name(first) };
        for (depth, part) in parts.enumerate() {
            if depth >= super::super::limit::MAX_DEPTH {
                break;
            }
            let span = target.span.to(part.span);
            target = Expr { span, kind: ExprKind::Field(Box::new(target), part) };
        }
        target
    }

    fn outcome(&mut self, pair: P) -> Outcome {
        let kind = self.kind(&pair);
        let mut inner = pair.into_inner();
        let span = self.scan.end();
        match kind {
            "exact" => Outcome::Exact(inner.next().map(|amount| self.expression(amount))),
            "pending" => Outcome::Pending(inner.next().map(|text| self.text(&text))),
            "unknown" => Outcome::Unknown,
            "not_eligible" => Outcome::NotEligible,
            "not_in_force" => Outcome::NotInForce,
            _ => {
                let amount = inner.find(|child| child.as_rule() != Rule::up_to);
                Outcome::UpTo(match amount {
                    Some(amount) => self.expression(amount),
                    None => self.poison(span),
                })
            }
        }
    }
}
