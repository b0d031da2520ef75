//! What a shortage leaves of each claim: the shares of `shortage`, in whole fen.

use super::claim::{Claim, Digit};
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
    Parts(Parts, Option<Rest>),
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
}

impl Rest {
    fn of(&self, parts: &Parts, claim: &Claim<'_>) -> i64 {
        let most = parts.most(claim.amount, self.to_largest);
        match stands(claim, &self.order, self.line.as_deref(), Some(parts)) {
            std::cmp::Ordering::Less => most,
            std::cmp::Ordering::Equal => most.min(self.left),
            std::cmp::Ordering::Greater => 0,
        }
    }
}

impl Verdict {
    /// What a claim gets.
    pub(super) fn of(&self, claim: &Claim<'_>, turns: &[Digit]) -> i64 {
        match (stands_in_turn(claim, turns, self.line.as_deref()), &self.there) {
            (std::cmp::Ordering::Less, _) => claim.amount,
            (std::cmp::Ordering::Greater, _) => 0,
            (_, There::Alone { left, .. }) if claim.amount <= *left => claim.amount,
            (_, There::Alone { left, unit }) => left.saturating_sub(left.checked_rem(*unit).unwrap_or(0)),
            (_, There::Parts(parts, rest)) => {
                let more = rest.as_ref().map_or(0, |rest| rest.of(parts, claim));
                parts.share(claim.amount).saturating_add(more)
            }
        }
    }
}

/// Where a claim stands to the line of its turn; all stand at it where there is none.
pub(super) fn stands_in_turn(claim: &Claim<'_>, turns: &[Digit], line: Option<&[u64]>) -> std::cmp::Ordering {
    match line {
        None => std::cmp::Ordering::Equal,
        line => stands(claim, turns, line, None),
    }
}

/// Where a claim stands to a line: ahead of it is less; all are ahead where there is none.
pub(super) fn stands(
    claim: &Claim<'_>,
    order: &[Digit],
    line: Option<&[u64]>,
    parts: Option<&Parts>,
) -> std::cmp::Ordering {
    let Some(line) = line else { return std::cmp::Ordering::Less };
    let digits = order.iter().zip(line).map(|(digit, at)| digit.of(claim, parts).cmp(at));
    digits.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}
