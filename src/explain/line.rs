//! Results as lines: one a recipient and clause (and item), then one for the total.
//!
//! This is the documented, stable shape of `--format json` and of what the library returns.
//! Amounts are texts in 元 with two decimals.

use serde::Serialize;

use super::because::{missing, reasons};
use super::words::Words;
use crate::eval::{Answer, ClauseResult, ItemResult, Status};
use crate::settle::{Award, Recipient};
use crate::value::Number;

/// One result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The recipient's key.
    pub key: String,
    /// The recipient's record type, where it is not the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The policy; none for the total.
    pub policy: Option<String>,
    /// The clause; none for the total.
    pub clause: Option<String>,
    /// The item of a clause that pays for each.
    pub item: Option<String>,
    /// `exact`, `up to`, `pending`, `unknown`, `not in force` or `not eligible`.
    pub status: &'static str,
    /// Before settlement, discretion taken as full; none where it is unknown or pending.
    pub amount: Option<String>,
    /// The least that may be paid.
    pub lowest: String,
    /// The most that may be paid; none where nothing bounds it.
    pub highest: Option<String>,
    /// After settlement; none where it is unknown or pending, and for items.
    pub settled: Option<String>,
    /// The facts that are missing.
    pub missing: Vec<String>,
    /// The rules that are pending.
    pub pending: Vec<String>,
    /// Why it is not more.
    pub because: Vec<String>,
    /// Who pays how much of what is settled, where the policy says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<PayerShare>,
}

/// What one payer pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayerShare {
    /// Who pays.
    pub payer: String,
    /// How much; none while it is open.
    pub amount: Option<String>,
}

/// A status as it is written in results and tests.
pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::NotInForce => "not in force",
        Status::NotEligible => "not eligible",
        Status::Unknown => "unknown",
        Status::Pending => "pending",
        Status::UpTo => "up to",
        Status::Exact => "exact",
    }
}

/// The status that is written so.
pub(crate) fn status_of(word: &str) -> Option<Status> {
    use Status::{Exact, NotEligible, NotInForce, Pending, Unknown, UpTo};
    [NotInForce, NotEligible, Unknown, Pending, UpTo, Exact].into_iter().find(|status| status_word(*status) == word)
}

/// A recipient's lines: clause by clause with their items, then the total.
pub fn lines(words: &Words<'_>, recipient: &Recipient<'_>) -> Vec<Line> {
    let mut out = Vec::new();
    for (result, award) in recipient.result.clauses.iter().zip(&recipient.awards) {
        out.push(clause_line(words, recipient, result, award));
        out.extend(result.items.iter().map(|item| item_line(words, recipient, result, item)));
    }
    out.push(total_line(words, recipient));
    out
}

fn clause_line(words: &Words<'_>, recipient: &Recipient<'_>, result: &ClauseResult, award: &Award) -> Line {
    let (lowest, highest) = award.bounds();
    let causes = award.amount.causes();
    let still_missing = causes.map_or(&*result.missing, |causes| causes.missing.as_slice());
    let still_pending = causes.map_or(&*result.pending, |causes| causes.pending.as_slice());
    let mut pending: Vec<String> = still_pending
        .iter()
        .filter_map(|id| words.program.pendings.get(id.index()))
        .map(|def| def.name.to_string())
        .collect();
    pending.extend(award.undecided_steps().iter().map(|step| words.step(*step)));
    Line {
        policy: words.program.clauses.get(result.clause.index()).map(|clause| words.policy(clause.policy)),
        clause: words.program.clauses.get(result.clause.index()).map(|clause| clause.name.to_string()),
        status: status_word(award.status(result.status)),
        amount: amount_of(result),
        lowest: lowest.to_yuan(),
        highest: highest.map(|highest| highest.to_yuan()),
        settled: award.settled().map(Number::to_yuan),
        missing: still_missing.iter().map(|one| missing(words, recipient.record, one)).collect(),
        pending,
        because: reasons(words, recipient, result, award),
        shares: shares(award),
        ..empty(words, recipient)
    }
}

fn shares(award: &Award) -> Vec<PayerShare> {
    let share = |share: &crate::settle::Share| PayerShare {
        payer: share.payer.to_string(),
        amount: share.amount.known_number().map(Number::to_yuan),
    };
    award.shares.iter().map(share).collect()
}

fn amount_of(result: &ClauseResult) -> Option<String> {
    match result.status {
        Status::NotEligible | Status::NotInForce => Some(Number::ZERO.to_yuan()),
        _ => result.amount.as_ref().map(Number::to_yuan),
    }
}

fn item_line(words: &Words<'_>, recipient: &Recipient<'_>, result: &ClauseResult, item: &ItemResult) -> Line {
    let number = (item.index + 1).to_string();
    let clause = words.program.clauses.get(result.clause.index());
    Line {
        policy: clause.map(|clause| words.policy(clause.policy)),
        clause: clause.map(|clause| clause.name.to_string()),
        item: Some(if item.key.is_empty() { number } else { item.key.to_string() }),
        status: status_word(item.status),
        amount: item.amount.as_ref().map(Number::to_yuan),
        lowest: item.lowest.to_yuan(),
        highest: item.highest.as_ref().map(Number::to_yuan),
        missing: item.missing.iter().map(|one| missing(words, recipient.record, one)).collect(),
        pending: item
            .pending
            .iter()
            .filter_map(|id| words.program.pendings.get(id.index()))
            .map(|p| p.name.to_string())
            .collect(),
        ..empty(words, recipient)
    }
}

/// What a recipient gets in all.
pub(crate) fn total_line(words: &Words<'_>, recipient: &Recipient<'_>) -> Line {
    let lowest = all(recipient.paid().map(|award| Some(award.bounds().0)));
    let highest = all(recipient.paid().map(|award| award.bounds().1));
    let total = recipient.total();
    let before = recipient.result.clauses.iter().filter(|result| !result.recover).map(amount_of);
    let paid = recipient.result.clauses.iter().zip(&recipient.awards).filter(|(result, _)| !result.recover);
    let worst = paid.map(|(result, award)| award.status(result.status));
    // The total is as open as the most open clause that is not shut out.
    let status = worst.filter(|status| *status > Status::NotEligible).min().unwrap_or(Status::Exact);
    Line {
        status: status_word(status),
        amount: all(before.map(|amount| amount.and_then(|amount| Number::from_digits(&amount))))
            .map(|sum| sum.to_yuan()),
        lowest: lowest.unwrap_or_default().to_yuan(),
        highest: highest.map(|highest| highest.to_yuan()),
        settled: match &total {
            Answer::Known(crate::value::Value::Number(total)) => Some(total.to_yuan()),
            _ => None,
        },
        ..empty(words, recipient)
    }
}

/// The sum; none where any part is.
fn all(mut amounts: impl Iterator<Item = Option<Number>>) -> Option<Number> {
    amounts.try_fold(Number::ZERO, |sum, amount| sum.add(&amount?).ok())
}

fn empty(words: &Words<'_>, recipient: &Recipient<'_>) -> Line {
    let main = words.program.records.iter().position(|record| !record.is_history);
    let other = main != Some(recipient.record.index());
    let record = words.program.records.get(recipient.record.index()).map(|record| record.name.to_string());
    Line {
        key: recipient.key.to_string(),
        to: record.filter(|_| other),
        policy: None,
        clause: None,
        item: None,
        status: status_word(Status::Exact),
        amount: None,
        lowest: Number::ZERO.to_yuan(),
        highest: None,
        settled: None,
        missing: Vec::new(),
        pending: Vec::new(),
        because: Vec::new(),
        shares: Vec::new(),
    }
}
