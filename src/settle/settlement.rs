//! What became of every pool of money: how much there was, how much was applied for, how
//! much is paid out of it in the end, and what is left.
//!
//! A budget tells who draws on each of its pools ([`Drawn`]) while it is carried out; what
//! they are paid is added up once the whole settlement is done, since later steps may take
//! more away. A pool that reaches for all is told too.

use smol_str::SmolStr;

use super::Recipient;
use super::act::{Change, Place};
use super::award::{Award, Borne, Reason};
use super::range::{Range, sum};
use crate::check::program::PolicyId;
use crate::eval::Answer;
use crate::value::{Number, Value};

/// What settling a population came to, besides what each recipient is paid.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settlement {
    /// What became of each pool: step by step, within a step pool by pool.
    pub pools: Vec<PoolResult>,
}

/// What became of one pool of a budget.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolResult {
    /// The budget's place in [`crate::check::program::Program::settle`], where its rule stands too.
    pub step: usize,
    /// The policy in which it stands; none beside policies.
    pub policy: Option<PolicyId>,
    /// The one payer whose shares alone it covers: then all amounts here are that payer's.
    pub payer: Option<SmolStr>,
    /// Whose pool it is.
    pub of: PoolOf,
    /// How much there was; none where the policy has no budget of the period, or the group is not known.
    pub room: Option<Range>,
    /// What was applied for when the budget's turn came, discretion taken as full.
    pub wanted: Amounts,
    /// What is paid out of it after the whole settlement, discretion taken as full.
    pub paid: Amounts,
    /// The most that those applied for whose part is open after the whole settlement; none where nothing bounds it.
    pub open_wanted: Option<Number>,
    /// What is left of it after the whole settlement: none where there is no room.
    pub left: Option<Range>,
    /// How many recipients get less for this budget.
    pub cut: usize,
    /// How many recipients this budget leaves open.
    pub open: usize,
    /// How the shortage is borne; none where the pool reaches.
    pub how: Option<Borne>,
}

impl PoolResult {
    /// The same with others who draw on it, and for whom it reaches.
    pub(crate) fn with_open(self, open: &PoolResult) -> PoolResult {
        let and = |a: &Amounts, b: &Amounts| Amounts {
            known: a.known.add(&b.known).unwrap_or_else(|_| a.known.clone()),
            range: a.range.plus(&b.range),
        };
        let mut paid = and(&self.paid, &open.paid);
        if let Some(room) = self.room.as_ref().and_then(|room| room.high.as_ref()) {
            paid.range.high = Some(paid.range.high.map_or_else(|| room.clone(), |high| high.min(room.clone())));
        }
        let left = self.room.as_ref().map(|room| room.minus(&paid.range));
        PoolResult {
            wanted: and(&self.wanted, &open.wanted),
            paid,
            left,
            open_wanted: open.open_wanted.clone(),
            cut: self.cut.saturating_add(open.cut),
            open: open.open,
            ..self
        }
    }
}

/// Whose pool it is.
#[derive(Debug, Clone, PartialEq)]
pub enum PoolOf {
    /// Of all recipients.
    All,
    /// Of those with this value of the fact that `per` names; who has none stands alone.
    Value(Value),
    /// Of an item, by its key; empty where it has none.
    Item(SmolStr),
    /// Those whose group is not known: they may draw on any pool of the step.
    Unknown,
}

/// Amounts added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// The sum of those that are known.
    pub known: Number,
    /// The least and the most of all together, open ones among them.
    pub range: Range,
}

impl Default for Amounts {
    fn default() -> Self {
        Amounts { known: Number::ZERO, range: Range::exactly(&Number::ZERO) }
    }
}

impl Amounts {
    /// One more.
    pub fn add(&mut self, amount: &Answer) {
        if let Some(known) = amount.known_number() {
            self.known = self.known.add(known).unwrap_or_else(|_| self.known.clone());
        }
        self.range = self.range.plus(&Range::of(amount));
    }

    /// Others that may come to anything up to their most.
    fn add_possible(&mut self, most: Option<Number>) {
        self.range = self.range.plus(&Range { low: Number::ZERO, high: most });
    }
}

/// A pool while its budget is carried out: who draws on it, and what the budget does to them.
#[derive(Debug)]
pub(super) struct Drawn {
    of: PoolOf,
    room: Option<Range>,
    /// The awards or items that draw on it, and the most that each applies for.
    members: Vec<(Place, Option<Number>)>,
    wanted: Amounts,
    cut: usize,
    open: usize,
    how: Option<Borne>,
}

impl Drawn {
    /// A pool, those who draw on it with what they apply for, and the changes that the budget makes to them.
    pub(super) fn new(of: PoolOf, room: Option<Range>, members: &[(Place, Answer)], changes: &[Change]) -> Self {
        let mut wanted = Amounts::default();
        members.iter().for_each(|(_, amount)| wanted.add(amount));
        let recipients = |open: bool| {
            let of = changes.iter().filter(|change| change.after.known().is_none() == open);
            let mut places: Vec<usize> = of.map(|change| change.place.recipient).collect();
            places.sort_unstable();
            places.dedup();
            places.len()
        };
        let borne = changes.iter().filter_map(|change| match &change.reason {
            Reason::Shortage { how, .. } => Some(how),
            _ => None,
        });
        let how = borne.max_by_key(|how| telling(how)).cloned();
        let members = members.iter().map(|(place, amount)| (*place, Range::of(amount).high)).collect();
        Drawn { of, room, members, wanted, cut: recipients(false), open: recipients(true), how }
    }
}

/// Of several ways in which one shortage is borne, the one that tells most of it.
fn telling(how: &Borne) -> u8 {
    match how {
        Borne::Alone => 0,
        Borne::InTurn { how, .. } if how.is_undecided() => 5,
        Borne::Left(_) | Borne::InTurn { .. } => 1,
        Borne::Part(_) => 2,
        Borne::Factor(_) => 3,
        Borne::Open => 4,
        Borne::Undecided => 5,
    }
}

/// Adds up what those who drew on the pools of one budget are paid, after the whole settlement, in which a later
/// step may have raised it.
pub(super) fn results(
    recipients: &[Recipient<'_>],
    (step, policy, payer): (usize, Option<PolicyId>, Option<&SmolStr>),
    drawn: Vec<Drawn>,
    raised: bool,
) -> Vec<PoolResult> {
    let unknown = drawn.iter().find(|pool| pool.of == PoolOf::Unknown);
    let perhaps = unknown.map(|pool| (pool.wanted.range.high.clone(), paid(recipients, pool, payer).0.range.high));
    let told = |pool: Drawn| {
        let (mut paid, mut open_wanted) = paid(recipients, &pool, payer);
        let mut wanted = pool.wanted;
        if let Some((most_wanted, most_paid)) = perhaps.clone().filter(|_| pool.of != PoolOf::Unknown) {
            open_wanted = both(&open_wanted, &most_wanted);
            wanted.add_possible(most_wanted);
            paid.add_possible(most_paid);
        }
        // Each may be paid as much as its bounds say, but all together no more than there is, unless it is raised.
        if let Some(room) = pool.room.as_ref().and_then(|room| room.high.as_ref()).filter(|_| !raised) {
            paid.range.high = Some(paid.range.high.map_or_else(|| room.clone(), |high| high.min(room.clone())));
        }
        let left = pool.room.as_ref().map(|room| room.minus(&paid.range));
        let payer = payer.cloned();
        let (of, room, cut, open, how) = (pool.of, pool.room, pool.cut, pool.open, pool.how);
        PoolResult { step, policy, payer, of, room, wanted, paid, open_wanted, left, cut, open, how }
    };
    drawn.into_iter().map(told).collect()
}

/// What the members of a pool are paid, and the most that those applied for whose part is open.
fn paid(recipients: &[Recipient<'_>], pool: &Drawn, payer: Option<&SmolStr>) -> (Amounts, Option<Number>) {
    let mut all = Amounts::default();
    let mut open = Some(Number::ZERO);
    let mut before = None;
    for (place, wanted) in &pool.members {
        let award = recipients.get(place.recipient).and_then(|recipient| recipient.awards.get(place.award));
        let Some(award) = award else { continue };
        let paid = match (&pool.of, payer) {
            (PoolOf::Item(_), _) => item_paid(award, *place),
            (_, Some(payer)) => {
                super::sum(award.shares.iter().filter(|share| share.payer == *payer).map(|share| &share.amount))
            }
            (_, None) => award.amount.clone(),
        };
        if paid.known().is_none() {
            open = both(&open, wanted);
        }
        // Several items of one award are one payment, but where each item has a pool.
        let this = (place.recipient, place.award);
        if matches!(pool.of, PoolOf::Item(_)) || before != Some(this) {
            all.add(&paid);
        }
        before = Some(this);
    }
    (all, open)
}

fn both(a: &Option<Number>, b: &Option<Number>) -> Option<Number> {
    a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.add(b).ok())
}

/// What an item is paid: what the whole may have lost since is nobody's in particular.
fn item_paid(award: &Award, place: Place) -> Answer {
    let Some(item) = place.item.and_then(|item| award.items.get(item)) else {
        return Answer::number(Number::ZERO);
    };
    let others = award.items.iter().enumerate().filter(|(at, _)| Some(*at) != place.item);
    let others = sum(&others.map(|(_, item)| Range::of(&item.amount)).collect::<Vec<_>>());
    let (own, whole) = (Range::of(&item.amount), award.range());
    if own.plus(&others) == whole {
        return item.amount.clone();
    }
    let low = whole.minus(&others).low.min(own.low);
    let high = own.high.iter().chain(&whole.high).min().cloned();
    Range { low, high }.answer(&award.amount.causes().cloned().unwrap_or_default())
}
