//! The rank of a record among all of its type: one plus the number strictly better.
//!
//! The values of the whole population are sorted once and shared by all recipients.

use super::cause::{Causes, Missing};
use super::context::{Context, Shared};
use super::expression::Evaluator;
use super::interval::Interval;
use super::open::Answer;
use crate::check::program::{ExprId, RecordId};
use crate::value::Number;

/// The values of a population, those that are known in ascending order.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    known: Vec<Number>,
    alike: Vec<Alike>,
    /// The others, each with the facts that it lacks.
    open: Vec<(Interval, Causes)>,
}

/// The values that are open for the same rules and faults; their ends that are known, in ascending order.
#[derive(Debug)]
struct Alike {
    /// Without what is missing, which is each one's own.
    why: Causes,
    count: usize,
    lowest: Vec<Number>,
    highest: Vec<Number>,
}

impl Ranking {
    fn of(context: &Context<'_>, record: RecordId, value: ExprId) -> Option<Ranking> {
        let records = context.population(record)?;
        let mut ranking = Ranking::default();
        for one in records {
            let mut evaluator = Evaluator::new(context, false);
            let at = evaluator.push(record, one, None);
            match evaluator.answer(value, at) {
                answer if answer.known_number().is_some() => ranking.known.extend(answer.known_number().cloned()),
                Answer::Known(_) => {}
                open => ranking.add(open.interval().unwrap_or_default(), open.into_open().causes),
            }
        }
        ranking.sort();
        Some(ranking)
    }

    fn sort(&mut self) {
        self.known.sort_unstable();
        for alike in &mut self.alike {
            alike.lowest.sort_unstable();
            alike.highest.sort_unstable();
        }
    }

    fn add(&mut self, interval: Interval, causes: Causes) {
        let why = Causes { missing: Vec::new(), pending: causes.pending.clone(), faults: causes.faults.clone() };
        let at = self.alike.iter().position(|alike| alike.why == why).unwrap_or_else(|| {
            self.alike.push(Alike { why, count: 0, lowest: Vec::new(), highest: Vec::new() });
            self.alike.len() - 1
        });
        if let Some(alike) = self.alike.get_mut(at) {
            alike.count += 1;
            alike.lowest.extend(interval.lowest.clone());
            alike.highest.extend(interval.highest.clone());
        }
        self.open.push((interval, causes));
    }

    /// The ranks that a value may have.
    fn rank(&self, own: &Answer) -> Answer {
        let Some(interval) = own.interval() else { return Answer::NONE };
        let above = |bound: &Option<Number>, all: usize| match bound {
            Some(bound) => self.known.len() - up_to(&self.known, bound),
            None => all,
        };
        let (mut least, mut most) = (above(&interval.highest, 0), above(&interval.lowest, self.known.len()));
        let mut causes = own.causes().cloned().unwrap_or_default();
        let own_is_open = own.known_number().is_none();
        for alike in &self.alike {
            let surely = interval.highest.as_ref().map_or(0, |own| alike.lowest.len() - up_to(&alike.lowest, own));
            let never = interval.lowest.as_ref().map_or(0, |own| up_to(&alike.highest, own));
            let perhaps = alike.count - never;
            (least, most) = (least + surely, most + perhaps);
            if perhaps > surely {
                causes.merge(&alike.why);
            }
        }
        let surely =
            |other: &Interval| other.lowest.as_ref().zip(interval.highest.as_ref()).is_some_and(|(a, b)| a > b);
        let never =
            |other: &Interval| other.highest.as_ref().zip(interval.lowest.as_ref()).is_some_and(|(a, b)| a <= b);
        // A city lacks thousands of facts, of which few are told: nobody goes through them all for each rank.
        let mut perhaps = self.open.iter().filter(|(other, _)| !surely(other) && !never(other));
        while causes.takes_more()
            && let Some((_, why)) = perhaps.next()
        {
            causes.merge(why);
        }
        // The record itself stands among the open ones, and is no better than itself.
        most -= usize::from(own_is_open && most > least);
        let rank = |better: usize| Some(Number::from_i64(i64::try_from(better).unwrap_or(i64::MAX).saturating_add(1)));
        Answer::within(Interval::new(rank(least), rank(most)), causes)
    }
}

/// How many of these, in ascending order, are no greater than a bound.
fn up_to(ordered: &[Number], bound: &Number) -> usize {
    ordered.partition_point(|number| number <= bound)
}

/// The rank of the record in frame `at` by a value.
pub(super) fn rank<'a>(evaluator: &mut Evaluator<'a>, id: ExprId, value: ExprId, at: usize) -> Answer {
    let own = evaluator.answer(value, at);
    let Some(record) = evaluator.record_at(at) else { return Answer::NONE };
    let context = evaluator.context;
    let unknown =
        || Answer::within(Interval::new(Some(Number::ONE), None), Causes::missing(Missing::Population(record)));
    if context.population(record).is_none() {
        return unknown();
    }
    match context.shared(id) {
        Some(cell) => {
            let compute = || Shared::Ranking(Ranking::of(context, record, value).unwrap_or_default());
            match cell.get_or_init(compute) {
                Shared::Ranking(ranking) => ranking.rank(&own),
                Shared::Answer(answer) => answer.clone(),
            }
        }
        None => Ranking::of(context, record, value).map_or_else(unknown, |ranking| ranking.rank(&own)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::program::PendingId;

    fn interval() -> impl Strategy<Value = Interval> {
        (proptest::option::of(0_i64..6), proptest::option::of(0_i64..6)).prop_map(|ends| {
            let (low, high) = match ends {
                (Some(low), Some(high)) => (Some(low.min(high)), Some(low.max(high).max(low + 1))),
                ends => ends,
            };
            Interval::new(low.map(Number::from_i64), high.map(Number::from_i64))
        })
    }

    /// As many reasons as are told.
    fn all_that_is_kept() -> Causes {
        let mut causes = Causes::default();
        for one in (0..).map(Missing::Others) {
            if !causes.takes_more() {
                break;
            }
            causes.missing.push(one);
        }
        causes
    }

    /// One more than those that are surely greater, and than those that may be.
    fn counted(known: &[Number], open: &[Interval], own: &Interval) -> (usize, usize) {
        let above = |a: &Option<Number>, b: &Option<Number>| a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a > b);
        let not_above =
            |a: &Option<Number>, b: &Option<Number>| a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a <= b);
        let known: Vec<Interval> =
            known.iter().map(|one| Interval::new(Some(one.clone()), Some(one.clone()))).collect();
        let all = || known.iter().chain(open);
        let surely = all().filter(|other| above(&other.lowest, &own.highest)).count();
        let perhaps = all().filter(|other| !not_above(&other.highest, &own.lowest)).count();
        (surely + 1, perhaps + 1)
    }

    proptest! {
        #[test]
        fn a_rank_counts_those_above(
            known in proptest::collection::vec(0_i64..6, 0..8),
            open in proptest::collection::vec((interval(), 0_u32..3), 0..8),
            own in prop_oneof![
                (0_i64..6).prop_map(|own| Answer::number(Number::from_i64(own))),
                interval().prop_map(|own| Answer::within(own, all_that_is_kept())),
            ],
        ) {
            let mut ranking =
                Ranking { known: known.into_iter().map(Number::from_i64).collect(), ..Ranking::default() };
            open.iter().for_each(|(interval, at)| ranking.add(interval.clone(), Causes::pending(PendingId(*at))));
            let within = own.interval().unwrap();
            let mut intervals: Vec<Interval> = open.iter().map(|(interval, _)| interval.clone()).collect();
            if own.known_number().is_none() {
                // It stands among the others, and is no better than itself.
                ranking.add(within.clone(), all_that_is_kept());
            }
            ranking.sort();
            let (least, most) = counted(&ranking.known, &intervals, &within);
            let rank = ranking.rank(&own);
            let between = rank.interval().unwrap();
            let number = |rank: usize| Some(Number::from_i64(rank as i64));
            prop_assert_eq!((&between.lowest, &between.highest), (&number(least), &number(most)));
            intervals.retain(|one| counted(&[], std::slice::from_ref(one), &within) == (1, 2));
            for (_, at) in open.iter().filter(|(interval, _)| intervals.contains(interval)) {
                let told = rank.causes().is_some_and(|causes| causes.pending.contains(&PendingId(*at)));
                prop_assert!(told || rank.known_number().is_some(), "a reason is left out");
            }
        }
    }
}
