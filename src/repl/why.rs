//! `why`: the calculation of one recipient, step by step.

use rayon::prelude::*;
use smol_str::SmolStr;

use super::answer::{Answer, Part, Phrase};
use super::figures::fen;
use super::session::Session;
use super::settled;
use super::words::money;
use crate::check::program::RecordId;
use crate::diagnostic::{Code, Diagnostic, Language};
use crate::eval::{Context, Tracing, key_of};
use crate::policies::{Engine, Policies, record_steps};
use crate::record::{Cell, Record};
use crate::resolve::nearest;
use crate::settle::Recipient;
use crate::syntax::tree::{About, Text};
use crate::value::Value;

impl Session {
    /// How the amounts of a recipient came about.
    pub(super) fn why(&mut self, about: &About) -> Answer {
        let clause = match about.clause.as_ref().map(|path| self.clause_named(path)).transpose() {
            Ok(clause) => clause,
            Err(answer) => return answer,
        };
        let Some(key) = &about.key else {
            // Over all, the answer to why is what the clause comes to.
            let has_records = self.has_records();
            return clause.map_or_else(Answer::default, |clause| self.clause_summary(clause, has_records));
        };
        let place = match self.recipient(key) {
            Ok(place) => place,
            Err(answer) => return answer,
        };
        let history = self.world.history(&self.records);
        let program = self.program();
        let context =
            |tracing| self.world.context(program, &self.records, history.as_ref(), tracing, Some(self.progress()));
        let (off, on) = (context(Tracing::Off), context(Tracing::On));
        let mut answer = Answer::default();
        if let Some(mut recipient) = self.one(&off, place) {
            record_steps(&on, &mut recipient);
            self.explain(&recipient, clause, &mut answer);
        }
        if answer.parts.is_empty() {
            let found = match clause {
                Some(_) => ("这一款不给这一种主体", "this clause does not give to records of this type"),
                None => ("没有条款给这一种主体", "no clause gives to records of this type"),
            };
            return self.no_answer(key.span, found, ("核对条款和主键", "check the clause and the key"));
        }
        answer
    }

    /// One recipient, settled: by itself where nothing else is needed to tell why.
    fn one<'s>(&'s self, context: &Context<'s>, (id, row): (RecordId, usize)) -> Option<Recipient<'s>> {
        if context.clauses_of(id).is_empty() {
            return None;
        }
        let stop = || self.stopped();
        if !self.options.by_rows
            && let Some(recipient) = self.in_threads(|| settled::one(context, &self.records, (id, row), &stop))
            && self.agrees(&recipient, row)
        {
            return Some(recipient);
        }
        let population = &self.records.loaded.population;
        let all = self.in_threads(|| Policies::settle_all(context, population, Engine::default())).recipients;
        let record = population.of(id).get(row)?;
        all.into_iter().find(|one| std::ptr::eq(one.row, record))
    }

    /// Whether a recipient gets what the figures say, where they are known already.
    fn agrees(&self, recipient: &Recipient<'_>, row: usize) -> bool {
        let Some(figures) = &self.figures else { return true };
        recipient.awards.iter().all(|award| {
            figures.of_clause(award.clause).is_some_and(|(_, column)| match award.settled().and_then(fen) {
                Some(settled) => column.answer(row).known_number().and_then(fen) == Some(settled),
                None => column.answer(row).known().is_none(),
            })
        })
    }

    fn explain(&self, recipient: &Recipient<'_>, clause: Option<crate::check::program::ClauseId>, answer: &mut Answer) {
        let both = self.words(self.program());
        for (result, award) in recipient.result.clauses.iter().zip(&recipient.awards) {
            if clause.is_some_and(|clause| clause != result.clause) {
                continue;
            }
            let say = |language| {
                let words = both.in_language(language);
                crate::explain::why(&words, recipient, result, award).join("\n")
            };
            answer.parts.push(Part::Line(Phrase::new(say(Language::Chinese), say(Language::English))));
        }
        if clause.is_none() {
            let total = recipient.total();
            let shown = both.phrase(|words| total.known_number().map_or_else(|| words.answer(&total), money));
            answer.head(format!("合计 {}", shown.zh), format!("total {}", shown.en));
        }
    }

    /// The record with a key; what is wrong with the key, or with the record, instead.
    pub(super) fn recipient(&self, key: &Text) -> Result<(RecordId, usize), Answer> {
        if !self.has_records() {
            return Err(self.no_records(key.span));
        }
        let program = self.program();
        let population = &self.records.loaded.population;
        let own = |id: &RecordId| program.records.get(id.index()).is_some_and(|def| !def.is_history);
        let types = (0_u32..).map(RecordId).take(program.records.len()).filter(own);
        let mut named: Option<String> = None;
        let mut near: Option<String> = None;
        for id in types {
            let records = population.of(id);
            let is = |record: &Record| key_of(program, id, record) == key.text;
            if let Some(at) = records.par_iter().position_first(is) {
                return Ok((id, at));
            }
            // A name is what people have at hand; the key is what tells two of one name apart.
            let called = |record: &&Record| record.cells.iter().any(|cell| is_text(cell, &key.text));
            let key_of = |record: &Record| key_of(program, id, record);
            named = named.or_else(|| records.par_iter().find_first(called).map(|record| key_of(record).to_string()));
            near = near.or_else(|| near_key(&key.text, records, key_of));
        }
        let rejected = population.rejected.iter().find(|row| row.key.as_deref() == Some(key.text.as_str()));
        if let Some(rejected) = rejected {
            return Err(self.wrong(rejected.diagnostics.clone()));
        }
        let told = Diagnostic::new(Code::NoSuchKey).at(key.span).with("key", &key.text);
        Err(self.wrong(vec![told.with_some("near", named.or(near))]))
    }
}

/// A key that is near. Of very many, one that begins or ends alike: to compare all takes seconds.
fn near_key(typed: &str, records: &[Record], key_of: impl Fn(&Record) -> SmolStr + Sync + Send) -> Option<String> {
    const MANY: usize = 20_000;
    let half = typed.chars().count().div_ceil(2);
    let middle = typed.char_indices().nth(half).map_or(typed.len(), |(at, _)| at);
    let (begin, end) = typed.split_at_checked(middle)?;
    let is_alike = |key: &SmolStr| key.starts_with(begin) || !end.is_empty() && key.ends_with(end);
    let keys = records.par_iter().map(key_of).filter(|key| records.len() <= MANY || is_alike(key));
    let keys: Vec<SmolStr> = keys.collect();
    nearest(typed, keys.iter().map(SmolStr::as_str)).map(str::to_owned)
}

fn is_text(cell: &Cell, wanted: &str) -> bool {
    matches!(cell, Cell::Value(Value::Text(text)) if text == wanted)
}
