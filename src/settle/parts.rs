//! Shares of a shortage in whole fen: fractions of claims, rounded down, and what that leaves.
//!
//! In: claims, the room and the rule. Out: the share of each claim and its remainder,
//! exactly, without a fraction being written down: a share is a whole number over a
//! divisor that is the same for all. The settlement in memory and the stream share it.

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

    /// The most of the rest of rounding down that a claim may get: all that it lacks, or a unit.
    pub(super) fn most(&self, claim: i64, to_largest: bool) -> i64 {
        let lacks = claim.saturating_sub(self.share(claim));
        if to_largest { lacks } else { lacks.min(self.unit) }
    }
}
