//! Declarations: units, records, derived facts, parameters, policies and articles with their properties.

use super::super::grammar::Rule;
use super::super::tree::*;
use super::{Builder, P};

impl Builder<'_> {
    /// Any item of a file, a policy or an article.
    pub(in super::super) fn item(&mut self, pair: P) -> Option<Item> {
        Some(match pair.as_rule() {
            Rule::clause => Item::Clause(self.clause(pair)),
            Rule::bare_clause => Item::Clause(self.bare_clause(pair)),
            Rule::article => Item::Article(self.article(pair)),
            Rule::policy => Item::Policy(self.policy(pair)),
            Rule::record => Item::Record(self.record(pair)),
            Rule::let_fact => Item::Let(self.let_fact(pair)),
            Rule::parameter => Item::Parameter(self.parameter(pair)),
            Rule::bind => Item::Bind(self.bind(pair)),
            Rule::settle => Item::Settle(self.settle(pair)),
            Rule::test => Item::Test(self.test_case(pair)),
            Rule::unit_declaration => Item::Unit(self.unit(pair)),
            Rule::use_file => Item::Use(self.text(&pair.into_inner().next()?)),
            _ => Item::Property(self.property(pair)?),
        })
    }

    fn unit(&mut self, pair: P) -> Unit {
        let span = self.span(&pair);
        let names = pair.into_inner().next().map(|names| self.names(names)).unwrap_or_default();
        Unit { names, span }
    }

    fn record(&mut self, pair: P) -> Record {
        let span = self.span(&pair);
        let mut record = Record { names: Vec::new(), facts: Vec::new(), lets: Vec::new(), span };
        for child in pair.into_inner() {
            self.record_part(&mut record, child);
        }
        record
    }

    /// The head of a record or one of its members.
    pub(in super::super) fn record_part(&mut self, record: &mut Record, child: P) {
        match child.as_rule() {
            Rule::record_head => {
                record.names = child.into_inner().next().map(|names| self.names(names)).unwrap_or_default()
            }
            Rule::let_fact => record.lets.push(self.let_fact(child)),
            Rule::fact => record.facts.extend(self.fact(child)),
            _ => {}
        }
    }

    fn fact(&mut self, pair: P) -> Option<Fact> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let names = self.names(inner.next()?);
        let kind = self.type_expr(inner.next()?);
        let mut fact =
            Fact { names, kind, per: None, scale: None, key: false, check: None, default: None, dated: None, span };
        for child in inner {
            let rule = child.as_rule();
            match rule {
                Rule::per_period => fact.per = Some(self.per_period(&child)),
                Rule::key => fact.key = true,
                Rule::scale => fact.scale = child.into_inner().next().map(|name| self.name(&name)),
                Rule::dated => fact.dated = child.into_inner().next().map(|name| self.name(&name)),
                Rule::check => fact.check = child.into_inner().next().map(|check| self.expression(check)),
                _ => fact.default = child.into_inner().next().map(|value| self.expression(value)),
            }
        }
        Some(fact)
    }

    fn per_period(&self, pair: &P) -> Per {
        if self.kind(pair) == "per_year" { Per::Year } else { Per::Quarter }
    }

    fn type_expr(&mut self, pair: P) -> TypeExpr {
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else { return TypeExpr::Number };
        let kind = self.kind(&first);
        match first.as_rule() {
            Rule::one_of => TypeExpr::OneOf(self.names(first)),
            Rule::level_of => TypeExpr::LevelOf(self.names(first)),
            Rule::type_of => {
                let Some(name) = inner.next().map(|name| self.name(&name)) else { return TypeExpr::Number };
                match kind {
                    "quantity_in" => TypeExpr::Quantity(name),
                    "price_per" => TypeExpr::Price(name),
                    _ => TypeExpr::List(name),
                }
            }
            _ => match kind {
                "money" => TypeExpr::Money,
                "count" | "count_type" => TypeExpr::Count,
                "rate" => TypeExpr::Rate,
                "bool" => TypeExpr::Bool,
                "date" => TypeExpr::Date,
                "text" | "text_type" => TypeExpr::Text,
                _ => TypeExpr::Number,
            },
        }
    }

    /// `let N : type = E`
    pub(in super::super) fn let_fact(&mut self, pair: P) -> Let {
        let span = self.span(&pair);
        let mut fact = Let { names: Vec::new(), kind: None, value: self.poison(span), span };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::names => fact.names = self.names(child),
                Rule::type_expr => fact.kind = Some(self.type_expr(child)),
                Rule::value => fact.value = self.expression(child),
                _ => {}
            }
        }
        fact
    }

    fn parameter(&mut self, pair: P) -> Parameter {
        let span = self.span(&pair);
        let mut parameter = Parameter { names: Vec::new(), kind: None, values: Vec::new(), span };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::names => parameter.names = self.names(child),
                Rule::type_expr => parameter.kind = Some(self.type_expr(child)),
                Rule::dated_value => {
                    let mut inner = child.into_inner();
                    let from = self.next_expression(&mut inner, span);
                    parameter.values.push((Some(from), self.next_expression(&mut inner, span)));
                }
                _ => parameter.values.push((None, self.expression(child))),
            }
        }
        parameter
    }

    /// `bind P."…" = E`
    pub(super) fn bind(&mut self, pair: P) -> Bind {
        let span = self.span(&pair);
        let empty = Text { text: "".into(), span };
        let mut bind = Bind { policy: None, target: BindTarget::Pending(empty), value: self.poison(span), span };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::bind_policy => bind.policy = child.into_inner().next().map(|name| self.name(&name)),
                Rule::text => bind.target = BindTarget::Pending(self.text(&child)),
                Rule::name => bind.target = BindTarget::Parameter(self.name(&child)),
                _ => bind.value = self.expression(child),
            }
        }
        bind
    }

    fn policy(&mut self, pair: P) -> Policy {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = inner.next().and_then(|head| self.policy_name(head));
        let name = name.unwrap_or(Name { text: "".into(), span, quoted: false });
        Policy { name, items: inner.filter_map(|child| self.item(child)).collect(), span }
    }

    /// The name in the head of a policy.
    pub(in super::super) fn policy_name(&mut self, head: P) -> Option<Name> {
        head.into_inner().next().map(|name| self.name(&name))
    }

    fn article(&mut self, pair: P) -> Article {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let (number, name) = inner.next().map(|head| self.numbered_head(head)).unwrap_or_default();
        Article { number, name, items: inner.filter_map(|child| self.item(child)).collect(), span }
    }

    /// The number and the name in the head of an article or a clause.
    pub(in super::super) fn numbered_head(&mut self, head: P) -> (Option<Text>, Option<Name>) {
        let (mut number, mut name) = (None, None);
        for child in head.into_inner() {
            match child.as_rule() {
                Rule::name => name = Some(self.name(&child)),
                _ => number = Some(self.text(&child)),
            }
        }
        (number, name)
    }

    /// A property of a policy, an article or a clause.
    pub(super) fn property(&mut self, pair: P) -> Option<Property> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::outside_budget {
            return Some(Property { kind: PropertyKind::OutsideBudget, span });
        }
        let mut inner = pair.into_inner();
        let kind = match rule {
            Rule::title => PropertyKind::Title(self.text(&inner.next()?)),
            Rule::document_number => PropertyKind::Number(self.text(&inner.next()?)),
            Rule::wording => PropertyKind::Text(self.text(&inner.next()?)),
            Rule::commitment => PropertyKind::Commitment(self.text(&inner.next()?)),
            Rule::issuer => PropertyKind::Issuer(self.offices(inner.next()?)),
            Rule::lead => PropertyKind::Lead(self.offices(inner.next()?)),
            Rule::issued => PropertyKind::Issued(self.expression(inner.next()?)),
            Rule::eligible => PropertyKind::Eligible(self.expression(inner.next()?)),
            Rule::overrides => PropertyKind::Overrides(self.paths(inner.next()?)),
            Rule::rounding_rule => PropertyKind::Round(self.rounding(inner.next()?)),
            Rule::funded_by => PropertyKind::FundedBy(inner.map(|payer| self.payer(payer)).collect()),
            Rule::budget => PropertyKind::Budget(inner.map(|row| self.budget_row(row)).collect()),
            Rule::convention => {
                let word = self.name(&inner.next()?);
                PropertyKind::Convention { word, included: self.kind(&inner.next()?) == "included" }
            }
            Rule::in_force => PropertyKind::InForce {
                range: self.expression(inner.next()?),
                by: inner.next().map(|by| self.expression(by)),
            },
            _ => return None,
        };
        Some(Property { kind, span })
    }

    /// `2024: 1亿`, or an amount alone.
    fn budget_row(&mut self, pair: P) -> (Option<Expr>, Expr) {
        if pair.as_rule() != Rule::budget_row {
            return (None, self.expression(pair));
        }
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let period = inner.next().map(|period| self.inner_chain(period));
        (period, self.next_expression(&mut inner, span))
    }

    /// `市级 60% (cap 100万)`
    pub(super) fn payer(&mut self, pair: P) -> Payer {
        let span = self.span(&pair);
        let mut payer = Payer { name: Text { text: "".into(), span }, share: None, cap: None };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::who => payer.name = self.who(&child),
                Rule::payer_cap => payer.cap = child.into_inner().next().map(|cap| self.expression(cap)),
                _ => payer.share = Some(self.expression(child)),
            }
        }
        payer
    }
}
