//! What a column is: its header as a fact, a fact of a year, or the key of the record that a row belongs to.
//!
//! In: headers of tables and keys of objects. Out: [`Column`]. Headers are compared with
//! full-width forms folded; the unit that people put behind a header, `营业收入（万元）`, is the
//! scale of its bare cells.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::check::program::{FactDef, FactId, Program, RecordDef, RecordId, Type};
use crate::resolve::nearest;
use crate::syntax::tree::Per;
use crate::value::{Dimension, Number, Period, SuffixKind, fold_full_width, split_suffix};

use super::cell::unit_named;
use super::owner::{Ancestor, Parent, ancestors_of, parents_of};

/// What the cells of a column say.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Column {
    /// The header as written.
    pub(super) header: String,
    /// The fact.
    pub(super) fact: Option<FactColumn>,
    /// Of which parents it holds the key, by their place in [`Columns::parents`].
    pub(super) parents: Vec<usize>,
    /// Of which records above the parents it holds the key.
    pub(super) ancestors: Vec<RecordId>,
    /// It holds the period of its row.
    pub(super) period: bool,
}

impl Column {
    /// Whether it says anything.
    pub(super) fn is_known(&self) -> bool {
        self.fact.is_some() || !self.parents.is_empty() || !self.ancestors.is_empty() || self.period
    }
}

/// A column of a fact.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FactColumn {
    pub(super) fact: FactId,
    /// The period of a fact by period; none for that of the row or of the evaluation.
    pub(super) period: Option<Period>,
    /// What bare cells are multiplied by, where the header says so.
    pub(super) scale: Option<Number>,
}

/// The columns that a record type may have.
pub(super) struct Columns<'p> {
    pub(super) program: &'p Program,
    pub(super) record: RecordId,
    pub(super) def: &'p RecordDef,
    pub(super) parents: Vec<Parent>,
    /// The types above the parents.
    pub(super) ancestors: Vec<Ancestor>,
    names: HashMap<String, FactId>,
}

impl<'p> Columns<'p> {
    /// The columns of a record type.
    pub(super) fn new(program: &'p Program, record: RecordId) -> Option<Columns<'p>> {
        let def = program.records.get(record.index())?;
        let mut names = HashMap::new();
        for (at, fact) in def.facts.iter().enumerate() {
            let id = FactId(u32::try_from(at).ok()?);
            for name in fact_names(fact) {
                names.entry(folded(name)).or_insert(id);
            }
        }
        let parents = parents_of(program, record);
        let ancestors = ancestors_of(program, record, &parents);
        Some(Columns { program, record, def, parents, ancestors, names })
    }

    /// The definition of a fact.
    pub(super) fn fact(&self, id: FactId) -> Option<&'p FactDef> {
        self.def.facts.get(id.index())
    }

    /// What a header stands for; a column of nothing known has neither fact, owner nor period.
    pub(super) fn find(&self, header: &str) -> Column {
        let text = folded(header);
        let parents = self.parents.iter().enumerate().filter(|(_, parent)| parent.names.contains(&text));
        let parents: Vec<usize> = parents.map(|(at, _)| at).collect();
        let ancestors = self.ancestors.iter().filter(|ancestor| ancestor.names.contains(&text));
        let ancestors: Vec<RecordId> = ancestors.map(|ancestor| ancestor.record).collect();
        let fact = self.find_fact(&text);
        let by_period = self.def.facts.iter().any(|fact| fact.per.is_some());
        let is_owner = !parents.is_empty() || !ancestors.is_empty();
        let period = fact.is_none() && !is_owner && by_period && PERIOD_HEADERS.contains(&text.as_str());
        Column { header: header.trim().to_string(), fact, parents, ancestors, period }
    }

    fn find_fact(&self, text: &str) -> Option<FactColumn> {
        if let Some((fact, scale)) = self.named(text) {
            return Some(FactColumn { fact, period: None, scale });
        }
        split_period(text).into_iter().find_map(|(name, period)| {
            let (fact, scale) = self.named(&name)?;
            let fits = match self.fact(fact)?.per? {
                Per::Year => period.as_year().is_some(),
                Per::Quarter => period.as_quarter().is_some(),
            };
            fits.then_some(FactColumn { fact, period: Some(period), scale })
        })
    }

    /// A name, or a name with a unit in brackets behind it.
    fn named(&self, text: &str) -> Option<(FactId, Option<Number>)> {
        if let Some(&fact) = self.names.get(text) {
            return Some((fact, None));
        }
        let (name, unit) = text.strip_suffix(')')?.rsplit_once('(')?;
        let &fact = self.names.get(name.trim_end())?;
        let scale = header_scale(self.program, self.fact(fact)?, unit.trim())?;
        Some((fact, Some(scale)))
    }

    /// The name of a fact that a header may have been meant for.
    pub(super) fn near(&self, header: &str) -> Option<SmolStr> {
        let text = folded(header);
        nearest(&text, self.def.facts.iter().flat_map(fact_names).map(SmolStr::as_str)).map(SmolStr::new)
    }
}

const PERIOD_HEADERS: [&str; 9] = ["年份", "年度", "年", "季度", "期间", "year", "quarter", "period", "Year"];

/// Text as it is compared: full-width forms folded, spaces at its ends dropped.
pub(super) fn folded(text: &str) -> String {
    fold_full_width(text).trim().to_string()
}

pub(super) fn fact_names(fact: &FactDef) -> impl Iterator<Item = &SmolStr> {
    std::iter::once(&fact.name).chain(&fact.aliases)
}

/// The canonical name and aliases of a record type.
pub(super) fn record_names(def: &RecordDef) -> impl Iterator<Item = &SmolStr> {
    std::iter::once(&def.name).chain(&def.aliases)
}

/// The period under which a plain value of a fact by period is kept when another period is evaluated.
pub fn kept_period(per: Per, evaluated: Period) -> Period {
    let within = |make: fn(crate::value::Date) -> Option<Period>| {
        let (first, last) = (evaluated.first.and_then(make)?, evaluated.last.and_then(make)?);
        (first == last).then_some(first)
    };
    let kept = match per {
        Per::Year => within(|day| Period::year(day.year())),
        Per::Quarter => within(|day| Period::quarter(day.year(), day.month().checked_add(2)? / 3)),
    };
    kept.unwrap_or(evaluated)
}

/// Reads the period of a row: `2023`, `2023年`, `2023Q3`, `2023年第3季度`.
pub(super) fn read_period(text: &str) -> Option<Period> {
    let text = folded(text);
    Period::parse(&text)
        .or_else(|| split_period(&text).into_iter().find_map(|(name, period)| name.is_empty().then_some(period)))
}

/// What bare cells are multiplied by under a header with that unit.
fn header_scale(program: &Program, fact: &FactDef, unit: &str) -> Option<Number> {
    let Type::Number(dimension) = &fact.kind else { return None };
    let suffix = split_suffix(unit, |name| unit_named(program, name).is_some())?;
    let fits = match &suffix.kind {
        SuffixKind::Yuan => dimension.is_money(),
        SuffixKind::Percent => dimension.is_none() && !fact.whole,
        SuffixKind::Unit(name) => *dimension == Dimension::unit(unit_named(program, name)?),
        SuffixKind::Price(name) => *dimension == Dimension::price(unit_named(program, name)?),
        _ => false,
    };
    fits.then_some(suffix.factor)
}

/// Every way to read a header as a name with a year or quarter before or behind it.
fn split_period(header: &str) -> Vec<(String, Period)> {
    let chars: Vec<char> = header.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let mut found = Vec::new();
    for start in 0..chars.len() {
        let end = start.saturating_add(4);
        let whole_run =
            (start..end).all(|at| is_digit(Some(at))) && !is_digit(Some(end)) && !is_digit(start.checked_sub(1));
        let Some(year) = whole_run.then(|| chars.get(start..end)).flatten() else { continue };
        let Ok(year) = year.iter().collect::<String>().parse::<i32>() else { continue };
        let (before, after) = (chars.get(..start).unwrap_or(&[]), chars.get(end..).unwrap_or(&[]));
        for (length, quarter) in period_tails(after) {
            let period = match quarter {
                Some(quarter) => Period::quarter(year, quarter),
                None => Period::year(year),
            };
            let rest = after.get(length..).unwrap_or(&[]);
            if let (Some(name), Some(period)) = (name_beside(before, rest), period) {
                found.push((name, period));
            }
        }
    }
    found
}

/// What may belong to a year behind its digits: its length, and the quarter that it names.
fn period_tails(after: &[char]) -> Vec<(usize, Option<u8>)> {
    let text: String = after.iter().collect();
    let mut tails = Vec::new();
    for (word, length) in [("年度", 2), ("年", 1), ("", 0)] {
        let Some(rest) = text.strip_prefix(word) else { continue };
        let mut rest = rest.chars().peekable();
        let mut used: usize = length;
        let ordinal = rest.next_if(|c| matches!(c, '第' | 'Q' | 'q'));
        used = used.saturating_add(usize::from(ordinal.is_some()));
        let quarter = rest.next().and_then(|c| "1234".find(c).or_else(|| "一二三四".chars().position(|q| q == c)));
        if let Some(quarter) = quarter.and_then(|place| u8::try_from(place.saturating_add(1)).ok()) {
            let word: String = rest.collect();
            let behind = ["季度", "季"].into_iter().find(|behind| word.starts_with(behind));
            match (ordinal, behind) {
                (Some('Q' | 'q'), None) => tails.push((used.saturating_add(1), Some(quarter))),
                (Some('第') | None, Some(behind)) => {
                    tails.push((used.saturating_add(1).saturating_add(behind.chars().count()), Some(quarter)));
                }
                _ => {}
            }
        }
        tails.push((length, None));
    }
    tails
}

/// The name on one side of a period, without what separates them; none when both sides have words.
fn name_beside(before: &[char], after: &[char]) -> Option<String> {
    let before: String = before.iter().collect();
    let after: String = after.iter().collect();
    // `营业收入(2023年)`, and `营业收入(2023年)(万元)`.
    let (before, after) = match (before.trim_end().strip_suffix('('), after.trim_start().strip_prefix(')')) {
        (Some(before), Some(after)) => (before.to_string(), after.to_string()),
        _ => (before, after),
    };
    let separates = |c: char| matches!(c, ' ' | ':' | '_' | '-' | '/' | '.' | '·');
    let before = before.trim_end_matches(separates).trim_start();
    let after = after.trim_start_matches(separates).trim_end();
    match (before.is_empty(), after.is_empty()) {
        (false, true) => Some(before.to_string()),
        // A unit in brackets belongs to the name before the year.
        (false, false) if after.starts_with('(') => Some(format!("{before}{after}")),
        (true, _) => Some(after.to_string()),
        (false, false) => None,
    }
}
