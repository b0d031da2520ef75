//! `select top N of A by K`: 择优. Only those who may be paid compete; a rank is one plus the
//! number strictly better, and those tied across the line are open unless the step says
//! what a tie does.

use super::Recipient;
use super::act::{Change, Place, apply, places};
use super::award::Reason;
use super::budget::has_hidden_items;
use super::limit::by_item_key;
use super::pool::{because_of_open, key_values};
use super::range::Range;
use super::sight::Sight;
use crate::check::program::{ClauseId, ExprId, PerDef, TiesDef};
use crate::eval::{Answer, Causes, better, evaluate_expression};
use crate::value::Number;

/// A selection as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Select<'p> {
    /// How many.
    pub(super) count: ExprId,
    /// Of which clauses.
    pub(super) clauses: &'p [ClauseId],
    /// By which keys, each with whether it ascends.
    pub(super) keys: &'p [(ExprId, bool)],
    /// A quota each.
    pub(super) per: Option<&'p PerDef>,
    /// What a tie does.
    pub(super) ties: Option<&'p TiesDef>,
    /// Items compete.
    pub(super) over_items: bool,
}

/// Who competes: a recipient, or an item of one, with its clauses together.
struct Candidate {
    places: Vec<Place>,
    keys: Vec<Answer>,
    /// Surely paid something, so that it surely takes a place.
    sure: bool,
}

/// How many stand ahead, at least and at most.
#[derive(Debug, Clone, Copy)]
struct Standing {
    ahead: (usize, usize),
    /// Those of its own rank, itself among them.
    tied: (usize, usize),
}

/// Keeps those who are among the first.
pub(super) fn select(sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], select: &Select<'_>) {
    let by_item = select.over_items;
    let per = match select.per {
        Some(PerDef::Value(per)) => Some(*per),
        _ => None,
    };
    let mut keys = select.keys.to_vec();
    if let Some(TiesDef::By(key, ascending)) = select.ties {
        keys.push((*key, *ascending));
    }
    let count = evaluate_expression(sight.context, None, select.count);
    let groups = sight.groups_or_all(recipients, select.clauses, per);
    let candidates = |group: &[usize]| candidates(sight, recipients, group, select.clauses, &keys, by_item);
    let loose = candidates(&groups.loose);
    let hidden = |group: &[usize]| by_item && has_hidden(recipients, group, select.clauses);
    let hidden_loose = hidden(&groups.loose);
    let mut changes = Vec::new();
    for group in &groups.groups {
        let others = if hidden_loose || hidden(group) { usize::MAX } else { loose.len() };
        let line = Line {
            sight,
            recipients,
            select,
            count: &count,
            keys: &keys,
            others,
            apart: false,
            causes: &groups.causes,
        };
        changes.extend(line.draw(candidates(group)));
    }
    // Those whose group is not known are among the first of any group only where all are.
    let everyone = groups.groups.iter().map(|group| candidates(group).len()).sum::<usize>();
    let line = Line {
        sight,
        recipients,
        select,
        count: &count,
        keys: &keys,
        others: everyone,
        apart: true,
        causes: &groups.causes,
    };
    changes.extend(line.draw(loose));
    apply(sight, recipients, changes);
}

fn candidates(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    group: &[usize],
    clauses: &[ClauseId],
    keys: &[(ExprId, bool)],
    by_item: bool,
) -> Vec<Candidate> {
    let mut out = Vec::new();
    for at in group {
        let own = places(recipients, *at, clauses, by_item);
        let parts = if by_item {
            by_item_key(recipients, &own).into_iter().map(|(_, places)| places).collect()
        } else {
            vec![own]
        };
        for places in parts {
            let Some(first) = places.first() else { continue };
            let keys = key_values(sight, recipients, first, keys);
            let sure =
                places.iter().any(|place| place.amount(recipients).is_some_and(|a| Range::of(a).low.is_positive()));
            out.push(Candidate { places, keys, sure });
        }
    }
    out
}

fn has_hidden(recipients: &[Recipient<'_>], group: &[usize], clauses: &[ClauseId]) -> bool {
    let awards = group.iter().filter_map(|at| recipients.get(*at)).flat_map(|recipient| &recipient.awards);
    awards.into_iter().any(|award| clauses.contains(&award.clause) && has_hidden_items(award))
}

/// The line of one group.
struct Line<'l, 's, 'c, 'r> {
    sight: &'l Sight<'s, 'c>,
    recipients: &'l [Recipient<'r>],
    select: &'l Select<'l>,
    count: &'l Answer,
    keys: &'l [(ExprId, bool)],
    /// How many more may be ahead.
    others: usize,
    /// Nobody is surely in the same group as another.
    apart: bool,
    causes: &'l Causes,
}

impl Line<'_, '_, '_, '_> {
    fn draw(&self, candidates: Vec<Candidate>) -> Vec<Change> {
        let Range { low, high } = Range::of(self.count);
        let taken = (whole(&low), high.as_ref().map_or(usize::MAX, whole));
        let (mut ranked, open): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|one| !self.apart && one.keys.iter().all(|key| key.known().is_some()));
        let everyone = ranked.len().saturating_add(open.len()).saturating_add(self.others);
        if everyone <= taken.0 {
            return Vec::new();
        }
        ranked.sort_by(|a, b| better(&a.keys, &b.keys, self.keys));
        let causes = self.open_causes(&ranked, &open);
        let unplaced = open.len().saturating_add(self.others);
        let mut changes = Vec::new();
        let mut ahead = (0usize, unplaced);
        for group in ranked.chunk_by(|a, b| better(&a.keys, &b.keys, self.keys).is_eq()) {
            let sure = group.iter().filter(|one| one.sure).count();
            for one in group {
                let tied = (sure.saturating_add(usize::from(!one.sure)), group.len());
                self.place(one, Standing { ahead, tied }, taken, &causes, &mut changes);
            }
            ahead = (ahead.0.saturating_add(sure), ahead.1.saturating_add(group.len()));
        }
        for one in &open {
            self.place(
                one,
                Standing { ahead: (0, everyone.saturating_sub(1)), tied: (1, 1) },
                taken,
                &causes,
                &mut changes,
            );
        }
        changes
    }

    fn place(
        &self,
        one: &Candidate,
        standing: Standing,
        taken: (usize, usize),
        causes: &Causes,
        changes: &mut Vec<Change>,
    ) {
        let Standing { ahead, tied } = standing;
        let (inside, outside) = match self.select.ties {
            Some(TiesDef::All) => (ahead.1 < taken.0, ahead.0 >= taken.1),
            Some(TiesDef::None) => {
                (ahead.1.saturating_add(tied.1) <= taken.0, ahead.0.saturating_add(tied.0) > taken.1)
            }
            _ => (ahead.1.saturating_add(tied.1) <= taken.0, ahead.0 >= taken.1),
        };
        if inside {
            return;
        }
        let rank = (ahead.0 == ahead.1).then(|| ahead.0.saturating_add(1));
        let count = Number::from_i64(i64::try_from(taken.1).unwrap_or(i64::MAX));
        for place in &one.places {
            let zero = Answer::number(Number::ZERO);
            let (reason, after) = if outside {
                // Before the line and yet not taken: the places do not reach for all who are tied.
                let tied = if ahead.0 < taken.1 { tied.0 } else { 0 };
                (Reason::NotSelected { rank: ahead.0.saturating_add(1), count: count.clone(), tied }, zero)
            } else {
                let Some(amount) = place.amount(self.recipients) else { continue };
                let reason = Reason::PerhapsSelected { count: count.clone(), rank, tied: tied.1 };
                (reason, amount.clone().hull(zero).because(causes))
            };
            // A tie leaves it open of which nothing is said: it is a rule that is missing.
            let is_said = matches!(self.select.ties, Some(TiesDef::All | TiesDef::None));
            let undecided = !outside && !is_said && (tied.1 > 1 || causes.is_empty());
            changes.push(Change { place: *place, reason, after, undecided });
        }
    }

    /// Why places are open: keys that are not known, and candidates that may get nothing and so take no place.
    fn open_causes(&self, ranked: &[Candidate], open: &[Candidate]) -> Causes {
        let mut causes = self.causes.clone();
        self.count.causes().into_iter().for_each(|why| causes.merge(why));
        for why in open.iter().flat_map(|one| &one.keys).filter_map(Answer::causes) {
            causes.merge(why);
        }
        let unsure = ranked.iter().chain(open).filter(|one| !one.sure).flat_map(|one| &one.places);
        let amounts = unsure.filter_map(|place| Some((place.recipient, place.amount(self.recipients)?)));
        because_of_open(self.sight, amounts.collect::<Vec<_>>().into_iter(), &mut causes);
        causes
    }
}

/// How many whole places.
fn whole(count: &Number) -> usize {
    let floor = super::range::down(count, &Number::ONE);
    floor.to_i64().and_then(|count| usize::try_from(count).ok()).unwrap_or(if floor.is_zero() { 0 } else { usize::MAX })
}
