//! What becomes of a limit or budget that many draw on: what all ask for, where the line of
//! the turns lies, how those at it share, and who gets the rest.

use super::act::Act;
use super::alone;
use super::batch::{Awards, Batch, Keyed, NONE, Needed, survey};
use super::claim::{Among, ByGroup};
use super::digit::{Digit, largest};
use super::line::{Found, Goal, Search, Start, Sum};
use super::plan::{Grouping, Pool, Room};
use super::pool::{Rest, There, Verdict};
use super::weight::{Turn, Weight};
use crate::settle::parts::Parts;
use crate::settle::shortage::Together;
use crate::syntax::tree;

/// A pool under way.
pub(super) struct Draw<'d, 'p, A> {
    pub(super) pool: &'p Pool<'p>,
    pub(super) acts: &'d [Act<'p>],
    pub(super) awards: &'d A,
}

/// What a group asks for.
#[derive(Debug, Clone, Copy, Default)]
struct Wanted {
    sum: Sum,
    /// The greatest amount.
    most: i64,
}

/// A group for which there is not enough.
#[derive(Debug, Clone, Copy)]
struct Short {
    /// What there is for those who stand at the line of their turn.
    left: i128,
    /// What they ask for.
    here: Sum,
    /// The greatest amount of all, and how many they are.
    most: i64,
    count: u64,
}

impl<A: Awards> Draw<'_, '_, A> {
    /// What becomes of the groups that are short; none where no rule decides it.
    pub(super) fn verdicts(&self) -> Option<ByGroup<Verdict>> {
        let pool = self.pool;
        if pool.grouping != Grouping::All && pool.may_be_undecided() && !self.is_decided() {
            return None;
        }
        if pool.grouping == Grouping::Each {
            return Some(ByGroup::default());
        }
        let wanted = self.wanted();
        let rooms = self.rooms(&wanted)?;
        let mut short: ByGroup<Short> = ByGroup::default();
        for (group, Wanted { sum, most }) in &wanted {
            let Some(left) = rooms.get(group).map(|room| (*room).max(0)) else { continue };
            if sum.weight > left {
                short.insert(*group, Short { left, here: *sum, most: *most, count: sum.count });
            }
        }
        let lines = self.lines(&mut short);
        let mut verdicts = ByGroup::default();
        let mut parts = ByGroup::default();
        let levels = self.levels(&short, &lines);
        for (group, Short { left, here, .. }) in &short {
            let line = lines.get(group).cloned();
            if here.count <= 1 || *left == 0 {
                let left = i64::try_from(*left).ok()?;
                verdicts.insert(*group, Verdict { line, there: There::Alone { left, unit: pool.unit_alone() } });
                continue;
            }
            let found = match pool.together {
                Together::Undecided => return None,
                Together::ProRata => Parts::pro_rata(*left, here.weight, pool.unit)?,
                Together::Equally => {
                    let ahead = levels.get(group)?.ahead;
                    Parts::equally(ahead.weight.checked_sub(*left)?, ahead.count.into(), pool.unit)?
                }
            };
            parts.insert(*group, found.clone());
            verdicts.insert(*group, Verdict { line, there: There::Parts(found, None) });
        }
        self.give_rests(&mut verdicts, &parts, &short, &lines)?;
        Some(verdicts)
    }

    /// Whether some rule decides for each recipient that stands alone.
    fn is_decided(&self) -> bool {
        let see = |decided: &mut bool, _: usize, batch: &Batch| {
            *decided = *decided && alone::is_decided(batch, self.pool);
        };
        survey(self.awards, self.acts, (self.needed(), None), || true, see, |a, b| a && b)
    }

    /// The amounts with what says their group and room.
    fn needed(&self) -> Needed {
        let inputs = self.pool.grouping.input().into_iter().chain(self.pool.room.inputs());
        Needed::default().and_amounts(self.pool.clauses.iter().copied()).and_inputs(inputs)
    }

    /// What each group asks for.
    fn wanted(&self) -> ByGroup<Wanted> {
        let plus = |all: &mut ByGroup<Wanted>, group: i64, sum: Sum, most: i64| {
            let slot = all.entry(group).or_default();
            *slot = Wanted { sum: slot.sum.plus(sum), most: slot.most.max(most) };
        };
        let see = |all: &mut ByGroup<Wanted>, _: usize, batch: &Batch| {
            Among::Amounts(&self.pool.clauses).each(batch, self.pool.grouping, |claims| {
                for (group, run) in claims.runs() {
                    let most = run.amounts.iter().fold(0, |most, amount| *amount.max(&most));
                    plus(all, group, Sum::of(run.amounts.iter().copied()), most);
                }
            });
        };
        let needed = Needed::default().and_amounts(self.pool.clauses.iter().copied());
        let needed = needed.and_inputs(self.pool.grouping.input());
        survey(self.awards, self.acts, (needed, None), ByGroup::default, see, |mut all, some: ByGroup<Wanted>| {
            some.into_iter().for_each(|(group, one)| plus(&mut all, group, one.sum, one.most));
            all
        })
    }

    /// What there is for each group, if it may be short; none where its members disagree and it matters.
    fn rooms(&self, groups: &ByGroup<Wanted>) -> Option<ByGroup<i128>> {
        let (to, paid) = match self.pool.room {
            Room::Fixed(room) => return Some(groups.keys().map(|group| (*group, room.into())).collect()),
            Room::Of(to, paid) => (to, paid),
        };
        type Rooms = ByGroup<(i64, i64, i128)>;
        let plus = |rooms: &mut Rooms, group: i64, (least, most, paid): (i64, i64, i128)| {
            let slot = rooms.entry(group).or_insert((i64::MAX, i64::MIN, 0));
            *slot = (slot.0.min(least), slot.1.max(most), slot.2.saturating_add(paid));
        };
        let see = |rooms: &mut Rooms, _: usize, batch: &Batch| {
            Among::Recipients(&self.pool.clauses).each(batch, self.pool.grouping, |claims| {
                for (group, run) in claims.runs() {
                    // What is below nothing is nothing, however far below.
                    let there = run.inputs(to).map(|room| if room == NONE { NONE } else { room.max(0) });
                    there.for_each(|room| plus(rooms, group, (room, room, 0)));
                    let paid = paid.into_iter().flat_map(|paid| run.inputs(paid)).filter(|paid| *paid != NONE);
                    let paid = paid.map(i128::from).sum();
                    plus(rooms, group, (i64::MAX, i64::MIN, paid));
                }
            });
        };
        let rooms = survey(self.awards, self.acts, (self.needed(), None), Rooms::default, see, |mut all, some| {
            some.into_iter().for_each(|(group, one)| plus(&mut all, group, one));
            all
        });
        let mut out = ByGroup::default();
        for (group, (least, most, paid)) in rooms {
            if least != most {
                // Whoever is right about the room, it reaches.
                let wanted = groups.get(&group).map_or(0, |wanted| wanted.sum.weight);
                let reaches = least != NONE && wanted <= i128::from(least).saturating_sub(paid);
                if reaches {
                    continue;
                }
                return None;
            }
            if least != NONE {
                out.insert(group, i128::from(least).saturating_sub(paid));
            }
        }
        Some(out)
    }

    /// Where claims are served in turn, the line of each group; what is short is then what is left at it.
    fn lines(&self, short: &mut ByGroup<Short>) -> ByGroup<Vec<u64>> {
        let turns = &self.pool.turns;
        if turns.is_empty() {
            return ByGroup::default();
        }
        let within = |count: u64| match turns.first() {
            Some(Digit::Turn(_)) => Some((0, u64::try_from(self.pool.levels.len()).unwrap_or(u64::MAX), count)),
            _ => None,
        };
        let start = |Short { left, count, .. }: &Short| Start { goal: Goal::Capacity(*left), within: within(*count) };
        let starts = short.iter().map(|(group, short)| (*group, start(short))).collect();
        let found = self.search(turns, Weight::Amount).lines(starts);
        for (group, found) in &found {
            if let Some(short) = short.get_mut(group) {
                (short.left, short.here) = (found.left, found.here);
            }
        }
        found.into_iter().map(|(group, found)| (group, found.at)).collect()
    }

    /// Where all lose the same, who loses it.
    fn levels(&self, short: &ByGroup<Short>, lines: &ByGroup<Vec<u64>>) -> ByGroup<Found> {
        if self.pool.together != Together::Equally {
            return ByGroup::default();
        }
        let shared = short.iter().filter(|(_, short)| short.here.count > 1 && short.left > 0);
        let start = |short: &Short| Start { goal: Goal::Level(short.left), within: Some(short.amounts()) };
        let turn = Turn { turns: &self.pool.turns, lines };
        let starts = shared.map(|(group, short)| (*group, start(short))).collect();
        self.search(&[Digit::Largest], Weight::AmountAt(turn)).lines(starts)
    }

    /// Gives away what rounding down leaves, as the rule says.
    fn give_rests(
        &self,
        verdicts: &mut ByGroup<Verdict>,
        parts: &ByGroup<Parts>,
        short: &ByGroup<Short>,
        lines: &ByGroup<Vec<u64>>,
    ) -> Option<()> {
        let to_largest = match self.pool.rest() {
            tree::Rest::Stays => return Some(()),
            rest => rest == tree::Rest::ToLargest,
        };
        let first = if to_largest { Digit::Largest } else { Digit::Remainder };
        let order: Vec<Digit> = std::iter::once(first).chain(Digit::identity()).collect();
        let start = |parts: &Parts, short: &Short| {
            let remainders = || (!u64::try_from(parts.whole()).unwrap_or(u64::MAX), u64::MAX, short.count);
            let within = if to_largest { short.amounts() } else { remainders() };
            Start { goal: Goal::Capacity(short.left), within: Some(within) }
        };
        let starts = parts.iter().filter_map(|(group, parts)| Some((*group, start(parts, short.get(group)?))));
        let turn = Turn { turns: &self.pool.turns, lines };
        let found = self.search(&order, Weight::Rest(turn, parts, to_largest)).lines(starts.collect());
        for group in parts.keys() {
            let line = found.get(group);
            let left = i64::try_from(line.map_or(0, |line| line.left)).ok()?;
            let keyed = line.and_then(|line| line.parts.clone()).map_or(Keyed::Everywhere, Keyed::In);
            let own = Rest { order: order.clone(), to_largest, line: line.map(|line| line.at.clone()), left, keyed };
            if let Some(Verdict { there: There::Parts(_, slot), .. }) = verdicts.get_mut(group) {
                *slot = Some(Box::new(own));
            }
        }
        Some(())
    }

    fn search<'s>(&'s self, order: &'s [Digit], weight: Weight<'s>) -> Search<'s, A> {
        let among = Among::Amounts(&self.pool.clauses);
        Search { awards: self.awards, acts: self.acts, among, grouping: self.pool.grouping, order, weight }
    }
}

impl Short {
    /// Where the digits of its amounts lie, the largest first, and how many they are.
    fn amounts(&self) -> (u64, u64, u64) {
        (largest(self.most), largest(0), self.count)
    }
}
