//! The list of proposals for a place.
//!
//! In: a place and what the files declare. Out: keywords in both languages, names and forms, each with its rank:
//! what the file's own language has comes first.

use smol_str::SmolStr;

use super::place::{Block, Place};
use super::{Kind, Proposal};
use crate::check::program::*;
use crate::diagnostic::Language;
use crate::lsp::hover::kind_in_words;
use crate::lsp::names::Symbol;
use crate::lsp::rename::as_name;
use crate::lsp::snippets::{Begins, SNIPPETS};
use crate::lsp::world::Analysis;
use crate::syntax::words::Word;
use crate::syntax::{Keyword, keywords};

/// What is proposed, as it is collected.
pub(super) struct List<'a> {
    /// What the files declare.
    pub analysis: &'a Analysis,
    /// The language of help.
    pub language: Language,
    /// Whether the file is written in Chinese keywords.
    pub chinese: bool,
    /// What was found so far.
    pub out: Vec<Proposal>,
}

impl List<'_> {
    fn program(&self) -> &Program {
        self.analysis.policies.program()
    }

    /// Adds what may stand at a place.
    pub fn fill(&mut self, place: &Place, words: &[Word]) {
        match place {
            Place::Nothing => {}
            Place::Statement(block) => self.statement(*block),
            Place::AfterOperand(block) => self.after_operand(*block, words),
            Place::Operand => self.operand(),
            Place::Compared(fact) => {
                self.levels(fact);
                self.operand();
            }
            Place::List => {
                self.facts(&|def| matches!(def.kind, Type::List(_)), 1);
                self.operand();
            }
            Place::Type => self.keywords(&["type"], 2),
            Place::Clauses => {
                self.clauses();
                self.policies();
            }
            Place::Member(name) => self.members(name),
            Place::Records => self.records(),
            Place::Units => self.units(),
            Place::Dates => self.facts(&|def| def.kind == Type::Date, 1),
            Place::RowKey(subject) => {
                self.levels(subject);
                self.keyword("otherwise", 2);
                self.facts(&|def| def.kind == Type::Bool, 5);
            }
            Place::Cell(record) => self.cells(record),
        }
    }

    fn statement(&mut self, block: Block) {
        let forms: &[Begins] = match block {
            Block::File | Block::Policy => &[Begins::Award, Begins::Clause, Begins::Block],
            Block::Article => &[Begins::Award, Begins::Clause],
            Block::Clause => &[Begins::Award],
            Block::Record | Block::Settle | Block::Test => &[],
        };
        self.snippets(forms);
        match block {
            Block::File => self.keywords(&["declaration", "award"], 3),
            Block::Policy | Block::Article => self.keywords(&["property", "declaration", "award"], 3),
            Block::Clause => {
                self.keywords(&["modifier", "gate", "award"], 3);
                ["let", "text", "lead", "funded_by"].iter().for_each(|id| self.keyword(id, 4));
            }
            Block::Record => self.keyword("let", 3),
            Block::Settle => {
                self.keywords(&["settle", "modifier"], 3);
                self.keyword("budget", 3);
            }
            Block::Test => ["given", "expect", "bind"].iter().for_each(|id| self.keyword(id, 2)),
        }
        if block == Block::File {
            // What a bare award goes on with stands in lines below it.
            self.keywords(&["modifier", "gate"], 6);
        }
    }

    fn after_operand(&mut self, block: Block, words: &[Word]) {
        match block {
            Block::Record => self.keywords(&["type", "aggregate"], 4),
            Block::Settle => self.keywords(&["settle", "shortage", "modifier", "gate"], 3),
            Block::Test => self.keywords(&["test", "comparison", "operator"], 3),
            _ => {
                self.keywords(&["modifier", "gate"], 2);
                self.keywords(&["operator", "comparison"], 3);
                ["for_each", "to_record", "where", "over"].iter().for_each(|id| self.keyword(id, 3));
            }
        }
        if let Some(number) = words.last().filter(|word| word.kind == "NUMBER")
            && number.text.ends_with(|c: char| c.is_ascii_digit())
        {
            for unit in ["万元", "亿元", "元", "%"] {
                self.push(unit.to_owned(), Kind::Name(None), String::new(), String::new(), 1);
            }
            self.units();
        }
    }

    fn operand(&mut self) {
        self.facts(&|_| true, 1);
        self.lets_and_parameters();
        self.keywords(&["operand", "aggregate", "condition", "table"], 4);
        self.keyword("not", 4);
        self.keyword("up_to", 4);
        for name in crate::check::predeclared_names() {
            self.push(name.to_owned(), Kind::Name(None), String::new(), String::new(), 5);
        }
    }

    fn push(&mut self, label: String, kind: Kind, detail: String, help: String, rank: u8) {
        if !self.out.iter().any(|other| other.label == label && other.kind == kind) {
            self.out.push(Proposal { insert: label.clone(), label, kind, detail, help, rank });
        }
    }

    fn snippets(&mut self, forms: &[Begins]) {
        for snippet in SNIPPETS.iter().filter(|snippet| forms.contains(&snippet.begins)) {
            let own = (snippet.language == Language::Chinese) == self.chinese;
            self.out.push(Proposal {
                label: snippet.label.to_owned(),
                insert: snippet.body.to_owned(),
                kind: Kind::Snippet,
                detail: self.language.pick(snippet.help.0, snippet.help.1).to_owned(),
                help: String::new(),
                rank: if own { 0 } else { 7 },
            });
        }
    }

    fn keywords(&mut self, places: &[&str], rank: u8) {
        let all = keywords().iter();
        let inner = ["asc", "desc", "has", "over", "over_all", "where", "on"];
        for keyword in all.filter(|keyword| keyword.place.iter().any(|place| places.contains(&place.as_str()))) {
            // Some words only go on with what an aggregate began.
            if !(places.contains(&"operand") && inner.contains(&keyword.id.as_str())) {
                self.forms(keyword, rank);
            }
        }
    }

    fn keyword(&mut self, id: &str, rank: u8) {
        if let Some(keyword) = keywords().get(id) {
            self.forms(keyword, rank);
        }
    }

    /// A keyword in both languages, that of the file first.
    fn forms(&mut self, keyword: &Keyword, rank: u8) {
        let help = self.language.pick(&keyword.help_zh, &keyword.help_en);
        for (forms, chinese) in [(&keyword.zh, true), (&keyword.en, false)] {
            let own = chinese == self.chinese;
            let detail = if chinese { keyword.en.join(" · ") } else { keyword.zh.join(" · ") };
            for form in forms.iter().filter(|form| form.starts_with(char::is_alphabetic)) {
                let rank = if own { rank } else { rank + 4 };
                self.push(form.clone(), Kind::Keyword, detail.clone(), help.clone(), rank);
            }
        }
    }

    fn name(&mut self, name: &str, aliases: &[SmolStr], symbol: Symbol, detail: &str, help: &str, rank: u8) {
        for name in std::iter::once(name).chain(aliases.iter().map(SmolStr::as_str)) {
            // A keyword that can be a name is declared and used without quotes.
            let soft = keywords().is_keyword(name) && !keywords().is_reserved(name);
            let written = as_name(name).filter(|_| !soft).unwrap_or_else(|| name.to_owned());
            self.push(written, Kind::Name(Some(symbol)), detail.to_owned(), help.to_owned(), rank);
        }
    }

    fn facts(&mut self, wanted: &dyn Fn(&FactDef) -> bool, rank: u8) {
        for record in 0..self.program().records.len() {
            self.facts_of(RecordId(number(record)), wanted, if record == 0 { rank } else { rank + 1 });
        }
    }

    fn facts_of(&mut self, id: RecordId, wanted: &dyn Fn(&FactDef) -> bool, rank: u8) {
        let Some(record) = self.program().records.get(id.index()).filter(|record| !record.is_history) else { return };
        let (owner, facts) = (record.name.clone(), record.facts.clone());
        for (at, fact) in facts.iter().enumerate().filter(|(_, fact)| wanted(fact)) {
            let kind = kind_in_words(self.program(), &fact.kind, self.language);
            let symbol = Symbol::Fact(id, FactId(number(at)));
            self.name(&fact.name, &fact.aliases, symbol, &format!("{owner} · {kind}"), &fact.doc, rank);
        }
        for (at, fact) in self.program().lets.clone().iter().enumerate().filter(|(_, fact)| fact.record == id) {
            let kind = kind_in_words(self.program(), &fact.kind, self.language);
            self.name(
                &fact.name,
                &fact.aliases,
                Symbol::Let(LetId(number(at))),
                &format!("{owner} · {kind}"),
                "",
                rank,
            );
        }
    }

    fn lets_and_parameters(&mut self) {
        for (at, def) in self.program().parameters.clone().iter().enumerate() {
            let kind = kind_in_words(self.program(), &def.kind, self.language);
            self.name(&def.name, &def.aliases, Symbol::Parameter(ParameterId(number(at))), &kind, "", 1);
        }
    }

    /// The values of the level that a fact holds, and yes or no.
    fn levels(&mut self, fact: &SmolStr) {
        let named = |def: &&FactDef| def.name == *fact || def.aliases.contains(fact);
        let found =
            self.program().records.iter().flat_map(|record| &record.facts).find(named).map(|def| def.kind.clone());
        let derived = || self.program().lets.iter().find(|def| def.name == *fact).map(|def| def.kind.clone());
        match found.or_else(derived) {
            Some(Type::Code(id)) => {
                let values = self.program().enums.get(id.index()).map(|def| def.values.clone()).unwrap_or_default();
                for (at, value) in values.iter().enumerate() {
                    self.name(value, &[], Symbol::Level(id, at), fact, "", 0);
                }
            }
            Some(Type::Bool) => ["yes", "no"].iter().for_each(|id| self.keyword(id, 0)),
            _ => {}
        }
    }

    fn clauses(&mut self) {
        for (at, clause) in self.program().clauses.clone().iter().enumerate() {
            let Some(name) = clause.own_name() else { continue };
            let words = self.analysis.words(self.language);
            let policy =
                self.program().policies.get(clause.policy.index()).map_or("", |policy| &policy.name).to_owned();
            let help = words.sentence(clause);
            self.name(name, &[], Symbol::Clause(ClauseId(number(at))), &policy, &help, 1);
        }
    }

    fn policies(&mut self) {
        for (at, policy) in
            self.program().policies.clone().iter().enumerate().filter(|(_, policy)| !policy.name.is_empty())
        {
            let title = policy.title.clone().unwrap_or_default();
            self.name(&policy.name, &[], Symbol::Policy(PolicyId(number(at))), &title, "", 3);
        }
    }

    /// What stands behind `A.`: the clauses of a policy, the facts of a record.
    fn members(&mut self, name: &SmolStr) {
        let program = self.program();
        if let Some(at) = program.policies.iter().position(|policy| policy.name == *name) {
            let id = PolicyId(number(at));
            for (at, clause) in program.clauses.clone().iter().enumerate().filter(|(_, clause)| clause.policy == id) {
                let help = self.analysis.words(self.language).sentence(clause);
                self.name(&clause.name, &[], Symbol::Clause(ClauseId(number(at))), name, &help, 0);
            }
            return;
        }
        let named = |def: &RecordDef| def.name == *name || def.aliases.contains(name);
        if let Some(at) = program.records.iter().position(named) {
            return self.facts_of(RecordId(number(at)), &|_| true, 0);
        }
        let listed =
            |def: &&FactDef| (def.name == *name || def.aliases.contains(name)) && matches!(def.kind, Type::List(_));
        if let Some(Type::List(id)) =
            program.records.iter().flat_map(|def| &def.facts).find(listed).map(|def| def.kind.clone())
        {
            self.facts_of(id, &|_| true, 0);
        }
    }

    fn cells(&mut self, record: &SmolStr) {
        let named = |def: &RecordDef| def.name == *record || def.aliases.contains(record);
        match self.program().records.iter().position(named) {
            Some(at) => self.facts_of(RecordId(number(at)), &|_| true, 0),
            None => self.facts(&|_| true, 1),
        }
    }

    fn records(&mut self) {
        for (at, record) in self.program().records.clone().iter().enumerate() {
            let rank = if record.is_history { 3 } else { 1 };
            self.name(&record.name, &record.aliases, Symbol::Record(RecordId(number(at))), "", &record.doc, rank);
        }
    }

    fn units(&mut self) {
        for (at, names) in self.program().units.clone().iter().enumerate() {
            for name in names {
                self.name(name, &[], Symbol::Unit(at), "", "", 2);
            }
        }
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
