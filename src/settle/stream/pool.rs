//! What a shortage leaves of each claim: the shares of `shortage`, in whole fen.

use std::cmp::Ordering;

use super::batch::Keyed;
use super::claim::Claims;
use super::digit::{Digit, needs_keys, sized, stand};
use crate::settle::parts::Parts;

/// What becomes of the claims of a pool that does not reach.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// Those ahead of it are served whole, those behind get nothing; none where all stand equal.
    pub(super) line: Option<Vec<u64>>,
    /// What those at the line get.
    pub(super) there: There,
}

/// What those who stand equal get.
#[derive(Debug, Clone)]
pub(super) enum There {
    /// The only one takes what there is.
    Alone { left: i64, unit: i64 },
    /// Everybody a part.
    Parts(Parts, Option<Box<Rest>>),
}

/// Who gets the rest of rounding down.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    /// In which order.
    pub(super) order: Vec<Digit>,
    /// To the largest, all of it; else a unit each.
    pub(super) to_largest: bool,
    /// Those ahead of it get all that they may; none where everybody does.
    pub(super) line: Option<Vec<u64>>,
    /// What the one at the line gets.
    pub(super) left: i64,
    /// The parts in which keys tell who stands where.
    pub(super) keyed: Keyed,
}

/// Columns that are used again.
#[derive(Debug, Default)]
pub(super) struct Columns {
    turns: Vec<Ordering>,
    rests: Vec<Ordering>,
    digits: Vec<u64>,
    after: Vec<i64>,
}

impl Verdict {
    /// The parts in which the keys of recipients tell who gets what.
    pub(super) fn keyed(&self) -> Keyed {
        match &self.there {
            There::Parts(_, Some(rest)) => match &rest.line {
                Some(line) if needs_keys(&rest.order, line) => rest.keyed.clone(),
                _ => Keyed::NOWHERE,
            },
            _ => Keyed::NOWHERE,
        }
    }

    /// What claims of one group get.
    pub(super) fn serve<'c>(&self, claims: &Claims<'_>, turns: &[Digit], columns: &'c mut Columns) -> &'c [i64] {
        let Columns { turns: standing, rests, digits, after } = columns;
        let after = sized(after, claims.len(), 0);
        match &self.there {
            There::Alone { left, unit } => {
                let cut = left.saturating_sub(left.checked_rem(*unit).unwrap_or(0));
                let served = after.iter_mut().zip(claims.amounts);
                served.for_each(|(after, amount)| *after = if amount <= left { *amount } else { cut });
            }
            There::Parts(parts, rest) => {
                parts.shares(claims.amounts, after);
                if let Some(rest) = rest {
                    rest.give(parts, claims, (digits, rests), after);
                }
            }
        }
        if let Some(line) = &self.line {
            stand(claims, (turns, line), None, digits, standing);
            for ((after, amount), standing) in after.iter_mut().zip(claims.amounts).zip(standing) {
                *after = match standing {
                    Ordering::Less => *amount,
                    Ordering::Equal => *after,
                    Ordering::Greater => 0,
                };
            }
        }
        after
    }
}

impl Rest {
    /// Adds what each gets to its share.
    fn give(
        &self,
        parts: &Parts,
        claims: &Claims<'_>,
        (digits, standing): (&mut Vec<u64>, &mut Vec<Ordering>),
        shares: &mut [i64],
    ) {
        let given = |amount: i64, share: i64, standing: Ordering| {
            let most = parts.most(amount, share, self.to_largest);
            let more = match standing {
                Ordering::Less => most,
                Ordering::Equal => most.min(self.left),
                Ordering::Greater => 0,
            };
            share.saturating_add(more)
        };
        let rows = shares.iter_mut().zip(claims.amounts);
        let Some(line) = &self.line else {
            return rows.for_each(|(share, amount)| *share = given(*amount, *share, Ordering::Less));
        };
        stand(claims, (&self.order, line), Some(parts), digits, standing);
        rows.zip(standing).for_each(|((share, amount), standing)| *share = given(*amount, *share, *standing));
    }
}
