//! Shares of a shortage in whole fen: fractions of claims, rounded down, and what that leaves.
//!
//! In: claims, the room and the rule. Out: the share of each claim and its remainder,
//! exactly, without a fraction being written down: a share is a whole number over a
//! divisor that is the same for all. The settlement in memory and the stream share it.
//!
//! # Why one multiplication of doubles is enough
//! Division of whole numbers is slow, and no processor does several at once. A share of a
//! claim below [`NARROW`] is guessed instead: with `times` ≤ `over` and `less` ÷ `whole` < 2^48
//! the quotient (claim × `times` − `less`) ÷ `whole` lies below 2^48, and the double nearest to
//! it errs by less than 2^48 × 8 × 2^-53 = 1/4: four roundings for the product, three for
//! what is subtracted, one for the difference. Less a half, which errs by another 1/32, and
//! rounded to the next whole number, it is the quotient rounded down or one beside it. So the
//! exact rest, claim × `times` − `less` − guess × `whole`, lies from −`whole` to below
//! 2 × `whole`; as `whole` < 2^62 its low 64 bits are all of it, whatever the products
//! overflow to, and its sign and size say which of the three the quotient is.

/// Claims below this, 2.8 万亿元 in fen, are divided in doubles, and set right.
const NARROW: i64 = 1 << 48;

/// Shares that are fractions of the claims, rounded down to a unit; and who gets the rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parts {
    /// A share is (claim × `times` − `less`) ÷ `over`, never below 0.
    pub(super) times: i128,
    pub(super) less: i128,
    pub(super) over: i128,
    /// In fen.
    pub(super) unit: i64,
    /// How a claim below [`NARROW`] is divided, where that is possible.
    quick: Option<Quick>,
}

/// The same in 64 bits.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quick {
    /// `times`, the low 64 bits of `less`, and `over` × `unit`.
    times: i64,
    less: i64,
    whole: i64,
    unit: i64,
    /// Smaller claims have no share.
    least: i64,
    /// Near `times` ÷ `whole` and `less` ÷ `whole`.
    near: f64,
    near_less: f64,
}

impl Quick {
    fn new(times: i128, less: i128, over: i128, unit: i64) -> Option<Self> {
        let whole = i64::try_from(over.checked_mul(unit.into())?).ok()?;
        let narrow = i64::try_from(times).ok()?;
        // Long divisions take longer than what they are to spare, where there are few claims.
        let (least, near_less) = match less {
            0 => (0, 0.0),
            _ => (less.checked_add(times.checked_sub(1)?)?.checked_div(times)?, less as f64 / whole as f64),
        };
        (0 < times && times <= over && near_less < NARROW as f64).then_some(Quick {
            times: narrow,
            less: less as i64,
            whole,
            unit,
            least: i64::try_from(least).unwrap_or(i64::MAX),
            near: narrow as f64 / whole as f64,
            near_less,
        })
    }

    /// The share of a claim and its remainder.
    #[inline(always)]
    fn split(self, claim: i64) -> (i64, i64) {
        let near = claim as f64 * self.near - self.near_less;
        let guess = nearest(if near > 0.0 { near } else { 0.0 } - 0.5);
        let exact = claim.wrapping_mul(self.times).wrapping_sub(self.less);
        let rest = exact.wrapping_sub(guess.wrapping_mul(self.whole));
        let (more, less) = (mask(rest >= self.whole), mask(rest < 0));
        let units = guess.wrapping_sub(more).wrapping_add(less);
        let rest = rest.wrapping_sub(more & self.whole).wrapping_add(less & self.whole);
        let any = mask(claim >= self.least);
        (units.wrapping_mul(self.unit) & any, rest & any)
    }
}

/// All bits where it holds.
#[inline(always)]
fn mask(holds: bool) -> i64 {
    i64::from(holds).wrapping_neg()
}

/// 1.5 × 2^52: a double below 2^51 added to it loses what stands behind its point.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number.
#[inline(always)]
fn nearest(value: f64) -> i64 {
    (value + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed()
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
        (fits && unit > 0).then(|| Parts { times, less, over, unit, quick: Quick::new(times, less, over, unit) })
    }

    /// The remainders lie below this.
    pub(super) fn whole(&self) -> i128 {
        self.over.saturating_mul(self.unit.into())
    }

    /// The share of a claim, rounded down, and what that leaves, in parts of a fen that are the same for all.
    #[inline]
    fn split(&self, claim: i64) -> (i64, i64) {
        match self.quick {
            Some(quick) if (0..NARROW).contains(&claim) => quick.split(claim),
            _ => self.split_exactly(claim),
        }
    }

    fn split_exactly(&self, claim: i64) -> (i64, i64) {
        let exact = i128::from(claim).saturating_mul(self.times).saturating_sub(self.less).max(0);
        let whole = self.whole();
        let units = exact.checked_div(whole).unwrap_or(0);
        let share = i64::try_from(units.saturating_mul(self.unit.into())).unwrap_or(0);
        (share, i64::try_from(exact.checked_rem(whole).unwrap_or(0)).unwrap_or(0))
    }

    /// What rounding down leaves of a share, in parts of a fen that are the same for all.
    #[inline]
    pub(super) fn remainder(&self, claim: i64) -> u64 {
        self.split(claim).1.cast_unsigned()
    }

    /// The share of each claim.
    pub(super) fn shares(&self, claims: &[i64], out: &mut [i64]) {
        self.each(claims, out, |(share, _)| share);
    }

    /// The remainder of each claim, the greater first: all bits turned.
    pub(super) fn remainders(&self, claims: &[i64], out: &mut [u64]) {
        self.each(claims, out, |(_, remainder)| !remainder.cast_unsigned());
    }

    /// The most of the rest of rounding down that a claim may get beside its share: all that it lacks, or a unit.
    #[inline]
    pub(super) fn most(&self, claim: i64, share: i64, to_largest: bool) -> i64 {
        let lacks = claim.saturating_sub(share);
        if to_largest { lacks } else { lacks.min(self.unit) }
    }

    /// Something of the share and remainder of each claim, with the instructions that the processor has.
    fn each<T, F: Fn((i64, i64)) -> T + Copy>(&self, claims: &[i64], out: &mut [T], of: F) {
        match self.quick.filter(|_| claims.len() > FEW && are_narrow(claims)) {
            Some(quick) => pulp::Arch::new().dispatch(Each { quick, claims, out, of }),
            None => out.iter_mut().zip(claims).for_each(|(out, claim)| *out = of(self.split(*claim))),
        }
    }
}

/// So few claims are divided one by one.
const FEW: usize = if cfg!(test) { 2 } else { 8 };

/// Whether all are from 0 to below [`NARROW`].
fn are_narrow(claims: &[i64]) -> bool {
    // Where one is negative, so is what they all come to.
    (0..NARROW).contains(&claims.iter().fold(0, |bits, claim| bits | claim))
}

/// A loop over claims that are all below [`NARROW`].
struct Each<'a, T, F> {
    quick: Quick,
    claims: &'a [i64],
    out: &'a mut [T],
    of: F,
}

impl<T, F: Fn((i64, i64)) -> T> pulp::NullaryFnOnce for Each<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (out, claim) in self.out.iter_mut().zip(self.claims) {
            *out = (self.of)(self.quick.split(*claim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers of any size up to a power of two, and those beside it.
    fn below(bits: u32) -> impl Strategy<Value = i64> {
        (0..bits, any::<i64>(), -1i64..2).prop_map(|(bits, number, beside)| {
            let top = 1i64 << bits;
            if number % 3 == 0 { (top + beside).max(0) } else { number & (top - 1) }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn doubles_set_right_are_the_exact_division(
            room in below(62), wanted in below(62), part in below(48), unit in 0usize..5, near in -2i64..3,
            claims in proptest::collection::vec(below(63), 1..8),
        ) {
            let unit = [1, 10, 1_000, 10_000, 1 << 20][unit];
            // Each twice: equal ones are as wide together as one alone.
            let claims: Vec<i64> = claims.iter().chain(&claims).copied().collect();
            let over = i128::from(wanted.max(1));
            // Just so much that a claim has no share or hardly one.
            let less = i128::from(part) * over + i128::from(near);
            let parts = [Parts::pro_rata(room.into(), over, unit), Parts::equally(less, over, unit)];
            for parts in parts.into_iter().flatten() {
                for claim in claims.iter().flat_map(|claim| [*claim, claim & (NARROW - 1), part, part.saturating_add(unit)]) {
                    prop_assert_eq!(parts.split(claim), parts.split_exactly(claim), "{:?} of {}", parts, claim);
                }
                let mut shares = vec![0; claims.len()];
                parts.shares(&claims, &mut shares);
                prop_assert_eq!(&shares, &claims.iter().map(|claim| parts.split(*claim).0).collect::<Vec<_>>());
                let mut remainders = vec![0; claims.len()];
                parts.remainders(&claims, &mut remainders);
                prop_assert_eq!(remainders, claims.iter().map(|claim| !parts.remainder(*claim)).collect::<Vec<_>>());
            }
        }
    }
}
