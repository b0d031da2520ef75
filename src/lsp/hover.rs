//! What stands under the pointer, in words.
//!
//! In: a byte of an analysed file. Out: a short text in Markdown, and the stretch it is about: how
//! a fact is declared, an amount in full and in 万 and 亿, a clause as a plain sentence, a
//! keyword's help.

use std::fmt::Write;
use std::ops::Range;

use smol_str::SmolStr;

use super::names::Symbol;
use super::world::Analysis;
use crate::check::program::*;
use crate::diagnostic::Language;
use crate::explain::words::{grouped, money};
use crate::source::Span;
use crate::syntax::keywords;
use crate::syntax::words::{Word, tokens};
use crate::value::{Number, Suffix, SuffixKind, split_suffix};

/// What is said, and about which stretch.
pub(super) type Told = (String, Range<usize>);

/// What stands at a byte.
pub(super) fn hover(analysis: &Analysis, byte: usize, language: Language) -> Option<Told> {
    if let Some(name) = analysis.name_at(byte)
        && let Some(symbol) = name.symbol
    {
        let range = name.span.start as usize..name.span.end as usize;
        return Some((symbol_in_words(analysis, symbol, language)?, range));
    }
    let (text, start) = line_around(analysis.text(), byte);
    let (words, _) = tokens(text);
    let word = words.iter().find(|word| {
        (word.start..=word.end).contains(&(byte - start)) && byte - start < word.end.max(word.start + 1)
    })?;
    let range = start + word.start..start + word.end;
    let told = match word.kind {
        "NUMBER" => amount(analysis, word.text, language)?,
        _ if word.is_keyword() => keyword(word, language)?,
        _ => return None,
    };
    Some((told, range))
}

/// The line of a byte, and where it begins.
fn line_around(text: &str, byte: usize) -> (&str, usize) {
    let byte = byte.min(text.len());
    let start = text.get(..byte).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(byte..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| byte + at);
    (text.get(start..end).unwrap_or(""), start)
}

/// What a number of the text comes to, with what stands behind it.
pub(super) fn figures(analysis: &Analysis, text: &str) -> Option<(Number, Suffix)> {
    let text = crate::syntax::words::narrow(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(text.len());
    let (digits, suffix) = text.split_at_checked(end)?;
    let number = Number::from_digits(&digits.replace(',', ""))?;
    // The first unit is 元.
    let units = &analysis.policies.program().units;
    let suffix =
        split_suffix(suffix.trim(), |unit| units.iter().skip(1).flatten().any(|name| name == unit && name != "元"))?;
    Some((number.multiply(&suffix.factor).ok()?, suffix))
}

/// `800万` in full and in short: 8,000,000元, 800万元.
fn amount(analysis: &Analysis, text: &str, language: Language) -> Option<String> {
    let (whole, suffix) = figures(analysis, text)?;
    let figures = grouped(&whole.to_string());
    Some(match suffix.kind {
        SuffixKind::Yuan => format!("{figures}元 = {}", money(&whole)),
        SuffixKind::Bare if suffix.factor != Number::ONE || whole >= Number::from_i64(10_000) => {
            let note = language.pick("是金额时为", "as money");
            format!("{figures} · {note} {}", money(&whole))
        }
        SuffixKind::Unit(unit) => format!("{figures} {unit}"),
        SuffixKind::Price(unit) => format!("{figures} 元/{unit}"),
        SuffixKind::Percent => format!("{text} = {whole}"),
        _ => return None,
    })
}

/// The help of a keyword; of several with this form, each.
fn keyword(word: &Word, language: Language) -> Option<String> {
    let typed = word.text.to_lowercase();
    let typed = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut told = String::new();
    for keyword in keywords().iter().filter(|keyword| keyword.forms().any(|form| form == typed)).take(3) {
        let forms = keyword.forms().collect::<Vec<_>>().join(" · ");
        let help = language.pick(&keyword.help_zh, &keyword.help_en);
        let _ = writeln!(told, "**{forms}**  \n{help}\n");
    }
    (!told.is_empty()).then_some(told)
}

/// What a name stands for.
fn symbol_in_words(analysis: &Analysis, symbol: Symbol, language: Language) -> Option<String> {
    let program = analysis.policies.program();
    let teller = Teller { analysis, program, language };
    match symbol {
        Symbol::Fact(record, fact) => teller.fact(program.records.get(record.index())?, fact),
        Symbol::Record(id) => Some(teller.record(program.records.get(id.index())?)),
        Symbol::Level(id, at) => {
            let name = program.enums.get(id.index())?.values.get(at)?;
            Some(format!("**{name}** · {}", kind_in_words(program, &Type::Code(id), language)))
        }
        Symbol::Let(id) => {
            let def = program.lets.get(id.index())?;
            Some(teller.derived(&def.name, &def.kind, def.span))
        }
        Symbol::Parameter(id) => {
            let def = program.parameters.get(id.index())?;
            Some(teller.derived(&def.name, &def.kind, def.span))
        }
        Symbol::Policy(id) => {
            let def = program.policies.get(id.index())?;
            let (title, number) = (def.title.as_deref().unwrap_or(""), def.number.as_deref().unwrap_or(""));
            Some(format!("**{}**\n\n{title} {number}\n\n{}", def.name, def.doc))
        }
        Symbol::Clause(id) => Some(teller.clause(program.clauses.get(id.index())?)),
        Symbol::Unit(at) => {
            let names = program.units.get(at)?.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" / ");
            Some(format!("**{names}** · {}", language.pick("计量单位", "unit")))
        }
        Symbol::Article => None,
    }
}

/// The most lines of a declaration that are shown.
const MOST_LINES: usize = 12;

/// Tells what is declared.
struct Teller<'a> {
    analysis: &'a Analysis,
    program: &'a Program,
    language: Language,
}

impl Teller<'_> {
    /// A declaration as it is written.
    fn source(&self, span: Span) -> String {
        let text = self.analysis.policies.sources().text(span);
        let mut short: String = text.lines().take(MOST_LINES).collect::<Vec<_>>().join("\n");
        if text.lines().count() > MOST_LINES {
            short.push_str("\n…");
        }
        format!("```hq\n{short}\n```\n")
    }

    /// The file and the line of a declaration.
    fn place(&self, span: Span) -> String {
        let (file, position) = self.analysis.policies.sources().locate(span);
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
        self.language.pick(format!("{file} 第 {} 行", position.line), format!("{file}, line {}", position.line))
    }

    fn fact(&self, owner: &RecordDef, fact: FactId) -> Option<String> {
        let def = owner.facts.get(fact.index())?;
        let kind = kind_in_words(self.program, &def.kind, self.language);
        let mut told = format!("**{}** · {} · {kind}\n\n", names(&def.name, &def.aliases), owner.name);
        if !def.doc.is_empty() {
            told.push_str(&format!("{}\n\n", def.doc));
        }
        if def.inferred {
            let inferred =
                self.language.pick("没有登记，类型由用法推出", "not declared: its type is inferred from its use");
            told.push_str(inferred);
        } else {
            told.push_str(&self.source(def.span));
            told.push_str(&self.place(def.span));
        }
        Some(told)
    }

    fn record(&self, def: &RecordDef) -> String {
        let count = def.facts.len();
        let facts = self.language.pick(format!("{count} 项事实"), format!("{count} facts"));
        format!("**{}** · {facts}\n\n{}", names(&def.name, &def.aliases), def.doc)
    }

    /// A derived fact, a parameter.
    fn derived(&self, name: &str, kind: &Type, span: Span) -> String {
        let kind = kind_in_words(self.program, kind, self.language);
        format!("**{name}** · {kind}\n\n{}{}", self.source(span), self.place(span))
    }

    /// A clause as a sentence, with its article and the drafter's wording.
    fn clause(&self, def: &ClauseDef) -> String {
        let policy = self.program.policies.get(def.policy.index());
        let article = def.article.and_then(|at| policy?.articles.get(at));
        let article = article.map_or(String::new(), |article| format!(" · {} {}", article.number, article.name));
        let sentence = self.analysis.words(self.language).sentence(def);
        let text = def.text.as_ref().map_or(String::new(), |(text, _)| format!("> {text}\n\n"));
        format!("**{}**{article}\n\n{sentence}\n\n{text}{}", def.name, def.doc)
    }
}

/// A name with its aliases.
fn names(name: &SmolStr, aliases: &[SmolStr]) -> String {
    std::iter::once(name).chain(aliases).map(SmolStr::as_str).collect::<Vec<_>>().join(" / ")
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
