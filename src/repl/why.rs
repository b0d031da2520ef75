//! `why`: the calculation of one recipient, step by step.

use super::answer::{Answer, Part, Phrase};
use super::session::Session;
use super::words::money;
use crate::check::program::RecordId;
use crate::diagnostic::{Code, Diagnostic, Language};
use crate::eval::{Tracing, key_of};
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
        if let Err(answer) = self.recipient(key) {
            return answer;
        }
        let history = self.world.history(&self.records);
        let program = self.program();
        let context =
            |tracing| self.world.context(program, &self.records, history.as_ref(), tracing, Some(self.progress()));
        let (off, on) = (context(Tracing::Off), context(Tracing::On));
        let mut settling =
            self.in_threads(|| Policies::settle_all(&off, &self.records.loaded.population, Engine::default()));
        let mut answer = Answer::default();
        for recipient in settling.recipients.iter_mut().filter(|one| one.key == key.text) {
            record_steps(&on, recipient);
            self.explain(recipient, clause, &mut answer);
        }
        if answer.parts.is_empty() {
            let (key, fix) = (key.text.as_str(), ("没有条款给这一种主体", "no clause gives to records of this type"));
            return self.no_answer(about.key.as_ref().map_or_else(Default::default, |key| key.span), fix, (key, key));
        }
        answer
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
            if let Some(at) = records.iter().position(is) {
                return Ok((id, at));
            }
            // A name is what people have at hand; the key is what tells two of one name apart.
            let called = |record: &&Record| record.cells.iter().any(|cell| is_text(cell, &key.text));
            named = named.or_else(|| records.iter().find(called).map(|record| key_of(program, id, record).to_string()));
            if near.is_none() {
                let keys: Vec<_> = records.iter().map(|record| key_of(program, id, record)).collect();
                near = nearest(&key.text, keys.iter().map(|key| key.as_str())).map(str::to_owned);
            }
        }
        let rejected = population.rejected.iter().find(|row| row.key.as_deref() == Some(key.text.as_str()));
        if let Some(rejected) = rejected {
            return Err(self.wrong(rejected.diagnostics.clone()));
        }
        let told = Diagnostic::new(Code::NoSuchKey).at(key.span).with("key", &key.text);
        Err(self.wrong(vec![told.with_some("near", named.or(near))]))
    }
}

fn is_text(cell: &Cell, wanted: &str) -> bool {
    matches!(cell, Cell::Value(Value::Text(text)) if text == wanted)
}
