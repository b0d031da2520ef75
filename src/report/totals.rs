//! Sums of awards, with how many recipients stand behind them.

use serde::{Serialize, Serializer};

use crate::eval::Answer;
use crate::settle::{Amounts, Range};
use crate::value::Number;

/// Sums of awards of one kind: of a clause, an article, a payer, or those with one value of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many recipients get something that is settled; each is counted once.
    pub receive: usize,
    /// The sum of what is settled, discretion taken as full; what is open is not in it.
    #[serde(serialize_with = "yuan")]
    pub settled: Number,
    /// The least that may be paid: open amounts at their least, discretion taken as none.
    #[serde(serialize_with = "yuan")]
    pub lowest: Number,
    /// The most that may be paid: open amounts at their most; none where nothing bounds one of them.
    #[serde(serialize_with = "yuan_or_null")]
    pub highest: Option<Number>,
    /// How many recipients have an amount here that is open for want of facts.
    pub unknown: usize,
    /// How many recipients have an amount here that is open for want of rules.
    pub pending: usize,
    /// The recipient that was counted last, one more than its place: for receive, unknown, pending.
    #[serde(skip)]
    counted: [usize; 3],
}

impl Default for Totals {
    fn default() -> Self {
        Totals {
            receive: 0,
            settled: Number::ZERO,
            lowest: Number::ZERO,
            highest: Some(Number::ZERO),
            unknown: 0,
            pending: 0,
            counted: [0; 3],
        }
    }
}

impl Totals {
    /// An amount of the recipient at this place, with its bounds.
    pub(super) fn add(&mut self, recipient: usize, amount: &Answer, (lowest, highest): &(Number, Option<Number>)) {
        match amount {
            Answer::Known(_) => {
                let settled = amount.known_number().cloned().unwrap_or_default();
                if settled.is_positive() {
                    once(&mut self.receive, &mut self.counted[0], recipient);
                }
                self.settled = plus(&self.settled, &settled);
            }
            Answer::Open(open) if open.causes.want_only_rules() => {
                once(&mut self.pending, &mut self.counted[2], recipient);
            }
            Answer::Open(_) => once(&mut self.unknown, &mut self.counted[1], recipient),
        }
        self.lowest = plus(&self.lowest, lowest);
        self.highest = self.highest.as_ref().zip(highest.as_ref()).map(|(sum, more)| plus(sum, more));
    }

    /// Amounts of other recipients, in fen: what is settled, what of it is no discretion, and how many get it.
    pub(super) fn add_fen(&mut self, (settled, surely, receive): (i128, i128, usize)) {
        let settled = in_yuan(settled);
        self.receive += receive;
        self.settled = plus(&self.settled, &settled);
        self.lowest = plus(&self.lowest, &in_yuan(surely));
        self.highest = self.highest.as_ref().map(|sum| plus(sum, &settled));
    }

    /// Several rows together; a recipient that stands in several of them counts in each.
    pub fn sum<'t>(rows: impl Iterator<Item = &'t Totals>) -> Totals {
        rows.fold(Totals::default(), |sum, row| Totals {
            receive: sum.receive + row.receive,
            settled: plus(&sum.settled, &row.settled),
            lowest: plus(&sum.lowest, &row.lowest),
            highest: sum.highest.zip(row.highest.as_ref()).map(|(sum, more)| plus(&sum, more)),
            unknown: sum.unknown + row.unknown,
            pending: sum.pending + row.pending,
            counted: [0; 3],
        })
    }

    /// Whether nothing is paid and nothing may be.
    pub fn is_nothing(&self) -> bool {
        self.highest.as_ref().is_some_and(Number::is_zero)
    }
}

/// Counts a recipient that was not counted just before.
pub(super) fn once(count: &mut usize, last: &mut usize, recipient: usize) {
    if *last != recipient + 1 {
        *last = recipient + 1;
        *count += 1;
    }
}

/// A sum; one that cannot be held stays as it was.
pub(super) fn plus(sum: &Number, more: &Number) -> Number {
    sum.add(more).unwrap_or_else(|_| sum.clone())
}

fn in_yuan(fen: i128) -> Number {
    let hundredth = Number::from_decimal(rust_decimal::Decimal::new(1, 2));
    let fen = Number::from_digits(&fen.to_string());
    fen.and_then(|fen| fen.multiply(&hundredth).ok()).unwrap_or_default()
}

/// A figure of a pool of money: what is known of it, and its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The known part; for what there was and what is left, the figure where it is known.
    #[serde(serialize_with = "yuan_or_null")]
    pub known: Option<Number>,
    /// The least.
    #[serde(serialize_with = "yuan")]
    pub lowest: Number,
    /// The most; none where nothing bounds it.
    #[serde(serialize_with = "yuan_or_null")]
    pub highest: Option<Number>,
}

impl Figure {
    pub(super) fn of_range(range: &Range) -> Self {
        Figure { known: range.known().cloned(), lowest: range.low.clone(), highest: range.high.clone() }
    }

    pub(super) fn of(amounts: &Amounts) -> Self {
        Figure { known: Some(amounts.known.clone()), ..Figure::of_range(&amounts.range) }
    }

    /// Both together.
    pub(super) fn and(&self, other: &Figure) -> Self {
        let both = |a: &Option<Number>, b: &Option<Number>| a.as_ref().zip(b.as_ref()).map(|(a, b)| plus(a, b));
        Figure {
            known: both(&self.known, &other.known),
            lowest: plus(&self.lowest, &other.lowest),
            highest: both(&self.highest, &other.highest),
        }
    }
}

pub(super) fn yuan<S: Serializer>(amount: &Number, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&amount.to_yuan())
}

pub(super) fn yuan_or_null<S: Serializer>(amount: &Option<Number>, to: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => to.serialize_str(&amount.to_yuan()),
        None => to.serialize_none(),
    }
}
