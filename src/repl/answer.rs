//! What a line of the prompt comes to, as data.
//!
//! An [`Answer`] is a list of parts in the order in which they are read. Names and figures
//! are kept as they are; only [`super::render`] makes text of them, in either language.

use std::path::PathBuf;

use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, Language, has_errors};
use crate::source::Sources;
use crate::value::{Date, Number};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Phrase {
    /// 中文
    pub zh: SmolStr,
    /// English
    pub en: SmolStr,
}

impl Phrase {
    /// A text in both languages.
    pub fn new(zh: impl Into<SmolStr>, en: impl Into<SmolStr>) -> Phrase {
        Phrase { zh: zh.into(), en: en.into() }
    }

    /// A text that is the same in both: a name, a path.
    pub fn same(text: impl Into<SmolStr>) -> Phrase {
        let text = text.into();
        Phrase { zh: text.clone(), en: text }
    }

    /// In one language.
    pub fn pick(&self, language: Language) -> &str {
        language.pick(&self.zh, &self.en)
    }
}

/// What a line came to.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// What is to be read, in order.
    pub parts: Vec<Part>,
    /// What the prompt is to do: the session itself writes no file.
    pub wish: Option<Box<Wish>>,
    /// Whether the line could not be carried out: then nothing was changed.
    pub failed: bool,
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub enum Part {
    /// A line.
    Line(Phrase),
    /// A line that stands out.
    Heading(Phrase),
    /// A table.
    Table(Table),
    /// How often values of each size occur.
    Histogram(Histogram),
    /// An amount over a fact.
    Plot(Plot),
    /// What is wrong or worth knowing, with the texts it points into.
    Diagnostics(Vec<Diagnostic>, Sources),
}

/// Something beyond the session: files, and the prompt itself.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Write a table to a file.
    Export(PathBuf, Table),
    /// Write the lines of the session to a file.
    Save(PathBuf, Vec<String>),
    /// Carry out the lines of a file.
    Replay(PathBuf),
    /// Write a drawing to a file.
    Draw(PathBuf, Drawing),
    /// Begin the tour.
    Tour,
    /// Leave the prompt.
    Quit,
}

/// What is drawn into a file.
#[derive(Debug, Clone)]
pub enum Drawing {
    /// An amount over a fact.
    Plot(Plot),
    /// How often values occur.
    Histogram(Histogram),
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows there are in all, where not all are here.
    pub of: usize,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its head.
    pub name: Phrase,
    /// Whether it holds figures, which stand at the right.
    pub figures: bool,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing stands here.
    Blank,
    /// A text, or a value in words.
    Text(Phrase),
    /// An amount in 元.
    Money(Number),
    /// A difference in 元, shown with its sign.
    Change(Number),
    /// A number.
    Number(Number),
    /// How many.
    Count(u64),
    /// A rate.
    Rate(Number),
    /// A day.
    Date(Date),
    /// yes or no
    Bool(bool),
    /// An open amount in 元: the least and, where something bounds it, the most.
    Between(Number, Option<Number>),
    /// Known not to exist.
    None,
    /// Not known.
    Unknown,
}

/// How many values lie in each of some ranges.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Of what.
    pub title: Phrase,
    /// The ranges from low to high, with how many values.
    pub bars: Vec<(Phrase, u64)>,
}

/// An amount over a fact.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plot {
    /// Of what.
    pub title: Phrase,
    /// The fact.
    pub across: Phrase,
    /// The amount.
    pub up: Phrase,
    /// Whether the fact is money.
    pub money_across: bool,
    /// Values of the fact with the least and the most that is due; none where nothing bounds it.
    pub points: Vec<(Number, Number, Option<Number>)>,
}

impl Answer {
    /// A line in both languages.
    pub fn line(zh: impl Into<SmolStr>, en: impl Into<SmolStr>) -> Answer {
        let mut answer = Answer::default();
        answer.tell(zh, en);
        answer
    }

    /// What is wrong.
    pub fn wrong(diagnostics: Vec<Diagnostic>, sources: Sources) -> Answer {
        Answer { parts: vec![Part::Diagnostics(diagnostics, sources)], wish: None, failed: true }
    }

    /// Adds a line.
    pub fn tell(&mut self, zh: impl Into<SmolStr>, en: impl Into<SmolStr>) {
        self.parts.push(Part::Line(Phrase::new(zh, en)));
    }

    /// Adds a line that stands out.
    pub fn head(&mut self, zh: impl Into<SmolStr>, en: impl Into<SmolStr>) {
        self.parts.push(Part::Heading(Phrase::new(zh, en)));
    }

    /// Whether anything is wrong, be it a row of the data.
    pub fn has_errors(&self) -> bool {
        self.failed || self.parts.iter().any(|part| matches!(part, Part::Diagnostics(told, _) if has_errors(told)))
    }

    /// Its last table: what `export` writes.
    pub fn table(&self) -> Option<&Table> {
        self.parts.iter().rev().find_map(|part| match part {
            Part::Table(table) => Some(table),
            _ => None,
        })
    }
}

impl Table {
    /// A table without rows.
    pub fn new(columns: Vec<Column>) -> Table {
        Table { columns, rows: Vec::new(), of: 0 }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
        self.of = self.of.max(self.rows.len());
    }
}

impl Column {
    /// A column of texts.
    pub fn text(zh: impl Into<SmolStr>, en: impl Into<SmolStr>) -> Column {
        Column { name: Phrase::new(zh, en), figures: false }
    }

    /// A column of figures.
    pub fn figures(zh: impl Into<SmolStr>, en: impl Into<SmolStr>) -> Column {
        Column { name: Phrase::new(zh, en), figures: true }
    }
}

impl Cell {
    /// A text that is the same in both languages.
    pub fn same(text: impl Into<SmolStr>) -> Cell {
        Cell::Text(Phrase::same(text))
    }

    /// How many.
    pub fn count(count: usize) -> Cell {
        Cell::Count(u64::try_from(count).unwrap_or(u64::MAX))
    }
}
