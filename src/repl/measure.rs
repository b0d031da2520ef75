//! `sum … by …`: sums, counts, averages, medians, for each value of some facts.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::columns::UNKNOWN;
use super::figures::yuan_of;
use super::rows::{Reading, Rows};
use super::session::Session;
use super::spread::Spread;
use super::words::Both;
use crate::check::program::Type;
use crate::eval::{Answer as Value, Tracing};
use crate::source::Span;
use crate::syntax::tree::{Expr, Measure, MeasureKind, Narrowing};
use crate::value::{self, Number};

/// A value by which rows are put together; those without one stand last.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Code(u16),
    Bool(bool),
    Text(SmolStr),
    Date(i32),
    Number(String),
    None,
    Unknown,
}

impl Key {
    fn of(value: &Value) -> Key {
        use value::Value as V;
        match value {
            Value::Open(_) => Key::Unknown,
            Value::Known(V::None) => Key::None,
            Value::Known(V::Code(code)) => Key::Code(*code),
            Value::Known(V::Bool(yes)) => Key::Bool(*yes),
            Value::Known(V::Text(text)) => Key::Text(text.clone()),
            Value::Known(V::Date(day)) => Key::Date(day.day_number()),
            Value::Known(V::Number(number)) => Key::Number(number.to_string()),
            Value::Known(other) => Key::Text(SmolStr::new(format!("{other:?}"))),
        }
    }

    fn is_value(&self) -> bool {
        !matches!(self, Key::None | Key::Unknown)
    }
}

/// The rows of one group.
#[derive(Debug, Default)]
struct Group {
    /// One row of it, for the heads.
    first: u32,
    rows: Vec<u32>,
}

/// What is reckoned of a group: the figure, and how many rows were left out as open.
struct Reckoned {
    cell: Cell,
    /// By which groups stand in order.
    size: Number,
    open: usize,
}

impl Session {
    /// Figures over rows, for each value of some facts.
    pub(super) fn measure(&mut self, measures: &[Measure], by: &[Expr], narrowing: &Narrowing) -> Answer {
        let at = measures.first().map_or(Span::default(), |measure| measure.span);
        if !self.has_records() {
            return self.no_records(at);
        }
        let columns: Vec<Expr> = measures.iter().filter_map(|one| one.value.clone()).collect();
        let query = match self.query_by(by, &columns, narrowing) {
            Ok(query) => query,
            Err(answer) => return answer,
        };
        let top = match narrowing.top.as_ref().map(|top| self.whole_number(top)) {
            Some(None) => return self.wrong_count(narrowing.top.as_ref().map_or(at, |top| top.span)),
            other => other.flatten().unwrap_or(usize::MAX),
        };
        let (keys, values) = query.columns.split_at(by.len());
        let mut of_measure = values.iter();
        let measured: Vec<(&Measure, Option<&Reading>)> =
            measures.iter().map(|one| (one, one.value.as_ref().and_then(|_| of_measure.next()))).collect();
        if let Some(answer) = self.no_number(&measured) {
            return answer;
        }
        let figures = self.figures();
        let program = &query.asked.program;
        let history = self.world.history(&self.records);
        let context = self.world.context(program, &self.records, history.as_ref(), Tracing::Off, None);
        let stop = || self.stopped();
        let rows = self.rows(&context, query.asked.record, &figures, &stop);
        let (found, open_filter) = self.in_threads(|| rows.only(query.filter.as_ref()));
        let heads = by.iter().map(|fact| self.head(fact));
        let mut columns: Vec<Column> = heads
            .zip(keys)
            .map(|(name, reading)| Column { name, figures: matches!(reading.kind, Type::Number(_)) })
            .collect();
        columns.extend(measures.iter().map(|measure| self.measure_head(measure)));
        let mut table = Table::new(columns);
        let measuring = Measuring { rows: &rows, keys, measured, both: self.words(program) };
        let open = self.in_threads(|| measuring.fill(&mut table, found, top));
        let mut answer = Answer { parts: vec![Part::Table(table)], ..Answer::default() };
        if open > 0 {
            answer.tell(format!("{open} 户的值未定，没有计入"), format!("{open} values are open and not counted"));
        }
        if open_filter > 0 {
            answer.tell(
                format!("{open_filter} 户是否符合条件未定，没有计入"),
                format!("of {open_filter} it is open whether they belong here; they are not counted"),
            );
        }
        answer
    }

    /// A measure of something that is no number.
    fn no_number(&self, measured: &[(&Measure, Option<&Reading>)]) -> Option<Answer> {
        let is_number = |reading: Option<&Reading>| reading.is_none_or(|one| matches!(one.kind, Type::Number(_)));
        let (measure, _) = measured.iter().find(|(_, reading)| !is_number(*reading))?;
        let span = measure.value.as_ref().map_or(measure.span, |value| value.span);
        let name = self.world.policies.sources().text(span).to_owned();
        let found =
            (format!("{name} 不是数，无法这样计算"), format!("{name} is no number: this cannot be reckoned of it"));
        let fix = ("数一数各有多少户，用 `count by …`", "`count by …` tells how many have each value");
        Some(self.no_answer(span, (&found.0, &found.1), fix))
    }

    fn measure_head(&self, measure: &Measure) -> Column {
        let of = measure.value.as_ref().map(|value| self.head(value));
        let named = |zh: &str, en: &str| match &of {
            Some(of) => Column::figures(format!("{}{zh}", of.zh), format!("{en} {}", of.en)),
            None => Column::figures(zh, en),
        };
        match measure.kind {
            MeasureKind::Sum => named("之和", "sum"),
            MeasureKind::Count => named("户数", "count"),
            MeasureKind::Average => named("平均", "average"),
            MeasureKind::Median => named("中位数", "median"),
            MeasureKind::Least => named("最小", "least"),
            MeasureKind::Greatest => named("最大", "greatest"),
        }
    }
}

/// What is reckoned of which rows.
struct Measuring<'m> {
    rows: &'m Rows<'m>,
    keys: &'m [Reading],
    measured: Vec<(&'m Measure, Option<&'m Reading>)>,
    both: Both<'m>,
}

impl Measuring<'_> {
    fn reckon(&self, rows: &[u32]) -> Vec<Reckoned> {
        let one = |(measure, reading): &(&Measure, Option<&Reading>)| {
            reckoned(self.rows, rows, measure.kind, *reading, &self.both)
        };
        self.measured.iter().map(one).collect()
    }

    /// A row for each group, the greatest first, and one for all; how many values are open.
    fn fill(&self, table: &mut Table, found: Vec<u32>, top: usize) -> usize {
        let most_open = |row: &[Reckoned]| row.iter().map(|one| one.open).max().unwrap_or(0);
        if self.keys.is_empty() {
            let reckoned = self.reckon(&found);
            let open = most_open(&reckoned);
            table.row(reckoned.into_iter().map(|one| one.cell).collect());
            return open;
        }
        let groups = grouped(self.rows, &found, self.keys);
        let mut rows: Vec<(Vec<Key>, Vec<Reckoned>, u32)> =
            groups.into_iter().map(|(key, group)| (key, self.reckon(&group.rows), group.first)).collect();
        rows.sort_by(|(a_key, a, _), (b_key, b, _)| {
            let lacks = |key: &[Key]| !key.iter().all(Key::is_value);
            let size = |row: &[Reckoned]| row.first().map(|one| one.size.clone()).unwrap_or_default();
            lacks(a_key).cmp(&lacks(b_key)).then_with(|| size(b).cmp(&size(a))).then_with(|| a_key.cmp(b_key))
        });
        let (count, mut open) = (rows.len(), 0);
        for (_, reckoned, first) in rows.into_iter().take(top) {
            open += most_open(&reckoned);
            let value = |reading: &Reading| self.both.cell(&self.rows.value(first as usize, reading), &reading.kind);
            table.row(self.keys.iter().map(value).chain(reckoned.into_iter().map(|one| one.cell)).collect());
        }
        if count <= top && count > 1 {
            let mut row = vec![Cell::Text(Phrase::new("合计", "total"))];
            row.extend(std::iter::repeat_n(Cell::Blank, self.keys.len().saturating_sub(1)));
            row.extend(self.reckon(&found).into_iter().map(|one| one.cell));
            table.row(row);
        }
        open
    }
}

/// Rows by the values of their keys.
fn grouped(rows: &Rows<'_>, found: &[u32], keys: &[Reading]) -> HashMap<Vec<Key>, Group> {
    let mut groups: HashMap<Vec<Key>, Group> = HashMap::new();
    if keys.is_empty() {
        return groups;
    }
    if let [key] = keys
        && let Some(numbers) = rows.groups(key)
    {
        let mut by_number: HashMap<i64, Group> = HashMap::new();
        for row in found {
            let number = numbers.get(*row as usize).copied().unwrap_or(UNKNOWN);
            let group = by_number.entry(number).or_insert_with(|| Group { first: *row, rows: Vec::new() });
            group.rows.push(*row);
        }
        let keyed = |group: Group| (vec![Key::of(&rows.value(group.first as usize, key))], group);
        return by_number.into_values().map(keyed).collect();
    }
    let columns: Vec<Vec<Value>> = keys.iter().map(|reading| rows.values(found, reading)).collect();
    for (place, row) in found.iter().enumerate() {
        let key = columns.iter().map(|column| column.get(place).map_or(Key::Unknown, Key::of)).collect();
        let group = groups.entry(key).or_insert_with(|| Group { first: *row, rows: Vec::new() });
        group.rows.push(*row);
    }
    groups
}

fn reckoned(rows: &Rows<'_>, of: &[u32], kind: MeasureKind, reading: Option<&Reading>, both: &Both<'_>) -> Reckoned {
    let Some(reading) = reading else {
        let size = Number::from_i64(i64::try_from(of.len()).unwrap_or(i64::MAX));
        return Reckoned { cell: Cell::count(of.len()), size, open: 0 };
    };
    if kind == MeasureKind::Sum
        && let Some((column, open)) = rows.fen(reading)
        && open.is_empty()
    {
        let fen = of.iter().map(|row| column.get(*row as usize).map_or(0, |fen| i128::from(*fen)));
        let sum = yuan_of(fen.sum());
        let cell = both.value(&value::Value::Number(sum.clone()), &reading.kind);
        return Reckoned { cell, size: sum, open: 0 };
    }
    let values = rows.values(of, reading);
    let open = values.iter().filter(|value| matches!(value, Value::Open(_))).count();
    let numbers = values.iter().filter_map(Value::known_number);
    let is_money = matches!(&reading.kind, Type::Number(dimension) if dimension.is_money());
    let number = match kind {
        MeasureKind::Sum => {
            let sum = numbers.fold(Number::ZERO, |sum, number| sum.add(number).unwrap_or(sum));
            Some(sum)
        }
        MeasureKind::Count => Some(Number::from_i64(i64::try_from(numbers.count()).unwrap_or(i64::MAX))),
        MeasureKind::Average => Spread::of_numbers(numbers, is_money).mean(),
        MeasureKind::Median => Spread::of_numbers(numbers, is_money).median(),
        MeasureKind::Least => numbers.min().cloned(),
        MeasureKind::Greatest => numbers.max().cloned(),
    };
    let cell = match &number {
        None => Cell::Blank,
        Some(number) if kind == MeasureKind::Count => Cell::Number(number.clone()),
        Some(number) => both.value(&value::Value::Number(number.clone()), &reading.kind),
    };
    Reckoned { cell, size: number.unwrap_or_default(), open }
}
