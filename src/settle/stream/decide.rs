//! What a step comes to for the whole population: surveys of all parts, step by step.

use rustc_hash::FxHashMap;

use super::Beyond;
use super::act::{Act, Best, UNDECIDED, alone, best_of, left_out, weigh};
use super::batch::{Awards, Batch, survey};
use super::claim::{ALL, Among, ByGroup, Claim, Digit};
use super::line::{Found, Goal, Search, Sum};
use super::plan::{Grouping, Kind, Pool, Select, Step};
use super::pool::{Rest, There, Verdict, stands_in_turn};
use crate::check::program::{ShortageDef, ShortageRuleDef, TiesDef};
use crate::settle::conflicts::Conflicts;
use crate::settle::parts::Parts;
use crate::syntax::tree;
use crate::value::Number;

/// Decides a step, after those before it.
pub(super) fn decide<'p, A: Awards>(step: &'p Step<'p>, acts: &[Act<'p>], awards: &A) -> Result<Act<'p>, Beyond> {
    let beyond = Beyond { step: step.at };
    Ok(match &step.kind {
        Kind::Overrides(all) => Act::Overrides(all),
        Kind::Modify(how, clauses) => Act::Modify(how, clauses),
        Kind::Exclude(clauses, condition) => Act::Exclude(clauses, *condition),
        Kind::Highest(clauses, grouping) => {
            let best = best_by_group(clauses, *grouping, acts, awards);
            // Nothing says which of several recipients takes what only one may have.
            if best.values().any(|best| best.count > 1) {
                return Err(beyond);
            }
            Act::Highest(clauses, *grouping, best)
        }
        Kind::NotTogether(graph, grouping) => {
            Act::NotTogether(graph, *grouping, out_by_group(graph, *grouping, acts, awards))
        }
        Kind::Select(select) => Act::Select(select, lines(select, acts, awards).ok_or(beyond)?),
        Kind::Pool(pool) => Act::Pool(pool, Draw { pool, acts, awards }.verdicts().ok_or(beyond)?),
    })
}

fn best_by_group<A: Awards>(clauses: &[usize], grouping: Grouping, acts: &[Act<'_>], awards: &A) -> ByGroup<Best> {
    if grouping == Grouping::Each {
        return ByGroup::default();
    }
    let take = |best: &mut ByGroup<Best>, group: i64, one: Best| {
        let kept = best.entry(group).or_insert(Best { count: 0, ..one });
        let order = one.amount.cmp(&kept.amount).then(kept.place.cmp(&one.place));
        match order {
            std::cmp::Ordering::Greater => *kept = one,
            std::cmp::Ordering::Equal => kept.count = kept.count.saturating_add(one.count),
            std::cmp::Ordering::Less => {}
        }
    };
    let see = |best: &mut ByGroup<Best>, batch: &Batch| {
        for row in 0..batch.rows {
            if let (Some(group), Some(one)) = (grouping.of(batch, row), best_of(batch, clauses, row)) {
                take(best, group, one);
            }
        }
    };
    survey(awards, acts, false, ByGroup::default, see, |mut all, some| {
        some.into_iter().for_each(|(group, one)| take(&mut all, group, one));
        all
    })
}

fn out_by_group<A: Awards>(graph: &Conflicts, grouping: Grouping, acts: &[Act<'_>], awards: &A) -> ByGroup<u32> {
    if grouping == Grouping::Each {
        return ByGroup::default();
    }
    type Weights = ByGroup<Vec<i128>>;
    let none = || vec![0i128; graph.clauses.len()];
    let plus = |all: &mut Vec<i128>, more: &[i128]| {
        all.iter_mut().zip(more).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
    };
    let see = |all: &mut Weights, batch: &Batch| {
        let mut weights = none();
        for row in 0..batch.rows {
            if let Some(group) = grouping.of(batch, row) {
                weigh(batch, graph, row, &mut weights);
                plus(all.entry(group).or_insert_with(none), &weights);
            }
        }
    };
    let weights = survey(awards, acts, false, Weights::default, see, |mut all, some| {
        some.iter().for_each(|(group, more)| plus(all.entry(*group).or_insert_with(none), more));
        all
    });
    let mut known = FxHashMap::default();
    weights.iter().map(|(group, weights)| (*group, left_out(graph, weights, &mut known))).collect()
}

/// The lines of a selection; none where a tie across one is left to nobody.
fn lines<A: Awards>(select: &Select<'_>, acts: &[Act<'_>], awards: &A) -> Option<ByGroup<(Vec<u64>, bool)>> {
    if select.grouping == Grouping::Each {
        return Some(ByGroup::default());
    }
    let among = Among::Recipients(&select.clauses);
    let groups = match select.grouping {
        Grouping::All => vec![ALL],
        _ => groups(among, select.grouping, acts, awards).into_keys().collect(),
    };
    let goals = groups.into_iter().map(|group| (group, Goal::Capacity(select.count)));
    let search = Search {
        awards,
        acts,
        among,
        grouping: select.grouping,
        digits: select.keys.len(),
        keys: false,
        digit: &|_, claim, at| select.keys.get(at).map_or(0, |digit| digit.of(claim, None)),
        weight: &|_, _| 1,
    };
    let found = search.lines(goals.collect());
    let taken = |found: &Found| match select.ties {
        Some(TiesDef::All) => Some(found.ahead.weight < select.count),
        Some(TiesDef::None) => Some(false),
        _ if found.ahead.weight >= select.count => Some(false),
        _ => None,
    };
    found.into_iter().map(|(group, found)| Some((group, (found.at.clone(), taken(&found)?)))).collect()
}

/// What all ask for, by group.
fn groups<A: Awards>(among: Among<'_>, grouping: Grouping, acts: &[Act<'_>], awards: &A) -> ByGroup<Sum> {
    sums(among, grouping, acts, awards, &|_, claim| claim.amount)
}

/// The sum of something over the claims of each group; claims of nothing are not counted.
fn sums<A: Awards>(
    among: Among<'_>,
    grouping: Grouping,
    acts: &[Act<'_>],
    awards: &A,
    of: &(dyn Fn(i64, &Claim<'_>) -> i64 + Sync),
) -> ByGroup<Sum> {
    let see = |sums: &mut ByGroup<Sum>, batch: &Batch| {
        among.each(batch, grouping, |group, claim| {
            let weight = of(group, &claim);
            if weight > 0 {
                sums.entry(group).or_default().add(weight);
            }
        });
    };
    survey(awards, acts, false, ByGroup::default, see, |mut all, some| {
        some.into_iter().for_each(|(group, sum)| {
            let slot: &mut Sum = all.entry(group).or_default();
            *slot = slot.plus(sum);
        });
        all
    })
}

/// A pool under way.
struct Draw<'d, 'p, A> {
    pool: &'p Pool<'p>,
    acts: &'d [Act<'p>],
    awards: &'d A,
}

impl<A: Awards> Draw<'_, '_, A> {
    /// What becomes of the groups that are short; none where no rule decides it.
    fn verdicts(&self) -> Option<ByGroup<Verdict>> {
        let pool = self.pool;
        if !matches!(pool.grouping, Grouping::All) && self.may_be_undecided() && self.is_undecided() {
            return None;
        }
        if matches!(pool.grouping, Grouping::Each) {
            return Some(ByGroup::default());
        }
        let among = Among::Amounts(&pool.clauses);
        let wanted = groups(among, pool.grouping, self.acts, self.awards);
        let rooms = self.rooms(&wanted)?;
        let room = |group: &i64| rooms.get(group).copied().unwrap_or(0).max(0);
        let has_room = |group: &i64| rooms.contains_key(group);
        let mut short: ByGroup<(i128, Sum)> = ByGroup::default();
        for (group, sum) in wanted.iter().filter(|(group, _)| has_room(group)) {
            if sum.weight > room(group) {
                short.insert(*group, (room(group), *sum));
            }
        }
        let lines = self.lines(&mut short);
        let mut verdicts = ByGroup::default();
        let mut parts: ByGroup<(Parts, i128)> = ByGroup::default();
        let levels = self.levels(&short, &lines);
        let unit = unit(pool.shortage)?;
        for (group, (left, here)) in &short {
            let line = lines.get(group).cloned();
            if here.count <= 1 || *left == 0 {
                let left = i64::try_from(*left).ok()?;
                // A rest that does not stay goes to the only one there is.
                let unit = if pool.shortage.is_some_and(|rule| rule.rest != tree::Rest::Stays) { 1 } else { unit };
                verdicts.insert(*group, Verdict { line, there: There::Alone { left, unit } });
                continue;
            }
            let found = match together(pool.shortage)? {
                ShortageRuleDef::ProRata => Parts::pro_rata(*left, here.weight, unit)?,
                _ => {
                    let level = levels.get(group)?;
                    Parts::equally(level.ahead.weight.checked_sub(*left)?, level.ahead.count.into(), unit)?
                }
            };
            parts.insert(*group, (found.clone(), *left));
            verdicts.insert(*group, Verdict { line, there: There::Parts(found, None) });
        }
        self.give_rests(&mut verdicts, &parts)?;
        Some(verdicts)
    }

    /// A recipient that stands alone, with several amounts that no rule cuts.
    fn is_undecided(&self) -> bool {
        let see = |found: &mut bool, batch: &Batch| {
            let undecided = |row: usize| {
                self.pool.grouping.of(batch, row).is_none()
                    && alone(batch, self.pool, row)
                        .is_some_and(|after| after.iter().any(|(_, amount)| *amount == UNDECIDED))
            };
            *found = *found || (0..batch.rows).any(undecided);
        };
        survey(self.awards, self.acts, false, || false, see, |a, b| a || b)
    }

    fn may_be_undecided(&self) -> bool {
        self.pool.clauses.len() > 1 && together(self.pool.shortage).is_none()
    }

    /// What there is for each group; none where its members disagree.
    fn rooms(&self, groups: &ByGroup<Sum>) -> Option<ByGroup<i128>> {
        let super::plan::Room::Of(to, paid) = self.pool.room else {
            let super::plan::Room::Fixed(room) = self.pool.room else { return None };
            return Some(groups.keys().map(|group| (*group, room.into())).collect());
        };
        type Rooms = ByGroup<(i64, i64, i128)>;
        let plus = |rooms: &mut Rooms, group: i64, (least, most, paid): (i64, i64, i128)| {
            let slot = rooms.entry(group).or_insert((i64::MAX, i64::MIN, 0));
            *slot = (slot.0.min(least), slot.1.max(most), slot.2.saturating_add(paid));
        };
        let see = |rooms: &mut Rooms, batch: &Batch| {
            for row in 0..batch.rows {
                let pays = self.pool.clauses.iter().any(|clause| batch.amount(*clause, row) > 0);
                if let (true, Some(group)) = (pays, self.pool.grouping.of(batch, row)) {
                    let room = batch.inputs.get(to).and_then(|inputs| inputs.get(row)).copied().unwrap_or(super::NONE);
                    let paid = paid.and_then(|paid| batch.input(paid, row)).unwrap_or(0);
                    plus(rooms, group, (room, room, paid.into()));
                }
            }
        };
        let rooms = survey(self.awards, self.acts, false, Rooms::default, see, |mut all, some| {
            some.into_iter().for_each(|(group, one)| plus(&mut all, group, one));
            all
        });
        let mut out = ByGroup::default();
        for (group, (least, most, paid)) in rooms {
            if least != most {
                return None;
            }
            if least != super::NONE {
                out.insert(group, i128::from(least).saturating_sub(paid));
            }
        }
        Some(out)
    }

    /// Where claims are served in turn, the line of each group; what is short is then what is left at it.
    fn lines(&self, short: &mut ByGroup<(i128, Sum)>) -> ByGroup<Vec<u64>> {
        let turns = &self.pool.turns;
        if turns.is_empty() {
            return ByGroup::default();
        }
        let digit = |_: i64, claim: &Claim<'_>, at: usize| turns.get(at).map_or(0, |digit| digit.of(claim, None));
        let weight = |_: i64, claim: &Claim<'_>| claim.amount;
        let search = self.search(turns.len(), false, &digit, &weight);
        let found = search.lines(short.iter().map(|(group, (room, _))| (*group, Goal::Capacity(*room))).collect());
        for (group, found) in &found {
            if let Some(slot) = short.get_mut(group) {
                *slot = (slot.0.saturating_sub(found.ahead.weight), found.here);
            }
        }
        found.into_iter().map(|(group, found)| (group, found.at)).collect()
    }

    /// Where all lose the same, who loses it.
    fn levels(&self, short: &ByGroup<(i128, Sum)>, lines: &ByGroup<Vec<u64>>) -> ByGroup<Found> {
        if !matches!(together(self.pool.shortage), Some(ShortageRuleDef::Equally)) {
            return ByGroup::default();
        }
        let weight = |group: i64, claim: &Claim<'_>| if self.is_at(lines, group, claim) { claim.amount } else { 0 };
        let digit = |_: i64, claim: &Claim<'_>, _: usize| Digit::Largest.of(claim, None);
        let search = self.search(1, false, &digit, &weight);
        let shared = short.iter().filter(|(_, (left, here))| here.count > 1 && *left > 0);
        search.lines(shared.map(|(group, (left, _))| (*group, Goal::Level(*left))).collect())
    }

    fn is_at(&self, lines: &ByGroup<Vec<u64>>, group: i64, claim: &Claim<'_>) -> bool {
        stands_in_turn(claim, &self.pool.turns, lines.get(&group).map(Vec::as_slice)).is_eq()
    }

    /// Gives away what rounding down leaves, as the rule says.
    fn give_rests(&self, verdicts: &mut ByGroup<Verdict>, parts: &ByGroup<(Parts, i128)>) -> Option<()> {
        let to_largest = match self.pool.shortage.map_or(tree::Rest::Stays, |shortage| shortage.rest) {
            tree::Rest::Stays => return Some(()),
            rest => rest == tree::Rest::ToLargest,
        };
        let order: Vec<Digit> =
            [if to_largest { Digit::Largest } else { Digit::Remainder }].into_iter().chain(Digit::identity()).collect();
        let lines: ByGroup<Vec<u64>> =
            verdicts.iter().filter_map(|(group, verdict)| Some((*group, verdict.line.clone()?))).collect();
        let at = |group: i64, claim: &Claim<'_>| {
            let (parts, _) = parts.get(&group)?;
            self.is_at(&lines, group, claim).then_some(parts)
        };
        let share = |group: i64, claim: &Claim<'_>| at(group, claim).map_or(0, |parts| parts.share(claim.amount));
        let among = Among::Amounts(&self.pool.clauses);
        let paid = sums(among, self.pool.grouping, self.acts, self.awards, &share);
        let rest = Rest { order, to_largest, line: None, left: 0 };
        let weight =
            |group: i64, claim: &Claim<'_>| at(group, claim).map_or(0, |parts| parts.most(claim.amount, to_largest));
        let digit = |group: i64, claim: &Claim<'_>, place: usize| {
            let parts = parts.get(&group).map(|(parts, _)| parts);
            rest.order.get(place).map_or(0, |digit| digit.of(claim, parts))
        };
        let search = self.search(rest.order.len(), true, &digit, &weight);
        let left = |group: &i64, room: i128| room.saturating_sub(paid.get(group).map_or(0, |sum| sum.weight));
        let goals = parts.iter().map(|(group, (_, room))| (*group, Goal::Capacity(left(group, *room))));
        let found = search.lines(goals.collect());
        for (group, (_, room)) in parts {
            let line = found.get(group);
            let there = line.map_or(0, |line| left(group, *room).saturating_sub(line.ahead.weight));
            let own = Rest { line: line.map(|line| line.at.clone()), left: i64::try_from(there).ok()?, ..rest.clone() };
            if let Some(Verdict { there: There::Parts(_, slot), .. }) = verdicts.get_mut(group) {
                *slot = Some(own);
            }
        }
        Some(())
    }

    fn search<'s>(
        &'s self,
        digits: usize,
        keys: bool,
        digit: &'s (dyn Fn(i64, &Claim<'_>, usize) -> u64 + Sync),
        weight: &'s (dyn Fn(i64, &Claim<'_>) -> i64 + Sync),
    ) -> Search<'s, A> {
        Search {
            awards: self.awards,
            acts: self.acts,
            among: Among::Amounts(&self.pool.clauses),
            grouping: self.pool.grouping,
            digits,
            keys,
            digit,
            weight,
        }
    }
}

/// How those who stand equal bear a shortage together; none where nothing says so.
pub(super) fn together(shortage: Option<&ShortageDef>) -> Option<&ShortageRuleDef> {
    let shortage = shortage?;
    let rule = match &shortage.rule {
        ShortageRuleDef::ByKeys(_) | ShortageRuleDef::ByClauses(_) => shortage.tie.as_ref()?,
        rule => rule,
    };
    matches!(rule, ShortageRuleDef::ProRata | ShortageRuleDef::Equally).then_some(rule)
}

/// The unit to which shares round down, in fen.
fn unit(shortage: Option<&ShortageDef>) -> Option<i64> {
    match shortage.and_then(|shortage| shortage.round_to.as_ref()) {
        None => Some(1),
        Some(unit) => unit.multiply(&Number::from_i64(100)).ok()?.to_i64().filter(|unit| *unit > 0),
    }
}
