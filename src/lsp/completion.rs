//! What may be typed next.
//!
//! In: a text, the byte of the cursor, and what the files around it declare. Out: keywords
//! with their help, names and whole forms that have a place here. Only the words of the statement
//! before the cursor are looked at, so half a clause is enough, and a long file costs no more.

use smol_str::SmolStr;

use super::names::Symbol;
use super::snippets::{Begins, SNIPPETS};
use super::world::Analysis;
use crate::check::program::*;
use crate::diagnostic::Language;
use crate::syntax::words::{Word, tokens};
use crate::syntax::{Keyword, keywords};

/// What a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword.
    Keyword,
    /// A whole form with places to fill in.
    Snippet,
    /// A name.
    Name(Option<Symbol>),
}

/// A proposal.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// What is shown and, but for a form, written.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it is.
    pub kind: Kind,
    /// A few words beside it.
    pub detail: String,
    /// Help below it.
    pub help: String,
    /// Where it stands among the others: the smallest first.
    pub rank: u8,
}

/// What may be typed at a byte, and from which byte on it is written.
pub(super) fn complete(analysis: &Analysis, text: &str, byte: usize, language: Language) -> (usize, Vec<Proposal>) {
    let before = text.get(..byte).unwrap_or(text);
    let start = statement(before);
    let part = before.get(start..).unwrap_or("");
    let (words, comments) = tokens(part);
    // Within a comment or a text nothing is proposed.
    let ends_here = |end: usize| end == part.len();
    let open_text = words.last().is_some_and(|word| word.kind == "TEXT" && ends_here(word.end) && is_open(word.text));
    if open_text || comments.last().is_some_and(|comment| ends_here(comment.span.end as usize)) {
        return (byte, Vec::new());
    }
    let typed = words.last().filter(|word| ends_here(word.end) && word.text.starts_with(char::is_alphabetic));
    let prefix = typed.map_or(0, |word| word.text.len() - glued(word.text));
    let known = words.len() - usize::from(typed.is_some());
    let words = words.get(..known).unwrap_or(&[]);
    let place = place(words, part, prefix);
    let mut list = List { analysis, language, chinese: is_chinese(text), out: Vec::new() };
    list.fill(&place, words);
    (byte - prefix, list.out)
}

/// Where the statement around the end of a text begins: at the last line that is not indented.
fn statement(before: &str) -> usize {
    let line = |at: usize| before.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |end| end + 1);
    let mut start = line(before.len());
    while start > 0 {
        let first = before.get(start..).and_then(|rest| rest.chars().next());
        if first.is_some_and(|c| !c.is_whitespace() && !matches!(c, '}' | ')' | ']' | '#')) {
            // A bare award may go on in the lines below it, a file's line never does otherwise.
            break;
        }
        start = line(start - 1);
    }
    start
}

fn is_open(text: &str) -> bool {
    let closed = (text.len() > 1 && text.ends_with('"')) || text.ends_with('”');
    !closed || text.starts_with("\"\"\"") && text.len() < 6
}

/// How much of a word is a keyword that a name follows without a blank: 当增资 begins a name behind 当.
fn glued(word: &str) -> usize {
    let cuts = word.char_indices().map(|(at, _)| at).skip(1);
    let found =
        cuts.filter(|at| word.get(..*at).is_some_and(|head| !head.is_ascii() && keywords().precedes_names(head)));
    found.last().unwrap_or(0)
}

/// Whether a text is written in Chinese keywords for the most part.
fn is_chinese(text: &str) -> bool {
    let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
    let chinese = count(&["奖补", "奖励", "补助", "当 ", "最高", "登记表", "政策 ", "款 ", "条 "]);
    chinese > count(&["award", "when ", "cap ", "record ", "policy ", "clause ", "article "])
}

/// What stands around the cursor.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    /// Where a statement begins, in a block of this kind.
    Statement(Block),
    /// Behind a part of a clause that is complete.
    AfterOperand(Block),
    /// Where an operand is due.
    Operand,
    /// Where an operand is due, compared with this fact.
    Compared(SmolStr),
    /// Where a list is due.
    List,
    /// Where a type is due.
    Type,
    /// Where a clause is due.
    Clauses,
    /// Behind `A.`
    Member(SmolStr),
    /// Where a record type is due.
    Records,
    /// Where a unit is due.
    Units,
    /// Where a date of the record is due.
    Dates,
    /// Where the key of a row is due; the subject of the table.
    RowKey(SmolStr),
    /// Where a cell of a record is due.
    Cell(SmolStr),
    /// Where nothing can be proposed: a new name, a text.
    Nothing,
}

/// A block of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    File,
    Policy,
    Article,
    Clause,
    Record,
    Settle,
    Test,
}

/// An open bracket with what it opens.
#[derive(Debug, Clone)]
enum Open {
    Block(Block),
    Table(SmolStr),
    Row(SmolStr),
    Other,
}

fn place(words: &[Word], part: &str, prefix: usize) -> Place {
    let open = open_brackets(words);
    let block = open.iter().rev().find_map(|open| match open {
        Open::Block(block) => Some(*block),
        _ => None,
    });
    let block = block.unwrap_or(Block::File);
    let Some(last) = words.last() else { return Place::Statement(block) };
    let typed_from = part.len() - prefix;
    let new_line = part.get(last.end..typed_from).is_some_and(|between| between.contains('\n'));
    match (last.kind, open.last()) {
        ("," | "{" | ";", Some(Open::Table(subject))) => return Place::RowKey(subject.clone()),
        ("," | "{" | ";", Some(Open::Row(record))) => return Place::Cell(record.clone()),
        (_, Some(Open::Table(subject))) if new_line => return Place::RowKey(subject.clone()),
        (_, Some(Open::Row(record))) if new_line => return Place::Cell(record.clone()),
        (":", Some(Open::Row(_))) => return Place::Compared(name_before(words, words.len() - 1)),
        (":", Some(Open::Block(Block::Record))) => return Place::Type,
        (":", _) if words.len() > 2 && is_declaration(words) => return Place::Type,
        ("{" | ";", Some(Open::Block(block))) => return Place::Statement(*block),
        _ => {}
    }
    match last.kind {
        "." => Place::Member(name_before(words, words.len() - 1)),
        "of_list" | "list_of" | "to_record" | "给" | "given" | "over_all" => Place::Records,
        "to" if matches!(block, Block::Clause | Block::File) => Place::Records,
        "quantity_in" | "price_per" | "scale_in" => Place::Units,
        "dated" => Place::Dates,
        "for_each" | "over" | "any" | "every" | "count_of" => Place::List,
        "policy" | "article" | "clause" | "record" | "unit" | "let" | "parameter" | "test" | "title" | "text"
        | "commitment" | "issuer" | "lead" | "pending" | "use" | "document_number" => Place::Nothing,
        "highest_among" | "not_together" | "exclude" | "limit" | "overrides" | "with" | "outside_budget"
        | "paid_under" | "expect" => Place::Clauses,
        "for" if block == Block::Settle => Place::Clauses,
        "," if block == Block::Settle => Place::Clauses,
        "of" if block == Block::Settle => Place::Clauses,
        "=" | "!=" | ">=" | "<=" | ">" | "<" | "in" | "不超过" | "不低于" => {
            Place::Compared(name_before(words, words.len() - 1))
        }
        _ if new_line => Place::Statement(block),
        kind if ends_operand(kind) => Place::AfterOperand(block),
        _ => Place::Operand,
    }
}

/// Whether an operand, a type or a name may end with this word.
fn ends_operand(kind: &str) -> bool {
    matches!(
        kind,
        "NAME"
            | "NUMBER"
            | "DATE"
            | "TEXT"
            | ")"
            | "}"
            | "]"
            | "yes"
            | "no"
            | "none"
            | "or_more"
            | "or_less"
            | "once"
            | "each"
            | "cumulative"
            | "topping_up"
            | "money"
            | "bool"
            | "date"
            | "rate"
            | "key"
            | "per_year"
            | "per_quarter"
            | "is_none"
            | "is_not_none"
    )
}

/// Whether the words end with `let N :` or `parameter N :`.
fn is_declaration(words: &[Word]) -> bool {
    let mut back = words.iter().rev().skip(1);
    let head = back.find(|word| !matches!(word.kind, "NAME" | "/"));
    head.is_some_and(|word| matches!(word.kind, "let" | "parameter"))
}

fn name_before(words: &[Word], at: usize) -> SmolStr {
    let names = words.get(..at).unwrap_or(&[]).iter().rev();
    names.take(2).find(|word| word.kind == "NAME").map_or_else(SmolStr::default, |word| bare(word.text))
}

fn bare(name: &str) -> SmolStr {
    SmolStr::new(name.trim_matches(['「', '」']))
}

fn open_brackets(words: &[Word]) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::new();
    let mut head: Vec<&Word> = Vec::new();
    for word in words {
        match word.kind {
            "{" | "[" | "(" => {
                let opened = opened(word.kind, &head, open.last());
                open.push(opened);
                head.clear();
            }
            "}" | "]" | ")" => {
                open.pop();
                head.clear();
            }
            ";" => head.clear(),
            _ => head.push(word),
        }
    }
    open
}

/// What a bracket opens, by the words before it.
fn opened(bracket: &str, head: &[&Word], outer: Option<&Open>) -> Open {
    if bracket == "(" {
        return Open::Other;
    }
    if let Some(Open::Row(record)) = outer
        && bracket == "{"
        && head.is_empty()
    {
        return Open::Row(record.clone());
    }
    for (at, word) in head.iter().enumerate().rev() {
        let block = match word.kind {
            "policy" => Block::Policy,
            "article" | "ARTICLE" => Block::Article,
            "clause" | "CLAUSE" => Block::Clause,
            "record" => Block::Record,
            "settle" => Block::Settle,
            "test" => Block::Test,
            "given" => return Open::Row(head.get(at + 1).map_or_else(SmolStr::default, |word| bare(word.text))),
            "by" => return Open::Table(head.get(at + 1).map_or_else(SmolStr::default, |word| bare(word.text))),
            _ => continue,
        };
        return Open::Block(block);
    }
    Open::Other
}

struct List<'a> {
    analysis: &'a Analysis,
    language: Language,
    /// Whether the file is written in Chinese keywords.
    chinese: bool,
    out: Vec<Proposal>,
}

impl List<'_> {
    fn program(&self) -> &Program {
        self.analysis.policies.program()
    }

    fn fill(&mut self, place: &Place, words: &[Word]) {
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
            let written = super::rename::as_name(name).filter(|_| !soft).unwrap_or_else(|| name.to_owned());
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

/// A type in a word or two.
pub(super) fn kind_in_words(program: &Program, kind: &Type, language: Language) -> String {
    match kind {
        Type::Number(dimension) if dimension.is_money() => language.pick("金额", "money").to_owned(),
        Type::Number(_) => language.pick("数", "number").to_owned(),
        Type::Bool => language.pick("是否", "yes or no").to_owned(),
        Type::Date => language.pick("日期", "date").to_owned(),
        Type::Text => language.pick("文字", "text").to_owned(),
        Type::Code(id) => {
            let def = program.enums.get(id.index());
            let between = if def.is_some_and(|def| def.ordered) { " > " } else { language.pick("、", ", ") };
            def.map_or_else(String::new, |def| def.values.join(between))
        }
        Type::Duration => language.pick("时长", "duration").to_owned(),
        Type::Period => language.pick("期间", "period").to_owned(),
        Type::List(id) => {
            let name = program.records.get(id.index()).map_or("", |def| &def.name);
            language.pick(format!("{name}清单"), format!("list of {name}"))
        }
        Type::Poison => "?".to_owned(),
    }
}
