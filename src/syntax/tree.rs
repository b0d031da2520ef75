//! The syntax tree: what was written, with the place of everything.
//!
//! Nothing is resolved here: names are texts, numbers keep their suffix, `in` may still
//! be a membership or another year's value. Comments are kept beside the items, for
//! the formatter and the editors.

mod expression;
mod question;
mod settle;
pub(crate) mod shift;
pub(crate) mod walk;

pub use expression::*;
pub use question::*;
pub use settle::*;

use smol_str::SmolStr;

use crate::source::{FileId, Span};

/// A parsed file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Which file this is.
    pub file: FileId,
    /// Its items in written order.
    pub items: Vec<Item>,
    /// Its comments in written order.
    pub comments: Vec<Comment>,
}

/// `# …` or `## …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// The whole comment with its marks.
    pub span: Span,
    /// The text without marks.
    pub text: SmolStr,
    /// Whether it documents what follows (`##`).
    pub doc: bool,
}

/// A name as written, full-width letters folded.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name without quotes.
    pub text: SmolStr,
    /// Where it stands, with its quotes.
    pub span: Span,
    /// Whether it stood in 「」.
    pub quoted: bool,
}

/// `A`, `A.B`: a clause, possibly of a named policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The parts, at least one.
    pub parts: Vec<Name>,
    /// The whole path.
    pub span: Span,
}

/// A quoted text.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The text without its quotes.
    pub text: SmolStr,
    /// With its quotes.
    pub span: Span,
}

/// Anything that may stand in a file, a policy, an article or a clause. The grammar says what may stand where.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `use "…"`
    Use(Text),
    /// `unit 吨标煤 / tce`
    Unit(Unit),
    /// `record 企业 { … }`
    Record(Record),
    /// `let N = E`
    Let(Let),
    /// `parameter P : rate = …`
    Parameter(Parameter),
    /// `bind P."…" = E`
    Bind(Bind),
    /// `policy N { … }`
    Policy(Policy),
    /// `article "二" 名 { … }`
    Article(Article),
    /// `clause N { … }`, or a bare `award …`
    Clause(Clause),
    /// `settle { … }`
    Settle(Settle),
    /// `test "…" in 2024 { … }`
    Test(Test),
    /// `title "…"`, `in force …`, `lead …` and the like.
    Property(Property),
}

impl Item {
    /// The whole of it.
    pub fn span(&self) -> Span {
        match self {
            Item::Use(text) => text.span,
            Item::Unit(unit) => unit.span,
            Item::Record(record) => record.span,
            Item::Let(derived) => derived.span,
            Item::Parameter(parameter) => parameter.span,
            Item::Bind(bind) => bind.span,
            Item::Policy(policy) => policy.span,
            Item::Article(article) => article.span,
            Item::Clause(clause) => clause.span,
            Item::Settle(settle) => settle.span,
            Item::Test(test) => test.span,
            Item::Property(property) => property.span,
        }
    }
}

/// `unit N / alias`
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Canonical name first, then aliases.
    pub names: Vec<Name>,
    /// The whole declaration.
    pub span: Span,
}

/// `record N / alias { facts and lets }`
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Canonical name first, then aliases.
    pub names: Vec<Name>,
    /// Facts in written order.
    pub facts: Vec<Fact>,
    /// Derived facts.
    pub lets: Vec<Let>,
    /// The whole declaration.
    pub span: Span,
}

/// One fact of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Canonical name first, then aliases.
    pub names: Vec<Name>,
    /// Its type.
    pub kind: TypeExpr,
    /// `per year` or `per quarter`.
    pub per: Option<Per>,
    /// `in 千元`: the scale of bare cells, as a name.
    pub scale: Option<Name>,
    /// `key`
    pub key: bool,
    /// `where C`, with the fact itself left out or named.
    pub check: Option<Expr>,
    /// `= E`: what a blank cell means.
    pub default: Option<Expr>,
    /// `dated F`: the fact that dates this level.
    pub dated: Option<Name>,
    /// The whole line.
    pub span: Span,
}

/// How a fact by period is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// One value a year.
    Year,
    /// One value a quarter.
    Quarter,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExpr {
    /// `money`
    Money,
    /// `number`
    Number,
    /// `count`
    Count,
    /// `rate`
    Rate,
    /// `bool`
    Bool,
    /// `date`
    Date,
    /// `text`
    Text,
    /// `one of A, B`
    OneOf(Vec<Name>),
    /// `level of A > B`, highest first.
    LevelOf(Vec<Name>),
    /// `quantity in U`
    Quantity(Name),
    /// `price per U`
    Price(Name),
    /// `list of R`
    List(Name),
}

/// `let N = E`
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    /// Canonical name first, then aliases.
    pub names: Vec<Name>,
    /// `: type`, where it is written.
    pub kind: Option<TypeExpr>,
    /// The value.
    pub value: Expr,
    /// The whole declaration.
    pub span: Span,
}

/// `parameter P : rate = E`, or `{ from D: E, … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Canonical name first, then aliases.
    pub names: Vec<Name>,
    /// `: type`, where it is written.
    pub kind: Option<TypeExpr>,
    /// Dated values, the first without a date for `= E`.
    pub values: Vec<(Option<Expr>, Expr)>,
    /// The whole declaration.
    pub span: Span,
}

/// `bind POLICY."what is open" = E`, or `bind PARAMETER = E`
#[derive(Debug, Clone, PartialEq)]
pub struct Bind {
    /// The policy, where it is named.
    pub policy: Option<Name>,
    /// The text of the pending rule, or the name of a parameter.
    pub target: BindTarget,
    /// The value.
    pub value: Expr,
    /// The whole declaration.
    pub span: Span,
}

/// What a `bind` determines.
#[derive(Debug, Clone, PartialEq)]
pub enum BindTarget {
    /// A pending rule by its text.
    Pending(Text),
    /// A parameter by its name.
    Parameter(Name),
}

/// `policy N { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: Name,
    /// Its members.
    pub items: Vec<Item>,
    /// The whole declaration.
    pub span: Span,
}

/// `article "二" 名 { … }` or `第二条 名 { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Its number as written: 二, 第二条.
    pub number: Option<Text>,
    /// Its name.
    pub name: Option<Name>,
    /// Its members.
    pub items: Vec<Item>,
    /// The whole declaration.
    pub span: Span,
}

/// `clause N { … }`, or a bare award.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// Its number as written, `第二款`.
    pub number: Option<Text>,
    /// Its name; a bare award has none.
    pub name: Option<Name>,
    /// Its parts in written order.
    pub parts: Vec<Part>,
    /// Derived facts of the clause.
    pub lets: Vec<Let>,
    /// The whole declaration.
    pub span: Span,
    /// Whether it stood as a bare award, without braces.
    pub bare: bool,
}

/// A part of a clause.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// `award [up to] E`, `match a:b X`, `recover E`
    Award(Award),
    /// `for each L`
    ForEach(Expr, Span),
    /// `to R`
    To(Name),
    /// `cap E` and the like.
    Modifier(Modifier),
    /// `when C`, `unless C`, `during R [by D]`
    Gate(Gate),
    /// `outside budget`, `funded by …`, `text "…"`, `lead …`
    Property(Property),
}

/// What a clause gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Award {
    /// `up to`, where it stands.
    pub up_to: Option<Span>,
    /// Whether the amount is due back (`recover`).
    pub recover: bool,
    /// The amount.
    pub amount: Expr,
    /// The whole award.
    pub span: Span,
}

/// A change of the amount so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Modifier {
    /// What it does.
    pub kind: ModifierKind,
    /// Whether it acts on an item's amount (`each`).
    pub each: bool,
    /// Whether it counts what history holds (`cumulative`).
    pub cumulative: bool,
    /// Other clauses whose history counts (`with A, B`).
    pub with: Vec<Path>,
    /// The whole modifier.
    pub span: Span,
}

/// The modifiers of an award.
#[derive(Debug, Clone, PartialEq)]
pub enum ModifierKind {
    /// `cap E`
    Cap(Expr),
    /// `floor E`
    Floor(Expr),
    /// `times E`
    Times(Expr),
    /// `less E`
    Less(Expr),
    /// `nothing below E`
    NothingBelow(Expr),
    /// `round half up to 元`
    Round(Rounding),
    /// `topping up`, or `topping up on paid`
    ToppingUp {
        /// Less what was paid rather than the standard.
        on_paid: bool,
    },
    /// `once`
    Once,
}

/// `half up to 元`
#[derive(Debug, Clone, PartialEq)]
pub struct Rounding {
    /// Half up, up or down.
    pub mode: RoundMode,
    /// To what: 分, 元, 万元 or an amount.
    pub to: Expr,
}

/// How a number is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoundMode {
    /// 四舍五入: halves away from zero.
    HalfUp,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
}

/// What must hold for the clause to pay.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Which gate.
    pub kind: GateKind,
    /// The whole gate.
    pub span: Span,
}

/// The gates.
#[derive(Debug, Clone, PartialEq)]
pub enum GateKind {
    /// `when C`
    When(Expr),
    /// `unless C`
    Unless(Expr),
    /// `during R [by D]`
    During {
        /// The range.
        range: Expr,
        /// The date that must lie in it.
        by: Option<Expr>,
    },
}

/// A line of a policy, article or clause that is no clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// What it says.
    pub kind: PropertyKind,
    /// The whole line.
    pub span: Span,
}

/// The properties.
#[derive(Debug, Clone, PartialEq)]
pub enum PropertyKind {
    /// `title "…"`
    Title(Text),
    /// `number "…"`
    Number(Text),
    /// `issuer A, B`
    Issuer(Vec<Text>),
    /// `issued D`
    Issued(Expr),
    /// `in force R [by D]`
    InForce {
        /// The range.
        range: Expr,
        /// The date of the event that decides.
        by: Option<Expr>,
    },
    /// `overrides A.B, C`
    Overrides(Vec<Path>),
    /// `round half up to 分`
    Round(Rounding),
    /// `budget 2024: 1亿, 2025: 1亿`, or `budget 1亿`
    Budget(Vec<(Option<Expr>, Expr)>),
    /// `eligible when C`
    Eligible(Expr),
    /// `convention 以上（不含）`: whether a comparison word includes its bound.
    Convention {
        /// The word.
        word: Name,
        /// Whether the bound is included.
        included: bool,
    },
    /// `lead A, B`
    Lead(Vec<Text>),
    /// `text "…"`
    Text(Text),
    /// `commitment "…"`
    Commitment(Text),
    /// `funded by A 60% (cap 100万), B the rest`
    FundedBy(Vec<Payer>),
    /// `outside budget`
    OutsideBudget,
}

/// A payer of `funded by`.
#[derive(Debug, Clone, PartialEq)]
pub struct Payer {
    /// Who pays.
    pub name: Text,
    /// The share; none for `the rest`.
    pub share: Option<Expr>,
    /// `(cap E)`
    pub cap: Option<Expr>,
}
