//! What a name means where it stands.
//!
//! Looked up in this order: derived facts of the clause, facts and derived facts of the
//! records in scope from the innermost outward, derived facts and parameters of the
//! policy, then of no policy, then predeclared names. A level is found by the type that its
//! place needs. A name that means two things at one level is an error, never the first.

use smol_str::SmolStr;

use super::context::{Checker, Home, LetState, Member, Sight, Want};
use super::lookalike;
use super::program::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::nearest;
use crate::syntax;
use crate::syntax::tree::{Name, Path};
use crate::value::Dimension;

/// Predeclared names: Chinese, English.
const YEAR: [&str; 2] = ["本年", "year"];
const PERIOD: [&str; 2] = ["评价期", "period"];
const TODAY: [&str; 2] = ["今日", "today"];
const PAID: [&str; 2] = ["已发放", "paid"];
const TOTAL: [&str; 2] = ["合计", "total"];

/// All predeclared names, Chinese and English.
pub fn predeclared_names() -> impl Iterator<Item = &'static str> {
    [YEAR, PERIOD, TODAY, PAID, TOTAL, super::records::HISTORY].into_iter().flatten()
}

/// What a name turned out to mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    Fact {
        up: u8,
        record: RecordId,
        fact: FactId,
    },
    Let {
        up: u8,
        id: LetId,
    },
    Parameter(ParameterId),
    Clause(ClauseId),
    Year,
    Period,
    Today,
    Paid,
    Total,
    /// Known, but wrong in itself: already reported.
    Poison,
}

impl<'t> Checker<'t> {
    /// What `name` means in `sight`; none if nothing.
    pub(super) fn meaning(&mut self, sight: &Sight, name: &Name) -> Option<Meaning> {
        let text = &name.text;
        if sight.clauses
            && let Some(clause) = self.clause_of(sight, name)
        {
            return Some(Meaning::Clause(clause));
        }
        if let Some(entry) = sight.clause.and_then(|clause| self.let_of_clause(clause, text)) {
            return self.let_meaning(sight, entry);
        }
        for (at, &record) in sight.frames.iter().enumerate().rev() {
            let up = u8::try_from(sight.frames.len() - 1 - at).unwrap_or(u8::MAX);
            match self.members.get(record.index()).and_then(|members| members.get(text)).copied() {
                Some(Member::Fact(fact)) => {
                    self.saw_record = true;
                    return Some(Meaning::Fact { up, record, fact });
                }
                Some(Member::Let(entry)) => return self.let_meaning(sight, entry),
                None => {}
            }
        }
        for home in [sight.policy, None] {
            let own = self.let_of_policy(home, text);
            let parameter = self.parameter_of(home, text);
            match (own, parameter) {
                (Some(entry), _) => return self.let_meaning(sight, entry),
                (None, Some(parameter)) => return Some(Meaning::Parameter(parameter)),
                (None, None) => {}
            }
        }
        if sight.policy.is_none() {
            // A test or settle block beside the policies sees what only one of them declares.
            if let Some([entry]) = self.let_names.get(text).map(Vec::as_slice) {
                return self.let_meaning(sight, *entry);
            }
            if let Some([parameter]) = self.parameter_names.get(text).map(Vec::as_slice) {
                return Some(Meaning::Parameter(*parameter));
            }
        }
        self.predeclared(sight, text)
    }

    fn predeclared(&self, sight: &Sight, text: &str) -> Option<Meaning> {
        let is = |names: [&str; 2]| names.iter().any(|name| name.eq_ignore_ascii_case(text));
        match () {
            () if is(YEAR) => Some(Meaning::Year),
            () if is(PERIOD) => Some(Meaning::Period),
            () if is(TODAY) => Some(Meaning::Today),
            () if is(PAID) => Some(Meaning::Paid),
            () if is(TOTAL) && sight.clauses => Some(Meaning::Total),
            () => None,
        }
    }

    fn home(&self, entry: usize) -> Option<Home> {
        self.lets.get(entry).map(|entry| entry.home)
    }

    /// The derived fact of that name in a clause; those of clauses stand last, in the order of the clauses.
    fn let_of_clause(&self, clause: usize, text: &str) -> Option<usize> {
        let known = self.let_names.get(text)?;
        let earlier = |entry: &usize| !matches!(self.home(*entry), Some(Home::Clause(of)) if of >= clause);
        let entry = *known.get(known.partition_point(earlier))?;
        (self.home(entry) == Some(Home::Clause(clause))).then_some(entry)
    }

    /// The derived fact of that name in a policy, or outside policies.
    fn let_of_policy(&self, policy: Option<usize>, text: &str) -> Option<usize> {
        let known = self.let_names.get(text)?.iter().copied();
        let mut before = known.take_while(|&entry| !matches!(self.home(entry), Some(Home::Clause(_))));
        before.find(|&entry| self.home(entry) == Some(Home::Policy(policy)))
    }

    /// The parameter of that name in a policy, or outside policies.
    pub(super) fn parameter_of(&self, policy: Option<usize>, text: &str) -> Option<ParameterId> {
        let wanted = policy.and_then(|at| u32::try_from(at).ok()).map(PolicyId);
        let known = self.parameter_names.get(text)?;
        known.iter().copied().find(|id| self.program.parameters.get(id.index()).is_some_and(|p| p.policy == wanted))
    }

    fn let_meaning(&mut self, sight: &Sight, entry: usize) -> Option<Meaning> {
        let Some(id) = self.check_let(entry, sight) else { return Some(Meaning::Poison) };
        let below = self.lets.get(entry).map_or(0, |entry| entry.depth);
        self.deepest = self.deepest.max(self.depth.saturating_add(below));
        let record = self.program.lets.get(id.index()).map(|def| def.record)?;
        if self.lets.get(entry).is_some_and(|entry| entry.constant) {
            return Some(Meaning::Let { up: 0, id });
        }
        let at = sight.frames.iter().rposition(|frame| *frame == record)?;
        self.saw_record = true;
        Some(Meaning::Let { up: u8::try_from(sight.frames.len() - 1 - at).unwrap_or(u8::MAX), id })
    }

    /// Checks a derived fact if that was not done, and names the cycle if it depends on itself.
    pub(super) fn check_let(&mut self, entry: usize, sight: &Sight) -> Option<LetId> {
        let (tree, home, state) = self.lets.get(entry).map(|entry| (entry.tree, entry.home, entry.state))?;
        match state {
            LetState::Done(id) => return Some(id),
            LetState::Checking => {
                let from = self.open_lets.iter().position(|open| *open == entry).unwrap_or(0);
                let cycle: Vec<&'t crate::syntax::tree::Let> =
                    self.open_lets.iter().skip(from).filter_map(|e| self.lets.get(*e)).map(|e| e.tree).collect();
                let name =
                    |tree: &crate::syntax::tree::Let| tree.names.first().map_or(SmolStr::default(), |n| n.text.clone());
                let mut path: Vec<SmolStr> = cycle.iter().map(|tree| name(tree)).collect();
                path.push(name(tree));
                let mut diagnostic =
                    Diagnostic::new(Code::DefinitionCycle).with("name", name(tree)).with("path", path.join(" → "));
                diagnostic.spans.extend(cycle.iter().map(|tree| tree.names.first().map_or(tree.span, |n| n.span)));
                self.report(diagnostic);
                return None;
            }
            LetState::Unchecked => {}
        }
        self.set_let(entry, LetState::Checking, false);
        self.open_lets.push(entry);
        let outer_saw = std::mem::replace(&mut self.saw_record, false);
        self.depth += 1;
        let outer_deepest = std::mem::replace(&mut self.deepest, self.depth);
        let asked = tree.names.first().and_then(|name| self.asked_of_lets.get(&name.text)).cloned();
        let wanted = tree.kind.as_ref().map(|kind| self.declared_type(kind).0).or(asked);
        let want = wanted.as_ref().map_or(Want::Any, Want::Need);
        let candidates = self.let_records(home, sight);
        let (record, value) = self.over_one_of(&candidates, |checker, record| {
            let mut inner = Sight::new(policy_of(home, sight), vec![record]);
            inner.clause = match home {
                Home::Clause(at) => Some(at),
                _ => None,
            };
            checker.expression(&inner, &tree.value, want)
        });
        let constant = !self.saw_record;
        self.saw_record = outer_saw;
        self.open_lets.pop();
        self.depth -= 1;
        let depth = self.deepest.saturating_sub(self.depth);
        self.within_depth(depth, tree.names.first().map_or(tree.span, |name| name.span));
        self.deepest = self.deepest.max(outer_deepest);
        if let Some(entry) = self.lets.get_mut(entry) {
            entry.depth = depth;
        }
        let names = tree.names.iter().map(|name| name.text.clone());
        let def = LetDef {
            name: names.clone().next().unwrap_or_default(),
            aliases: names.skip(1).collect(),
            record,
            value,
            kind: self.kind(value).clone(),
            span: tree.span,
        };
        self.program.lets.push(def);
        let id = LetId(u32::try_from(self.program.lets.len() - 1).unwrap_or(u32::MAX));
        self.set_let(entry, LetState::Done(id), constant);
        Some(id)
    }

    fn set_let(&mut self, entry: usize, state: LetState, constant: bool) {
        if let Some(entry) = self.lets.get_mut(entry) {
            entry.state = state;
            entry.constant = constant;
        }
    }

    /// The record types that a derived fact may belong to: its own, or the first whose facts it names.
    fn let_records(&self, home: Home, sight: &Sight) -> Vec<RecordId> {
        if let Home::Record(record) = home {
            return vec![record];
        }
        let main = self.main_record();
        let others = (0..self.program.records.len()).filter_map(|at| u32::try_from(at).ok().map(RecordId));
        let others = others.filter(|id| !self.program.records.get(id.index()).is_some_and(|r| r.is_history));
        let mut candidates = vec![main];
        candidates.extend(sight.frames.iter().copied());
        candidates.extend(others);
        let mut seen = Vec::new();
        candidates.retain(|id| {
            if seen.contains(id) {
                false
            } else {
                seen.push(*id);
                true
            }
        });
        candidates
    }

    /// Checks with the first record type for which nothing is wrong; with none, reports for the first.
    pub(super) fn over_one_of(
        &mut self,
        candidates: &[RecordId],
        mut check: impl FnMut(&mut Self, RecordId) -> ExprId,
    ) -> (RecordId, ExprId) {
        if candidates.len() > 1 && !self.inferring {
            for &record in candidates {
                let saw = self.saw_record;
                if let Ok(id) = self.attempt(|checker| check(checker, record)) {
                    return (record, id);
                }
                self.saw_record = saw;
            }
        }
        let record = candidates.first().copied().unwrap_or_else(|| self.main_record());
        (record, check(self, record))
    }

    /// A clause by its name, of the policy in sight first.
    pub(super) fn clause_of(&self, sight: &Sight, name: &Name) -> Option<ClauseId> {
        let known = self.clause_names.get(&name.text)?;
        let own = sight.policy.and_then(|at| u32::try_from(at).ok()).map(PolicyId);
        let in_own = known.iter().copied().find(|id| self.program.clauses.get(id.index()).map(|c| c.policy) == own);
        in_own.or_else(|| (known.len() == 1).then(|| known.first().copied()).flatten())
    }

    /// A clause by its path; reported when there is none, or when several policies have it.
    pub(super) fn clause_at(&mut self, sight: &Sight, path: &Path) -> Option<ClauseId> {
        let (policy, name) = match path.parts.as_slice() {
            [name] => (None, name),
            [policy, name] => (Some(policy), name),
            _ => return None,
        };
        let known = self.clause_names.get(&name.text).cloned().unwrap_or_default();
        let found = match policy {
            Some(policy) => {
                let of = |id: &&ClauseId| {
                    self.program
                        .clauses
                        .get(id.index())
                        .and_then(|c| self.program.policies.get(c.policy.index()))
                        .is_some_and(|p| p.name == policy.text)
                };
                known.iter().find(of).copied()
            }
            None => self.clause_of(sight, name),
        };
        if found.is_some() {
            return found;
        }
        if policy.is_none() && known.len() > 1 {
            let full = |clause: &ClauseDef| {
                let policy = self.program.policies.get(clause.policy.index()).map_or("", |policy| policy.name.as_str());
                format!("{policy}.{}", clause.name)
            };
            let clauses: Vec<&ClauseDef> =
                known.iter().filter_map(|id| self.program.clauses.get(id.index())).take(2).collect();
            let mut diagnostic = Diagnostic::new(Code::AmbiguousName).at(path.span).with("name", &name.text);
            for (side, clause) in ["left", "right"].into_iter().zip(clauses) {
                diagnostic = diagnostic.at(clause.name_span).with(side, full(clause));
            }
            self.report(diagnostic);
            return None;
        }
        let near = nearest(&name.text, self.clause_names.keys().map(SmolStr::as_str)).map(SmolStr::new);
        let shown = path.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        self.report(Diagnostic::new(Code::UnknownClause).at(path.span).with("clause", shown).with_some("near", near));
        None
    }

    /// Reports a name that means nothing, with what was probably meant.
    pub(super) fn unknown_name(&mut self, sight: &Sight, name: &Name, want: Want) {
        if !name.quoted
            && let Some((word, fix)) = self.glued(&name.text)
        {
            let diagnostic = Diagnostic::new(Code::GluedName).at(name.span).with("name", &name.text);
            return self.report(diagnostic.with("other", word).with("fix", fix));
        }
        if let Some(Type::Code(id)) = want.kind() {
            let values = self.program.enums.get(id.index()).map(|e| e.values.clone()).unwrap_or_default();
            // Of two characters half is no likeness; the list below is short.
            let long = name.text.chars().count() > 2;
            let near = nearest(&name.text, values.iter().map(SmolStr::as_str)).filter(|_| long).map(SmolStr::new);
            let expected = values.join("、");
            return self.report(
                Diagnostic::new(Code::UnknownLevel)
                    .at(name.span)
                    .with("value", &name.text)
                    .with_some("near", near)
                    .with("expected", expected),
            );
        }
        let mut candidates: Vec<SmolStr> = Vec::new();
        for frame in &sight.frames {
            candidates.extend(self.members.get(frame.index()).into_iter().flat_map(|m| m.keys().cloned()));
        }
        candidates.extend(self.let_names.keys().cloned());
        candidates.extend(self.parameter_names.keys().cloned());
        if sight.clauses {
            candidates.extend(self.clause_names.keys().cloned());
            candidates.extend(["total", "合计"].map(SmolStr::new_static));
        }
        // HashMap order must not decide between equally near names.
        candidates.sort();
        if let Some(other) = lookalike::twin(&name.text, candidates.iter().map(SmolStr::as_str)) {
            return self.report(lookalike::lookalike(name.span, &name.text, other));
        }
        let elsewhere =
            (0..self.members.len()).find(|at| self.members.get(*at).is_some_and(|m| m.contains_key(&name.text)));
        let other = elsewhere.and_then(|at| self.program.records.get(at)).map(|record| record.name.clone());
        let is_clause = other.is_none() && self.clause_names.contains_key(&name.text);
        let clause = is_clause.then(|| name.text.clone());
        let near = nearest(&name.text, candidates.iter().map(SmolStr::as_str)).map(SmolStr::new);
        let near = near.filter(|_| !is_clause);
        let digits = in_figures(&name.text);
        let nothing_better = near.is_none() && other.is_none() && digits.is_none() && clause.is_none();
        let fact = nothing_better.then_some(&name.text);
        let quoted = matches!(want.kind(), Some(Type::Text)).then(|| format!("\"{}\"", name.text));
        self.report(
            Diagnostic::new(Code::UnknownName)
                .at(name.span)
                .with("name", &name.text)
                .with_some("near", near)
                .with_some("other", other)
                .with_some("value", digits)
                .with_some("left", fact.cloned())
                .with_some("fix", quoted)
                .with_some("clause", clause),
        );
    }

    /// The spaced form of an undeclared name that begins or ends with a keyword: a word of two
    /// characters that joins a condition or an amount is enough, one of one character must
    /// leave a known name. 认定日期 and 奖励金额 end and begin with keywords and are names.
    pub(super) fn glued(&self, text: &str) -> Option<(String, String)> {
        let known = |rest: &str| self.members.iter().any(|m| m.contains_key(rest)) || self.let_names.contains_key(rest);
        let words = syntax::keywords();
        text.char_indices().skip(1).find_map(|(at, _)| {
            let (front, back) = text.split_at_checked(at)?;
            let is_word = |word: &str, rest: &str, stands: bool| {
                let apart =
                    !(word.is_ascii() && (rest.starts_with(|c: char| c.is_ascii_alphabetic()) || rest.ends_with('_')));
                let long = word.chars().count() >= 2;
                stands && if long { apart } else { !word.is_ascii() && known(rest) }
            };
            // An ASCII keyword within a longer ASCII word is a part of that word.
            let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let joined = front.ends_with(in_word) && back.starts_with(in_word);
            let begins = is_word(front, back, words.precedes_names(front));
            let word = if begins { front } else { back };
            (!joined && (begins || is_word(back, front, words.follows_names(back))))
                .then(|| (word.to_owned(), format!("{front} {back}")))
        })
    }

    /// The type of money, for short.
    pub(super) fn money() -> Type {
        Type::Number(Dimension::money())
    }
}

/// How a number that is written in words is written, by example.
pub(super) fn in_figures(name: &str) -> Option<&'static str> {
    let in_words = name.chars().all(|c| "一二两三四五六七八九十百千万亿元分之零〇点".contains(c));
    in_words.then(|| if name.starts_with("百分之") { "5%" } else { "20万元" })
}

fn policy_of(home: Home, sight: &Sight) -> Option<usize> {
    match home {
        Home::Policy(policy) => policy,
        Home::Clause(_) => sight.policy,
        Home::Record(_) => None,
    }
}
