//! The syntax tree: what was written, with the place of everything.
//!
//! Nothing is resolved here: names are texts, numbers keep their suffix, `in` may still
//! be a membership or another year's value. Comments are kept beside the items, for
//! the formatter and the editors.

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
