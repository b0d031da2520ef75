//! Flat chains to expressions: precedence, stated once by [`Operator::level`].
//!
//! A chain is read into a list of elements, then level by level; the number of levels is
//! fixed, so a chain of any length needs no recursion.

use super::super::grammar::Rule;
use super::super::tree::*;
use super::{Builder, P};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;

/// One piece of a flat chain.
pub(super) enum Element {
    Operand { value: Expr, parenthesised: bool },
    Operator(Operator),
    Compare(Comparison),
    In { negated: bool, span: Span },
    Between { negated: bool, span: Span },
    BetweenAnd,
    Range(Span),
    OpenRange(Span),
    MonthDay(Span),
    NoneTest { none: bool, span: Span },
    Bounds(Vec<(Comparison, Expr)>),
    Not(Span),
    Minus(Span),
}

type Elements = std::vec::IntoIter<Element>;

impl Builder<'_> {
    /// An expression from any rule that is a chain, a value, a list or a single operand.
    pub(in super::super) fn expression(&mut self, pair: P) -> Expr {
        match pair.as_rule() {
            Rule::value | Rule::listing => self.filtered(pair),
            Rule::condition | Rule::open_condition | Rule::arith | Rule::plain_arith | Rule::matched => {
                let span = self.span(&pair);
                let elements = self.elements(pair.into_inner());
                self.read(elements, span)
            }
            _ => self.primary(pair).0,
        }
    }

    /// `E where C`: the filter is the last child, the rest is one chain.
    fn filtered(&mut self, pair: P) -> Expr {
        let span = self.span(&pair);
        let mut children: Vec<P> = pair.into_inner().collect();
        let filter = children.pop_if(|last| last.as_rule() == Rule::filter);
        let subject = match children.first().map(P::as_rule) {
            Some(Rule::condition) => self.expression(children.swap_remove(0)),
            _ => {
                let elements = self.elements(children.into_iter());
                self.read(elements, span)
            }
        };
        match filter.and_then(|filter| filter.into_inner().next()) {
            Some(condition) => {
                let condition = self.expression(condition);
                Expr { span, kind: ExprKind::Where(Box::new(subject), Box::new(condition)) }
            }
            None => subject,
        }
    }

    /// A chain from children that do not stand in a rule of their own.
    pub(super) fn chain_of<'i>(&mut self, children: impl Iterator<Item = P<'i>>, span: Span) -> Expr {
        let elements = self.elements(children);
        self.read(elements, span)
    }

    /// A chain whose first operand stands elsewhere.
    pub(super) fn chain_after<'i>(&mut self, first: Expr, children: impl Iterator<Item = P<'i>>, span: Span) -> Expr {
        let mut elements = vec![Element::Operand { value: first, parenthesised: false }];
        elements.extend(self.elements(children));
        self.read(elements, span)
    }

    fn elements<'i>(&mut self, children: impl Iterator<Item = P<'i>>) -> Vec<Element> {
        let mut elements: Vec<Element> = Vec::new();
        let mut glued = 0_usize;
        for child in children {
            if matches!(child.as_rule(), Rule::field | Rule::attribute | Rule::at_date) {
                glued += 1;
                self.glue(&mut elements, child, glued);
                continue;
            }
            glued = 0;
            let element = self.element(child);
            elements.push(element);
        }
        elements
    }

    /// Applies a postfix to the operand before it.
    fn glue(&mut self, elements: &mut Vec<Element>, postfix: P, glued: usize) {
        let span = self.span(&postfix);
        if glued > super::super::limit::MAX_DEPTH {
            // Told once a chain; the rest is dropped, so that no tree grows too deep.
            if glued == super::super::limit::MAX_DEPTH + 1 {
                self.diagnostics.push(super::super::limit::too_deep(span));
            }
            return;
        }
        if let Some(Element::Operand { value, parenthesised }) = elements.pop() {
            let named = postfix.as_rule() == Rule::field;
            let value = self.postfix(value, postfix);
            elements.push(Element::Operand { value, parenthesised: parenthesised && !named });
        }
    }

    fn element(&mut self, child: P) -> Element {
        let span = self.span(&child);
        match child.as_rule() {
            Rule::arith_op | Rule::condition_op | Rule::logic_op | Rule::open_op | Rule::arith_of => {
                self.operator(&child)
            }
            Rule::prefix | Rule::sign => match self.kind(&child) {
                "not" => Element::Not(span),
                "-" => Element::Minus(span),
                _ => Element::Range(span),
            },
            Rule::range_op => Element::Range(span),
            Rule::open_range => Element::OpenRange(self.scan.span(&self.token(&child))),
            Rule::month_day => Element::MonthDay(span),
            Rule::none_test => Element::NoneTest { none: self.kind(&child) == "is_none", span },
            Rule::bounds => Element::Bounds(child.into_inner().map(|bound| self.bound(bound)).collect()),
            _ => {
                let (value, parenthesised) = self.primary(child);
                Element::Operand { value, parenthesised }
            }
        }
    }

    fn operator(&self, pair: &P) -> Element {
        let tokens = self.tokens(pair);
        let span = self.span(pair);
        let negated = tokens.first().is_some_and(|token| token.kind == "not");
        let Some(last) = tokens.last() else { return Element::BetweenAnd };
        let operator = |operator| Element::Operator(operator);
        match last.kind {
            "and" => operator(Operator::And),
            "or" => operator(Operator::Or),
            "or_else" => operator(Operator::OrElse),
            "+" => operator(Operator::Add),
            "-" => operator(Operator::Subtract),
            "*" => operator(Operator::Multiply),
            "/" => operator(Operator::Divide),
            "of" => operator(Operator::Of),
            "in" => Element::In { negated, span },
            "between" => Element::Between { negated, span },
            "between_and" => Element::BetweenAnd,
            kind => Element::Compare(Comparison {
                operator: match kind {
                    "=" => Compare::Equal,
                    "!=" | "<>" => Compare::NotEqual,
                    "<" => Compare::Less,
                    ">" => Compare::Greater,
                    ">=" | "不低于" => Compare::GreaterOrEqual,
                    _ => Compare::LessOrEqual,
                },
                span: self.scan.span(last),
                word: self.scan.source(last).starts_with(char::is_alphabetic),
            }),
        }
    }

    /// `500万元（含）以上`
    fn bound(&mut self, pair: P) -> (Comparison, Expr) {
        let span = self.span(&pair);
        let (mut value, mut inclusion, mut more, mut place) = (self.poison(span), None, true, span);
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::inclusion => inclusion = Some(self.kind(&child) == "included"),
                Rule::bound_word => {
                    more = self.kind(&child) == "or_more";
                    place = self.span(&child);
                }
                _ => value = self.primary(child).0,
            }
        }
        let operator = match (more, inclusion.unwrap_or(true)) {
            (true, true) => Compare::GreaterOrEqual,
            (true, false) => Compare::Greater,
            (false, true) => Compare::LessOrEqual,
            (false, false) => Compare::Less,
        };
        // Where the bound itself says whether it counts, the policy's convention does not.
        (Comparison { operator, span: place, word: inclusion.is_none() }, value)
    }

    fn read(&mut self, mut elements: Vec<Element>, span: Span) -> Expr {
        // Most chains are a single operand.
        if elements.len() == 1
            && let Some(Element::Operand { value, .. }) =
                elements.pop_if(|only| matches!(only, Element::Operand { .. }))
        {
            return value;
        }
        let mut elements = elements.into_iter();
        let value = self.level(&mut elements, Operator::Or.level(), span);
        if !elements.as_slice().is_empty() {
            self.unexpected(span, None);
        }
        value
    }

    /// One level of operators; the levels below are its operands.
    fn level(&mut self, elements: &mut Elements, level: u8, place: Span) -> Expr {
        let first = self.below(elements, level, place);
        let mut rest = Vec::new();
        while let Some(Element::Operator(operator)) = elements.as_slice().first() {
            let operator = *operator;
            if operator.level() != level {
                break;
            }
            elements.next();
            rest.push((operator, self.below(elements, level, place)));
        }
        match rest.last() {
            None => first,
            Some((_, last)) => {
                let span = first.span.to(last.span);
                Expr { span, kind: ExprKind::Chain(Box::new(first), rest) }
            }
        }
    }

    fn below(&mut self, elements: &mut Elements, level: u8, place: Span) -> Expr {
        let negation = Operator::And.level() + 1;
        if level + 1 == negation {
            self.negation(elements, place)
        } else if level == Operator::Of.level() {
            self.unary(elements, place)
        } else {
            self.level(elements, level + 1, place)
        }
    }

    /// `not C`, looser than a comparison.
    fn negation(&mut self, elements: &mut Elements, place: Span) -> Expr {
        let mut marks = Vec::new();
        while let Some(Element::Not(span)) = elements.as_slice().first() {
            marks.push(*span);
            elements.next();
        }
        let mut value = self.test(elements, place);
        while let Some(mark) = marks.pop() {
            value = Expr { span: mark.to(value.span), kind: ExprKind::Not(Box::new(value)) };
        }
        value
    }

    /// A comparison, membership or bound; there is no chain of them.
    fn test(&mut self, elements: &mut Elements, place: Span) -> Expr {
        let subject = match elements.as_slice().first() {
            Some(first) if is_test(first) => None,
            _ => Some(self.range(elements, place)),
        };
        let Some(mut value) = self.one_test(subject, elements, place) else { return self.poison(place) };
        let mut reported = false;
        while elements.as_slice().first().is_some_and(is_test) {
            let at = elements.as_slice().first().and_then(place_of).unwrap_or(place);
            if !reported {
                self.unexpected(at, Some(Argument::phrase("`且` 或逗号", "`and` or a comma")));
                reported = true;
            }
            if self.one_test(None, elements, place).is_none() {
                break;
            }
            value = self.poison(value.span);
        }
        value
    }

    fn one_test(&mut self, subject: Option<Expr>, elements: &mut Elements, place: Span) -> Option<Expr> {
        if !elements.as_slice().first().is_some_and(is_test) {
            return subject;
        }
        let from = |subject: &Option<Expr>, at: Span| subject.as_ref().map_or(at, |expr| expr.span);
        match elements.next()? {
            Element::Compare(comparison) => {
                let right = self.range(elements, place);
                let span = from(&subject, comparison.span).to(right.span);
                Some(Expr { span, kind: ExprKind::Compare(subject.map(Box::new), comparison, Box::new(right)) })
            }
            Element::In { negated, span: at } => {
                let right = self.range(elements, place);
                let span = from(&subject, at).to(right.span);
                let kind = ExprKind::In(subject.map(Box::new), Box::new(right));
                Some(negate(Expr { span, kind }, negated))
            }
            Element::Between { negated, span: at } => {
                let low = self.level(elements, Operator::OrElse.level(), place);
                match elements.as_slice().first() {
                    Some(Element::BetweenAnd | Element::Operator(Operator::And)) => drop(elements.next()),
                    _ => {
                        self.unexpected(low.span.after(), Some(Argument::phrase("`与`", "`and`")));
                        return Some(self.poison(at));
                    }
                }
                let high = self.level(elements, Operator::OrElse.level(), place);
                let span = from(&subject, at).to(high.span);
                let kind = ExprKind::Between(subject.map(Box::new), Box::new(low), Box::new(high));
                Some(negate(Expr { span, kind }, negated))
            }
            Element::NoneTest { none, span: at } => {
                let subject = subject.unwrap_or_else(|| self.poison(at));
                let span = subject.span.to(at);
                Some(Expr { span, kind: ExprKind::IsNone(Box::new(subject), none) })
            }
            Element::Bounds(bounds) => Some(bounded(subject, bounds, place)),
            _ => subject,
        }
    }

    /// `A..B`, either end left open.
    fn range(&mut self, elements: &mut Elements, place: Span) -> Expr {
        let arithmetic = Operator::OrElse.level();
        if let Some(Element::Range(start)) = elements.as_slice().first() {
            let start = *start;
            elements.next();
            let end = self.level(elements, arithmetic, place);
            return Expr { span: start.to(end.span), kind: ExprKind::Range(None, Some(Box::new(end))) };
        }
        let start = self.level(elements, arithmetic, place);
        let (dots, open) = match elements.as_slice().first() {
            Some(Element::Range(dots)) => (*dots, false),
            Some(Element::OpenRange(dots)) => (*dots, true),
            _ => return start,
        };
        elements.next();
        let end = match elements.as_slice().first() {
            _ if open => None,
            Some(Element::MonthDay(at)) => {
                let at = *at;
                elements.next();
                Some(self.month_day(&start, at))
            }
            Some(Element::Operand { .. } | Element::Minus(_)) => Some(self.level(elements, arithmetic, place)),
            _ => None,
        };
        let span = start.span.to(end.as_ref().map_or(dots, |end| end.span));
        Expr { span, kind: ExprKind::Range(Some(Box::new(start)), end.map(Box::new)) }
    }

    /// An operand with its signs, and another period's value: `营业收入 in 2023`.
    fn unary(&mut self, elements: &mut Elements, place: Span) -> Expr {
        let mut marks = Vec::new();
        while let Some(Element::Minus(_) | Element::Not(_)) = elements.as_slice().first() {
            marks.extend(elements.next());
        }
        let mut value = match elements.as_slice().first() {
            Some(Element::Operand { .. }) => match elements.next() {
                Some(Element::Operand { value, .. }) => value,
                _ => self.poison(place),
            },
            other => {
                let at = other.and_then(place_of).unwrap_or(place.after());
                self.unexpected(at, None);
                return self.poison(at);
            }
        };
        while self.names_a_period(&value, elements.as_slice()) {
            elements.next();
            let Some(Element::Operand { value: period, .. }) = elements.next() else { break };
            let span = value.span.to(period.span);
            value = Expr { span, kind: ExprKind::In(Some(Box::new(value)), Box::new(period)) };
        }
        for mark in marks.into_iter().rev() {
            value = match mark {
                Element::Minus(at) => Expr { span: at.to(value.span), kind: ExprKind::Negative(Box::new(value)) },
                Element::Not(at) => Expr { span: at.to(value.span), kind: ExprKind::Not(Box::new(value)) },
                _ => value,
            };
        }
        value
    }

    /// Whether `in` and one period follow a fact: then it picks that period's value, tighter
    /// than any operator. A list, a range or another subject makes it a membership.
    fn names_a_period(&self, value: &Expr, next: &[Element]) -> bool {
        if !matches!(value.kind, ExprKind::Name(_) | ExprKind::Field(..)) {
            return false;
        }
        let [Element::In { negated: false, .. }, Element::Operand { value: period, parenthesised }, after @ ..] = next
        else {
            return false;
        };
        if matches!(after.first(), Some(Element::Range(_) | Element::OpenRange(_))) {
            return false;
        }
        match &period.kind {
            ExprKind::List(_) => false,
            ExprKind::Date(_) => true,
            ExprKind::Number(number) => number.suffix.is_empty(),
            ExprKind::Name(name) => {
                *parenthesised || matches!(name.text.as_str(), "year" | "本年" | "上年" | "period" | "评价期")
            }
            _ => *parenthesised,
        }
    }

    /// `9月30日` with the year of the range's start.
    fn month_day(&mut self, start: &Expr, at: Span) -> Expr {
        let year = match start.kind {
            ExprKind::Date(
                DateLiteral::Year(year)
                | DateLiteral::Month(year, _)
                | DateLiteral::Day(year, ..)
                | DateLiteral::Quarter(year, _),
            ) => year,
            _ => {
                let found = self.scan.text.get(at.start as usize..at.end as usize).unwrap_or("");
                let right = format!("2023年{found}");
                self.diagnostics
                    .push(Diagnostic::new(Code::BadDateForm).at(at).with("found", found).with("fix", right));
                return self.poison(at);
            }
        };
        let found = self.scan.text.get(at.start as usize..at.end as usize).unwrap_or("");
        let kind = super::operand::date_of(&format!("{year}年{found}")).map_or(ExprKind::Poison, ExprKind::Date);
        Expr { kind, span: at }
    }

    /// Reports a place where a chain goes on in a way that means nothing.
    fn unexpected(&mut self, at: Span, expected: Option<Argument>) {
        let found = self.scan.text.get(at.start as usize..at.end as usize).filter(|found| !found.is_empty());
        let diagnostic = Diagnostic::new(Code::UnexpectedText).at(at);
        self.diagnostics.push(diagnostic.with_some("found", found).with_some("expected", expected));
    }
}

/// Bounds behind a subject: `X 500万元以上1000万元以下` is an `and` of two comparisons.
fn bounded(subject: Option<Expr>, bounds: Vec<(Comparison, Expr)>, place: Span) -> Expr {
    let start = subject.as_ref().map(|subject| subject.span);
    let mut tests = bounds.into_iter().map(|(comparison, value)| {
        let span = start.unwrap_or(value.span).to(comparison.span);
        Expr { span, kind: ExprKind::Compare(subject.clone().map(Box::new), comparison, Box::new(value)) }
    });
    let Some(first) = tests.next() else { return Expr { kind: ExprKind::Poison, span: place } };
    let rest: Vec<_> = tests.map(|test| (Operator::And, test)).collect();
    match rest.last() {
        None => first,
        Some((_, last)) => Expr { span: first.span.to(last.span), kind: ExprKind::Chain(Box::new(first), rest) },
    }
}

fn negate(value: Expr, negated: bool) -> Expr {
    if negated { Expr { span: value.span, kind: ExprKind::Not(Box::new(value)) } } else { value }
}

fn is_test(element: &Element) -> bool {
    matches!(
        element,
        Element::Compare(_)
            | Element::In { .. }
            | Element::Between { .. }
            | Element::NoneTest { .. }
            | Element::Bounds(_)
    )
}

fn place_of(element: &Element) -> Option<Span> {
    match element {
        Element::Operand { value, .. } => Some(value.span),
        Element::Compare(comparison) => Some(comparison.span),
        Element::In { span, .. } | Element::Between { span, .. } | Element::NoneTest { span, .. } => Some(*span),
        Element::Range(span) | Element::OpenRange(span) | Element::MonthDay(span) => Some(*span),
        Element::Not(span) | Element::Minus(span) => Some(*span),
        Element::Bounds(bounds) => bounds.first().map(|(_, value)| value.span),
        Element::Operator(_) | Element::BetweenAnd => None,
    }
}
