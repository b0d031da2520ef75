//! A tree moved to another place: every span to another file and by so many bytes.
//!
//! In: a tree that was read from a part of a text. Out: the tree as it stands in the
//! whole. All fields are named, so that a new one cannot be forgotten.

use smol_str::SmolStr;

use super::*;
use crate::diagnostic::Diagnostic;

/// Where a part of a text stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The file.
    pub file: FileId,
    /// How many bytes stand before it.
    pub by: u32,
}

/// What has places.
pub(crate) trait Shift {
    /// Moves every place there.
    fn shift(&mut self, to: Place);
}

impl Shift for Span {
    fn shift(&mut self, to: Place) {
        self.file = to.file;
        self.start = self.start.saturating_add(to.by);
        self.end = self.end.saturating_add(to.by);
    }
}

impl Shift for Diagnostic {
    fn shift(&mut self, to: Place) {
        self.spans.iter_mut().for_each(|span| span.shift(to));
    }
}

impl<T: Shift> Shift for Option<T> {
    fn shift(&mut self, to: Place) {
        self.iter_mut().for_each(|inner| inner.shift(to));
    }
}

impl<T: Shift> Shift for Vec<T> {
    fn shift(&mut self, to: Place) {
        self.iter_mut().for_each(|inner| inner.shift(to));
    }
}

impl<T: Shift> Shift for Box<T> {
    fn shift(&mut self, to: Place) {
        (**self).shift(to);
    }
}

impl<A: Shift, B: Shift> Shift for (A, B) {
    fn shift(&mut self, to: Place) {
        self.0.shift(to);
        self.1.shift(to);
    }
}

/// What has no place.
macro_rules! placeless {
    ($($kind:ty),*) => { $(impl Shift for $kind { fn shift(&mut self, _: Place) {} })* };
}

placeless!(SmolStr, bool, Per, RoundMode, Operator, Compare, DateLiteral, TableKind, Function, AggregateKind);
placeless!(TimeUnit, Rest);

/// All fields of a struct.
macro_rules! fields {
    ($($kind:ident { $($field:ident),* })*) => { $(impl Shift for $kind {
        fn shift(&mut self, to: Place) {
            let $kind { $($field),* } = self;
            $($field.shift(to);)*
        }
    })* };
}

fields! {
    Comment { span, text, doc }
    Name { text, span, quoted }
    Path { parts, span }
    Text { text, span }
    Unit { names, span }
    Record { names, facts, lets, span }
    Fact { names, kind, per, scale, key, check, default, dated, span }
    Let { names, kind, value, span }
    Parameter { names, kind, values, span }
    Bind { policy, target, value, span }
    Policy { name, items, span }
    Article { number, name, items, span }
    Clause { number, name, parts, lets, span, bare }
    Award { up_to, recover, amount, span }
    Modifier { kind, each, cumulative, with, span }
    Rounding { mode, to }
    Gate { kind, span }
    Property { kind, span }
    Payer { name, share, cap }
    Settle { steps, span }
    Step { kind, span }
    SortKey { key, ascending }
    Shortage { rule, tie, rest, round_to, span }
    Test { name, period, date, lines, span }
    Row { cells, span }
    Cell { name, period, value }
    Expect { target, outcome, key, span }
    Expr { kind, span }
    Comparison { operator, span, word }
    Number { digits, suffix, grouped, span }
    Table { kind, subject, rows }
    TableRow { keys, value, span }
    Aggregate { kind, value, over, all, condition }
}

/// All variants of an enum, each with what it holds.
macro_rules! variants {
    ($($kind:ident { $($variant:ident $(($($part:ident),*))? $({$($field:ident),*})? ),* })*) => { $(impl Shift for $kind {
        fn shift(&mut self, to: Place) {
            match self {
                $($kind::$variant $(($($part),*))? $({$($field),*})? => {
                    let _ = to;
                    $($($part.shift(to);)*)?
                    $($($field.shift(to);)*)?
                })*
            }
        }
    })* };
}

variants! {
    Item {
        Use(a), Unit(a), Record(a), Let(a), Parameter(a), Bind(a), Policy(a), Article(a), Clause(a), Settle(a),
        Test(a), Property(a)
    }
    TypeExpr {
        Money, Number, Count, Rate, Bool, Date, Text, OneOf(a), LevelOf(a), Quantity(a), Price(a), List(a)
    }
    BindTarget { Pending(a), Parameter(a) }
    Part { Award(a), ForEach(a, b), To(a), Modifier(a), Gate(a), Property(a) }
    ModifierKind {
        Cap(a), Floor(a), Times(a), Less(a), NothingBelow(a), Round(a), ToppingUp { on_paid }, Once
    }
    GateKind { When(a), Unless(a), During { range, by } }
    PropertyKind {
        Title(a), Number(a), Issuer(a), Issued(a), InForce { range, by }, Overrides(a), Round(a), Budget(a),
        Eligible(a), Convention { word, included }, Lead(a), Text(a), Commitment(a), FundedBy(a), OutsideBudget
    }
    StepKind {
        Modifier { modifier, clauses }, HighestAmong { clauses, per }, NotTogether { clauses, per },
        Exclude { clauses, when }, Select { count, clauses, keys, per, ties },
        Limit { clauses, to, cumulative, per, shortage }, Budget { amount, clauses, from, per, shortage },
        OutsideBudget(a), Policies(a), FundedBy(a)
    }
    Ties { All, None, By(a) }
    ShortageRule { ProRata, Equally, InOrderOf(a) }
    TestLine { Given { record, rows, span }, Bind(a), Expect(a) }
    CellValue { Expr(a), Rows(a), Unknown(a) }
    Outcome { UpTo(a), Exact(a), Pending(a), Unknown, NotEligible, NotInForce }
    ExprKind {
        Number(a), Date(a), Text(a), Yes, No, None, Name(a), Field(a, b), Negative(a), Not(a), Chain(a, b),
        Compare(a, b, c), In(a, b), Between(a, b, c), IsNone(a, b), Newly(a), List(a), Range(a, b), Table(a),
        Call(a, b), Round(a, b, c), Aggregate(a), Where(a, b), Top(a, b, c), Pending(a), Match(a, b, c), On(a, b),
        Elapsed(a, b, c), YearOf(a), PaidUnder(a), Poison
    }
}
