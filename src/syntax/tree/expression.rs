//! Expressions as written: names are texts, numbers keep their suffix.

use smol_str::SmolStr;

use super::{Name, Path, RoundMode, SortKey, Text};
use crate::source::Span;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `5%`, `800万`, `400元/吨标煤`, `6个月`
    Number(Number),
    /// `2023-07-01`, `2023年7月`, `2023Q3`
    Date(DateLiteral),
    /// `"…"`
    Text(SmolStr),
    /// `yes`
    Yes,
    /// `no`
    No,
    /// `none`
    None,
    /// A fact, let, parameter, level, clause or predeclared name.
    Name(Name),
    /// `项目的投资额`, `企业.区县`, `政策.条款`
    Field(Box<Expr>, Name),
    /// `- E`
    Negative(Box<Expr>),
    /// `not C`
    Not(Box<Expr>),
    /// A chain of operators of one level: `a + b - c`, `a and b`, `r of b`.
    Chain(Box<Expr>, Vec<(Operator, Expr)>),
    /// `A >= B`; a row key or a fact's `where` may leave out A.
    Compare(Option<Box<Expr>>, Comparison, Box<Expr>),
    /// `A in S`: membership, or another period's value; A may be left out as in `Compare`.
    In(Option<Box<Expr>>, Box<Expr>),
    /// `A between B and C`
    Between(Option<Box<Expr>>, Box<Expr>, Box<Expr>),
    /// `F is none` (`true`), `F is not none` (`false`)
    IsNone(Box<Expr>, bool),
    /// `newly F`
    Newly(Box<Expr>),
    /// `(A, B)` after `in`
    List(Vec<Expr>),
    /// `A..B`, open ends allowed.
    Range(Option<Box<Expr>>, Option<Box<Expr>>),
    /// `by S { … }`
    Table(Box<Table>),
    /// `min(a, b)`, `max(a, b)`
    Call(Function, Vec<Expr>),
    /// `round half up E to 元`
    Round(RoundMode, Box<Expr>, Box<Expr>),
    /// `sum E over L`, `count L`, `any L where C`
    Aggregate(Box<Aggregate>),
    /// `L where C`
    Where(Box<Expr>, Box<Expr>),
    /// `top N of L by K`
    Top(Box<Expr>, Box<Expr>, Vec<SortKey>),
    /// `pending "…"`
    Pending(Text),
    /// `match a:b X`, with `a` and `b`
    Match(Number, Number, Box<Expr>),
    /// `P on D`
    On(Box<Expr>, Box<Expr>),
    /// `days from A to B`
    Elapsed(TimeUnit, Box<Expr>, Box<Expr>),
    /// `year of D`
    YearOf(Box<Expr>),
    /// `paid under (A, B)`
    PaidUnder(Vec<Path>),
    /// What could not be parsed; later stages stay quiet about it.
    Poison,
}

/// An operator of a chain. All operators of one chain have one [`Operator::level`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `or else`
    OrElse,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `of`, and `的` turned round
    Of,
}

impl Operator {
    /// How tightly it binds; comparisons stand between `and` and `or else`.
    pub fn level(self) -> u8 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::OrElse => 4,
            Operator::Add | Operator::Subtract => 5,
            Operator::Multiply | Operator::Divide => 6,
            Operator::Of => 7,
        }
    }
}

/// A comparison, and whether it was written as a word (whose bound a policy may redefine).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// What it compares.
    pub operator: Compare,
    /// Where the sign or word stands.
    pub span: Span,
    /// Written as a word: 以上, 超过.
    pub word: bool,
}

/// The comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A numeral with what adjoins it.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Digits and point only: `1234.56`.
    pub digits: SmolStr,
    /// What adjoins: `%`, `万元`, `元/吨标煤`, `个月`; empty when bare.
    pub suffix: SmolStr,
    /// Whether the digits were grouped: `1,234`.
    pub grouped: bool,
    /// Where it stands.
    pub span: Span,
}

/// A date, month, quarter or year as written; the checker says whether it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateLiteral {
    /// `2024年`
    Year(i16),
    /// `2023Q3`
    Quarter(i16, u8),
    /// `2023-07`
    Month(i16, u8),
    /// `2023-07-01`
    Day(i16, u8, u8),
}

/// `by S { rows }`
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Plain, marginal or slab.
    pub kind: TableKind,
    /// The subject; a table of conditions has none.
    pub subject: Option<Expr>,
    /// The rows in written order.
    pub rows: Vec<TableRow>,
}

/// How a table pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// The row's value.
    Plain,
    /// Each slice at its own rate (超额累进).
    Marginal,
    /// The reached row's rate on the whole (全额累进).
    Slab,
}

/// `key, key: value`
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    /// The keys; empty for `otherwise`.
    pub keys: Vec<Expr>,
    /// The value.
    pub value: Expr,
    /// The whole row.
    pub span: Span,
}

/// The functions that are called with parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `min(a, b)`
    Min,
    /// `max(a, b)`
    Max,
}

/// `sum E over L` and its kin.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Which one.
    pub kind: AggregateKind,
    /// The value for each item; `count`, `any` and `every` have none.
    pub value: Option<Expr>,
    /// The list or the range of periods; `rank` may leave it out.
    pub over: Option<Expr>,
    /// `over all R`: the whole population.
    pub all: bool,
    /// The condition of `any … where` and `every … has`.
    pub condition: Option<Expr>,
}

/// The aggregates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateKind {
    /// `sum`
    Sum,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `average`
    Average,
    /// `count`
    Count,
    /// `any`
    Any,
    /// `every`
    Every,
    /// `rank`
    Rank,
}

/// Units of elapsed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// Days.
    Days,
    /// Whole months.
    Months,
    /// Whole years.
    Years,
}
