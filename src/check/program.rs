//! The checked program: typed, units known, every name bound. What both engines read.
//!
//! Expressions live in one arena and are named by [`ExprId`], so that a trace can name a
//! step, and a plan can share one. Nothing here refers to the syntax tree but by span.

mod expression;
mod settle;

pub use expression::*;
pub use settle::*;

use smol_str::SmolStr;

use crate::source::Span;
use crate::syntax::tree::{AggregateKind, Compare, Per, RoundMode, TableKind, TimeUnit};
use crate::value::{Date, Dimension, Number, Period, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index.
            pub fn index(self) -> usize { self.0 as usize }
        })*
    };
}

ids! {
    /// An expression of the arena.
    ExprId,
    /// A record type.
    RecordId,
    /// A fact within its record type.
    FactId,
    /// A `one of` or `level of` type.
    EnumId,
    /// A derived fact.
    LetId,
    /// A parameter.
    ParameterId,
    /// A pending rule.
    PendingId,
    /// A clause.
    ClauseId,
    /// A policy.
    PolicyId,
}

/// A checked program: every policy that was loaded.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Units by number, 元 first: canonical name, then aliases.
    pub units: Vec<Vec<SmolStr>>,
    /// `one of` and `level of` types.
    pub enums: Vec<EnumDef>,
    /// Record types, the main recipient first; the history is always among them.
    pub records: Vec<RecordDef>,
    /// Derived facts.
    pub lets: Vec<LetDef>,
    /// Parameters.
    pub parameters: Vec<ParameterDef>,
    /// Pending rules: one name in one policy is one unknown.
    pub pendings: Vec<PendingDef>,
    /// Policies in order of loading.
    pub policies: Vec<PolicyDef>,
    /// Clauses in document order.
    pub clauses: Vec<ClauseDef>,
    /// Settlement steps in order.
    pub settle: Vec<StepDef>,
    /// Tests.
    pub tests: Vec<TestDef>,
    /// The arena.
    pub exprs: Vec<Expr>,
}

impl Program {
    /// The history record type.
    pub fn history(&self) -> RecordId {
        self.records.iter().position(|r| r.is_history).map_or(RecordId(0), |at| RecordId(at as u32))
    }
}

/// A `one of` or `level of` type.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumDef {
    /// Its values; for levels the highest first.
    pub values: Vec<SmolStr>,
    /// Whether it is ordered (`level of`).
    pub ordered: bool,
}

/// The type of an expression or fact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// A number with its dimension: money, a quantity, a price, a rate, a count.
    Number(Dimension),
    /// yes or no
    Bool,
    /// A day.
    Date,
    /// A text.
    Text,
    /// A value of an enumeration or level.
    Code(EnumId),
    /// A length of time.
    Duration,
    /// A period: a year, a quarter, a range of days.
    Period,
    /// A list of records.
    List(RecordId),
    /// Could not be typed; reported where it arose, quiet afterwards.
    Poison,
}

/// A record type.
#[derive(Debug, Clone)]
pub struct RecordDef {
    /// Canonical name.
    pub name: SmolStr,
    /// Aliases.
    pub aliases: Vec<SmolStr>,
    /// Facts; a record's cells stand in this order.
    pub facts: Vec<FactDef>,
    /// The fact that identifies a record.
    pub key: Option<FactId>,
    /// The predeclared history.
    pub is_history: bool,
    /// Where it is declared; none when inferred.
    pub span: Option<Span>,
    /// Documentation comment.
    pub doc: SmolStr,
}

/// A fact of a record type.
#[derive(Debug, Clone)]
pub struct FactDef {
    /// Canonical name.
    pub name: SmolStr,
    /// Aliases.
    pub aliases: Vec<SmolStr>,
    /// Its type.
    pub kind: Type,
    /// `count` facts hold whole numbers.
    pub whole: bool,
    /// Kept by year or quarter.
    pub per: Option<Per>,
    /// What bare cells are multiplied by: 1000 for `money in 千元`.
    pub scale: Number,
    /// What a blank cell means; unknown without.
    pub default: Option<Value>,
    /// The data check: a condition over the record (frame 0).
    pub check: Option<ExprId>,
    /// Bounds that the check implies, `[lowest, highest]`, in which an unknown ranges: numbers or days.
    pub bounds: (Option<Value>, Option<Value>),
    /// The fact that dates this level.
    pub dated: Option<FactId>,
    /// Where it is declared, or first used when inferred.
    pub span: Span,
    /// Documentation comment.
    pub doc: SmolStr,
    /// Not declared: its type was inferred from use.
    pub inferred: bool,
}

/// A derived fact.
#[derive(Debug, Clone)]
pub struct LetDef {
    /// Its name.
    pub name: SmolStr,
    /// Aliases.
    pub aliases: Vec<SmolStr>,
    /// The record type that it is derived for.
    pub record: RecordId,
    /// Its value, over that record (frame 0).
    pub value: ExprId,
    /// Its type.
    pub kind: Type,
    /// Where it is declared.
    pub span: Span,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct ParameterDef {
    /// Its policy, where it stands in one.
    pub policy: Option<PolicyId>,
    /// Its name.
    pub name: SmolStr,
    /// Aliases.
    pub aliases: Vec<SmolStr>,
    /// Its type.
    pub kind: Type,
    /// Dated values, earliest first; the first may hold from ever on.
    pub values: Vec<(Option<Date>, ExprId)>,
    /// Where it is declared.
    pub span: Span,
}

/// A pending rule.
#[derive(Debug, Clone)]
pub struct PendingDef {
    /// The policy whose text leaves it open.
    pub policy: Option<PolicyId>,
    /// Its name: the text after `pending`.
    pub name: SmolStr,
    /// Its type at its first use.
    pub kind: Type,
    /// What a `bind` declaration supplies.
    pub bound: Option<ExprId>,
    /// Its first use.
    pub span: Span,
}

/// A policy.
#[derive(Debug, Clone)]
pub struct PolicyDef {
    /// Its name; empty for a bare file.
    pub name: SmolStr,
    /// Title, document number and issuers.
    pub title: Option<SmolStr>,
    /// Document number.
    pub number: Option<SmolStr>,
    /// Issuers.
    pub issuers: Vec<SmolStr>,
    /// Day of issue.
    pub issued: Option<Date>,
    /// When it is in force, and by which date.
    pub force: Option<ForceDef>,
    /// Clauses or policies that it overrides.
    pub overrides: Vec<ClauseRef>,
    /// Rounding of each amount due.
    pub rounding: (RoundMode, Number),
    /// Budgets by period; none for a budget of the whole time in force.
    pub budgets: Vec<(Option<Period>, ExprId)>,
    /// `eligible when C`, by the record type over whose facts it was bound.
    pub eligible: Vec<(RecordId, ExprId)>,
    /// Articles in order.
    pub articles: Vec<ArticleDef>,
    /// How what is paid is shared among payers.
    pub funding: Vec<PayerDef>,
    /// Where it is declared.
    pub span: Option<Span>,
    /// Documentation comment.
    pub doc: SmolStr,
}

/// `in force R by D`, and `during R by D`.
#[derive(Debug, Clone)]
pub struct ForceDef {
    /// The range: an expression of type period.
    pub range: ExprId,
    /// The date of the event, by record type where it could be bound.
    pub by: Vec<(RecordId, ExprId)>,
    /// Where it is written.
    pub span: Span,
}

/// An article.
#[derive(Debug, Clone)]
pub struct ArticleDef {
    /// Its number as written.
    pub number: SmolStr,
    /// Its name.
    pub name: SmolStr,
    /// Lead departments.
    pub lead: Vec<SmolStr>,
    /// The drafter's wording, with its place.
    pub text: Option<(SmolStr, Span)>,
    /// Commitments: nothing to compute.
    pub commitments: Vec<SmolStr>,
    /// How what is paid is shared among payers, where it differs from the policy's.
    pub funding: Vec<PayerDef>,
    /// Where it is declared.
    pub span: Span,
}

/// A payer of `funded by`.
#[derive(Debug, Clone)]
pub struct PayerDef {
    /// Who pays.
    pub name: SmolStr,
    /// The share; none for the rest.
    pub share: Option<ExprId>,
    /// The most that it pays.
    pub cap: Option<ExprId>,
}

/// A clause, possibly one that is known from history only.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseRef {
    /// The clause, where it is loaded; for `overrides` of a whole policy none.
    pub clause: Option<ClauseId>,
    /// The policy's name; empty for the own one.
    pub policy: SmolStr,
    /// The clause's name; empty for a whole policy.
    pub name: SmolStr,
    /// Where it is named.
    pub span: Span,
}

/// A clause.
#[derive(Debug, Clone)]
pub struct ClauseDef {
    /// Its name; a bare award is named by its article or `award`.
    pub name: SmolStr,
    /// Its policy.
    pub policy: PolicyId,
    /// Its article, by place in the policy.
    pub article: Option<usize>,
    /// Who receives: the record type of frame 0.
    pub recipient: RecordId,
    /// `up to`: the amount is the upper bound of a discretion.
    pub up_to: bool,
    /// An amount due back.
    pub recover: bool,
    /// The amount; with `for_each` over the item (frame 0) and the recipient (frame 1).
    pub amount: ExprId,
    /// The list whose items are paid for, over the recipient, and its item type.
    pub for_each: Option<(ExprId, RecordId)>,
    /// Modifiers in written order; those with `each` act on an item.
    pub modifiers: Vec<ModifierDef>,
    /// Gates in written order, over the recipient.
    pub gates: Vec<GateDef>,
    /// Own payers.
    pub funding: Vec<PayerDef>,
    /// Out of the budget's pool.
    pub outside_budget: bool,
    /// The drafter's wording.
    pub text: Option<(SmolStr, Span)>,
    /// The whole clause.
    pub span: Span,
    /// Its name's place, or the award's.
    pub name_span: Span,
    /// The award's place.
    pub award_span: Span,
    /// Documentation comment.
    pub doc: SmolStr,
}

impl ClauseDef {
    /// The name that its author gave it; none for a bare award.
    pub fn own_name(&self) -> Option<&SmolStr> {
        (self.name_span != self.award_span).then_some(&self.name)
    }
}

/// A gate.
#[derive(Debug, Clone)]
pub struct GateDef {
    /// What it asks.
    pub kind: GateKindDef,
    /// Where it stands.
    pub span: Span,
}

/// The gates.
#[derive(Debug, Clone)]
pub enum GateKindDef {
    /// `when C`
    When(ExprId),
    /// `unless C`
    Unless(ExprId),
    /// `during R by D`
    During {
        /// The range.
        range: ExprId,
        /// The date that must lie in it; without, the period must meet it.
        by: Option<ExprId>,
    },
}

/// A modifier.
#[derive(Debug, Clone)]
pub struct ModifierDef {
    /// What it does.
    pub kind: ModifierKindDef,
    /// On an item's amount.
    pub each: bool,
    /// Together with what history holds.
    pub cumulative: bool,
    /// Other clauses that count.
    pub with: Vec<ClauseRef>,
    /// Where it stands.
    pub span: Span,
}

/// The modifiers; expressions see facts, not the running amount.
#[derive(Debug, Clone)]
pub enum ModifierKindDef {
    /// `cap E`
    Cap(ExprId),
    /// `floor E`
    Floor(ExprId),
    /// `times E`
    Times(ExprId),
    /// `less E`
    Less(ExprId),
    /// `nothing below E`
    NothingBelow(ExprId),
    /// `round MODE to U`
    Round(RoundMode, Number),
    /// `topping up`
    ToppingUp {
        /// Less what was paid rather than the standard.
        on_paid: bool,
    },
    /// `once`
    Once,
}
