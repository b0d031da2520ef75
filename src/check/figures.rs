//! Figures and payers of a settlement that cannot be right whatever the data are: a negative
//! budget, a place and a half, a budget from somebody who pays nothing.
//!
//! Only figures that are written as they stand are looked at; what is reckoned from facts
//! may come to anything.

use smol_str::SmolStr;

use super::context::Checker;
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::nearest;
use crate::source::Span;
use crate::syntax::tree;
use crate::value::{Number, Period, Value};

/// What is said of a figure: what it is for, and what it should be.
#[derive(Clone, Copy)]
pub(super) struct Figure {
    zh: &'static str,
    en: &'static str,
    places: bool,
}

/// How many are selected.
pub(super) const PLACES: Figure = Figure { zh: "择优的名额", en: "the number that is selected", places: true };
/// A budget.
pub(super) const BUDGET: Figure = Figure { zh: "预算", en: "a budget", places: false };
/// A joint limit.
pub(super) const LIMIT: Figure = Figure { zh: "限额", en: "a limit", places: false };
/// A payer's share or cap.
pub(super) const SHARE: Figure = Figure { zh: "出资的比例或上限", en: "what a payer pays", places: false };
/// What a modifier step takes.
pub(super) const STEP: Figure = Figure { zh: "这一步的数", en: "the figure of this step", places: false };

impl Checker<'_> {
    /// A figure that is written out must not be negative; a number of places is whole and at least 1.
    pub(super) fn figure(&mut self, id: ExprId, what: Figure) -> ExprId {
        let Some(number) = self.written_number(id) else { return id };
        let whole = number.round(tree::RoundMode::Down, &Number::ONE).is_ok_and(|whole| whole == number);
        let right = if what.places { whole && number >= Number::ONE } else { number >= Number::ZERO };
        if !right {
            let expected = match what.places {
                true => Argument::phrase("从 1 起的整数", "a whole number from 1 up"),
                false => Argument::phrase("不低于 0 的数", "0 or more"),
            };
            let span = self.span(id);
            let value = self.project.sources.text(span).trim().to_owned();
            let wrong = Diagnostic::new(Code::ImpossibleFigure).at(span).with("value", value);
            self.report(wrong.with("found", Argument::phrase(what.zh, what.en)).with("expected", expected));
        }
        id
    }

    /// A number as it is written, with or without a sign.
    fn written_number(&self, id: ExprId) -> Option<Number> {
        match (self.value(id), &self.program.exprs.get(id.index())?.node) {
            (Some(Value::Number(number)), _) => Some(number.clone()),
            (None, Node::Negate(inner)) => match self.value(*inner)? {
                Value::Number(number) => Number::ZERO.subtract(number).ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Nobody pays twice, and the rest goes to one alone.
    pub(super) fn payers_once_each(&mut self, payers: &[tree::Payer]) {
        for (at, payer) in payers.iter().enumerate() {
            let before = || payers.iter().take(at);
            let twin = before().find(|other| other.name.text == payer.name.text);
            let rest = before().find(|other| other.share.is_none() && payer.share.is_none());
            let wrong = match (twin, rest) {
                (Some(first), _) => {
                    let wrong = Diagnostic::new(Code::DuplicateProperty).at(payer.name.span).at(first.name.span);
                    wrong.with("name", &payer.name.text)
                }
                (None, Some(first)) => {
                    let wrong = Diagnostic::new(Code::DuplicateProperty).at(payer.name.span).at(first.name.span);
                    wrong.with("name", Argument::phrase("其余部分", "the rest"))
                }
                (None, None) => continue,
            };
            self.report(wrong);
        }
    }

    /// `budget … from P` needs somebody named P who pays.
    pub(super) fn payers_that_pay_nothing(&mut self, asked: &[(SmolStr, Span)]) {
        let program = &self.program;
        let of_policies = program.policies.iter().flat_map(|policy| &policy.funding);
        let articles = program.policies.iter().flat_map(|policy| &policy.articles);
        let of_articles = articles.flat_map(|article| &article.funding);
        let of_clauses = program.clauses.iter().flat_map(|clause| &clause.funding);
        let of_steps = program.settle.iter().flat_map(|step| match &step.kind {
            StepKindDef::FundedBy(payers) => payers.as_slice(),
            _ => &[],
        });
        let known = of_policies.chain(of_articles).chain(of_clauses).chain(of_steps);
        let known: Vec<SmolStr> = known.map(|payer| payer.name.clone()).collect();
        for (name, span) in asked.iter().filter(|(name, _)| !known.contains(name)) {
            let near = nearest(name, known.iter().map(SmolStr::as_str)).map(SmolStr::new);
            let wrong = Diagnostic::new(Code::UnknownPayer).at(*span).with("name", name).with_some("near", near);
            self.report(wrong);
        }
    }

    /// Who pays is said once in a settlement: nothing says which of two holds.
    pub(super) fn payers_of_the_settlement_once(&mut self) {
        let mut found: Vec<&StepDef> = Vec::new();
        let mut wrong = Vec::new();
        for step in self.program.settle.iter().filter(|step| matches!(step.kind, StepKindDef::FundedBy(_))) {
            match found.iter().find(|other| other.policy == step.policy) {
                Some(first) => wrong.push((step.span, first.span)),
                None => found.push(step),
            }
        }
        for (here, first) in wrong {
            let name = Argument::phrase("资金来源", "funded by");
            self.report(Diagnostic::new(Code::DuplicateProperty).at(here).at(first).with("name", name));
        }
    }

    /// The budget of a time stands once: nothing says which of two holds.
    pub(super) fn budget_once(&mut self, policy: usize, period: Option<Period>, amount: ExprId) {
        let budgets = self.program.policies.get(policy).map_or(&[][..], |def| def.budgets.as_slice());
        let Some((_, first)) = budgets.iter().find(|(other, _)| *other == period) else { return };
        let (here, first) = (self.span(amount), self.span(*first));
        let name = match period {
            Some(period) => Argument::phrase(format!("预算 {period}"), format!("budget {period}")),
            None => Argument::phrase("预算", "budget"),
        };
        self.report(Diagnostic::new(Code::DuplicateProperty).at(here).at(first).with("name", name));
    }
}
