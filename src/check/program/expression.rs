//! Expressions of a checked program: operations, tables, and their types and places.

use super::*;

/// An expression with its type and place.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it computes.
    pub node: Node,
    /// Its type.
    pub kind: Type,
    /// Where it is written.
    pub span: Span,
}

/// The operations. `up` counts frames outward: 0 is the innermost record in scope.
#[derive(Debug, Clone)]
pub enum Node {
    /// A constant.
    Value(Value),
    /// An open rule.
    Pending(PendingId),
    /// A fact; one kept by period gives the evaluated period's value.
    Fact {
        /// The type of the record it belongs to.
        record: RecordId,
        /// Frames outward.
        up: u8,
        /// Which fact.
        fact: FactId,
    },
    /// Another period's value of a fact.
    FactIn {
        /// The type of the record it belongs to.
        record: RecordId,
        /// Frames outward.
        up: u8,
        /// Which fact.
        fact: FactId,
        /// The period.
        period: ExprId,
    },
    /// A derived fact of the record `up` frames outward.
    Let {
        /// Frames outward.
        up: u8,
        /// Which.
        id: LetId,
    },
    /// A parameter at the evaluation's date.
    Parameter(ParameterId),
    /// A parameter at another date.
    ParameterOn(ParameterId, ExprId),
    /// The year of the evaluated period.
    Year,
    /// The evaluated period.
    Period,
    /// The evaluation's date.
    Today,
    /// What was paid to this recipient under these clauses.
    PaidUnder(Vec<ClauseRef>),
    /// A clause's settled amount; in tests, settlement and questions only.
    ClauseAmount(ClauseId),
    /// The settled total of the recipient; likewise.
    Total,
    /// `- E`
    Negate(ExprId),
    /// Terms, each added or (`true`) subtracted.
    Sum(Vec<(bool, ExprId)>),
    /// Factors, each multiplied or (`true`) divided by.
    Product(Vec<(bool, ExprId)>),
    /// A date or period moved by durations, each added or (`true`) taken away; a year moved by a number.
    Shift(ExprId, Vec<(bool, ExprId)>),
    /// `A or else B`
    OrElse(Vec<ExprId>),
    /// A comparison; levels compare by rank, dates with periods as `semantics` 17 has it.
    Compare(Compare, ExprId, ExprId),
    /// Membership in listed values.
    InList(ExprId, Vec<ExprId>),
    /// Membership in a period or range of numbers.
    InRange(ExprId, ExprId),
    /// A range of numbers or days; open ends allowed.
    Range(Option<ExprId>, Option<ExprId>),
    /// Whether there is none.
    IsNone(ExprId),
    /// Whether the level is there and its date lies in the period, the clause's window and the policy's force.
    Newly {
        /// The level.
        level: ExprId,
        /// Its date.
        date: ExprId,
    },
    /// All hold.
    And(Vec<ExprId>),
    /// One holds.
    Or(Vec<ExprId>),
    /// `not C`
    Not(ExprId),
    /// The least.
    Min(Vec<ExprId>),
    /// The greatest.
    Max(Vec<ExprId>),
    /// Rounded to a multiple of the unit.
    Round(RoundMode, ExprId, Number),
    /// A table.
    Table(Box<TableNode>),
    /// An aggregate over a list: the value and condition see the item as frame 0.
    Aggregate {
        /// Which one.
        kind: AggregateKind,
        /// The list.
        list: ExprId,
        /// The value of an item.
        value: Option<ExprId>,
        /// The condition of any and every.
        condition: Option<ExprId>,
    },
    /// An aggregate of a fact by period over a range of periods.
    OverPeriods {
        /// Which one.
        kind: AggregateKind,
        /// The type of the record it belongs to.
        record: RecordId,
        /// Frames outward.
        up: u8,
        /// The fact.
        fact: FactId,
        /// The range.
        range: ExprId,
    },
    /// The rank of this record among all of its type, 1 for the greatest: one plus the number strictly better.
    Rank(ExprId),
    /// The items of a list fact.
    Items {
        /// The type of the record it belongs to.
        record: RecordId,
        /// Frames outward.
        up: u8,
        /// The fact.
        fact: FactId,
    },
    /// All records of a type in the population.
    All(RecordId),
    /// The history of the recipient (the outermost frame).
    History,
    /// The items for which the condition holds (item as frame 0).
    Where(ExprId, ExprId),
    /// The first N by keys (item as frame 0).
    Top {
        /// The list.
        list: ExprId,
        /// How many.
        count: ExprId,
        /// Keys, each with whether it ascends.
        keys: Vec<(ExprId, bool)>,
    },
    /// Whole days, months or years between two dates.
    Elapsed(TimeUnit, ExprId, ExprId),
    /// The year in which a date lies.
    YearOf(ExprId),
}

impl Node {
    /// The fact that it asks for, with its record type.
    pub(crate) fn fact(&self) -> Option<(RecordId, FactId)> {
        match self {
            Node::Fact { record, fact, .. }
            | Node::FactIn { record, fact, .. }
            | Node::OverPeriods { record, fact, .. } => Some((*record, *fact)),
            _ => None,
        }
    }

    /// Whether it asks for a fact, or a derived one, of a record type.
    pub(crate) fn is_of(&self, of: RecordId, lets: &[LetDef]) -> bool {
        match self {
            Node::Fact { record, .. }
            | Node::FactIn { record, .. }
            | Node::OverPeriods { record, .. }
            | Node::Items { record, .. } => *record == of,
            Node::Let { id, .. } => lets.get(id.index()).is_some_and(|def| def.record == of),
            _ => false,
        }
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct TableNode {
    /// Plain, marginal or slab.
    pub kind: TableKind,
    /// The subject; a table of conditions has none.
    pub subject: Option<ExprId>,
    /// Rows; brackets are sorted, lower bounds from high to low, upper bounds from low to high.
    pub rows: Vec<TableRowNode>,
    /// The value of `otherwise`; without, numbers are 0, conditions no, all else none.
    pub otherwise: Option<ExprId>,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct TableRowNode {
    /// When it applies.
    pub test: RowTest,
    /// Its value.
    pub value: ExprId,
    /// The whole row.
    pub span: Span,
}

/// When a row applies.
#[derive(Debug, Clone)]
pub enum RowTest {
    /// The subject equals one of these constants.
    OneOf(Vec<ExprId>),
    /// The subject stands in this relation to the bound.
    Bound(Compare, ExprId),
    /// The condition holds.
    Condition(ExprId),
}
