//! `funded by`: what is paid is split among payers, to the fen, by the largest remainder.
//!
//! The clause's own payers come before its article's, those before the settlement's,
//! wherever they stand in it, those before the policy's. A payer pays no more than its cap; what the
//! caps leave is paid by whoever bears the rest, or not at all. Once a budget has cut one
//! payer's share, later cuts take from all payers in proportion; where it is open whether
//! it did, the shares are those of either.

use smol_str::SmolStr;

use super::Recipient;
use super::award::{Award, Cut, Reason, Share, Source, Split};
use super::range::{Range, down, fen, less, sum, up};
use super::sight::main_record;
use crate::check::program::{ClauseDef, PayerDef, StepKindDef};
use crate::eval::{Answer, Causes, Context, Interval, evaluate_expression};
use crate::value::Number;

/// A payer's part: a share of the whole, or the rest; and its cap, if it has one.
struct Part {
    share: Option<Range>,
    cap: Option<Range>,
    causes: Causes,
}

impl Part {
    /// What it bears of a whole of which so much is left; `end` says which end of its share and its cap counts.
    fn bears(&self, whole: &Number, left: &Number, end: fn(&Range) -> Option<&Number>) -> Number {
        let share = self.share.as_ref().and_then(end).map(|share| whole.multiply(share));
        let share = share.map(|share| share.unwrap_or_else(|_| whole.clone()));
        let cap = self.cap.as_ref().and_then(end).cloned();
        share.into_iter().chain(cap).fold(left.clone(), Number::min)
    }

    /// The most that its cap may be.
    fn cap(&self) -> Option<&Number> {
        self.cap.as_ref().and_then(most)
    }
}

fn least(range: &Range) -> Option<&Number> {
    Some(&range.low)
}

fn most(range: &Range) -> Option<&Number> {
    range.high.as_ref()
}

/// Splits an award among its payers at a step, if the policy says who pays.
pub(super) fn split(context: &Context<'_>, recipient: &mut Recipient<'_>, (at, step): (usize, usize)) {
    let (record, row) = (recipient.record, recipient.row);
    let Some(award) = recipient.awards.get_mut(at) else { return };
    let Some(clause) = context.program.clauses.get(award.clause.index()) else { return };
    let payers = payers_of(context, clause);
    if payers.is_empty() || clause.recover {
        return;
    }
    // What was split and has not changed since is not capped again.
    if award.share_cut == Cut::No && is_split(award, step) {
        award.split.iter_mut().for_each(|split| split.step = step);
        return;
    }
    if award.share_cut == Cut::Surely {
        shrink(award);
        return;
    }
    if award.share_cut == Cut::No && award.is_nothing() {
        // Of nothing each bears nothing, whatever its share.
        let nothing = |payer: &PayerDef| Share { payer: payer.name.clone(), amount: Answer::number(Number::ZERO) };
        award.shares = payers.iter().map(nothing).collect();
        return;
    }
    let parts: Vec<Part> = payers
        .iter()
        .map(|payer| {
            let value = |expr| {
                let sees = record == clause.recipient
                    && (!clause.funding.is_empty() || record == main_record(context.program));
                let sees = sees || context.is_same_for_all(expr);
                sees.then(|| evaluate_expression(context, Some((record, row)), expr))
            };
            part(payer.share.map(value), payer.cap.map(value))
        })
        .collect();
    if award.share_cut == Cut::No {
        if award.split.is_none() || bear_all(&parts) {
            split_anew(award, payers, &parts);
        } else {
            split_again(award, payers, &parts);
        }
        award.split = Some(Box::new(Split { amount: award.amount.clone(), step }));
        return;
    }
    split_either(award, payers, &parts);
}

/// Whether the shares are surely those of the amount: one that is open may be less than it was within the same
/// bounds, unless no step stands in between.
fn is_split(award: &Award, step: usize) -> bool {
    let known = award.amount.known().is_some();
    award
        .split
        .as_ref()
        .is_some_and(|split| split.amount == award.amount && (known || step <= split.step.saturating_add(1)))
}

/// Splits what was split before and perhaps cut since. What the payers leave was taken off then: where they leave
/// something again, all bear the cut in proportion.
fn split_again(award: &mut Award, payers: &[PayerDef], parts: &[Part]) {
    let known = award.shares.iter().all(|share| share.amount.known().is_some());
    if !known || exact(&award.amount, parts).is_none() {
        return split_either(award, payers, parts);
    }
    let mut anew = award.clone();
    split_anew(&mut anew, payers, parts);
    if anew.amount == award.amount {
        award.shares = anew.shares;
    } else {
        shrink(award);
    }
}

/// Where it is open whether payers share anew or what each paid before shrinks.
fn split_either(award: &mut Award, payers: &[PayerDef], parts: &[Part]) {
    let mut uncut = award.clone();
    split_anew(&mut uncut, payers, parts);
    shrink(award);
    for (share, other) in award.shares.iter_mut().zip(uncut.shares) {
        let causes = share.amount.causes().cloned().unwrap_or_default();
        let either = Range::of(&share.amount).or(&Range::of(&other.amount));
        share.amount = either.answer(&other.amount.causes().cloned().unwrap_or_default().and(&causes));
    }
}

/// Whether the payers surely bear all of any amount.
fn bear_all(parts: &[Part]) -> bool {
    let bears_rest = |part: &Part| part.share.is_none() && part.cap.is_none();
    let share = |part: &Part| {
        part.share.as_ref().filter(|_| part.cap.is_none()).map_or(Number::ZERO, |share| share.low.clone())
    };
    let shares: Vec<Number> = parts.iter().map(share).collect();
    parts.iter().any(bears_rest) || total(&shares) >= Number::ONE
}

/// Splits an amount of which no payer's share was cut before.
fn split_anew(award: &mut Award, payers: &[PayerDef], parts: &[Part]) {
    let names = payers.iter().map(|payer| payer.name.clone());
    match (award.amount.known_number().cloned(), exact(&award.amount, parts)) {
        (Some(amount), Some(shares)) => {
            let paid = total(&shares);
            award.shares =
                names.zip(shares).map(|(payer, share)| Share { payer, amount: Answer::number(share) }).collect();
            if paid < amount {
                award.change(Source::Payers, Reason::Unfunded, Answer::number(paid));
            }
        }
        _ => {
            let whole = award.range();
            let own = award.amount.causes().cloned().unwrap_or_default();
            let exact = open(&whole, parts);
            let all = parts.iter().fold(own, |all, part| all.and(&part.causes));
            let shares = exact.iter().zip(parts).map(|(range, part)| to_whole_fen(range, &whole, part));
            award.shares =
                names.zip(shares).map(|(payer, range)| Share { payer, amount: range.answer(&all) }).collect();
            // Without anyone for all the rest, what the caps leave is not paid.
            let paid = borne(&whole, parts);
            if paid != whole {
                award.change(Source::Payers, Reason::Unfunded, paid.answer(&all));
            }
        }
    }
}

/// Whether a payer bears a part of a clause.
pub(super) fn is_paid_by(context: &Context<'_>, clause: &ClauseDef, payer: &SmolStr) -> bool {
    payers_of(context, clause).iter().any(|one| one.name == *payer)
}

/// Whether somebody pays whatever the others leave of a clause.
pub(super) fn pays_all(context: &Context<'_>, clause: &ClauseDef) -> bool {
    let payers = payers_of(context, clause);
    payers.is_empty() || clause.recover || payers.iter().any(|one| one.share.is_none() && one.cap.is_none())
}

/// Who pays a clause alone, where just one payer is named for it.
pub(crate) fn only_payer(context: &Context<'_>, clause: &ClauseDef) -> Option<SmolStr> {
    match payers_of(context, clause) {
        [one] => Some(one.name.clone()),
        _ => None,
    }
}

/// Sets what a payer pays after a budget cut its share; the award comes to what all pay.
pub(super) fn cut_share(award: &mut Award, payer: &SmolStr, after: &Answer) -> Answer {
    for share in award.shares.iter_mut().filter(|share| share.payer == *payer) {
        let (before, left) = (Range::of(&share.amount), Range::of(after));
        let surely = left.high.is_some_and(|most| most < before.low);
        award.share_cut = award.share_cut.max(if surely { Cut::Surely } else { Cut::Perhaps });
        share.amount = after.clone();
    }
    let paid = super::sum(award.shares.iter().map(|share| &share.amount));
    crate::eval::operators::least(award.amount.clone(), paid)
}

fn payers_of<'p>(context: &Context<'p>, clause: &'p ClauseDef) -> &'p [PayerDef] {
    let policy = context.program.policies.get(clause.policy.index());
    let article = clause.article.and_then(|at| policy?.articles.get(at));
    let step = context.program.settle.iter().rev().find_map(|def| match &def.kind {
        StepKindDef::FundedBy(payers) if def.policy.is_none_or(|policy| policy == clause.policy) => Some(payers),
        _ => None,
    });
    let own = Some(clause.funding.as_slice());
    let found =
        [own, article.map(|a| a.funding.as_slice()), step.map(Vec::as_slice), policy.map(|p| p.funding.as_slice())];
    found.into_iter().flatten().find(|payers| !payers.is_empty()).unwrap_or(&[])
}

/// A share lies between 0 and the whole, a cap is whole fen; what is not known of them is open.
fn part(share: Option<Option<Answer>>, cap: Option<Option<Answer>>) -> Part {
    let mut causes = Causes::default();
    let mut range = |answer: Option<Answer>| {
        let answer = answer.unwrap_or_else(|| Answer::within(Interval::not_negative(), Causes::default()));
        answer.causes().into_iter().for_each(|why| causes.merge(why));
        Range::of(&answer)
    };
    let share = share.map(&mut range).map(|range| Range {
        low: range.low.min(Number::ONE),
        high: Some(range.high.map_or(Number::ONE, |high| high.min(Number::ONE))),
    });
    // What is paid is whole fen, and so is the most of it.
    let whole =
        |range: Range| Range { low: down(&range.low, &fen()), high: range.high.map(|high| down(&high, &fen())) };
    let cap = cap.map(&mut range).map(whole);
    Part { share, cap, causes }
}

/// Shares to the fen where everything is known.
fn exact(amount: &Answer, parts: &[Part]) -> Option<Vec<Number>> {
    let amount = amount.known_number()?;
    let unit = fen();
    let mut left = amount.clone();
    let mut shares = Vec::with_capacity(parts.len());
    for part in parts {
        let cap = match &part.cap {
            None => amount.clone(),
            Some(cap) => cap.known()?.clone(),
        };
        let share = match &part.share {
            Some(share) => Some(amount.multiply(share.known()?).ok()?.min(cap.clone()).min(left.clone())),
            None => None,
        };
        if let Some(share) = &share {
            left = less(&left, share);
        }
        shares.push((share, cap));
    }
    // Whoever bears the rest bears it whole, the first of several up to its cap.
    let exact: Vec<(Number, Number)> = shares
        .into_iter()
        .map(|(share, cap)| {
            let share = share.unwrap_or_else(|| {
                let rest = left.clone().min(cap.clone());
                left = less(&left, &rest);
                rest
            });
            (share, cap)
        })
        .collect();
    Some(to_the_fen(amount, &exact, &unit))
}

/// Rounded down, the fen that remain to those with the largest remainder, in their order among equals.
pub(super) fn to_the_fen(amount: &Number, exact: &[(Number, Number)], unit: &Number) -> Vec<Number> {
    let mut shares: Vec<Number> = exact.iter().map(|(share, _)| down(share, unit)).collect();
    let due = down(&total(exact.iter().map(|(share, _)| share)).min(amount.clone()), unit);
    let mut rest = less(&due, &total(&shares));
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|at| {
        std::cmp::Reverse(exact.get(*at).zip(shares.get(*at)).map(|((exact, _), share)| less(exact, share)))
    });
    for at in order {
        let (Some(share), Some((_, cap))) = (shares.get_mut(at), exact.get(at)) else { continue };
        let more = unit.clone().min(rest.clone()).min(less(cap, share));
        *share = share.add(&more).unwrap_or_else(|_| share.clone());
        rest = less(&rest, &more);
    }
    shares
}

fn total<'n>(numbers: impl IntoIterator<Item = &'n Number>) -> Number {
    numbers.into_iter().try_fold(Number::ZERO, |sum, number| sum.add(number).ok()).unwrap_or_default()
}

/// Bounds of the shares where something is open, not rounded yet: those with a share in their order, then those who bear the rest.
fn open(whole: &Range, parts: &[Part]) -> Vec<Range> {
    let (named, rest): (Vec<usize>, Vec<usize>) =
        (0..parts.len()).partition(|at| parts.get(*at).is_some_and(|part| part.share.is_some()));
    let mut out = vec![Range::default(); parts.len()];
    // What is left grows with the whole: it is least where the whole is least and those before pay the most of it.
    let mut left = whole.clone();
    for at in named.into_iter().chain(rest) {
        let (Some(part), Some(slot)) = (parts.get(at), out.get_mut(at)) else { continue };
        slot.low = part.bears(&whole.low, &left.low, least);
        left.low = less(&left.low, &part.bears(&whole.low, &left.low, most));
        let Some((whole, left)) = whole.high.as_ref().zip(left.high.as_mut()) else {
            slot.high = part.cap().cloned();
            continue;
        };
        slot.high = Some(part.bears(whole, left, most));
        *left = less(left, &part.bears(whole, left, least));
    }
    out
}

/// What all pay together: no more than is due, and no more than their shares and caps come to.
fn borne(whole: &Range, parts: &[Part]) -> Range {
    let able = parts.iter().map(|part| Range {
        low: part.bears(&whole.low, &whole.low, least),
        high: match &whole.high {
            Some(whole) => Some(part.bears(whole, whole, most)),
            None => part.cap().cloned(),
        },
    });
    let able = sum(&able.collect::<Vec<_>>());
    let low = if able.low < whole.low { down(&able.low, &fen()) } else { whole.low.clone() };
    let high = match (able.high, &whole.high) {
        (Some(able), due) if due.as_ref().is_none_or(|due| able < *due) => Some(down(&able, &fen())),
        (_, due) => due.clone(),
    };
    Range { low, high }
}

/// A fen that remains may go to any payer, as far as its cap and the whole allow.
fn to_whole_fen(share: &Range, whole: &Range, part: &Part) -> Range {
    let high = share.high.as_ref().map(|high| up(high, &fen()));
    Range { low: down(&share.low, &fen()), high: high.iter().chain(&whole.high).chain(part.cap()).min().cloned() }
}

/// After a share was cut, all shrink with the amount.
fn shrink(award: &mut Award) {
    let whole = award.range();
    let before: Vec<Range> = award.shares.iter().map(|share| Range::of(&share.amount)).collect();
    let paid = sum(&before);
    if paid == whole && paid.known().is_some() {
        return;
    }
    let exactly = || -> Option<Vec<Number>> {
        let (whole, paid) = (whole.known()?, paid.known().filter(|paid| paid.is_positive())?);
        let part = |share: &Range| share.known()?.multiply(whole).ok()?.divide(paid).ok();
        let exact: Option<Vec<(Number, Number)>> =
            before.iter().map(|share| Some((part(share)?, share.known()?.clone()))).collect();
        Some(to_the_fen(whole, &exact?, &fen()))
    };
    match exactly() {
        Some(shares) => award.shares.iter_mut().zip(shares).for_each(|(share, now)| share.amount = Answer::number(now)),
        None => {
            let causes = award.amount.causes().cloned().unwrap_or_default();
            let ranges: Vec<Range> = (0..before.len()).map(|at| shrunk(&before, at, &whole)).collect();
            for (share, range) in award.shares.iter_mut().zip(ranges) {
                let why = share.amount.causes().cloned().unwrap_or_default().and(&causes);
                share.amount = range.answer(&why);
            }
        }
    }
}

/// Bounds of a share that shrinks with the amount: its part in what all pay is least where the others pay most.
fn shrunk(before: &[Range], at: usize, whole: &Range) -> Range {
    let others = sum(before.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, share)| share));
    let part = |own: &Number, others: &Number, whole: &Number| -> Option<Number> {
        if own.is_zero() {
            return Some(Number::ZERO);
        }
        whole.multiply(own).ok()?.divide(&own.add(others).ok()?).ok()
    };
    let own = before.get(at).cloned().unwrap_or_default();
    let low = others.high.as_ref().and_then(|others| part(&own.low, others, &whole.low)).unwrap_or_default();
    let most = own.high.as_ref().zip(whole.high.as_ref());
    let high = most.and_then(|(own, whole)| part(own, &others.low, whole)).map(|high| up(&high, &fen()));
    let high = high.iter().chain(&own.high).chain(&whole.high).min().cloned();
    Range { low: down(&low, &fen()), high }
}
