//! Questions of the prompt.

use super::{Bind, Clause, Expr, Let, Name, Parameter, Path, SortKey, Text};
use crate::source::Span;

/// A question or a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What it asks.
    pub kind: QuestionKind,
    /// The whole line.
    pub span: Span,
}

/// The questions.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionKind {
    /// `load "企业.xlsx"`
    Load(Vec<LoadFile>),
    /// `load sample`, with how many recipients.
    LoadSample(Option<Expr>),
    /// `show …`
    Show {
        /// The columns; none for those that matter.
        columns: Vec<Expr>,
        /// Which rows.
        rows: Narrowing,
    },
    /// `sum total by 区县`
    Measure {
        /// What is reckoned.
        measures: Vec<Measure>,
        /// For each value of these.
        by: Vec<Expr>,
        /// Which rows.
        rows: Narrowing,
    },
    /// `why 增资扩产 for "E001"`
    Why(About),
    /// `why not 绿色工厂 for "E001"`
    WhyNot(About),
    /// `what if …`
    WhatIf(Vec<Change>),
    /// `compare A with B`
    Compare(Vec<Compared>),
    /// `solve cap of A within 5000万`
    Solve {
        /// The clause, or the parameter.
        of: Path,
        /// What of the clause is sought.
        part: Option<SolvedPart>,
        /// The sum that is kept to; without, the budget of the period.
        within: Option<Expr>,
    },
    /// `plot A over F 0..3亿`
    Plot {
        /// What is drawn.
        value: Expr,
        /// Over which fact, in which range.
        over: Option<(Name, Option<Expr>)>,
        /// Whose other facts hold.
        key: Option<Text>,
        /// Which rows, of a distribution.
        filter: Option<Expr>,
        /// Into which file.
        to: Option<Text>,
    },
    /// `forget 增资扩产`; none for the settlement.
    Forget(Option<Path>, Span),
    /// `export "结果.xlsx"`
    Export(Text),
    /// `save "会话.hqs"`
    Save(Text),
    /// `replay "会话.hqs"`
    Replay(Text),
    /// `set period = 2024`; without a name all options are told.
    Set(Option<(Name, Expr)>),
    /// `help`, `help cap`
    Help(Option<Text>),
    /// `tour`
    Tour,
    /// `quit`
    Quit,
}

/// A file to load.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadFile {
    /// Where it is.
    pub path: Text,
    /// The record type of its rows.
    pub record: Option<Name>,
}

/// Which rows, in which order, how many.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Narrowing {
    /// Those for which this holds.
    pub filter: Option<Expr>,
    /// By these keys, the first deciding.
    pub order: Vec<SortKey>,
    /// The first so many.
    pub top: Option<Expr>,
}

/// `sum E`
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What is reckoned.
    pub kind: MeasureKind,
    /// Of what; none for a count.
    pub value: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// What is reckoned over rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureKind {
    /// The sum.
    Sum,
    /// How many rows.
    Count,
    /// The sum over the count.
    Average,
    /// The middle value.
    Median,
    /// The least.
    Least,
    /// The greatest.
    Greatest,
}

/// A clause, a recipient, or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    /// The clause.
    pub clause: Option<Path>,
    /// The recipient's key.
    pub key: Option<Text>,
}

/// What would be otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `N { … }`, `clause N { … }`: another wording of a clause that is there.
    Clause(Path, Box<Clause>),
    /// `let N = E`
    Let(Let),
    /// `parameter N = E`
    Parameter(Parameter),
    /// `bind P."…" = E`
    Bind(Bind),
    /// `N = E`: the value of a parameter or pending rule.
    Value(Name, Expr),
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// A policy file.
    File(Text),
    /// A policy or clause that is loaded.
    Named(Path),
}

/// What of a clause is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolvedPart {
    /// The amount of its cap.
    Cap,
    /// Its rate.
    Rate,
}
