//! Statements of the language: clauses, facts, `let`, parameters, `use`, whole policies.
//!
//! What is declared takes the place of an earlier declaration of the same. A clause that a
//! file has is worded anew for this session, the file itself is left alone. A clause is
//! evaluated at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::answer::{Answer, Part, Phrase};
use super::session::Session;
use super::world::{Entered, Line, declares};
use crate::check::program::{ClauseDef, ClauseId, Type};
use crate::diagnostic::{Code, Diagnostic, Severity, many};
use crate::source::Span;
use crate::syntax::tree::{self, Item};

/// Of more declarations in one entry it is told together what they are.
pub(super) const MANY: usize = 100;
/// How many remarks are told one by one.
const REMARKS: usize = 20;

impl Session {
    /// Takes in declarations and clauses.
    pub(super) fn enter(&mut self, tree: &tree::File, name: &str, text: &str) -> Answer {
        let mut next = self.entered.clone();
        let text: Arc<str> = Arc::from(text);
        let mut declared: HashMap<String, Line> = HashMap::new();
        let mut order = Vec::new();
        for item in &tree.items {
            if let Item::Use(path) = item {
                let path = PathBuf::from(path.text.as_str());
                if !next.files.contains(&path) {
                    next.files.push(path);
                }
                continue;
            }
            let declares = declares(item);
            let own = (tree.items.len() > 1).then(|| item.span());
            let (name, text) = (name.to_owned(), Arc::clone(&text));
            let line = Line { name, declares: declares.clone(), text, own, inferred: false };
            // Of one name the last stands.
            if declared.insert(declares.clone(), line).is_none() {
                order.push(declares);
            }
        }
        next.lines.retain(|line| !declared.contains_key(&line.declares));
        next.lines.extend(order.iter().filter_map(|declares| declared.remove(declares)));
        let uses = tree.items.iter().any(|item| matches!(item, Item::Use(_)));
        // A policy that brings its own records does not need those of the sample city.
        let without = next.city.as_ref().filter(|_| uses).map(|city| {
            let files = next.files.iter().filter(|file| *file != city).cloned().collect();
            Entered { files, city: None, ..next.clone() }
        });
        let made = without.and_then(|without| Some((self.world_of(&without).ok()?, without)));
        let made = match made {
            Some((made, without)) => {
                next = without;
                Ok(made)
            }
            None => self.world_of(&next),
        };
        let (world, records) = match made {
            Ok(made) => made,
            Err((told, sources)) => return Answer::wrong(told, sources),
        };
        let mut answer = Answer::default();
        if let Some(records) = &records {
            // They were read again, since their types are others now.
            super::load::tell_rows(&world, records, &mut answer);
        }
        self.become_world(next, world, records);
        self.remarks(name, &mut answer);
        self.tell_entered(tree, name, &mut answer);
        answer
    }

    /// What is worth knowing of a line that was entered.
    fn remarks(&self, name: &str, answer: &mut Answer) {
        let sources = self.world.policies.sources();
        let own = |diagnostic: &&Diagnostic| {
            let span = diagnostic.spans.first();
            span.is_some_and(|span| sources.locate(*span).0 == name) && diagnostic.severity() != Severity::Error
        };
        let told = self.world.policies.diagnostics().iter().filter(own);
        let (inferred, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            told.partition(|diagnostic| diagnostic.code == Code::InferredFact);
        if !others.is_empty() {
            let more = others.len().saturating_sub(REMARKS);
            let others = others.into_iter().take(REMARKS).cloned().collect();
            answer.parts.push(Part::Diagnostics(others, sources.clone()));
            if more > 0 {
                answer.tell(
                    format!("另有 {more} 处提示；`保存` 成文件，用 `huiqi check` 全部列出"),
                    format!("{more} more remarks: `save` to a file and `huiqi check` lists them all"),
                );
            }
        }
        let argument = |diagnostic: &Diagnostic, wanted: &str| {
            let found = diagnostic.arguments.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| match value {
                crate::diagnostic::Argument::Plain(text) => Phrase::same(text.clone()),
                crate::diagnostic::Argument::Phrase { zh, en } => Phrase::new(zh.clone(), en.clone()),
            })
        };
        let each: Vec<(Phrase, Phrase)> =
            inferred.iter().filter_map(|one| Some((argument(one, "name")?, argument(one, "expected")?))).collect();
        if !each.is_empty() {
            let zh: Vec<String> = each.iter().map(|(name, kind)| format!("{}（{}）", name.zh, kind.zh)).collect();
            let en: Vec<String> = each.iter().map(|(name, kind)| format!("{} ({})", name.en, kind.en)).collect();
            answer.tell(
                format!("没有声明的事实，类型按用法推断：{}", zh.join("、")),
                format!("facts that nobody declared, taken as used: {}", en.join(", ")),
            );
        }
    }

    fn tell_entered(&mut self, tree: &tree::File, name: &str, answer: &mut Answer) {
        let entered: Vec<ClauseId> = self.clauses_of_line(name);
        let has_records = self.has_records();
        match entered.as_slice() {
            [] => {}
            [clause] => {
                let told = self.clause_summary(*clause, has_records);
                answer.parts.extend(told.parts);
            }
            several if has_records => {
                let told = self.clauses_table(several);
                answer.parts.extend(told.parts);
            }
            several => {
                let count = several.len();
                answer.tell(
                    format!("{count} 条条款；载入数据后即可计算"),
                    format!("{}; load records to evaluate them", many(count, "clause")),
                );
            }
        }
        if tree.items.len() > MANY {
            let others = tree.items.len().saturating_sub(entered.len());
            if others > 0 {
                answer.tell(format!("另有 {others} 条声明，已记下"), format!("{others} other declarations, noted"));
            }
            return;
        }
        for item in &tree.items {
            match item {
                Item::Let(derived) => {
                    let told = self.derived(derived);
                    answer.parts.extend(told.parts);
                }
                Item::Use(path) => self.used(path, answer),
                Item::Clause(_) | Item::Article(_) | Item::Policy(_) => {}
                Item::Test(test) => self.tested(&test.name.text, answer),
                other => {
                    let what = declares(other);
                    let what = what.split_once(' ').map_or("", |(_, name)| name).to_owned();
                    match other {
                        Item::Property(_) | Item::Settle(_) | Item::Bind(_) => answer.tell("已记下", "noted"),
                        _ => answer.tell(format!("已记下：{what}"), format!("noted: {what}")),
                    }
                    if matches!(other, Item::Property(_) | Item::Settle(_) | Item::Parameter(_) | Item::Bind(_))
                        && has_records
                    {
                        self.tell_total(answer);
                    }
                }
            }
        }
    }

    /// The clauses that stand in a line.
    fn clauses_of_line(&self, name: &str) -> Vec<ClauseId> {
        let sources = self.world.policies.sources();
        let own = |clause: &ClauseDef| sources.locate(clause.span).0 == name;
        let clauses = self.program().clauses.iter().zip((0..).map(ClauseId));
        clauses.filter(|(clause, _)| own(clause)).map(|(_, id)| id).collect()
    }

    /// What a derived fact comes to.
    fn derived(&mut self, derived: &tree::Let) -> Answer {
        let Some(name) = derived.names.first() else { return Answer::default() };
        let found = self.program().lets.iter().find(|def| def.name == name.text);
        let Some((kind, span)) = found.map(|def| (def.kind.clone(), def.span)) else { return Answer::default() };
        let is_fact =
            self.program().records.iter().any(|record| {
                record.facts.iter().any(|fact| fact.name == name.text || fact.aliases.contains(&name.text))
            });
        if is_fact {
            let name = &name.text;
            return Answer::line(
                format!("登记表里已有 {name}，条款里仍以登记的为准；换一个名称才用得上"),
                format!("{name} is a recorded fact, which clauses go on to mean: give it another name"),
            );
        }
        if !self.has_records() || matches!(kind, Type::List(_) | Type::Poison) {
            let phrase = crate::check::describe(self.program(), &kind);
            let phrase = match phrase {
                crate::diagnostic::Argument::Plain(text) => Phrase::same(text),
                crate::diagnostic::Argument::Phrase { zh, en } => Phrase { zh, en },
            };
            let name = &name.text;
            return Answer::line(format!("已记下：{name}（{}）", phrase.zh), format!("noted: {name} ({})", phrase.en));
        }
        let expr = tree::Expr { kind: tree::ExprKind::Name(name.clone()), span };
        self.expression_named(&expr, &name.text)
    }

    fn used(&self, path: &tree::Text, answer: &mut Answer) {
        let program = self.program();
        let (clauses, records) = (program.clauses.len(), program.records.len().saturating_sub(1));
        let path = &path.text;
        answer.tell(
            format!("已引用 {path}：现有 {clauses} 条条款，{records} 种登记表"),
            format!("using {path}: {}, {}", many(clauses, "clause"), many(records, "record type")),
        );
    }

    /// Runs a test that was entered.
    fn tested(&self, name: &str, answer: &mut Answer) {
        for result in crate::testing::run(&self.world.policies, &|test| test == name) {
            if result.failures.is_empty() {
                answer.tell(format!("算例通过：{name}"), format!("the test passes: {name}"));
            } else {
                answer.parts.push(Part::Diagnostics(result.failures, self.world.policies.sources().clone()));
            }
        }
    }

    /// Takes back a declaration of the prompt.
    pub(super) fn forget(&mut self, path: Option<&tree::Path>, span: Span) -> Answer {
        let name = path.and_then(|path| path.parts.last()).map(|part| part.text.to_string());
        let is_named = |declares: &str| match (&name, declares.split_once(' ')) {
            (None, _) => declares == "settle",
            // A bare award has no name, and goes by `award`.
            (Some(name), Some(("clause", ""))) => name == "award",
            (Some(name), Some((_, own))) => own == name,
            (Some(_), None) => false,
        };
        let mut next = self.entered.clone();
        next.lines.retain(|line| !is_named(&line.declares));
        if next.lines.len() == self.entered.lines.len() {
            let known = self.entered.lines.iter().filter_map(|line| line.declares.split_once(' '));
            let near = name.as_deref().and_then(|name| crate::resolve::nearest(name, known.map(|(_, own)| own)));
            let at = path.map_or(span, |path| path.span);
            let told = Diagnostic::new(Code::UnknownName).at(at).with_some("name", name.as_deref());
            return self.wrong(vec![told.with_some("near", near)]);
        }
        if let Err(answer) = self.change_to(next) {
            return answer;
        }
        let name = name.unwrap_or_else(|| "settle".to_owned());
        let mut answer = Answer::line(format!("已撤去 {name}"), format!("{name} is taken back"));
        if self.has_records() && !self.program().clauses.is_empty() {
            self.tell_total(&mut answer);
        }
        answer
    }

    /// A world of something entered, taken over with its records if nothing is wrong with it.
    pub(super) fn change_to(&mut self, next: super::world::Entered) -> Result<(), Answer> {
        let (world, records) = self.world_of(&next).map_err(|(told, sources)| Answer::wrong(told, sources))?;
        self.become_world(next, world, records);
        Ok(())
    }
}
