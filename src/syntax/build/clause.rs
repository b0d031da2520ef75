//! Clauses: awards, modifiers and gates.

use super::super::grammar::Rule;
use super::super::tree::*;
use super::operand::round_mode;
use super::{Builder, P};

impl Builder<'_> {
    pub(super) fn clause(&mut self, pair: P) -> Clause {
        let span = self.span(&pair);
        let mut clause = Clause { number: None, name: None, parts: Vec::new(), lets: Vec::new(), span, bare: false };
        for child in pair.into_inner() {
            self.clause_part(&mut clause, child);
        }
        clause
    }

    /// `award …` without braces.
    pub(super) fn bare_clause(&mut self, pair: P) -> Clause {
        let mut clause = self.clause(pair);
        clause.bare = true;
        clause
    }

    /// The head of a clause or one of its parts.
    pub(in super::super) fn clause_part(&mut self, clause: &mut Clause, child: P) {
        let span = self.span(&child);
        let part = match child.as_rule() {
            Rule::clause_head => {
                (clause.number, clause.name) = self.numbered_head(child);
                return;
            }
            Rule::let_fact => {
                clause.lets.push(self.let_fact(child));
                return;
            }
            Rule::award => Part::Award(self.award(child)),
            Rule::modifier => Part::Modifier(self.modifier(child)),
            Rule::gate => Part::Gate(self.gate(child)),
            Rule::for_each => match child.into_inner().next() {
                Some(list) => Part::ForEach(self.expression(list), span),
                None => return,
            },
            Rule::to_record => match child.into_inner().next() {
                Some(name) => Part::To(self.name(&name)),
                None => return,
            },
            _ => match self.property(child) {
                Some(property) => Part::Property(property),
                None => return,
            },
        };
        clause.parts.push(part);
    }

    fn award(&mut self, pair: P) -> Award {
        let span = self.span(&pair);
        let recover = self.kind(&pair) == "recover";
        let mut award = Award { up_to: None, recover, amount: self.poison(span), span };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::up_to => award.up_to = Some(self.span(&child)),
                _ => award.amount = self.expression(child),
            }
        }
        award
    }

    pub(super) fn modifier(&mut self, pair: P) -> Modifier {
        let span = self.span(&pair);
        let kind = self.kind(&pair);
        let (mut amount, mut rounding) = (None, None);
        let (mut each, mut cumulative, mut with) = (kind == "cap_each", kind == "cap_cumulative", Vec::new());
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::each => each = true,
                Rule::cumulative => cumulative = true,
                Rule::with => with.extend(child.into_inner().flat_map(|paths| self.paths(paths))),
                Rule::rounding => rounding = Some(self.rounding(child)),
                _ => amount = Some(self.expression(child)),
            }
        }
        let amount = amount.unwrap_or_else(|| self.poison(span));
        let kind = match (kind, rounding) {
            (_, Some(rounding)) => ModifierKind::Round(rounding),
            ("floor" | "不低于", _) => ModifierKind::Floor(amount),
            ("times", _) => ModifierKind::Times(amount),
            ("less", _) => ModifierKind::Less(amount),
            ("nothing_below", _) => ModifierKind::NothingBelow(amount),
            ("once", _) => ModifierKind::Once,
            ("topping_up", _) => ModifierKind::ToppingUp { on_paid: false },
            ("topping_up_on_paid", _) => ModifierKind::ToppingUp { on_paid: true },
            _ => ModifierKind::Cap(amount),
        };
        Modifier { kind, each, cumulative, with, span }
    }

    /// `half up to 分`
    pub(super) fn rounding(&mut self, pair: P) -> Rounding {
        let span = self.span(&pair);
        let mode = round_mode(self.kind(&pair));
        let to = self.next_expression(&mut pair.into_inner(), span);
        Rounding { mode, to }
    }

    fn gate(&mut self, pair: P) -> Gate {
        let span = self.span(&pair);
        let kind = self.kind(&pair);
        let mut inner = pair.into_inner();
        let first = self.next_expression(&mut inner, span);
        let kind = match kind {
            "when" => GateKind::When(first),
            "unless" => GateKind::Unless(first),
            _ => GateKind::During { range: first, by: inner.next().map(|by| self.expression(by)) },
        };
        Gate { kind, span }
    }
}
