//! Operands: literals, names, parentheses, tables, aggregates, and what is glued to them.

use smol_str::SmolStr;

use super::super::grammar::Rule;
use super::super::scan::fold_width;
use super::super::tree::*;
use super::{Builder, P};
use crate::source::Span;

impl Builder<'_> {
    /// An operand, and whether it stood in parentheses.
    pub(super) fn primary(&mut self, pair: P) -> (Expr, bool) {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::number => self.number_kind(&pair),
            Rule::date => self.date(&pair),
            Rule::plain_name | Rule::plain_soft_name | Rule::name if self.token(&pair).faulty => ExprKind::Poison,
            Rule::plain_name | Rule::plain_soft_name | Rule::name => ExprKind::Name(self.name(&pair)),
            Rule::quote => ExprKind::Text(self.text(&pair).text),
            Rule::constant => match self.kind(&pair) {
                "yes" => ExprKind::Yes,
                "no" => ExprKind::No,
                _ => ExprKind::None,
            },
            Rule::paren => return (self.paren(pair), true),
            Rule::table => self.table(pair),
            Rule::pending => pair.into_inner().next().map_or(ExprKind::Poison, |text| ExprKind::Pending(self.text(&text))),
            Rule::fold | Rule::rank | Rule::count_of | Rule::any_of | Rule::every_has => self.aggregate(pair),
            Rule::extreme => self.extreme(pair),
            Rule::top => self.top(pair),
            Rule::newly => ExprKind::Newly(Box::new(self.inner_chain(pair))),
            Rule::year_of => ExprKind::YearOf(Box::new(self.inner_chain(pair))),
            Rule::matching => self.matching(pair),
            Rule::rounded => self.rounded(pair),
            Rule::elapsed => self.elapsed(pair),
            Rule::paid_under => self.paid_under(pair),
            _ => ExprKind::Poison,
        };
        (Expr { kind, span }, false)
    }

    /// All children as one chain: an operand with its postfixes.
    pub(super) fn inner_chain(&mut self, pair: P) -> Expr {
        let span = self.span(&pair);
        self.chain_of(pair.into_inner(), span)
    }

    /// `.field`, `的field`, `的5%`, `on D` behind a value.
    pub(super) fn postfix(&mut self, value: Expr, pair: P) -> Expr {
        let span = value.span.to(self.span(&pair));
        let rule = pair.as_rule();
        if rule == Rule::at_date {
            let date = self.inner_chain(pair);
            return Expr { span, kind: ExprKind::On(Box::new(value), Box::new(date)) };
        }
        let Some(child) = pair.into_inner().next() else { return value };
        if child.as_rule() == Rule::name {
            let name = self.name(&child);
            return Expr { span, kind: ExprKind::Field(Box::new(value), name) };
        }
        // 投资额的5% is 5% of 投资额, turned round.
        let rate = self.primary(child).0;
        Expr { span, kind: ExprKind::Chain(Box::new(rate), vec![(Operator::Of, value)]) }
    }

    /// A numeral with its suffix.
    pub(super) fn number(&self, pair: &P) -> Number {
        let token = self.token(pair);
        number_of(self.scan.source(&token), self.scan.span(&token))
    }

    fn number_kind(&self, pair: &P) -> ExprKind {
        if self.token(pair).faulty { ExprKind::Poison } else { ExprKind::Number(self.number(pair)) }
    }

    fn date(&self, pair: &P) -> ExprKind {
        let token = self.token(pair);
        match date_of(self.scan.source(&token)) {
            Some(date) if !token.faulty => ExprKind::Date(date),
            _ => ExprKind::Poison,
        }
    }

    /// `(E)`, `(L where C)`, `(A, B)`
    fn paren(&mut self, pair: P) -> Expr {
        let span = self.span(&pair);
        let mut members = self.members(pair);
        match (members.len(), members.pop()) {
            (1, Some(one)) => Expr { span, kind: one.kind },
            (_, None) => self.poison(span),
            (_, Some(last)) => {
                members.push(last);
                Expr { span, kind: ExprKind::List(members) }
            }
        }
    }

    /// What stands between parentheses.
    fn members(&mut self, pair: P) -> Vec<Expr> {
        let mut members: Vec<Expr> = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::filter => self.filter(&mut members, child),
                _ => members.push(self.expression(child)),
            }
        }
        members
    }

    /// `where C` behind the last member.
    fn filter(&mut self, members: &mut Vec<Expr>, filter: P) {
        let (Some(list), Some(condition)) = (members.pop(), filter.into_inner().next()) else { return };
        let condition = self.expression(condition);
        let span = list.span.to(condition.span);
        members.push(Expr { span, kind: ExprKind::Where(Box::new(list), Box::new(condition)) });
    }

    fn table(&mut self, pair: P) -> ExprKind {
        let kind = match self.kind(&pair) {
            "marginal" => TableKind::Marginal,
            "slab" => TableKind::Slab,
            _ => TableKind::Plain,
        };
        let mut table = Table { kind, subject: None, rows: Vec::new() };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::table_row => {
                    let row = self.table_row(child);
                    table.rows.push(row);
                }
                _ => table.subject = Some(self.expression(child)),
            }
        }
        ExprKind::Table(Box::new(table))
    }

    fn table_row(&mut self, pair: P) -> TableRow {
        let span = self.span(&pair);
        let mut row = TableRow { keys: Vec::new(), value: self.poison(span), span };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::row_keys => row.keys = child.into_inner().map(|key| self.expression(key)).collect(),
                _ => row.value = self.expression(child),
            }
        }
        row
    }

    fn aggregate(&mut self, pair: P) -> ExprKind {
        let kind = match (pair.as_rule(), self.kind(&pair)) {
            (Rule::fold, "average") => AggregateKind::Average,
            (Rule::fold, _) => AggregateKind::Sum,
            (Rule::rank, _) => AggregateKind::Rank,
            (Rule::count_of, _) => AggregateKind::Count,
            (Rule::any_of, _) => AggregateKind::Any,
            _ => AggregateKind::Every,
        };
        let span = self.span(&pair);
        let mut aggregate = Aggregate { kind, value: None, over: None, all: false, condition: None };
        let mut list = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::over => self.over(&mut aggregate, child),
                Rule::plain_arith => aggregate.value = Some(self.expression(child)),
                Rule::condition => aggregate.condition = Some(self.expression(child)),
                Rule::listing => aggregate.over = Some(self.expression(child)),
                _ => list.push(child),
            }
        }
        if !list.is_empty() {
            aggregate.over = Some(self.chain_of(list.into_iter(), span));
        }
        // The condition of `any L where C` is its own, not the list's.
        if kind == AggregateKind::Any
            && let Some(Expr { kind: ExprKind::Where(list, condition), .. }) = aggregate.over
        {
            aggregate.over = Some(*list);
            aggregate.condition = Some(*condition);
        }
        ExprKind::Aggregate(Box::new(aggregate))
    }

    fn over(&mut self, aggregate: &mut Aggregate, pair: P) {
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::over_all => aggregate.all = true,
                _ => aggregate.over = Some(self.expression(child)),
            }
        }
    }

    /// `min(a, b)`, or `min E over L`.
    fn extreme(&mut self, pair: P) -> ExprKind {
        let least = matches!(self.kind(&pair), "min" | "lesser" | "smallest");
        let (function, kind) =
            if least { (Function::Min, AggregateKind::Min) } else { (Function::Max, AggregateKind::Max) };
        let mut aggregate = Aggregate { kind, value: None, over: None, all: false, condition: None };
        let mut values: Vec<Expr> = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::over => self.over(&mut aggregate, child),
                Rule::filter => self.filter(&mut values, child),
                Rule::value_tail => {
                    let Some(first) = values.pop() else { continue };
                    let span = first.span.to(self.span(&child));
                    let whole = self.chain_after(first, child.into_inner(), span);
                    values.push(whole);
                }
                _ => values.push(self.expression(child)),
            }
        }
        if aggregate.over.is_none() {
            return ExprKind::Call(function, values);
        }
        aggregate.value = values.pop();
        ExprKind::Aggregate(Box::new(aggregate))
    }

    fn top(&mut self, pair: P) -> ExprKind {
        let span = self.span(&pair);
        let (mut count, mut list, mut keys) = (self.poison(span), self.poison(span), Vec::new());
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::top_count => count = self.inner_chain(child),
                Rule::sort_key => keys.push(self.sort_key(child)),
                _ => list = self.expression(child),
            }
        }
        ExprKind::Top(Box::new(count), Box::new(list), keys)
    }

    /// `E asc`: a key to rank by; the greater is better unless it says otherwise.
    pub(super) fn sort_key(&mut self, pair: P) -> SortKey {
        self.key_with(pair, false)
    }

    /// A key to be served by: the earlier and the smaller come first unless it says otherwise.
    pub(super) fn turn_key(&mut self, pair: P) -> SortKey {
        self.key_with(pair, true)
    }

    fn key_with(&mut self, pair: P, ascending: bool) -> SortKey {
        let span = self.span(&pair);
        let mut sort = SortKey { key: self.poison(span), ascending };
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::direction => sort.ascending = self.kind(&child) == "asc",
                _ => sort.key = self.expression(child),
            }
        }
        sort
    }

    fn matching(&mut self, pair: P) -> ExprKind {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let (Some(a), Some(b)) = (inner.next(), inner.next()) else { return ExprKind::Poison };
        let (a, b) = (self.number(&a), self.number(&b));
        let base = self.next_expression(&mut inner, span);
        ExprKind::Match(a, b, Box::new(base))
    }

    fn rounded(&mut self, pair: P) -> ExprKind {
        let span = self.span(&pair);
        let (mut mode, mut value, mut unit) = (RoundMode::HalfUp, None, Vec::new());
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::round_mode => mode = round_mode(self.kind(&child)),
                Rule::plain_arith if value.is_none() => value = Some(self.expression(child)),
                _ => unit.push(child),
            }
        }
        let unit = self.chain_of(unit.into_iter(), span);
        let value = value.unwrap_or_else(|| self.poison(span));
        ExprKind::Round(mode, Box::new(value), Box::new(unit))
    }

    fn elapsed(&mut self, pair: P) -> ExprKind {
        let span = self.span(&pair);
        let unit = match self.kind(&pair) {
            "days_from" => TimeUnit::Days,
            "months_from" => TimeUnit::Months,
            _ => TimeUnit::Years,
        };
        let mut inner = pair.into_inner();
        let from = self.next_expression(&mut inner, span);
        let to = self.chain_of(inner, span);
        ExprKind::Elapsed(unit, Box::new(from), Box::new(to))
    }

    fn paid_under(&mut self, pair: P) -> ExprKind {
        let clauses = pair.into_inner().flat_map(|child| match child.as_rule() {
            Rule::paths => self.paths(child),
            _ => vec![self.path(child)],
        });
        ExprKind::PaidUnder(clauses.collect())
    }
}

/// The mode that a kind word names.
pub(super) fn round_mode(kind: &str) -> RoundMode {
    match kind {
        "up" | "up_to" => RoundMode::Up,
        "down" => RoundMode::Down,
        _ => RoundMode::HalfUp,
    }
}

/// Splits a numeral from what adjoins it.
fn number_of(source: &str, span: Span) -> Number {
    let folded = fold_width(source);
    let mut digits = String::new();
    let mut grouped = false;
    let mut rest = folded.char_indices().peekable();
    let mut end = folded.len();
    while let Some((at, c)) = rest.next() {
        let digit_follows = rest.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match c {
            '0'..='9' => digits.push(c),
            ',' if digit_follows => grouped = true,
            '.' if digit_follows => digits.push('.'),
            _ => {
                end = at;
                break;
            }
        }
    }
    let suffix = folded.get(end..).unwrap_or("").trim_start();
    let suffix = if suffix.contains('「') { suffix.replace(['「', '」'], "") } else { suffix.to_owned() };
    Number { digits: digits.into(), suffix: SmolStr::from(suffix), grouped, span }
}

/// Reads a date as written; whether it exists is for the checker to say.
pub(super) fn date_of(source: &str) -> Option<DateLiteral> {
    let folded = fold_width(source);
    let mut parts = folded.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let year: i16 = parts.next()?.parse().ok()?;
    let second: Option<u8> = parts.next().and_then(|part| part.parse().ok());
    let third: Option<u8> = parts.next().and_then(|part| part.parse().ok());
    Some(match (second, third) {
        (None, _) => DateLiteral::Year(year),
        (Some(quarter), _) if folded.contains(['Q', 'q']) => DateLiteral::Quarter(year, quarter),
        (Some(month), None) => DateLiteral::Month(year, month),
        (Some(month), Some(day)) => DateLiteral::Day(year, month, day),
    })
}
