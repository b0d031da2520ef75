//! Hints within the text: amounts in words, the base at which a cap is reached, where a bracket ends,
//! and, where the project names data, how many enterprises a clause reaches and what it costs.
//!
//! In: an analysed file. Out: a few words and the byte before which they stand.

use super::hover::figures;
use super::impact::{Impact, Reach};
use super::world::Analysis;
use crate::check::program::*;
use crate::diagnostic::{Language, many};
use crate::explain::words::{Words, money};
use crate::syntax::tree::Compare;
use crate::syntax::words::tokens;
use crate::value::{Number, SuffixKind, Value};

/// Words within the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hint {
    /// The byte before which they stand.
    pub at: usize,
    /// The words.
    pub words: String,
}

/// The hints of a file.
pub(super) fn hints(analysis: &Analysis, language: Language, impact: Option<&Impact>) -> Vec<Hint> {
    let program = analysis.policies.program();
    let mut hints = Hints { analysis, program, language, out: Vec::new() };
    hints.amounts();
    for expr in program.exprs.iter().filter(|expr| expr.span.file == analysis.file) {
        if let Node::Table(table) = &expr.node {
            hints.brackets(table);
        }
    }
    for (at, clause) in program.clauses.iter().enumerate().filter(|(_, clause)| clause.span.file == analysis.file) {
        hints.caps(clause);
        if let Some(reach) = impact.and_then(|impact| impact.clauses.get(at)) {
            let words = reached(reach, language);
            hints.push(clause.name_span.end, words);
        }
    }
    hints.out.sort_by_key(|hint| hint.at);
    hints.out.dedup();
    hints.out
}

/// Whom a clause reaches and what it costs: what is known, and how much it may come to with what is open.
fn reached(reach: &Reach, language: Language) -> String {
    let (count, sum, open) = (reach.receive, money(&reach.settled), reach.open);
    let known = language.pick(format!("{count} 户 · {sum}"), format!("{} · {sum}", many(count, "recipient")));
    let most = match &reach.most {
        Some(most) => language.pick(format!("合计最多 {}", money(most)), format!("at most {} in all", money(most))),
        None => language.pick("没有上限", "no upper bound").to_owned(),
    };
    let open = language.pick(format!("{open} 户未定 · {most}"), format!("{open} open · {most}"));
    match (count, reach.open) {
        (_, 0) => known,
        // Of what is all open nothing is known: no 0 stands for it.
        (0, _) => open,
        _ => format!("{known} · {open}"),
    }
}

fn is_money(kind: &Type) -> bool {
    matches!(kind, Type::Number(dimension) if dimension.is_money())
}

struct Hints<'a> {
    analysis: &'a Analysis,
    program: &'a Program,
    language: Language,
    out: Vec<Hint>,
}

impl Hints<'_> {
    fn push(&mut self, at: u32, words: String) {
        self.out.push(Hint { at: at as usize, words });
    }

    fn words(&self) -> Words<'_> {
        self.analysis.words(self.language)
    }

    fn constant(&self, id: ExprId) -> Option<&Number> {
        match &self.program.exprs.get(id.index())?.node {
            Node::Value(Value::Number(number)) => Some(number),
            Node::Parameter(id) => match self.program.parameters.get(id.index())?.values.as_slice() {
                [(_, value)] => match &self.program.exprs.get(value.index())?.node {
                    Node::Value(Value::Number(number)) => Some(number),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// `8000000元` is 800万元: said where the digits alone are hard to count.
    fn amounts(&mut self) {
        let (words, _) = tokens(self.analysis.text());
        for word in words.iter().filter(|word| word.kind == "NUMBER" && !word.text.contains(['万', '亿'])) {
            let digits = word.text.chars().filter(char::is_ascii_digit).count();
            if digits < 5 {
                continue;
            }
            let Some((number, suffix)) = figures(self.analysis, word.text) else { continue };
            let in_words = money(&number);
            if suffix.kind == SuffixKind::Yuan && in_words.contains(['万', '亿']) {
                self.out.push(Hint { at: word.end, words: in_words });
            }
        }
    }

    /// Each row of a bracket table ends where the next begins.
    fn brackets(&mut self, table: &TableNode) {
        let bound = |row: &TableRowNode| match row.test {
            RowTest::Bound(compare, id) => Some((compare, id)),
            _ => None,
        };
        // Lower bounds stand from high to low, upper ones from low to high: the one before is the other end.
        for pair in table.rows.windows(2) {
            let [before, row] = pair else { continue };
            let (Some((_, other)), Some((compare, own))) = (bound(before), bound(row)) else { continue };
            let sign = match compare {
                Compare::GreaterOrEqual => "<",
                Compare::Greater => "≤",
                Compare::LessOrEqual => ">",
                Compare::Less => "≥",
                Compare::Equal | Compare::NotEqual => continue,
            };
            let words = format!("{sign} {}", self.words().expr(other));
            let Some(span) = self.program.exprs.get(own.index()).map(|expr| expr.span) else { continue };
            // Behind 以上, where the bound is written so.
            let text = self.analysis.policies.sources().text(row.span);
            let offset = (span.end - row.span.start) as usize;
            let key = text.get(offset..).and_then(|rest| rest.find([':', '：'])).unwrap_or(0);
            self.push(span.end + u32::try_from(key).unwrap_or(0), words);
        }
    }

    /// The value of a cap that is a parameter, and the base at which a rate reaches its cap.
    fn caps(&mut self, clause: &ClauseDef) {
        let rate = self.rate_of_base(clause.amount);
        for modifier in &clause.modifiers {
            let ModifierKindDef::Cap(id) = modifier.kind else { continue };
            let Some(cap) = self.constant(id).cloned() else { continue };
            let named = self.program.exprs.get(id.index()).is_some_and(|expr| matches!(expr.node, Node::Parameter(_)));
            let mut words = if named { format!("= {}", money(&cap)) } else { String::new() };
            if let Some((rate, base)) = &rate
                && (clause.for_each.is_some() == modifier.each)
                && !modifier.cumulative
                && rate.is_positive()
                && let Ok(reached) = cap.divide(rate)
                && let Some(dimension) = self.program.exprs.get(base.index()).map(|expr| &expr.kind)
                && is_money(dimension)
            {
                let base = self.words().expr(*base);
                let reached = money(&reached);
                let told = self
                    .language
                    .pick(format!("{base}达到 {reached} 时封顶"), format!("reached at {base} of {reached}"));
                words = if words.is_empty() { told } else { format!("{words} · {told}") };
            }
            if !words.is_empty() {
                self.push(modifier.span.end, words);
            }
        }
    }

    /// A constant rate and the base it is of.
    fn rate_of_base(&self, amount: ExprId) -> Option<(Number, ExprId)> {
        let Node::Product(factors) = &self.program.exprs.get(amount.index())?.node else { return None };
        match factors.as_slice() {
            [(false, a), (false, b)] => match (self.constant(*a), self.constant(*b)) {
                (Some(rate), None) => Some((rate.clone(), *b)),
                (None, Some(rate)) => Some((rate.clone(), *a)),
                _ => None,
            },
            _ => None,
        }
    }
}
