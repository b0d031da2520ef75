//! What stands under the pointer, in words.
//!
//! In: a byte of an analysed file. Out: a short text in Markdown, and the stretch it is about: how
//! a fact is declared, an amount in full and in 万 and 亿, a clause as a plain sentence, a
//! keyword's help.

use std::fmt::Write;
use std::ops::Range;

use super::completion::kind_in_words;
use super::names::Symbol;
use super::world::Analysis;
use crate::check::program::*;
use crate::diagnostic::Language;
use crate::explain::words::{grouped, money};
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

fn symbol_in_words(analysis: &Analysis, symbol: Symbol, language: Language) -> Option<String> {
    let policies = &analysis.policies;
    let program = policies.program();
    let source = |span: crate::source::Span| {
        let text = policies.sources().text(span);
        let mut short: String = text.lines().take(12).collect::<Vec<_>>().join("\n");
        if text.lines().count() > 12 {
            short.push_str("\n…");
        }
        format!("```hq\n{short}\n```\n")
    };
    let place = |span: crate::source::Span| {
        let (file, position) = policies.sources().locate(span);
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
        language.pick(format!("{file} 第 {} 行", position.line), format!("{file}, line {}", position.line))
    };
    Some(match symbol {
        Symbol::Fact(record, fact) => {
            let owner = program.records.get(record.index())?;
            let def = owner.facts.get(fact.index())?;
            let kind = kind_in_words(program, &def.kind, language);
            let names: Vec<&str> = std::iter::once(&def.name).chain(&def.aliases).map(|name| name.as_str()).collect();
            let mut told = format!("**{}** · {} · {kind}\n\n", names.join(" / "), owner.name);
            if !def.doc.is_empty() {
                told.push_str(&format!("{}\n\n", def.doc));
            }
            if def.inferred {
                told.push_str(
                    language.pick("没有登记，类型由用法推出", "not declared: its type is inferred from its use"),
                );
            } else {
                told.push_str(&source(def.span));
                told.push_str(&place(def.span));
            }
            told
        }
        Symbol::Record(id) => {
            let def = program.records.get(id.index())?;
            let names: Vec<&str> = std::iter::once(&def.name).chain(&def.aliases).map(|name| name.as_str()).collect();
            let count = def.facts.len();
            let facts = language.pick(format!("{count} 项事实"), format!("{count} facts"));
            format!("**{}** · {facts}\n\n{}", names.join(" / "), def.doc)
        }
        Symbol::Level(id, at) => {
            let def = program.enums.get(id.index())?;
            let name = def.values.get(at)?;
            format!("**{name}** · {}", kind_in_words(program, &Type::Code(id), language))
        }
        Symbol::Let(id) => {
            let def = program.lets.get(id.index())?;
            let kind = kind_in_words(program, &def.kind, language);
            format!("**{}** · {kind}\n\n{}{}", def.name, source(def.span), place(def.span))
        }
        Symbol::Parameter(id) => {
            let def = program.parameters.get(id.index())?;
            let kind = kind_in_words(program, &def.kind, language);
            format!("**{}** · {kind}\n\n{}{}", def.name, source(def.span), place(def.span))
        }
        Symbol::Policy(id) => {
            let def = program.policies.get(id.index())?;
            let title = def.title.as_deref().unwrap_or("");
            let number = def.number.as_deref().unwrap_or("");
            format!("**{}**\n\n{title} {number}\n\n{}", def.name, def.doc)
        }
        Symbol::Clause(id) => {
            let def = program.clauses.get(id.index())?;
            let article = def.article.and_then(|at| program.policies.get(def.policy.index())?.articles.get(at));
            let article = article.map_or(String::new(), |article| format!(" · {} {}", article.number, article.name));
            let sentence = analysis.words(language).sentence(def);
            let text = def.text.as_ref().map_or(String::new(), |(text, _)| format!("> {text}\n\n"));
            format!("**{}**{article}\n\n{sentence}\n\n{text}{}", def.name, def.doc)
        }
        Symbol::Unit(at) => {
            let names = program.units.get(at)?;
            let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" / ");
            format!("**{names}** · {}", language.pick("计量单位", "unit"))
        }
        Symbol::Article => return None,
    })
}
