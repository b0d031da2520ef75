//! What is open: how many recipients wait for which facts and rules, and how much it may come to.

use serde::Serialize;
use smol_str::SmolStr;

use super::totals::{once, plus, yuan, yuan_or_null};
use crate::check::program::{FactId, PendingId, RecordId};
use crate::eval::{Causes, Fault, Missing};
use crate::explain::missing;
use crate::explain::words::Words;
use crate::settle::Recipient;
use crate::value::{Number, Period};

/// The amounts that are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Open {
    /// How many recipients have one.
    pub recipients: usize,
    /// The most that those together may come to that have an upper bound, each by itself.
    #[serde(serialize_with = "yuan")]
    pub highest: Number,
    /// How many recipients have an amount without an upper bound.
    pub unbounded: usize,
    /// What they wait for, what most wait for first; what only follows from the amounts of others last.
    pub causes: Vec<Cause>,
}

/// Something that amounts wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What it is, in words.
    pub what: String,
    /// Of which kind.
    pub kind: CauseKind,
    /// How many recipients wait for it; one may wait for several.
    pub recipients: usize,
    /// The most that the amounts which wait for it may come to; none where one has no upper bound.
    #[serde(serialize_with = "yuan_or_null")]
    pub highest: Option<Number>,
}

/// What kind of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CauseKind {
    /// A fact.
    Unknown,
    /// A rule.
    Pending,
    /// It cannot be computed.
    Fault,
    /// What others are paid who draw on the same settlement step: it is known once theirs is.
    Others,
}

impl CauseKind {
    /// As it is written in a report.
    pub fn word(self) -> &'static str {
        match self {
            CauseKind::Unknown => "unknown",
            CauseKind::Pending => "pending",
            CauseKind::Fault => "fault",
            CauseKind::Others => "others",
        }
    }
}

/// What causes are told apart by: a fact of many items is one.
#[derive(Debug, PartialEq)]
enum Key {
    Fact(RecordId, RecordId, FactId, Option<Period>),
    Other(Missing),
    Pending(PendingId),
    Undecided(usize),
    Fault(Fault),
}

#[derive(Debug)]
struct Counted {
    key: Key,
    name: String,
    recipients: usize,
    highest: Option<Number>,
    counted: usize,
}

/// What is open so far.
#[derive(Debug, Default)]
pub(super) struct OpenSoFar {
    recipients: usize,
    highest: Number,
    unbounded: usize,
    causes: Vec<Counted>,
    counted: [usize; 2],
}

impl OpenSoFar {
    /// The open awards of the recipient at this place.
    pub(super) fn add(&mut self, words: &Words<'_>, at: usize, recipient: &Recipient<'_>) {
        for award in recipient.paid() {
            let Some(causes) = award.amount.causes() else { continue };
            let (_, highest) = award.bounds();
            once(&mut self.recipients, &mut self.counted[0], at);
            match &highest {
                Some(highest) => self.highest = plus(&self.highest, highest),
                None => once(&mut self.unbounded, &mut self.counted[1], at),
            }
            self.add_causes(words, (at, recipient.record), causes, award.undecided_steps(), &highest);
        }
    }

    fn add_causes(
        &mut self,
        words: &Words<'_>,
        (at, record): (usize, RecordId),
        causes: &Causes,
        undecided: &[usize],
        highest: &Option<Number>,
    ) {
        let mut found: Vec<(Key, Option<Missing>)> = Vec::new();
        for what in &causes.missing {
            let mut what = what.clone();
            let key = match &mut what {
                Missing::Fact { record: of, fact, key, period, .. } => {
                    *key = SmolStr::default();
                    Key::Fact(record, *of, *fact, *period)
                }
                other => Key::Other(other.clone()),
            };
            found.push((key, Some(what)));
        }
        found.extend(causes.pending.iter().map(|id| (Key::Pending(*id), None)));
        found.extend(causes.faults.iter().map(|fault| (Key::Fault(*fault), None)));
        found.extend(undecided.iter().map(|step| (Key::Undecided(*step), None)));
        let mut told: Vec<usize> = Vec::new();
        for (key, what) in found {
            let place = self.causes.iter().position(|one| one.key == key).unwrap_or_else(|| {
                let name = name(words, record, &key, what.as_ref());
                self.causes.push(Counted { key, name, recipients: 0, highest: Some(Number::ZERO), counted: 0 });
                self.causes.len() - 1
            });
            // The same fact of several items of one award is told once.
            if told.contains(&place) {
                continue;
            }
            told.push(place);
            if let Some(cause) = self.causes.get_mut(place) {
                once(&mut cause.recipients, &mut cause.counted, at);
                cause.highest = cause.highest.as_ref().zip(highest.as_ref()).map(|(sum, more)| plus(sum, more));
            }
        }
    }

    pub(super) fn finish(self) -> Open {
        let of = |one: Counted| Cause {
            kind: match one.key {
                Key::Other(Missing::Others(_)) => CauseKind::Others,
                // Who is taken of those tied is for a rule to say.
                Key::Other(Missing::Tie(_)) | Key::Pending(_) | Key::Undecided(_) => CauseKind::Pending,
                Key::Fact(..) | Key::Other(_) => CauseKind::Unknown,
                Key::Fault(_) => CauseKind::Fault,
            },
            what: one.name,
            recipients: one.recipients,
            highest: one.highest,
        };
        let mut causes: Vec<Cause> = self.causes.into_iter().map(of).collect();
        let follows = |cause: &Cause| cause.kind == CauseKind::Others;
        causes.sort_by(|a, b| {
            follows(a).cmp(&follows(b)).then(b.recipients.cmp(&a.recipients)).then_with(|| a.what.cmp(&b.what))
        });
        Open { recipients: self.recipients, highest: self.highest, unbounded: self.unbounded, causes }
    }
}

fn name(words: &Words<'_>, record: RecordId, key: &Key, what: Option<&Missing>) -> String {
    match (key, what) {
        (_, Some(what)) => missing(words, record, what),
        (Key::Pending(id), _) => {
            words.program.pendings.get(id.index()).map_or_else(String::new, |def| def.name.to_string())
        }
        (Key::Undecided(step), _) => {
            let (step, unsaid) = (words.step(*step), words.unsaid(*step));
            words.pick(format!("“{step}”{unsaid}"), format!("{unsaid} of “{step}”"))
        }
        (Key::Fault(fault), _) => words.fault(fault),
        (Key::Fact(..) | Key::Other(_), None) => String::new(),
    }
}
