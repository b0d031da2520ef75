//! `show`: rows of records, with facts and amounts as columns.

use std::cmp::Ordering;

use rayon::prelude::*;
use smol_str::SmolStr;

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::rows::{Reading, Rows};
use super::session::Session;
use crate::check::program::Type;
use crate::check::{Asked, Asks};
use crate::eval::{Answer as Value, Tracing};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Name, Narrowing, SortKey};
use crate::value;

/// Columns that are shown where none is named.
const COLUMNS: usize = 6;

/// A question over rows, checked.
pub(super) struct Query {
    pub asked: Asked,
    pub columns: Vec<Reading>,
    pub filter: Option<Reading>,
    pub order: Vec<(Reading, bool)>,
}

impl Session {
    /// The rows that a line asks for; `most` of them rather than what it says.
    pub(super) fn show(&mut self, columns: &[Expr], narrowing: &Narrowing, most: Option<usize>) -> Answer {
        let at = columns.first().map_or(Span::default(), |column| column.span);
        if !self.has_records() {
            return self.no_records(at);
        }
        let (own, own_narrowing) = (self.usual_columns(), self.usual_narrowing());
        let nothing_asked = columns.is_empty();
        let columns = if nothing_asked { &own } else { columns };
        let narrowing = if nothing_asked && *narrowing == Narrowing::default() { &own_narrowing } else { narrowing };
        let query = match self.query(columns, narrowing) {
            Ok(query) => query,
            Err(answer) => return answer,
        };
        let top = match narrowing.top.as_ref().map(|top| self.whole_number(top)) {
            Some(Some(top)) => Some(top),
            Some(None) => return self.wrong_count(narrowing.top.as_ref().map_or(at, |top| top.span)),
            None => None,
        };
        let shown = most.or(top).unwrap_or(self.options.top);
        let heads = columns.iter().map(|column| self.head(column)).collect();
        self.listed(&query, heads, (top, shown))
    }

    fn listed(&mut self, query: &Query, heads: Vec<Phrase>, (top, shown): (Option<usize>, usize)) -> Answer {
        let figures = self.figures();
        let program = &query.asked.program;
        let history = self.world.history(&self.records);
        let context = self.world.context(program, &self.records, history.as_ref(), Tracing::Off, None);
        let stop = || self.stopped();
        let rows = self.rows(&context, query.asked.record, &figures, &stop);
        let (mut found, open) = self.in_threads(|| rows.only(query.filter.as_ref()));
        let count = found.len();
        let of = top.map_or(count, |top| top.min(count));
        let shown = shown.min(of);
        self.in_threads(|| sort(&rows, &mut found, &query.order, shown));
        found.truncate(shown);
        let both = self.words(program);
        let columns = heads.into_iter().zip(&query.columns);
        let is_figure = |kind: &Type| matches!(kind, Type::Number(_));
        let columns = columns.map(|(name, reading)| Column { name, figures: is_figure(&reading.kind) });
        let mut table = Table::new(columns.collect());
        let row = |row: &u32| {
            let cell = |reading: &Reading| both.cell(&rows.value(*row as usize, reading), &reading.kind);
            query.columns.iter().map(cell).collect::<Vec<Cell>>()
        };
        table.rows = found.iter().map(row).collect();
        table.of = of;
        let mut answer = Answer { parts: vec![Part::Table(table)], ..Answer::default() };
        if count == 0 {
            answer.tell("没有符合条件的行", "no row fits");
        }
        let left = of.saturating_sub(found.len());
        if left > 0 {
            answer.tell(
                format!("另有 {left} 行；`前 {of}` 列出全部，`导出` 写入文件"),
                format!("{left} more rows; `top {of}` lists them all, `export` writes them to a file"),
            );
        }
        if open > 0 {
            answer.tell(
                format!("{open} 行是否符合条件未定，没有列出"),
                format!("of {open} rows it is open whether they belong here"),
            );
        }
        answer
    }

    /// Checks columns, condition and keys together.
    pub(super) fn query(&self, columns: &[Expr], narrowing: &Narrowing) -> Result<Query, Answer> {
        self.query_by(&[], columns, narrowing)
    }

    /// The same, with facts by which rows are put together before the columns.
    pub(super) fn query_by(&self, by: &[Expr], columns: &[Expr], narrowing: &Narrowing) -> Result<Query, Answer> {
        let mut asked: Vec<(&Expr, Asks)> = by.iter().map(|fact| (fact, Asks::Fact)).collect();
        asked.extend(columns.iter().map(|column| (column, Asks::Value)));
        asked.extend(narrowing.filter.iter().map(|filter| (filter, Asks::Condition)));
        asked.extend(narrowing.order.iter().map(|key| (&key.key, Asks::Value)));
        let checked = self.world.ask(&self.records.loaded.population, &asked).map_err(|wrong| self.wrong(wrong))?;
        let mut readings = checked.exprs.iter().map(|id| Reading::of(&checked.program, *id));
        let columns: Vec<Reading> = readings.by_ref().take(by.len() + columns.len()).collect();
        let filter = narrowing.filter.as_ref().and_then(|_| readings.next());
        let order = readings.zip(&narrowing.order).map(|(reading, key)| (reading, key.ascending)).collect();
        Ok(Query { asked: checked, columns, filter, order })
    }

    /// A column's head, as it was typed.
    pub(super) fn head(&self, expr: &Expr) -> Phrase {
        match &expr.kind {
            ExprKind::Name(name) if matches!(name.text.as_str(), "total" | "合计") => Phrase::new("合计", "total"),
            ExprKind::Name(name) => Phrase::same(name.text.clone()),
            _ => Phrase::same(self.world.policies.sources().text(expr.span).trim()),
        }
    }

    /// A count as it is typed behind `top`.
    pub(super) fn whole_number(&self, expr: &Expr) -> Option<usize> {
        match &expr.kind {
            ExprKind::Number(number) if number.suffix.is_empty() => number.digits.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn wrong_count(&self, at: Span) -> Answer {
        self.no_answer(
            at,
            ("这里要一个不小于 0 的整数", "a whole number belongs here"),
            ("如 `前 10`", "as in `top 10`"),
        )
    }

    /// The key, the name and what everybody gets; where nobody gets anything, the first facts.
    fn usual_columns(&self) -> Vec<Expr> {
        let program = self.program();
        let loaded = |at: &usize| self.records.loaded.population.records.get(*at).is_some_and(|rows| !rows.is_empty());
        let pays = |at: &usize| program.clauses.iter().any(|clause| clause.recipient.index() == *at);
        let records = || (0..program.records.len()).filter(loaded);
        let Some(at) = records().find(pays).or_else(|| records().next()) else { return Vec::new() };
        let Some(def) = program.records.get(at) else { return Vec::new() };
        let key = def.key.and_then(|key| def.facts.get(key.index())).map(|fact| fact.name.clone());
        let named = |wanted: &str| def.facts.iter().find(|fact| fact.name == wanted).map(|fact| fact.name.clone());
        let mut names: Vec<SmolStr> = key.into_iter().chain(named("名称")).collect();
        names.dedup();
        if pays(&at) {
            names.push(SmolStr::new("total"));
        } else {
            let rest =
                def.facts.iter().filter(|fact| !matches!(fact.kind, Type::List(_))).map(|fact| fact.name.clone());
            for name in rest {
                if names.len() < COLUMNS && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.into_iter().map(name_expr).collect()
    }

    fn usual_narrowing(&self) -> Narrowing {
        if self.program().clauses.is_empty() {
            return Narrowing::default();
        }
        let key = SortKey { key: name_expr(SmolStr::new("total")), ascending: false };
        Narrowing { order: vec![key], ..Narrowing::default() }
    }
}

/// A name as an expression.
pub(super) fn name_expr(text: SmolStr) -> Expr {
    let span = Span::default();
    Expr { kind: ExprKind::Name(Name { text, span, quoted: true }), span }
}

/// Puts the first so many rows in order.
fn sort(rows: &Rows<'_>, found: &mut Vec<u32>, order: &[(Reading, bool)], shown: usize) {
    if order.is_empty() {
        return;
    }
    if sort_by_columns(rows, found, order, shown).is_some() {
        return;
    }
    let keys: Vec<Vec<Value>> = order.iter().map(|(reading, _)| rows.values(found, reading)).collect();
    let compare = |a: &u32, b: &u32| {
        for (column, (_, ascending)) in keys.iter().zip(order) {
            let (Some(a), Some(b)) = (column.get(*a as usize), column.get(*b as usize)) else { continue };
            let order = by_value(a, b, *ascending);
            if order != Ordering::Equal {
                return order;
            }
        }
        a.cmp(b)
    };
    let mut places: Vec<u32> = (0..u32::try_from(found.len()).unwrap_or(u32::MAX)).collect();
    if shown < places.len() && shown > 0 {
        places.select_nth_unstable_by(shown, compare);
        places.truncate(shown);
    }
    places.par_sort_unstable_by(compare);
    *found = places.into_iter().filter_map(|place| found.get(place as usize).copied()).collect();
}

/// The same where every key is an amount that is known.
fn sort_by_columns(rows: &Rows<'_>, found: &mut Vec<u32>, order: &[(Reading, bool)], shown: usize) -> Option<()> {
    let mut keys = Vec::with_capacity(order.len());
    for (reading, ascending) in order {
        let (column, open) = rows.fen(reading)?;
        if !open.is_empty() {
            return None;
        }
        keys.push((column, *ascending));
    }
    let compare = |a: &u32, b: &u32| {
        let by_key = keys.iter().map(|(column, ascending)| {
            let (a, b) = (column.get(*a as usize), column.get(*b as usize));
            if *ascending { a.cmp(&b) } else { b.cmp(&a) }
        });
        let decided = by_key.into_iter().find(|order| *order != Ordering::Equal);
        decided.unwrap_or_else(|| a.cmp(b))
    };
    if shown < found.len() && shown > 0 {
        found.select_nth_unstable_by(shown, compare);
        found.truncate(shown);
    }
    found.par_sort_unstable_by(compare);
    Some(())
}

/// Known values in order; what is none or not known stands last either way.
fn by_value(a: &Value, b: &Value, ascending: bool) -> Ordering {
    let known = |value: &'_ Value| value.known().filter(|value| **value != value::Value::None).is_some();
    match (known(a), known(b)) {
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => return Ordering::Equal,
        (true, true) => {}
    }
    use value::Value as V;
    let order = match (a.known(), b.known()) {
        (Some(V::Number(a)), Some(V::Number(b))) => a.cmp(b),
        (Some(V::Date(a)), Some(V::Date(b))) => a.cmp(b),
        // The highest level has the least number.
        (Some(V::Code(a)), Some(V::Code(b))) => b.cmp(a),
        (Some(V::Bool(a)), Some(V::Bool(b))) => a.cmp(b),
        (Some(V::Text(a)), Some(V::Text(b))) => a.cmp(b),
        _ => Ordering::Equal,
    };
    if ascending { order } else { order.reverse() }
}
