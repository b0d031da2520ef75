//! `huiqi why`: the calculation of one recipient, step by step; also why not.

use super::Outcome;
use super::arguments::{Format, Why};
use super::console::Console;
use super::evaluation;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Tracing;
use crate::explain::words::{Words, money};
use crate::explain::{lines, why};
use crate::policies::{Engine, record_steps};
use crate::record::Cell;
use crate::resolve::nearest;
use crate::settle::Recipient;
use crate::source::Sources;
use crate::value::Value;

pub(super) fn run(console: &mut Console, options: &Why) -> Outcome {
    let (policies, prepared) = match evaluation::open(console, &options.files, &options.evaluation) {
        Ok(opened) => opened,
        Err(outcome) => return outcome,
    };
    if let Some(wanted) = &options.clause
        && !prepared.program.clauses.iter().any(|clause| clause.name == wanted.as_str())
    {
        let near = nearest(wanted, prepared.program.clauses.iter().map(|c| c.name.as_str())).map(str::to_owned);
        let wrong = Diagnostic::new(Code::UnknownClause).with("clause", wanted).with_some("near", near);
        console.diagnostics(&Sources::default(), &[wrong]);
        return Outcome::Usage;
    }
    let history = prepared.history();
    let context = prepared.context(history.as_ref(), Tracing::Off);
    let mut settling = prepared.settle(console, &context, Engine::default());
    let words = Words { program: &prepared.program, sources: policies.sources(), language: console.language };
    let steps = prepared.context(history.as_ref(), Tracing::On);
    let wanted = |recipient: &&mut Recipient<'_>| recipient.key == options.key.as_str();
    settling.recipients.iter_mut().filter(wanted).for_each(|recipient| record_steps(&steps, recipient));
    let found: Vec<_> = settling.recipients.iter().filter(|recipient| recipient.key == options.key.as_str()).collect();
    if found.is_empty() {
        let rejected =
            prepared.loaded.population.rejected.iter().find(|row| row.key.as_deref() == Some(options.key.as_str()));
        if let Some(rejected) = rejected {
            console.diagnostics(&Sources::default(), &rejected.diagnostics);
            return Outcome::Errors;
        }
        // A name is what people have at hand; the key is what tells two of one name apart.
        let named = settling.recipients.iter().find(|recipient| {
            recipient
                .row
                .cells
                .iter()
                .any(|cell| matches!(cell, Cell::Value(Value::Text(text)) if text == options.key.as_str()))
        });
        let near = nearest(&options.key, settling.recipients.iter().map(|r| r.key.as_str())).map(str::to_owned);
        let near = named.map(|recipient| recipient.key.to_string()).or(near);
        let wrong = Diagnostic::new(Code::NoSuchKey).with("key", &options.key).with_some("near", near);
        console.diagnostics(&Sources::default(), &[wrong]);
        return Outcome::Errors;
    }
    for recipient in found {
        for (result, award) in recipient.result.clauses.iter().zip(&recipient.awards) {
            let name = prepared.program.clauses.get(result.clause.index()).map_or("", |clause| clause.name.as_str());
            if options.clause.as_ref().is_some_and(|wanted| wanted != name) {
                continue;
            }
            if options.format == Format::Table {
                why(&words, recipient, result, award).iter().for_each(|line| console.line(line));
                console.line("");
            }
        }
        if options.format == Format::Json {
            let wanted = |line: &&crate::Line| options.clause.is_none() || line.clause == options.clause;
            for line in lines(&words, recipient).iter().filter(wanted) {
                if let Ok(text) = serde_json::to_string(line) {
                    console.line(text);
                }
            }
        } else if options.clause.is_none() {
            let total = recipient.total();
            let shown = total.known_number().map_or_else(|| words.answer(&total), money);
            console.line(console.strong(&console.pick(format!("合计 {shown}"), format!("total {shown}"))));
        }
    }
    Outcome::Done
}
