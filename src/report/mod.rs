//! The report of a run: totals by clause, by article, by payer and by facts of the
//! recipients, the budgets with what is left of them, and what is open.
//!
//! In: settled recipients, one at a time, and what the settlement came to. Out: a [`Report`],
//! which is data: the command line prints it, and it is written to a file as it stands. The
//! totals of one kind add up to those of another: every award is in one clause, one
//! article and one row of each fact. What is due back is in its clause's row alone.

mod budget;
mod by;
mod data;
mod open;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;
mod totals;

pub use budget::BudgetRow;
pub use by::{FactRow, FactTable, ValueState};
pub use data::{DataRow, FactCounts, data};
pub use open::{Cause, CauseKind, Open};
pub use totals::{Figure, Totals};

use serde::Serialize;

use crate::batch::{Of, Texts};
use crate::check::program::{ClauseDef, PayerDef, PolicyId, Program, RecordId, StepKindDef};
use crate::diagnostic::Diagnostic;
use crate::eval::Context;
use crate::explain::words::Words;
use crate::settle::{Award, Recipient, Settlement, only_payer};
use crate::stream::{BySum, Sums};
use crate::value::Number;
use by::ByFact;
use open::OpenSoFar;
use totals::{plus, yuan};

/// What a run came to. Amounts are in 元; written as JSON they are texts with two decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The policies: their titles, or names where they have none.
    pub policies: Vec<String>,
    /// What was paid for.
    pub period: String,
    /// The day of decision.
    pub date: String,
    /// How many recipients there are.
    pub recipients: usize,
    /// Everything that is paid.
    pub total: Totals,
    /// By clause, in document order.
    pub clauses: Vec<ClauseRow>,
    /// By article, in document order; then clauses outside of articles. Empty where there is no article.
    pub articles: Vec<ArticleRow>,
    /// By payer, in the order of the text; then what nobody is named for. Empty where no payer is named.
    pub payers: Vec<PayerRow>,
    /// What is settled as a whole while it is open which payer bears how much; in no payer's row.
    #[serde(serialize_with = "yuan")]
    pub payers_open: Number,
    /// By the facts that were asked for.
    pub by: Vec<FactTable>,
    /// The budgets, in the order of the settlement.
    pub budgets: Vec<BudgetRow>,
    /// What is open.
    pub open: Open,
    /// What the data files had, where there are files: see [`data`].
    pub data: Vec<DataRow>,
}

/// Totals of a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseRow {
    /// Its policy; empty for a bare file.
    pub policy: String,
    /// Its name.
    pub clause: String,
    /// Whether it is due back: then it is in no other total.
    pub recover: bool,
    /// Its totals.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Totals of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArticleRow {
    /// Its policy; empty for a bare file.
    pub policy: String,
    /// Its number as written; none for clauses outside of articles.
    pub number: Option<String>,
    /// Its title.
    pub name: Option<String>,
    /// Its totals.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Totals of a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayerRow {
    /// Who pays; none where the policy does not say.
    pub payer: Option<String>,
    /// What it pays.
    #[serde(flatten)]
    pub totals: Totals,
}

/// A report in the making: takes one recipient at a time.
pub struct Reporter<'c> {
    context: &'c Context<'c>,
    words: Words<'c>,
    recipients: usize,
    total: Totals,
    clauses: Vec<Totals>,
    articles: Vec<(Place, Totals)>,
    /// The row of each clause in `articles`.
    article_of: Vec<usize>,
    payers: Vec<PayerRow>,
    payers_open: Number,
    by: Vec<ByFact>,
    open: OpenSoFar,
}

/// An article by its place in a policy; none stands for clauses outside of articles.
type Place = (PolicyId, Option<usize>);

impl<'c> Reporter<'c> {
    /// Begins a report with totals by these facts of the recipients. The words are of the context's program.
    ///
    /// # Errors
    /// A name that is no fact of any recipient.
    pub fn new(context: &'c Context<'c>, words: Words<'c>, by: &[String]) -> Result<Self, Vec<Diagnostic>> {
        let program = context.program;
        let (by, wrong): (Vec<_>, Vec<_>) = by.iter().map(|name| ByFact::named(program, name)).partition(Result::is_ok);
        if !wrong.is_empty() {
            return Err(wrong.into_iter().filter_map(Result::err).map(|wrong| *wrong).collect());
        }
        let (articles, article_of) = articles(program);
        let payers = payers(program).into_iter().map(|payer| PayerRow { payer, totals: Totals::default() });
        Ok(Reporter {
            context,
            words,
            recipients: 0,
            total: Totals::default(),
            clauses: vec![Totals::default(); program.clauses.len()],
            articles,
            article_of,
            payers: payers.collect(),
            payers_open: Number::ZERO,
            by: by.into_iter().flatten().collect(),
            open: OpenSoFar::default(),
        })
    }

    /// Adds a settled recipient.
    pub fn add(&mut self, recipient: &Recipient<'_>) {
        let at = self.recipients;
        self.recipients += 1;
        for fact in &mut self.by {
            let Some(row) = fact.row(self.context, &self.words, recipient) else { continue };
            let paid = recipient.paid().filter(|award| !is_nothing(award));
            paid.for_each(|award| row.add(at, &award.amount, &award.bounds()));
        }
        for award in recipient.awards.iter().filter(|award| !is_nothing(award)) {
            let bounds = award.bounds();
            if let Some(clause) = self.clauses.get_mut(award.clause.index()) {
                clause.add(at, &award.amount, &bounds);
            }
            if award.recover {
                continue;
            }
            self.total.add(at, &award.amount, &bounds);
            let article = self.article_of.get(award.clause.index()).and_then(|place| self.articles.get_mut(*place));
            if let Some((_, article)) = article {
                article.add(at, &award.amount, &bounds);
            }
            self.add_shares(at, award);
        }
        self.open.add(&self.words, at, recipient);
    }

    /// The sets of clauses whose recipients are counted: all that pay, each article, each payer.
    pub(crate) fn sets(&self) -> Vec<Vec<usize>> {
        let pays = || self.context.program.clauses.iter().enumerate().filter(|(_, clause)| !clause.recover);
        let all = pays().map(|(at, _)| at).collect();
        let articles = (0..self.articles.len()).map(|article| {
            let is_of = |at: &usize| self.article_of.get(*at) == Some(&article);
            pays().map(|(at, _)| at).filter(is_of).collect()
        });
        let payer = |clause: &ClauseDef| only_payer(self.context, clause).map(|payer| payer.to_string());
        let payers = self.payers.iter().map(|row| {
            let pays_for = pays().filter(|(_, clause)| payer(clause) == row.payer);
            pays_for.map(|(at, _)| at).collect()
        });
        [all].into_iter().chain(articles).chain(payers).collect()
    }

    /// By what totals are kept, for records of a type; none where it cannot be told by numbers.
    pub(crate) fn by(&self, id: RecordId) -> Option<Vec<Of>> {
        self.by.iter().map(|fact| fact.of(self.context, id)).collect()
    }

    /// Adds recipients of a type of whom nothing is open, summed up by clause, by the sets of [`Reporter::sets`] and
    /// by what [`Reporter::by`] asks for.
    pub(crate) fn add_sums(&mut self, id: RecordId, sums: &Sums, texts: &Texts) {
        for (fact, sums) in self.by.iter_mut().zip(&sums.by) {
            for (number, BySum { fen, surely, receive }) in sums {
                if let Some(row) = fact.row_of(&self.words, (id, *number), texts) {
                    row.add_fen((*fen, *surely, *receive));
                }
            }
        }
        self.recipients += sums.recipients;
        let clauses = &self.context.program.clauses;
        let of = |set: &[usize], receive: usize| {
            let sums = set.iter().filter_map(|at| Some((clauses.get(*at)?, sums.clauses.get(*at)?)));
            let fen = |keep: &dyn Fn(&ClauseDef) -> bool| {
                let kept = sums.clone().filter(|(clause, _)| keep(clause)).map(|(_, sum)| sum.fen);
                kept.sum::<i128>()
            };
            (fen(&|_| true), fen(&|clause| !clause.up_to), receive)
        };
        for (at, totals) in self.clauses.iter_mut().enumerate() {
            let receive = sums.clauses.get(at).map_or(0, |sum| sum.receive);
            totals.add_fen(of(&[at], receive));
        }
        let sets = self.sets();
        let articles = self.articles.iter_mut().map(|(_, totals)| totals);
        let rows =
            [&mut self.total].into_iter().chain(articles).chain(self.payers.iter_mut().map(|row| &mut row.totals));
        for ((totals, set), receive) in rows.zip(&sets).zip(&sums.sets) {
            totals.add_fen(of(set, *receive));
        }
    }

    fn add_shares(&mut self, at: usize, award: &Award) {
        if award.shares.is_empty() {
            if let Some(row) = self.payers.iter_mut().find(|row| row.payer.is_none()) {
                row.totals.add(at, &award.amount, &award.bounds());
            }
            return;
        }
        for share in &award.shares {
            let Some(row) = self.payers.iter_mut().find(|row| row.payer.as_deref() == Some(&share.payer)) else {
                continue;
            };
            let mut bounds = crate::settle::Range::of(&share.amount);
            if award.discretion {
                bounds.low = Number::ZERO;
            }
            row.totals.add(at, &share.amount, &(bounds.low, bounds.high));
        }
        if let Some(settled) = award.settled() {
            let shared = award.shares.iter().filter_map(|share| share.amount.known_number());
            let shared = shared.fold(Number::ZERO, |sum, share| plus(&sum, share));
            let open = settled.subtract(&shared).unwrap_or_default().max(Number::ZERO);
            self.payers_open = plus(&self.payers_open, &open);
        }
    }

    /// The report, with what became of the budgets.
    pub fn finish(self, settlement: &Settlement) -> Report {
        let (program, words) = (self.context.program, &self.words);
        let title =
            |policy: &crate::check::program::PolicyDef| policy.title.as_ref().unwrap_or(&policy.name).to_string();
        let clauses = program.clauses.iter().zip(self.clauses).map(|(clause, totals)| ClauseRow {
            policy: words.policy(clause.policy),
            clause: clause.name.to_string(),
            recover: clause.recover,
            totals,
        });
        let articles = self.articles.into_iter().map(|((policy, place), totals)| {
            let def = program.policies.get(policy.index());
            let article = place.and_then(|at| def?.articles.get(at));
            ArticleRow {
                policy: words.policy(policy),
                number: article.map(|article| article.number.to_string()),
                name: article.map(|article| article.name.to_string()),
                totals,
            }
        });
        let articles: Vec<ArticleRow> = articles.collect();
        let has_articles = articles.iter().any(|row| row.number.is_some());
        let has_payers = self.payers.iter().any(|row| row.payer.is_some());
        Report {
            policies: program.policies.iter().map(title).filter(|title| !title.is_empty()).collect(),
            period: self.context.period.to_string(),
            date: self.context.date.to_string(),
            recipients: self.recipients,
            total: self.total,
            clauses: clauses.collect(),
            articles: if has_articles { articles } else { Vec::new() },
            payers: if has_payers { self.payers } else { Vec::new() },
            payers_open: self.payers_open,
            by: self.by.into_iter().map(ByFact::finish).collect(),
            budgets: budget::rows(words, settlement),
            open: self.open.finish(),
            data: Vec::new(),
        }
    }
}

/// Whether an award surely pays nothing: then it adds to nothing.
fn is_nothing(award: &Award) -> bool {
    award.settled().is_some_and(Number::is_zero)
}

/// The articles that have clauses that pay, in document order, and the row of each clause among them.
fn articles(program: &Program) -> (Vec<(Place, Totals)>, Vec<usize>) {
    let place = |clause: &ClauseDef| (clause.policy, clause.article);
    let mut rows: Vec<Place> = program.clauses.iter().filter(|clause| !clause.recover).map(place).collect();
    // Policies stand in the order of loading; clauses outside of articles after those of articles.
    rows.sort_by_key(|(policy, article)| (*policy, article.is_none(), *article));
    rows.dedup();
    let row = |clause: &ClauseDef| rows.iter().position(|row| *row == place(clause)).unwrap_or(usize::MAX);
    let article_of = program.clauses.iter().map(row).collect();
    (rows.into_iter().map(|place| (place, Totals::default())).collect(), article_of)
}

/// The payers that are named, in the order of the text; then none, for what nobody is named for.
pub(crate) fn payers(program: &Program) -> Vec<Option<String>> {
    let policies = program
        .policies
        .iter()
        .flat_map(|policy| policy.funding.iter().chain(policy.articles.iter().flat_map(|article| &article.funding)));
    let clauses = program.clauses.iter().flat_map(|clause| &clause.funding);
    let steps = program.settle.iter().flat_map(|step| match &step.kind {
        StepKindDef::FundedBy(payers) => payers.as_slice(),
        _ => &[],
    });
    let mut out: Vec<Option<String>> = Vec::new();
    let mut add = |payer: &PayerDef| {
        if !out.iter().flatten().any(|name| payer.name == name.as_str()) {
            out.push(Some(payer.name.to_string()));
        }
    };
    policies.chain(clauses).chain(steps).for_each(&mut add);
    out.push(None);
    out
}
