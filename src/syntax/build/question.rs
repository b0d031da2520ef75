//! Questions of the prompt.

use super::super::grammar::Rule;
use super::super::tree::*;
use super::{Builder, P};

impl Builder<'_> {
    /// A question; none for what the grammar of questions does not hold.
    pub(in super::super) fn question(&mut self, pair: P) -> Option<Question> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::load_data => self.load_data(pair),
            Rule::show_rows => {
                let (columns, rows) = self.narrowed(pair);
                QuestionKind::Show { columns, rows }
            }
            Rule::measure_rows => self.measure_rows(pair),
            Rule::why_question => QuestionKind::Why(self.about(pair)),
            Rule::why_not => QuestionKind::WhyNot(self.about(pair)),
            Rule::what_if => QuestionKind::WhatIf(pair.into_inner().filter_map(|child| self.change(child)).collect()),
            Rule::compare_policies => {
                QuestionKind::Compare(pair.into_inner().filter_map(|child| self.compared(child)).collect())
            }
            Rule::solve_for => self.solve_for(pair)?,
            Rule::plot_award => self.plot_award(pair),
            Rule::forget_declared => {
                let path = pair.into_inner().next().map(|path| self.path(path));
                QuestionKind::Forget(path, span)
            }
            Rule::export_result => QuestionKind::Export(self.only_text(pair)?),
            Rule::save_session => QuestionKind::Save(self.only_text(pair)?),
            Rule::replay_session => QuestionKind::Replay(self.only_text(pair)?),
            Rule::set_option => self.set_option(pair),
            Rule::ask_help => QuestionKind::Help(self.help_words(pair)),
            Rule::take_tour => QuestionKind::Tour,
            Rule::quit_prompt => QuestionKind::Quit,
            _ => return None,
        };
        Some(Question { kind, span })
    }

    fn only_text(&self, pair: P) -> Option<Text> {
        pair.into_inner().next().map(|text| self.text(&text))
    }

    fn load_data(&mut self, pair: P) -> QuestionKind {
        let mut files = Vec::new();
        for child in pair.into_inner() {
            if child.as_rule() == Rule::sample_city {
                return QuestionKind::LoadSample(child.into_inner().next().map(|count| self.expression(count)));
            }
            let mut inner = child.into_inner();
            if let Some(path) = inner.next().map(|path| self.text(&path)) {
                files.push(LoadFile { path, record: inner.next().map(|name| self.name(&name)) });
            }
        }
        QuestionKind::Load(files)
    }

    /// The columns, and which rows.
    fn narrowed(&mut self, pair: P) -> (Vec<Expr>, Narrowing) {
        let (mut columns, mut rows) = (Vec::new(), Narrowing::default());
        for child in pair.into_inner() {
            if let Some(column) = self.narrow(&mut rows, child) {
                columns.push(self.expression(column));
            }
        }
        (columns, rows)
    }

    /// Takes what says which rows; gives back what does not.
    fn narrow<'i>(&mut self, rows: &mut Narrowing, child: P<'i>) -> Option<P<'i>> {
        match child.as_rule() {
            Rule::only_where => rows.filter = child.into_inner().next().map(|condition| self.expression(condition)),
            Rule::in_sequence => rows.order = child.into_inner().map(|key| self.turn_key(key)).collect(),
            Rule::first_rows => rows.top = child.into_inner().next().map(|count| self.expression(count)),
            _ => return Some(child),
        }
        None
    }

    fn measure_rows(&mut self, pair: P) -> QuestionKind {
        let (mut measures, mut by, mut rows) = (Vec::new(), Vec::new(), Narrowing::default());
        for child in pair.into_inner() {
            let Some(child) = self.narrow(&mut rows, child) else { continue };
            match child.as_rule() {
                Rule::grouped_by => by.extend(child.into_inner().map(|fact| self.expression(fact))),
                _ => measures.push(self.measure(child)),
            }
        }
        QuestionKind::Measure { measures, by, rows }
    }

    fn measure(&mut self, pair: P) -> Measure {
        let span = self.span(&pair);
        let kind = match self.kind(&pair) {
            "sum" => MeasureKind::Sum,
            "average" => MeasureKind::Average,
            "median" => MeasureKind::Median,
            "min" | "smallest" => MeasureKind::Least,
            "max" | "largest" => MeasureKind::Greatest,
            _ => MeasureKind::Count,
        };
        Measure { kind, value: pair.into_inner().next().map(|value| self.expression(value)), span }
    }

    fn about(&mut self, pair: P) -> About {
        let mut about = About::default();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::path => about.clause = Some(self.path(child)),
                _ => about.key = child.into_inner().next().map(|key| self.text(&key)),
            }
        }
        about
    }

    fn change(&mut self, pair: P) -> Option<Change> {
        Some(match pair.as_rule() {
            Rule::clause => {
                let clause = self.clause(pair);
                let name = clause.name.clone()?;
                Change::Clause(Path { span: name.span, parts: vec![name] }, Box::new(clause))
            }
            Rule::let_fact => Change::Let(self.let_fact(pair)),
            Rule::parameter => match self.item(pair)? {
                Item::Parameter(parameter) => Change::Parameter(parameter),
                _ => return None,
            },
            Rule::bind => Change::Bind(self.bind(pair)),
            Rule::changed_clause => {
                let span = self.span(&pair);
                let mut inner = pair.into_inner();
                let path = self.path(inner.next()?);
                let mut clause = self.clause(inner.next()?);
                clause.name = path.parts.last().cloned();
                clause.span = span;
                Change::Clause(path, Box::new(clause))
            }
            Rule::changed_value => {
                let (name, value) = self.named_value(pair)?;
                Change::Value(name, value)
            }
            _ => return None,
        })
    }

    /// `N = E`, `"N" = E`: the name with the policy that it is of.
    fn named_value(&mut self, pair: P) -> Option<(Name, Expr)> {
        let mut inner = pair.into_inner();
        let first = inner.next()?;
        let span = self.span(&first);
        let text = match first.as_rule() {
            Rule::text => self.text(&first).text,
            _ => {
                let parts: Vec<_> = self.path(first).parts.into_iter().map(|part| part.text.to_string()).collect();
                parts.join(".").into()
            }
        };
        let value = self.expression(inner.next()?);
        Some((Name { text, span, quoted: false }, value))
    }

    fn compared(&mut self, pair: P) -> Option<Compared> {
        let side = pair.into_inner().next()?;
        Some(match side.as_rule() {
            Rule::text => Compared::File(self.text(&side)),
            _ => Compared::Named(self.path(side)),
        })
    }

    fn solve_for(&mut self, pair: P) -> Option<QuestionKind> {
        let (mut of, mut part, mut within) = (None, None, None);
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::path => of = Some(self.path(child)),
                Rule::solved_part => {
                    part = Some(if self.kind(&child) == "rate" { SolvedPart::Rate } else { SolvedPart::Cap });
                }
                _ => within = child.into_inner().next().map(|sum| self.expression(sum)),
            }
        }
        Some(QuestionKind::Solve { of: of?, part, within })
    }

    fn plot_award(&mut self, pair: P) -> QuestionKind {
        let span = self.span(&pair);
        let (mut over, mut key, mut filter, mut to) = (None, None, None, None);
        let mut inner = pair.into_inner();
        let value = self.next_expression(&mut inner, span);
        for child in inner {
            let rule = child.as_rule();
            let mut parts = child.into_inner();
            let Some(first) = parts.next() else { continue };
            match rule {
                Rule::plot_over => over = Some((self.name(&first), parts.next().map(|range| self.expression(range)))),
                Rule::for_recipient => key = Some(self.text(&first)),
                Rule::only_where => filter = Some(self.expression(first)),
                _ => to = Some(self.text(&first)),
            }
        }
        QuestionKind::Plot { value, over, key, filter, to }
    }

    fn set_option(&mut self, pair: P) -> QuestionKind {
        QuestionKind::Set(self.named_value(pair))
    }

    fn help_words(&self, pair: P) -> Option<Text> {
        let words: Vec<P> = pair.into_inner().collect();
        let (first, last) = (words.first()?, words.last()?);
        let span = self.span(first).to(self.span(last));
        let typed = self.scan.text.get(span.start as usize..span.end as usize).unwrap_or("");
        Some(Text { text: typed.trim_matches(['"', '“', '”', '「', '」']).into(), span })
    }
}
