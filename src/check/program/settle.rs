//! Settlement steps and tests of a checked program.

use smol_str::SmolStr;

use super::*;

/// A settlement step.
#[derive(Debug, Clone)]
pub struct StepDef {
    /// The policy in which it stands; none beside policies.
    pub policy: Option<PolicyId>,
    /// What it does.
    pub kind: StepKindDef,
    /// Where it stands.
    pub span: Span,
}

/// The settlement steps.
#[derive(Debug, Clone)]
pub enum StepKindDef {
    /// Any modifier, on these clauses.
    Modifier(ModifierDef, Vec<ClauseId>),
    /// Only the greatest is kept.
    HighestAmong(Vec<ClauseId>, Option<PerDef>),
    /// The best compatible set is kept.
    NotTogether(Vec<ClauseId>, Option<PerDef>),
    /// Nothing when the condition holds.
    Exclude(Vec<ClauseId>, ExprId),
    /// Only the first N are kept.
    Select {
        /// How many.
        count: ExprId,
        /// Of which clauses.
        clauses: Vec<ClauseId>,
        /// By which keys, each with whether it ascends.
        keys: Vec<(ExprId, bool)>,
        /// A quota each.
        per: Option<PerDef>,
        /// What happens to ties.
        ties: Option<TiesDef>,
        /// Items compete, not recipients: the keys are over them.
        over_items: bool,
    },
    /// Joint cap of a recipient or group.
    Limit {
        /// The clauses; empty for the total.
        clauses: Vec<ClauseId>,
        /// The limit.
        to: ExprId,
        /// Together with what history holds.
        cumulative: bool,
        /// Per distinct value.
        per: Option<PerDef>,
        /// Who bears a shortage.
        shortage: Option<ShortageDef>,
    },
    /// A pool.
    Budget {
        /// The pool; none for the policy's budget of the year.
        amount: Option<ExprId>,
        /// The clauses; empty for all.
        clauses: Vec<ClauseId>,
        /// The payer whose share is cut.
        from: Option<SmolStr>,
        /// A pool each.
        per: Option<PerDef>,
        /// Who bears a shortage.
        shortage: Option<ShortageDef>,
    },
    /// Clauses taken out of the pool.
    OutsideBudget(Vec<ClauseId>),
    /// How what is paid is shared.
    FundedBy(Vec<PayerDef>),
}

/// `per X`
#[derive(Debug, Clone)]
pub enum PerDef {
    /// Per item of a record type that the clauses pay for each of.
    Item(RecordId),
    /// Per distinct value of a fact of the recipient.
    Value(ExprId),
}

/// What happens to those tied at a line.
#[derive(Debug, Clone)]
pub enum TiesDef {
    /// All are taken.
    All,
    /// None is taken.
    None,
    /// Another key decides, with whether it ascends.
    By(ExprId, bool),
}

/// Who bears a shortage.
#[derive(Debug, Clone)]
pub struct ShortageDef {
    /// Who bears it.
    pub rule: ShortageRuleDef,
    /// What a tie does.
    pub tie: Option<ShortageRuleDef>,
    /// Items bear it, not whole awards: the keys are over them.
    pub over_items: bool,
    /// What is done with the rest.
    pub rest: crate::syntax::tree::Rest,
    /// The unit to which cuts round down, where not 分.
    pub round_to: Option<Number>,
    /// The rule's place.
    pub span: Span,
}

/// Who bears a shortage.
#[derive(Debug, Clone)]
pub enum ShortageRuleDef {
    /// All by one factor.
    ProRata,
    /// All by one amount.
    Equally,
    /// By keys over the recipient or item, each with whether it ascends.
    ByKeys(Vec<(ExprId, bool)>),
    /// By clauses, the first served first.
    ByClauses(Vec<ClauseId>),
}

/// A test.
#[derive(Debug, Clone)]
pub struct TestDef {
    /// What it shows.
    pub name: SmolStr,
    /// The period.
    pub period: Option<Period>,
    /// The date of decision.
    pub date: Option<Date>,
    /// Records given, by type.
    pub given: Vec<(RecordId, Vec<GivenRow>)>,
    /// What is bound.
    pub bindings: Vec<Binding>,
    /// What is expected.
    pub expects: Vec<ExpectDef>,
    /// Where it is written.
    pub span: Span,
}

/// A record of a test.
#[derive(Debug, Clone)]
pub struct GivenRow {
    /// Its cells.
    pub cells: Vec<GivenCell>,
    /// Where it is written.
    pub span: Span,
}

/// A cell of a test's record.
#[derive(Debug, Clone)]
pub struct GivenCell {
    /// The fact.
    pub fact: FactId,
    /// The period of a fact by period; none for the test's own.
    pub period: Option<Period>,
    /// Its value.
    pub value: GivenValue,
}

/// A value of a test's record.
#[derive(Debug, Clone)]
pub enum GivenValue {
    /// A constant.
    Value(Value),
    /// Not known.
    Unknown,
    /// A nested list.
    Rows(Vec<GivenRow>),
}

/// A value supplied for something open or for a parameter.
#[derive(Debug, Clone)]
pub enum Binding {
    /// For a pending rule.
    Pending(PendingId, ExprId),
    /// For a parameter.
    Parameter(ParameterId, ExprId),
}

/// An expectation.
#[derive(Debug, Clone)]
pub struct ExpectDef {
    /// What is expected.
    pub kind: ExpectKind,
    /// For the record of this key.
    pub key: Option<SmolStr>,
    /// The whole line.
    pub span: Span,
}

/// The expectations.
#[derive(Debug, Clone)]
pub enum ExpectKind {
    /// A condition that must hold, over the recipient.
    Holds(ExprId, RecordId),
    /// The settled amount of a clause is exactly this.
    Amount(ClauseId, ExprId),
    /// The amount may be anything up to this.
    UpTo(ClauseId, ExprId),
    /// The bounds of a clause.
    Bounds(ClauseId, Option<ExprId>, Option<ExprId>),
    /// The status of a clause.
    Status(ClauseId, ExpectStatus),
    /// Whether an expression over the recipient is known, unknown or pending.
    Open(ExprId, RecordId, ExpectStatus),
}

/// A status that a test may expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectStatus {
    /// Exact.
    Exact,
    /// Pending, for this rule where it is named.
    Pending(Option<SmolStr>),
    /// Unknown facts matter.
    Unknown,
    /// Not eligible.
    NotEligible,
    /// Not in force.
    NotInForce,
}
