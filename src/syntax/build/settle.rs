//! Settlement: its steps, and who bears a shortage.

use super::super::grammar::Rule;
use super::super::tree::*;
use super::{Builder, P};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;

/// What may stand in a step, in any order the grammar allows.
#[derive(Default)]
struct Parts {
    clauses: Vec<Path>,
    amount: Option<Expr>,
    per: Option<Expr>,
    from: Option<Text>,
    cumulative: bool,
    keys: Vec<SortKey>,
    ties: Option<Ties>,
    shortage: Option<Shortage>,
    modifier: Option<Modifier>,
}

impl Builder<'_> {
    pub(super) fn settle(&mut self, pair: P) -> Settle {
        let span = self.span(&pair);
        Settle { steps: pair.into_inner().filter_map(|child| self.step(child)).collect(), span }
    }

    /// One step; nothing for the head.
    pub(in super::super) fn step(&mut self, pair: P) -> Option<Step> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::settle_head {
            return None;
        }
        if rule == Rule::funded_by {
            let payers = pair.into_inner().map(|payer| self.payer(payer)).collect();
            return Some(Step { kind: StepKind::FundedBy(payers), span });
        }
        if rule == Rule::settle_policies {
            let names = pair.into_inner().map(|name| self.name(&name)).collect();
            return Some(Step { kind: StepKind::Policies(names), span });
        }
        let parts = self.step_parts(pair);
        let Parts { clauses, amount, per, from, cumulative, keys, ties, shortage, modifier } = parts;
        let amount_or_poison = |amount: Option<Expr>| amount.unwrap_or(Expr { kind: ExprKind::Poison, span });
        let kind = match rule {
            Rule::modifier_step => StepKind::Modifier { modifier: modifier?, clauses },
            Rule::highest_among => StepKind::HighestAmong { clauses, per },
            Rule::not_together => StepKind::NotTogether { clauses, per },
            Rule::exclude => StepKind::Exclude { clauses, when: amount_or_poison(amount) },
            Rule::select => StepKind::Select { count: amount_or_poison(amount), clauses, keys, per, ties },
            Rule::limit => StepKind::Limit { clauses, to: amount_or_poison(amount), cumulative, per, shortage },
            Rule::pool => StepKind::Budget { amount, clauses, from, per, shortage },
            Rule::outside_step => StepKind::OutsideBudget(clauses),
            _ => return None,
        };
        Some(Step { kind, span })
    }

    fn step_parts(&mut self, pair: P) -> Parts {
        let mut parts = Parts::default();
        let mut seen: Vec<(Rule, Span)> = Vec::new();
        for child in pair.into_inner() {
            self.once_in_a_step(&child, &mut seen);
            match child.as_rule() {
                Rule::paths => parts.clauses = self.paths(child),
                Rule::per => parts.per = Some(self.inner_chain(child)),
                Rule::cumulative => parts.cumulative = true,
                Rule::from_payer => parts.from = child.into_inner().next().map(|who| self.who(&who)),
                Rule::sort_key => parts.keys.push(self.sort_key(child)),
                Rule::ties => parts.ties = Some(self.ties(child)),
                Rule::shortage => parts.shortage = Some(self.shortage(child)),
                Rule::modifier => parts.modifier = Some(self.modifier(child)),
                Rule::top_count => parts.amount = Some(self.inner_chain(child)),
                Rule::all_clauses => {}
                _ => parts.amount = Some(self.expression(child)),
            }
        }
        parts
    }

    /// What a step says once: of two, one would be passed over.
    fn once_in_a_step(&mut self, pair: &P, seen: &mut Vec<(Rule, Span)>) {
        let (rule, span) = (pair.as_rule(), self.span(pair));
        let name = match rule {
            Rule::per => Argument::phrase("每 …", "per …"),
            Rule::from_payer => Argument::phrase("来自 …", "from …"),
            Rule::ties => Argument::phrase("并列 …", "ties …"),
            Rule::paths => Argument::phrase("用于 …", "for …"),
            _ => return,
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == rule) {
            self.diagnostics.push(Diagnostic::new(Code::DuplicateProperty).at(span).at(*first).with("name", name));
        }
        seen.push((rule, span));
    }

    fn ties(&mut self, pair: P) -> Ties {
        match self.kind(&pair) {
            "ties_all" => Ties::All,
            "ties_none" => Ties::None,
            _ => match pair.into_inner().next() {
                Some(key) => Ties::By(self.sort_key(key)),
                None => Ties::All,
            },
        }
    }

    fn shortage(&mut self, pair: P) -> Shortage {
        let span = self.span(&pair);
        let mut shortage = Shortage { rule: ShortageRule::ProRata, tie: None, rest: Rest::Stays, round_to: None, span };
        for child in pair.into_inner() {
            let kind = self.kind(&child);
            match child.as_rule() {
                Rule::in_order => {
                    let keys = child.into_inner().map(|key| self.turn_key(key)).collect();
                    shortage.rule = ShortageRule::InOrderOf(keys);
                }
                Rule::share => shortage.rule = share(kind == "pro_rata"),
                Rule::tie => shortage.tie = Some(share(kind == "then_pro_rata")),
                Rule::rest => {
                    shortage.rest = match kind {
                        "rest_by_remainder" => Rest::ByRemainder,
                        "rest_to_largest" => Rest::ToLargest,
                        _ => Rest::Stays,
                    };
                }
                _ => shortage.round_to = Some(self.expression(child)),
            }
        }
        shortage
    }
}

fn share(pro_rata: bool) -> ShortageRule {
    if pro_rata { ShortageRule::ProRata } else { ShortageRule::Equally }
}
