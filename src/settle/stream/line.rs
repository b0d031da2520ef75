//! The line that a capacity draws through claims in an order, found exactly and without
//! sorting them: a few surveys count what stands in each of some ranges of a digit, until
//! few enough stand around the line to be looked at one by one.

use super::act::Act;
use super::batch::{Awards, survey};
use super::claim::{ALL, Among, ByGroup, Claim, amount_of};
use super::plan::Grouping;

/// So few claims are looked at one by one; in tests hardly any, so that small populations are narrowed down as large ones are.
const FEW: u64 = if cfg!(test) { 2 } else { 4_096 };
/// All ranges of all groups together, so that what is kept stays small.
const MOST_RANGES: usize = 1 << 16;
/// The ranges of one group.
const RANGES: usize = if cfg!(test) { 4 } else { 4_096 };

/// What is looked for in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// The first claim that does not wholly fit when claims are served in order.
    Capacity(i128),
    /// With claims ordered by [`super::claim::Digit::Largest`]: by how much all must fall to come to this together.
    Level(i128),
}

/// Claims in an order.
pub(super) struct Search<'s, A> {
    pub(super) awards: &'s A,
    pub(super) acts: &'s [Act<'s>],
    pub(super) among: Among<'s>,
    pub(super) grouping: Grouping,
    /// How many digits the order has, and whether keys are among them.
    pub(super) digits: usize,
    pub(super) keys: bool,
    /// A digit of a claim.
    pub(super) digit: &'s (dyn Fn(i64, &Claim<'_>, usize) -> u64 + Sync),
    /// How much a claim takes of the capacity; nothing where it does not compete.
    pub(super) weight: &'s (dyn Fn(i64, &Claim<'_>) -> i64 + Sync),
}

/// Where the line lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The digits of those at the line.
    pub(super) at: Vec<u64>,
    /// What those ahead take, and how many they are.
    pub(super) ahead: Sum,
    /// The same of those at the line.
    pub(super) here: Sum,
}

/// Claims together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) weight: i128,
}

impl Sum {
    pub(super) fn add(&mut self, weight: i64) {
        self.count = self.count.saturating_add(1);
        self.weight = self.weight.saturating_add(weight.into());
    }

    pub(super) fn plus(self, other: Sum) -> Sum {
        Sum { count: self.count.saturating_add(other.count), weight: self.weight.saturating_add(other.weight) }
    }
}

/// A search under way: the line lies within a range of the digit after those that are found.
#[derive(Debug, Clone)]
struct Narrow {
    goal: Goal,
    prefix: Vec<u64>,
    low: u64,
    high: u64,
    /// Of those before the range.
    ahead: Sum,
    /// How many stand in the range; not known yet at first.
    inside: Option<u64>,
}

/// What a survey brings.
enum Next {
    GoesOn,
    Found(Found),
    Fits,
}

/// What a survey sees of one group.
#[derive(Debug, Clone)]
enum Seen {
    /// The least and greatest digit.
    Span(u64, u64, Sum),
    Ranges(Vec<Sum>),
    Claims(Vec<(Vec<u64>, i64)>),
}

impl<A: Awards> Search<'_, A> {
    /// The line of each group; a group of which everything fits has none.
    pub(super) fn lines(&self, goals: ByGroup<Goal>) -> ByGroup<Found> {
        let start =
            |goal| Narrow { goal, prefix: Vec::new(), low: u64::MAX, high: 0, ahead: Sum::default(), inside: None };
        let mut open: ByGroup<Narrow> = goals.into_iter().map(|(group, goal)| (group, start(goal))).collect();
        let mut done = ByGroup::default();
        while !open.is_empty() {
            let ranges = MOST_RANGES.checked_div(open.len()).unwrap_or(1).clamp(2, RANGES);
            let mut seen = self.look(&open, ranges);
            // A group of which nothing was seen, or of which all fits, needs no line.
            open.retain(|group, narrow| match seen.remove(group).map(|seen| narrow.narrow(seen, self.digits)) {
                Some(Next::GoesOn) => true,
                Some(Next::Found(found)) => {
                    done.insert(*group, found);
                    false
                }
                Some(Next::Fits) | None => false,
            });
        }
        done
    }

    /// One survey for all groups whose line is not found.
    fn look(&self, open: &ByGroup<Narrow>, ranges: usize) -> ByGroup<Seen> {
        let one = open.get(&ALL).filter(|_| open.len() == 1);
        let see = |seen: &mut ByGroup<Seen>, batch: &super::Batch| {
            self.among.each(batch, self.grouping, |group, claim| {
                let Some(narrow) = one.or_else(|| open.get(&group)) else { return };
                let weight = (self.weight)(group, &claim);
                if weight <= 0 {
                    return;
                }
                let ahead = narrow.prefix.iter().enumerate();
                if ahead.into_iter().any(|(at, digit)| (self.digit)(group, &claim, at) != *digit) {
                    return;
                }
                let digit = (self.digit)(group, &claim, narrow.prefix.len());
                let slot = seen.entry(group).or_insert_with(|| narrow.unseen(ranges));
                match slot {
                    Seen::Span(low, high, sum) => {
                        *low = (*low).min(digit);
                        *high = (*high).max(digit);
                        sum.add(weight);
                    }
                    Seen::Ranges(sums) => {
                        if let Some(sum) = narrow.range_of(digit, ranges).and_then(|at| sums.get_mut(at)) {
                            sum.add(weight);
                        }
                    }
                    Seen::Claims(claims) if (narrow.low..=narrow.high).contains(&digit) => {
                        let digits = (0..self.digits).map(|at| (self.digit)(group, &claim, at));
                        claims.push((digits.collect(), weight));
                    }
                    Seen::Claims(_) => {}
                }
            });
        };
        survey(self.awards, self.acts, self.keys, ByGroup::default, see, |mut all, some| {
            for (group, seen) in some {
                match all.remove(&group) {
                    Some(other) => all.insert(group, other.and(seen)),
                    None => all.insert(group, seen),
                };
            }
            all
        })
    }
}

impl Seen {
    fn and(self, other: Seen) -> Seen {
        match (self, other) {
            (Seen::Span(low, high, sum), Seen::Span(other_low, other_high, other)) => {
                Seen::Span(low.min(other_low), high.max(other_high), sum.plus(other))
            }
            (Seen::Ranges(a), Seen::Ranges(b)) => Seen::Ranges(a.into_iter().zip(b).map(|(a, b)| a.plus(b)).collect()),
            (Seen::Claims(mut a), Seen::Claims(b)) => {
                a.extend(b);
                Seen::Claims(a)
            }
            (one, _) => one,
        }
    }
}

impl Narrow {
    fn unseen(&self, ranges: usize) -> Seen {
        match self.inside {
            None => Seen::Span(u64::MAX, 0, Sum::default()),
            Some(inside) if inside <= FEW => Seen::Claims(Vec::new()),
            Some(_) => Seen::Ranges(vec![Sum::default(); ranges]),
        }
    }

    /// The width of a range, as a power of two.
    fn shift(&self, ranges: usize) -> u32 {
        let span = self.high.saturating_sub(self.low);
        (0..64).find(|shift| (span >> shift) < ranges as u64).unwrap_or(63)
    }

    fn range_of(&self, digit: u64, ranges: usize) -> Option<usize> {
        let inside = (self.low..=self.high).contains(&digit);
        usize::try_from(digit.checked_sub(self.low).filter(|_| inside)? >> self.shift(ranges)).ok()
    }

    /// Whether the line lies in what comes next.
    fn reaches(&self, ahead: Sum, next: Sum, last_digit: u64) -> bool {
        let all = ahead.plus(next);
        match self.goal {
            Goal::Capacity(capacity) => all.weight > capacity,
            // What is left of those down to here, were the least of them to lose all.
            Goal::Level(level) => {
                let each = i128::from(amount_of(last_digit)).max(0);
                all.count > 0 && all.weight.saturating_sub(each.saturating_mul(all.count.into())) >= level
            }
        }
    }

    fn narrow(&mut self, seen: Seen, digits: usize) -> Next {
        match seen {
            Seen::Span(low, high, sum) => {
                (self.low, self.high, self.inside) = (low, high, Some(sum.count));
                match self.goal {
                    Goal::Capacity(room) if self.ahead.plus(sum).weight <= room => Next::Fits,
                    Goal::Level(_) if low == high && !self.reaches(self.ahead, sum, low) => {
                        self.ahead = self.ahead.plus(sum);
                        self.ends_behind()
                    }
                    _ if low == high => self.at_one_digit(low, sum, digits),
                    _ => Next::GoesOn,
                }
            }
            Seen::Ranges(sums) => {
                let shift = self.shift(sums.len());
                for (at, sum) in sums.iter().enumerate().filter(|(_, sum)| sum.count > 0) {
                    let low = self.low.saturating_add((at as u64) << shift);
                    let high = low.saturating_add((1u64 << shift).saturating_sub(1)).min(self.high);
                    if self.reaches(self.ahead, *sum, high) {
                        (self.low, self.high, self.inside) = (low, high, Some(sum.count));
                        return if low == high { self.at_one_digit(low, *sum, digits) } else { Next::GoesOn };
                    }
                    self.ahead = self.ahead.plus(*sum);
                }
                self.ends_behind()
            }
            Seen::Claims(mut claims) => {
                claims.sort_unstable();
                for same in claims.chunk_by(|(a, _), (b, _)| a == b) {
                    let mut sum = Sum::default();
                    same.iter().for_each(|(_, weight)| sum.add(*weight));
                    let at = same.first().map(|(digits, _)| digits.clone()).unwrap_or_default();
                    let last = at.last().copied().unwrap_or(u64::MAX);
                    if self.reaches(self.ahead, sum, last) {
                        return Next::Found(Found { at, ahead: self.ahead, here: sum });
                    }
                    self.ahead = self.ahead.plus(sum);
                }
                self.ends_behind()
            }
        }
    }

    /// The range is down to one digit: the next one is asked for, if there is one.
    fn at_one_digit(&mut self, digit: u64, here: Sum, digits: usize) -> Next {
        self.prefix.push(digit);
        if self.prefix.len() >= digits {
            return Next::Found(Found { at: self.prefix.clone(), ahead: self.ahead, here });
        }
        self.inside = None;
        Next::GoesOn
    }

    /// The level lies below the least of all claims.
    fn ends_behind(&self) -> Next {
        match self.goal {
            Goal::Level(_) => Next::Found(Found { at: vec![u64::MAX], ahead: self.ahead, here: Sum::default() }),
            Goal::Capacity(_) => Next::Fits,
        }
    }
}
