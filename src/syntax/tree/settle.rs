//! Settlement and tests as written.

use super::{Bind, Expr, Modifier, Name, Path, Payer, Text};
use crate::source::Span;

/// `settle { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Settle {
    /// Its steps in written order.
    pub steps: Vec<Step>,
    /// The whole block.
    pub span: Span,
}

/// A step of settlement.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// The whole step.
    pub span: Span,
}

/// The steps.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// Any modifier, `for A, B` or for all.
    Modifier {
        /// The modifier.
        modifier: Modifier,
        /// The clauses; empty for all.
        clauses: Vec<Path>,
    },
    /// `highest among A, B [per X]`
    HighestAmong {
        /// The clauses.
        clauses: Vec<Path>,
        /// Per item or per distinct value.
        per: Option<Expr>,
    },
    /// `not together A, B [per X]`
    NotTogether {
        /// The clauses.
        clauses: Vec<Path>,
        /// Per item or per distinct value.
        per: Option<Expr>,
    },
    /// `exclude A when C`
    Exclude {
        /// The clauses.
        clauses: Vec<Path>,
        /// The condition.
        when: Expr,
    },
    /// `select top N of A, B by K then by K [per X] [ties …]`
    Select {
        /// How many.
        count: Expr,
        /// Of which clauses.
        clauses: Vec<Path>,
        /// The keys.
        keys: Vec<SortKey>,
        /// A quota per distinct value.
        per: Option<Expr>,
        /// What happens to those tied at the line.
        ties: Option<Ties>,
    },
    /// `limit A, B to E …`, or `limit total to E …`
    Limit {
        /// The clauses; empty for `total`.
        clauses: Vec<Path>,
        /// The limit.
        to: Expr,
        /// Together with what history holds.
        cumulative: bool,
        /// Per distinct value rather than per recipient.
        per: Option<Expr>,
        /// Who bears a shortage.
        shortage: Option<Shortage>,
    },
    /// `budget E [for A, B] [from PAYER] …`, or `budget of year …`
    Budget {
        /// The pool; none for the policy's budget of the year.
        amount: Option<Expr>,
        /// The clauses; empty for all.
        clauses: Vec<Path>,
        /// The payer whose share is cut.
        from: Option<Text>,
        /// A pool per distinct value.
        per: Option<Expr>,
        /// Who bears a shortage.
        shortage: Option<Shortage>,
    },
    /// `outside budget A, B`
    OutsideBudget(Vec<Path>),
    /// `settle P, Q`: the steps of those policies are carried out here.
    Policies(Vec<Name>),
    /// `funded by …`
    FundedBy(Vec<Payer>),
}

/// A key to sort by.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// The key.
    pub key: Expr,
    /// Smaller first.
    pub ascending: bool,
}

/// What happens to those tied at a cut.
#[derive(Debug, Clone, PartialEq)]
pub enum Ties {
    /// All are taken.
    All,
    /// None is taken.
    None,
    /// Another key decides.
    By(SortKey),
}

/// Who bears a shortage, and what becomes of the rest of rounding down.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortage {
    /// Who bears it.
    pub rule: ShortageRule,
    /// `then pro rata`, `then equally`: what a tie does.
    pub tie: Option<ShortageRule>,
    /// The rest.
    pub rest: Rest,
    /// The unit that cuts round down to, where it is not 分.
    pub round_to: Option<Expr>,
    /// The whole rule.
    pub span: Span,
}

/// Who bears a shortage.
#[derive(Debug, Clone, PartialEq)]
pub enum ShortageRule {
    /// All by the same factor.
    ProRata,
    /// All by the same amount.
    Equally,
    /// The later in order first.
    InOrderOf(Vec<SortKey>),
}

/// What is done with the rest of rounding down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// It is not paid.
    Stays,
    /// By largest remainder.
    ByRemainder,
    /// To the largest.
    ToLargest,
}

/// `test "…" in 2024 on 2024-05-01 { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What it shows.
    pub name: Text,
    /// The period.
    pub period: Option<Expr>,
    /// The day of decision.
    pub date: Option<Expr>,
    /// Its lines in written order.
    pub lines: Vec<TestLine>,
    /// The whole test.
    pub span: Span,
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestLine {
    /// `given R { … }`, or `given R [ … ]`
    Given {
        /// The record, or history.
        record: Name,
        /// The rows.
        rows: Vec<Row>,
        /// The whole line.
        span: Span,
    },
    /// `bind … = E`
    Bind(Bind),
    /// `expect …`
    Expect(Expect),
}

/// `{ fact: value, … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The whole row.
    pub span: Span,
}

/// `fact: value`, or `fact in 2023: value`
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The fact.
    pub name: Name,
    /// The period of a fact by period.
    pub period: Option<Expr>,
    /// The value.
    pub value: CellValue,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// An expression of constants.
    Expr(Expr),
    /// A nested list.
    Rows(Vec<Row>),
    /// `unknown`
    Unknown(Span),
}

/// `expect T outcome [for K]`
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// A clause or an expression; for a condition, the whole condition.
    pub target: Expr,
    /// What is expected of it; none when the target is a condition that must hold.
    pub outcome: Option<Outcome>,
    /// For the record of this key.
    pub key: Option<Text>,
    /// The whole line.
    pub span: Span,
}

/// What a test may expect of a clause.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// `up to E`
    UpTo(Expr),
    /// `exact`, `exact E`
    Exact(Option<Expr>),
    /// `pending`, `pending "…"`
    Pending(Option<Text>),
    /// `unknown`
    Unknown,
    /// `not eligible`
    NotEligible,
    /// `not in force`
    NotInForce,
}
