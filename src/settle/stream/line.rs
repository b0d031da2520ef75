//! The line that a capacity draws through claims in an order, found exactly and without
//! sorting them: a few surveys count what stands in each of some ranges of a digit, until
//! few enough stand around the line to be looked at one by one.

use std::collections::BTreeSet;

use super::act::Act;
use super::batch::{Awards, Batch, Needed, survey};
use super::claim::{ALL, Among, ByGroup, Claims, Gathered};
use super::digit::{Digit, amount_of, sized, stand};
use super::plan::Grouping;
use super::weight::{Weight, Weights};

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
    /// With claims ordered by [`Digit::Largest`]: by how much all must fall to come to this together.
    Level(i128),
}

/// What is known of a group before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) goal: Goal,
    /// The least and greatest that the first digit may be, and how many claims there are at most.
    pub(super) within: Option<(u64, u64, u64)>,
}

/// Claims in an order.
pub(super) struct Search<'s, A> {
    pub(super) awards: &'s A,
    pub(super) acts: &'s [Act<'s>],
    pub(super) among: Among<'s>,
    pub(super) grouping: Grouping,
    pub(super) order: &'s [Digit],
    pub(super) weight: Weight<'s>,
}

/// Where the line lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The digits of those at the line; where fewer than all tell them apart from all others, only those.
    pub(super) at: Vec<u64>,
    /// What those ahead take, and how many they are.
    pub(super) ahead: Sum,
    /// The same of those at the line.
    pub(super) here: Sum,
    /// What is left of the capacity at the line.
    pub(super) left: i128,
    /// The parts of those who are told apart by key alone, where that is known.
    pub(super) parts: Option<BTreeSet<usize>>,
}

/// Claims together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    pub(super) count: u64,
    /// Fewer than 2^63 numbers of 63 bits stay within 126.
    pub(super) weight: i128,
}

impl Sum {
    #[inline]
    pub(super) fn add(&mut self, weight: i64) {
        self.count = self.count.wrapping_add(1);
        self.weight = self.weight.wrapping_add(weight.into());
    }

    pub(super) fn plus(self, other: Sum) -> Sum {
        Sum { count: self.count.wrapping_add(other.count), weight: self.weight.wrapping_add(other.weight) }
    }

    /// All of these, none of which is below 0.
    #[inline]
    pub(super) fn of(weights: impl ExactSizeIterator<Item = i64>) -> Sum {
        let count = weights.len() as u64;
        // In two halves of 32 bits each: so many cannot overflow, and no digit is carried in between.
        let halves = |(low, high): (u64, u64), weight: i64| {
            let weight = weight.cast_unsigned();
            (low.wrapping_add(weight & u64::from(u32::MAX)), high.wrapping_add(weight >> 32))
        };
        let (low, high) = weights.fold((0, 0), halves);
        Sum { count, weight: (i128::from(high) << 32).wrapping_add(low.into()) }
    }
}

/// Claims whose digits lie in a range, and the least and greatest of these digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    sum: Sum,
    low: u64,
    high: u64,
}

impl Span {
    const NONE: Span = Span { sum: Sum { count: 0, weight: 0 }, low: u64::MAX, high: 0 };

    #[inline]
    fn add(&mut self, digit: u64, weight: i64) {
        self.sum.add(weight);
        self.low = self.low.min(digit);
        self.high = self.high.max(digit);
    }

    fn and(self, other: Span) -> Span {
        Span { sum: self.sum.plus(other.sum), low: self.low.min(other.low), high: self.high.max(other.high) }
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
    /// How many stand in the range at most; not known yet at first.
    inside: Option<u64>,
    /// What all have whatever the line is, is off the goal.
    settled: bool,
    /// The parts in which they stand, once they are few.
    parts: Option<BTreeSet<usize>>,
}

/// What a survey brings.
enum Next {
    GoesOn,
    Found(Found),
    Fits,
}

/// What a survey sees of one group.
#[derive(Debug, Clone)]
struct Seen {
    /// What all have whatever the line is.
    already: i128,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// Where they all stand.
    All(Span),
    Ranges(Vec<Span>),
    /// The digits of each, what it takes, and in which part it is.
    Claims(Vec<(Vec<u64>, i64, usize)>),
}

/// What looking needs, used again from run to run.
#[derive(Default)]
struct Scratch {
    weights: Weights,
    digits: Vec<u64>,
    standing: Vec<std::cmp::Ordering>,
    places: Vec<u32>,
    gathered: Gathered,
    own: Vec<i64>,
}

impl<A: Awards> Search<'_, A> {
    /// The line of each group; a group of which everything fits has none.
    pub(super) fn lines(&self, starts: ByGroup<Start>) -> ByGroup<Found> {
        let open = starts.into_iter().map(|(group, start)| (group, Narrow::new(start)));
        let mut open: ByGroup<Narrow> = open.collect();
        let mut done = ByGroup::default();
        while !open.is_empty() {
            let ranges = MOST_RANGES.checked_div(open.len()).unwrap_or(1).clamp(2, RANGES);
            let mut seen = self.look(&open, ranges);
            // A group of which nothing was seen, or of which all fits, needs no line.
            open.retain(|group, narrow| match seen.remove(group).map(|seen| narrow.narrow(seen, self.order)) {
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

    /// What a survey must read.
    fn needed(&self, open: &ByGroup<Narrow>) -> Needed {
        let keys = open.values().any(|narrow| is_key(self.order, narrow.prefix.len()));
        let inputs =
            self.order.iter().filter_map(Digit::input).chain(self.weight.inputs()).chain(self.grouping.input());
        Needed::default().and_amounts(self.among.clauses().iter().copied()).and_inputs(inputs).and_keys(keys)
    }

    /// One survey for all groups whose line is not found.
    fn look(&self, open: &ByGroup<Narrow>, ranges: usize) -> ByGroup<Seen> {
        let one = open.get(&ALL).filter(|_| open.len() == 1);
        let see = |seen: &mut ByGroup<Seen>, part: usize, batch: &Batch| {
            let mut scratch = Scratch::default();
            self.among.each(batch, self.grouping, |claims| {
                for (group, run) in claims.runs() {
                    if let Some(narrow) = one.or_else(|| open.get(&group)) {
                        let seen = seen.entry(group).or_insert_with(|| narrow.unseen(ranges));
                        self.see((group, part), &run, narrow, seen, &mut scratch);
                    }
                }
            });
        };
        // Where all are known to be, the rest need not be read.
        let these: Option<BTreeSet<usize>> = open.values().try_fold(BTreeSet::new(), |mut all, narrow| {
            all.extend(narrow.parts.as_ref()?);
            Some(all)
        });
        let these: Option<Vec<usize>> = these.map(|parts| parts.into_iter().collect());
        let wanted = (self.needed(open), these.as_deref());
        survey(self.awards, self.acts, wanted, ByGroup::default, see, |mut all: ByGroup<Seen>, some| {
            for (group, seen) in some {
                match all.remove(&group) {
                    Some(other) => all.insert(group, other.and(seen)),
                    None => all.insert(group, seen),
                };
            }
            all
        })
    }

    /// Looks at claims of one group.
    fn see(
        &self,
        (group, part): (i64, usize),
        claims: &Claims<'_>,
        narrow: &Narrow,
        seen: &mut Seen,
        scratch: &mut Scratch,
    ) {
        let Scratch { weights, digits, standing, places, gathered, own } = scratch;
        let already = self.weight.of(group, claims, weights);
        if !narrow.settled {
            seen.already = seen.already.saturating_add(already);
        }
        let parts = self.weight.parts(group);
        let depth = narrow.prefix.len();
        let compete = |(weight, standing): (&i64, &std::cmp::Ordering)| (*weight > 0) & standing.is_eq();
        // Mostly everybody competes.
        let all = depth == 0 && weights.each().iter().fold(true, |all, weight| all & (*weight > 0));
        let (claims, weights) = if all {
            (*claims, weights.each())
        } else {
            stand(claims, (self.order, &narrow.prefix), parts, digits, standing);
            places.clear();
            let rows = weights.each().iter().zip(standing.iter()).zip(0..);
            places.extend(rows.filter(|(row, _)| compete(*row)).map(|(_, at)| at));
            own.clear();
            own.extend(places.iter().filter_map(|at| weights.each().get(*at as usize)));
            (claims.pick(places, gathered), own.as_slice())
        };
        let Some(digit) = self.order.get(depth).filter(|_| claims.len() > 0) else { return };
        let digits = sized(digits, claims.len(), 0);
        digit.of_all(&claims, parts, digits);
        let rows = digits.iter().zip(weights);
        match &mut seen.what {
            What::All(span) => rows.for_each(|(digit, weight)| span.add(*digit, *weight)),
            What::Ranges(spans) => {
                let (shift, width) = (narrow.shift(spans.len()), narrow.high.saturating_sub(narrow.low));
                for (digit, weight) in rows {
                    let from_low = digit.wrapping_sub(narrow.low);
                    if from_low <= width
                        && let Some(span) = spans.get_mut((from_low >> shift) as usize)
                    {
                        span.add(*digit, *weight);
                    }
                }
            }
            What::Claims(found) => {
                let upto = known_together(self.order, depth);
                for (at, (_, weight)) in rows.enumerate().filter(|(_, (digit, _))| narrow.holds(**digit)) {
                    let rest = self.order.get(depth..upto).unwrap_or(&[]).iter();
                    found.push((rest.map(|digit| digit.of(&claims, at, parts)).collect(), *weight, part));
                }
            }
        }
    }
}

/// Whether the digit there is of a key.
fn is_key(order: &[Digit], at: usize) -> bool {
    order.iter().take(at.saturating_add(1)).any(|digit| matches!(digit, Digit::Key(_)))
}

/// The digits from one on that are read together: as long as there is another way, not the keys.
fn known_together(order: &[Digit], from: usize) -> usize {
    let key = order.iter().position(|digit| matches!(digit, Digit::Key(_)));
    key.filter(|key| from < *key).unwrap_or(order.len())
}

impl Seen {
    fn and(self, other: Seen) -> Seen {
        let what = match (self.what, other.what) {
            (What::All(a), What::All(b)) => What::All(a.and(b)),
            (What::Ranges(a), What::Ranges(b)) => What::Ranges(a.into_iter().zip(b).map(|(a, b)| a.and(b)).collect()),
            (What::Claims(mut a), What::Claims(b)) => {
                a.extend(b);
                What::Claims(a)
            }
            (one, _) => one,
        };
        Seen { already: self.already.saturating_add(other.already), what }
    }
}

impl Narrow {
    fn new(Start { goal, within }: Start) -> Narrow {
        let (low, high) = within.map_or((u64::MAX, 0), |(low, high, _)| (low, high));
        let inside = within.map(|(_, _, count)| count);
        Narrow { goal, prefix: Vec::new(), low, high, ahead: Sum::default(), inside, settled: false, parts: None }
    }

    fn unseen(&self, ranges: usize) -> Seen {
        let what = match self.inside {
            None => What::All(Span::NONE),
            Some(inside) if inside <= FEW => What::Claims(Vec::new()),
            Some(_) => What::Ranges(vec![Span::NONE; ranges]),
        };
        Seen { already: 0, what }
    }

    fn holds(&self, digit: u64) -> bool {
        (self.low..=self.high).contains(&digit)
    }

    /// The width of a range, as a power of two.
    fn shift(&self, ranges: usize) -> u32 {
        let span = self.high.saturating_sub(self.low);
        (0..64).find(|shift| (span >> shift) < ranges as u64).unwrap_or(63)
    }

    /// Whether the line lies in what comes next.
    fn reaches(&self, next: Sum, last_digit: u64) -> bool {
        let all = self.ahead.plus(next);
        match self.goal {
            Goal::Capacity(capacity) => all.weight > capacity,
            // What is left of those down to here, were the least of them to lose all.
            Goal::Level(level) => {
                let each = i128::from(amount_of(last_digit)).max(0);
                all.weight.saturating_sub(each.saturating_mul(all.count.into())) >= level
            }
        }
    }

    fn narrow(&mut self, seen: Seen, order: &[Digit]) -> Next {
        if let (false, Goal::Capacity(capacity)) = (self.settled, &mut self.goal) {
            *capacity = capacity.saturating_sub(seen.already);
        }
        self.settled = true;
        match seen.what {
            What::All(span) => self.among_spans(&[span], order),
            What::Ranges(spans) => self.among_spans(&spans, order),
            What::Claims(mut claims) => {
                claims.sort_unstable();
                for same in claims.chunk_by(|(a, ..), (b, ..)| a == b) {
                    let mut sum = Sum::default();
                    same.iter().for_each(|(_, weight, _)| sum.add(*weight));
                    let digits = same.first().map(|(digits, ..)| digits.as_slice()).unwrap_or_default();
                    if self.reaches(sum, digits.last().copied().unwrap_or(u64::MAX)) {
                        if !is_key(order, self.prefix.len()) {
                            self.parts = Some(same.iter().map(|(_, _, part)| *part).collect());
                        }
                        self.prefix.extend(digits);
                        return self.at_digits(sum, order);
                    }
                    self.ahead = self.ahead.plus(sum);
                }
                self.ends_behind()
            }
        }
    }

    /// Goes on in the range where the line lies.
    fn among_spans(&mut self, spans: &[Span], order: &[Digit]) -> Next {
        for Span { sum, low, high } in spans.iter().filter(|span| span.sum.count > 0) {
            if self.reaches(*sum, *high) {
                if low == high {
                    self.prefix.push(*low);
                    return self.at_digits(*sum, order);
                }
                (self.low, self.high, self.inside) = (*low, *high, Some(sum.count));
                return Next::GoesOn;
            }
            self.ahead = self.ahead.plus(*sum);
        }
        self.ends_behind()
    }

    /// The line lies at the digits that are found: the next is asked for, if there is one and others stand there too.
    fn at_digits(&mut self, here: Sum, order: &[Digit]) -> Next {
        if self.prefix.len() >= order.len() || here.count <= 1 {
            return Next::Found(self.found(self.prefix.clone(), here));
        }
        (self.low, self.high) = (0, u64::MAX);
        self.inside = Some(here.count).filter(|count| *count <= FEW);
        Next::GoesOn
    }

    /// The level lies below the least of all claims.
    fn ends_behind(&self) -> Next {
        match self.goal {
            Goal::Level(_) => Next::Found(self.found(vec![u64::MAX], Sum::default())),
            Goal::Capacity(_) => Next::Fits,
        }
    }

    fn found(&self, at: Vec<u64>, here: Sum) -> Found {
        let (Goal::Capacity(whole) | Goal::Level(whole)) = self.goal;
        Found { at, ahead: self.ahead, here, left: whole.saturating_sub(self.ahead.weight), parts: self.parts.clone() }
    }
}
