//! What a shortage leaves of each claim: the shares of `shortage`, in whole fen.

use super::claim::{Claim, Digit};

/// Shares that are fractions of the claims, rounded down to a unit; and who gets the rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parts {
    /// A share is (claim × `times` − `less`) ÷ `over`, never below 0.
    pub(super) times: i128,
    pub(super) less: i128,
    pub(super) over: i128,
    /// In fen.
    pub(super) unit: i64,
    /// Near `times` ÷ `over`, to find a share fast; the exact one is within reach.
    near: f64,
}

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

impl Parts {
    /// All by one factor: the room over what is asked for.
    pub(super) fn pro_rata(room: i128, wanted: i128, unit: i64) -> Option<Self> {
        Self::new(room, 0, wanted, unit)
    }

    /// All by one amount: `less` ÷ `over` fen.
    pub(super) fn equally(less: i128, over: i128, unit: i64) -> Option<Self> {
        Self::new(over, less, over, unit)
    }

    fn new(times: i128, less: i128, over: i128, unit: i64) -> Option<Self> {
        // Every product and remainder stays within 126 bits.
        let narrow = |number: i128| (0..1i128 << 62).contains(&number);
        let fits = narrow(times) && narrow(less >> 62) && over > 0 && over.checked_mul(unit.into()).is_some_and(narrow);
        let near = times as f64 / over.max(1) as f64;
        (fits && unit > 0).then_some(Parts { times, less, over, unit, near })
    }

    /// The share of a claim, rounded down.
    pub(super) fn share(&self, claim: i64) -> i64 {
        let exact = i128::from(claim).saturating_mul(self.times).saturating_sub(self.less).max(0);
        if self.unit == 1 && self.less == 0 && claim < (1 << 50) {
            // A guess that is off by one at most, set right by multiplying back.
            let mut guess = (claim as f64 * self.near) as i64;
            while i128::from(guess).saturating_mul(self.over) > exact {
                guess = guess.saturating_sub(1);
            }
            while i128::from(guess.saturating_add(1)).saturating_mul(self.over) <= exact {
                guess = guess.saturating_add(1);
            }
            return guess;
        }
        let whole = self.over.saturating_mul(self.unit.into());
        let units = exact.checked_div(whole).unwrap_or(0);
        i64::try_from(units.saturating_mul(self.unit.into())).unwrap_or(0)
    }

    /// What rounding down leaves of a share, in parts of a fen that are the same for all.
    pub(super) fn remainder(&self, claim: i64) -> u64 {
        let exact = i128::from(claim).saturating_mul(self.times).saturating_sub(self.less).max(0);
        let whole = self.over.saturating_mul(self.unit.into());
        u64::try_from(exact.checked_rem(whole).unwrap_or(0)).unwrap_or(0)
    }
}

impl Rest {
    /// The most that a claim may get of the rest.
    pub(super) fn most(&self, parts: &Parts, claim: i64) -> i64 {
        let room = claim.saturating_sub(parts.share(claim));
        if self.to_largest { room } else { room.min(parts.unit) }
    }

    fn of(&self, parts: &Parts, claim: &Claim<'_>) -> i64 {
        let most = self.most(parts, claim.amount);
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
