//! Tables: by level, by bracket, by condition; plain, marginal (超额累进) and slab (全额累进).
//!
//! Brackets are sorted here, so their written order never matters. What is wrong with a
//! table before anything runs is said here: rows that can never be reached, levels left
//! out, bounds given twice.

use super::context::{Checker, Sight, Want};
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{Compare, Expr, ExprKind, Table, TableKind, TableRow};
use crate::value::{Dimension, Value};

/// A checked row with the tree it came from.
struct Row<'t> {
    tree: &'t TableRow,
    test: RowTest,
    value: ExprId,
}

impl Checker<'_> {
    /// A table in a place that wants `want`.
    pub(super) fn table(&mut self, sight: &Sight, table: &Table, want: Want, span: Span) -> ExprId {
        if table.rows.is_empty() {
            self.report(Diagnostic::new(Code::EmptyTable).at(span));
            return self.poison(span);
        }
        let subject = table.subject.as_ref().map(|subject| self.table_subject(sight, table, subject));
        let rated = table.kind != TableKind::Plain;
        let rates = Type::Number(Dimension::NONE);
        let kind = match (rated, subject) {
            (true, Some(subject)) => self.numeric(subject),
            _ => Type::Poison,
        };
        if !rated && self.rates_of_subject(table, subject, want) {
            let subject_text =
                table.subject.as_ref().map(|s| self.project.sources.text(s.span).to_owned()).unwrap_or_default();
            let fix = Argument::phrase(
                format!("超额累进 按 {subject_text} {{ … }}"),
                format!("marginal by {subject_text} {{ … }}"),
            );
            self.report(Diagnostic::new(Code::RateWithoutKind).at(span).with("name", subject_text).with("fix", fix));
            return self.poison(span);
        }
        let (values, value_kind) = if rated {
            // Rates of the subject, or prices of its unit: what a slice comes to is their product.
            let values: Vec<&Expr> = table.rows.iter().map(|row| &row.value).collect();
            let (values, rate) = self.alike(sight, &values, Want::Hint(&rates));
            let product = match (&kind, &rate) {
                (Type::Number(subject), Type::Number(rate)) => Type::Number(subject.times(rate)),
                _ => Type::Poison,
            };
            (values, product)
        } else {
            self.row_values(sight, table, want)
        };
        let mut rows = Vec::new();
        let mut otherwise = None;
        let before = self.diagnostics.len();
        for (tree, value) in table.rows.iter().zip(values) {
            if tree.keys.is_empty() {
                if otherwise.replace(value).is_some() {
                    self.report(Diagnostic::new(Code::UnreachableRow).at(tree.span).with("value", "otherwise"));
                }
                continue;
            }
            let tests = self.row_tests(sight, subject, tree);
            rows.extend(tests.into_iter().map(|test| Row { tree, test, value }));
        }
        let mut mixed = self.diagnostics.iter().skip(before).filter(|d| d.code == Code::MixedBracket);
        if let Some(first) = mixed.next().cloned() {
            // The rows are of one kind that cannot be read: told once.
            self.diagnostics.retain(|d| {
                d.code != Code::MixedBracket
                    || d.spans == first.spans
                    || !d.spans.iter().all(|at| at.file == span.file && at.start >= span.start && at.end <= span.end)
            });
            return self.poison(span);
        }
        self.check_brackets(&mut rows, rated);
        self.check_repeats(&rows);
        if let (Some(subject), None) = (subject, otherwise) {
            self.check_levels(subject, &rows, span);
        }
        let rows = rows
            .into_iter()
            .map(|row| TableRowNode { test: row.test, value: row.value, span: row.tree.span })
            .collect();
        let node = TableNode { kind: table.kind, subject, rows, otherwise };
        self.push(Node::Table(Box::new(node)), value_kind, span)
    }

    /// The subject; an undeclared one learns its type from the keys.
    fn table_subject(&mut self, sight: &Sight, table: &Table, subject: &Expr) -> ExprId {
        if !self.inferring || !self.flexible(sight, subject) {
            return self.expression(sight, subject, Want::Any);
        }
        let keys: Vec<&Expr> = table.rows.iter().flat_map(|row| &row.keys).collect();
        let names: Option<Vec<_>> = keys
            .iter()
            .map(|key| match &key.kind {
                ExprKind::Name(name) => Some(name.text.clone()),
                _ => None,
            })
            .collect();
        let kind = match names {
            Some(names) => Type::Code(self.enum_of(names, true)),
            None => Self::money(),
        };
        self.expression(sight, subject, Want::Hint(&kind))
    }

    /// Whether a plain table gives rates of its own subject where money is due.
    fn rates_of_subject(&self, table: &Table, subject: Option<ExprId>, want: Want) -> bool {
        let money = Self::money();
        let is_rate =
            |expr: &Expr| matches!(&expr.kind, ExprKind::Number(n) if matches!(n.suffix.as_str(), "%" | "‰" | "％"));
        want.kind() == Some(&money)
            && subject.is_some_and(|subject| matches!(self.kind(subject), Type::Number(_)))
            && table.rows.iter().any(|row| is_rate(&row.value))
    }

    /// The values of a plain table, all of one type; bare words that nothing declares become a class of their own.
    fn row_values(&mut self, sight: &Sight, table: &Table, want: Want) -> (Vec<ExprId>, Type) {
        let values: Vec<&Expr> = table.rows.iter().map(|row| &row.value).collect();
        if want.kind().is_none() {
            let mut names = Vec::new();
            for value in &values {
                match &value.kind {
                    ExprKind::Name(name) if self.meaning(sight, name).is_none() => names.push(name.text.clone()),
                    ExprKind::None => {}
                    _ => {
                        names.clear();
                        break;
                    }
                }
            }
            names.dedup();
            if !names.is_empty() {
                let known = self.program.enums.iter().position(|e| names.iter().all(|name| e.values.contains(name)));
                let id = match known.and_then(|at| u32::try_from(at).ok()) {
                    Some(at) => EnumId(at),
                    None => self.enum_of(names, true),
                };
                let kind = Type::Code(id);
                let ids = values.iter().map(|value| self.expression(sight, value, Want::Need(&kind))).collect();
                return (ids, kind);
            }
        }
        self.alike(sight, &values, want)
    }

    /// When a row applies: one test, or one for each key that is no plain value.
    fn row_tests(&mut self, sight: &Sight, subject: Option<ExprId>, row: &TableRow) -> Vec<RowTest> {
        let Some(subject) = subject else {
            let conditions =
                row.keys.iter().map(|key| RowTest::Condition(self.expression(sight, key, Want::Need(&Type::Bool))));
            return conditions.collect();
        };
        let kind = self.kind(subject).clone();
        let mut inner = sight.clone();
        inner.subject = Some(subject);
        let mut values = Vec::new();
        let mut tests = Vec::new();
        for key in &row.keys {
            match &key.kind {
                ExprKind::Compare(None, comparison, bound) => {
                    let operator = self.compare_operator(sight, *comparison);
                    let bound = self.expression(sight, bound, Want::Need(&kind));
                    match operator {
                        Compare::Equal => values.push(bound),
                        Compare::NotEqual => {
                            let test = self.compared(operator, subject, bound, key.span);
                            tests.push(RowTest::Condition(test));
                        }
                        _ => tests.push(RowTest::Bound(operator, bound)),
                    }
                }
                ExprKind::Range(..) | ExprKind::Between(None, ..) | ExprKind::In(None, _)
                    if matches!(kind, Type::Number(_)) =>
                {
                    let shown = self.project.sources.text(key.span).to_owned();
                    self.report(Diagnostic::new(Code::MixedBracket).at(key.span).with("left", shown));
                }
                ExprKind::Compare(Some(_), ..) | ExprKind::In(..) | ExprKind::Between(..) | ExprKind::Chain(..)
                    if !matches!(kind, Type::Number(_)) || matches!(key.kind, ExprKind::Compare(..)) =>
                {
                    tests.push(RowTest::Condition(self.expression(&inner, key, Want::Need(&Type::Bool))));
                }
                _ if kind == Type::Date => {
                    let period = self.expression(sight, key, Want::Need(&Type::Period));
                    tests.push(RowTest::Condition(self.push(Node::InRange(subject, period), Type::Bool, key.span)));
                }
                _ => values.push(self.expression(sight, key, Want::Need(&kind))),
            }
        }
        if !values.is_empty() {
            tests.insert(0, RowTest::OneOf(values));
        }
        tests
    }

    /// Sorts brackets, and reports bounds of both directions or the same bound twice.
    fn check_brackets(&mut self, rows: &mut [Row], rated: bool) {
        let lower = |row: &Row| match row.test {
            RowTest::Bound(Compare::Greater | Compare::GreaterOrEqual, _) => Some(true),
            RowTest::Bound(..) => Some(false),
            _ => None,
        };
        let first = rows.iter().find_map(|row| lower(row).map(|direction| (direction, row.tree.span)));
        let Some((direction, first_span)) = first else { return };
        let against = rows
            .iter()
            .find(|row| lower(row).is_some_and(|d| d != direction || (rated && !d)))
            .map(|row| row.tree.span);
        if let Some(span) = against {
            let text = |span: Span| self.project.sources.text(span).to_owned();
            if span == first_span {
                // 超额累进 and 全额累进 build on lower bounds only.
                let diagnostic = Diagnostic::new(Code::MixedBracket).at(span).with("left", text(span));
                return self.report(diagnostic);
            }
            let diagnostic = Diagnostic::new(Code::MixedBracket).at(span).at(first_span);
            self.report(diagnostic.with("left", text(first_span)).with("right", text(span)));
            return;
        }
        // The same value may be excluded (`>`) by one row and included (`>=`) by another: the first is the higher.
        let strict = |row: &Row| matches!(row.test, RowTest::Bound(Compare::Greater | Compare::Less, _));
        let key = |checker: &Self, row: &Row| match &row.test {
            RowTest::Bound(_, bound) => match (checker.value(*bound), checker.kind(*bound)) {
                (Some(Value::Number(n)), _) => Some(n.clone()),
                // Levels: a small code is a high level.
                (Some(Value::Code(code)), _) => Some(crate::value::Number::from_i64(-i64::from(*code))),
                (Some(Value::Date(date)), _) => Some(crate::value::Number::from_i64(i64::from(date.day_number()))),
                _ => None,
            },
            _ => None,
        };
        let bounded: Vec<_> = rows
            .iter()
            .filter(|row| lower(row).is_some())
            .map(|row| (key(self, row), strict(row), row.tree.span))
            .collect();
        for (at, (bound, is_strict, span)) in bounded.iter().enumerate() {
            let twin = bounded
                .iter()
                .take(at)
                .find(|(other, other_strict, _)| bound.is_some() && other == bound && other_strict == is_strict);
            if let Some((_, _, other)) = twin {
                let text = |span: Span| self.project.sources.text(span).to_owned();
                let (left, right) = (text(*other), text(*span));
                self.report(
                    Diagnostic::new(Code::OverlappingBracket)
                        .at(*span)
                        .at(*other)
                        .with("left", left)
                        .with("right", right),
                );
            }
        }
        if bounded.iter().all(|(bound, ..)| bound.is_some()) {
            // Rows by value or condition stand before the brackets, which are then tried from the most demanding on.
            let order = |checker: &Self, row: &Row| {
                let bound = key(checker, row);
                (lower(row).is_some(), bound.map(|b| if direction { b.negate() } else { b }), !strict(row))
            };
            rows.sort_by_cached_key(|row| order(self, row));
        }
    }

    /// Reports a value that stands in two rows.
    fn check_repeats(&mut self, rows: &[Row]) {
        let mut seen: Vec<(Value, Span)> = Vec::new();
        for row in rows {
            let RowTest::OneOf(values) = &row.test else { continue };
            for &id in values {
                let Some(value) = self.value(id).cloned() else { continue };
                let span = self.span(id);
                match seen.iter().find(|(other, _)| *other == value) {
                    Some((_, first)) => {
                        let shown = self.project.sources.text(span).to_owned();
                        let diagnostic = Diagnostic::new(Code::UnreachableRow).at(span).at(*first).with("value", shown);
                        self.report(diagnostic);
                    }
                    None => seen.push((value, span)),
                }
            }
        }
    }

    /// Says which levels have no row and so get 0.
    fn check_levels(&mut self, subject: ExprId, rows: &[Row], span: Span) {
        let Type::Code(id) = self.kind(subject).clone() else { return };
        if !rows.iter().all(|row| matches!(row.test, RowTest::OneOf(_))) {
            return;
        }
        let listed: Vec<u16> = rows
            .iter()
            .flat_map(|row| match &row.test {
                RowTest::OneOf(values) => values.as_slice(),
                _ => &[],
            })
            .filter_map(|id| match self.value(*id) {
                Some(Value::Code(code)) => Some(*code),
                _ => None,
            })
            .collect();
        let Some(def) = self.program.enums.get(id.index()) else { return };
        let left_out = def.values.iter().zip(0u16..).filter(|(_, code)| !listed.contains(code));
        let names = left_out.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("、");
        if !names.is_empty() {
            let subject = self.project.sources.text(self.span(subject)).to_owned();
            self.report(Diagnostic::new(Code::MissingLevel).at(span).with("value", names).with("name", subject));
        }
    }
}
