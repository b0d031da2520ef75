//! `plot`: an award over a fact, all other facts of one recipient held; or a distribution.

use super::answer::{Answer, Drawing, Histogram, Part, Phrase, Plot, Wish};
use super::session::Session;
use super::show::name_expr;
use super::spread::Spread;
use crate::check::program::{FactId, Node, RecordId, Type};
use crate::check::{Asked, Asks};
use crate::eval::{Answer as Value, Context, Status, Tracing, evaluate, evaluate_clause, evaluate_expression, key_of};
use crate::record::{Cell, Record, kept_period};
use crate::syntax::tree::{Expr, ExprKind, Name, Narrowing, Text};
use crate::value::{self, Number};

/// How many points a line has.
const POINTS: i64 = 60;

impl Session {
    /// Draws.
    pub(super) fn plot(
        &mut self,
        value: &Expr,
        over: Option<&(Name, Option<Expr>)>,
        key: Option<&Text>,
        filter: Option<&Expr>,
        to: Option<&Text>,
    ) -> Answer {
        if !self.has_records() {
            return self.no_records(value.span);
        }
        let drawn = match over {
            Some((fact, range)) => {
                self.line_over(value, fact, range.as_ref(), key).map(|(plot, note)| (Drawing::Plot(plot), Some(note)))
            }
            None => self.distribution(value, filter).map(|histogram| (Drawing::Histogram(histogram), None)),
        };
        let (drawing, note) = match drawn {
            Ok(drawn) => drawn,
            Err(answer) => return answer,
        };
        let mut answer = Answer::default();
        answer.parts.push(match &drawing {
            Drawing::Plot(plot) => Part::Plot(plot.clone()),
            Drawing::Histogram(histogram) => Part::Histogram(histogram.clone()),
        });
        answer.parts.extend(note.map(Part::Line));
        if let Some(path) = to {
            let ending = std::path::Path::new(path.text.as_str()).extension();
            if !ending.is_some_and(|own| ["svg", "png"].iter().any(|known| own.eq_ignore_ascii_case(known))) {
                return self.no_answer(
                    path.span,
                    ("图写成 .svg 或 .png 文件", "drawings are written as .svg or .png"),
                    (
                        "放进文稿、打印用 `到 \"图.svg\"`，贴到聊天里用 `到 \"图.png\"`",
                        "`to \"out.svg\"` stays sharp in documents and on paper, `to \"out.png\"` goes anywhere",
                    ),
                );
            }
            answer.wish = Some(Box::new(Wish::Draw(path.text.as_str().into(), drawing)));
        }
        answer
    }

    fn distribution(&mut self, value: &Expr, filter: Option<&Expr>) -> Result<Histogram, Answer> {
        let narrowing = Narrowing { filter: filter.cloned(), ..Narrowing::default() };
        let query = self.query(std::slice::from_ref(value), &narrowing)?;
        let Some(reading) = query.columns.first() else { return Ok(Histogram::default()) };
        let Type::Number(dimension) = &reading.kind else { return Err(self.not_drawn(value)) };
        let figures = self.figures();
        let history = self.world.history(&self.records);
        let context = self.world.context(&query.asked.program, &self.records, history.as_ref(), Tracing::Off, None);
        let stop = || self.stopped();
        let rows = self.rows(&context, query.asked.record, &figures, &stop);
        let (found, _) = rows.only(query.filter.as_ref());
        let values = self.in_threads(|| rows.values(&found, reading));
        let spread = Spread::of_numbers(values.iter().filter_map(Value::known_number), dimension.is_money());
        let name = self.head(value);
        Ok(spread.histogram(Phrase::new(format!("{} 的分布（户）", name.zh), format!("{}: how many", name.en))))
    }

    fn not_drawn(&self, expr: &Expr) -> Answer {
        let name = self.world.policies.sources().text(expr.span).to_owned();
        self.no_answer(
            expr.span,
            (&format!("{name} 不是数，画不出来"), &format!("{name} is no number and cannot be drawn")),
            ("文字和等级用 `count by …` 看各有多少户", "of texts and levels, `count by …` tells how many have each"),
        )
    }

    /// The award of one recipient while a fact goes from one end to the other.
    fn line_over(
        &mut self,
        value: &Expr,
        fact: &Name,
        range: Option<&Expr>,
        key: Option<&Text>,
    ) -> Result<(Plot, Phrase), Answer> {
        let across = Expr { span: fact.span, ..name_expr(fact.text.clone()) };
        let population = &self.records.loaded.population;
        let asked = self
            .world
            .ask(population, &[(value, Asks::Value), (&across, Asks::Value)])
            .map_err(|wrong| self.wrong(wrong))?;
        let fact_id = match asked.exprs.get(1).and_then(|id| asked.program.exprs.get(id.index())) {
            Some(found) if matches!(found.kind, Type::Number(_)) => match found.node {
                Node::Fact { up: 0, fact, .. } => fact,
                _ => {
                    return Err(self.no_answer(
                        across.span,
                        (
                            "只能沿登记的事实画，不能沿推算出来的画",
                            "only a fact that is recorded can be varied, not one that is derived",
                        ),
                        ("换成它所依据的事实", "take the fact that it is derived from"),
                    ));
                }
            },
            _ => return Err(self.not_drawn(&across)),
        };
        let (row, from, to) = self.ground(value, &asked, (fact_id, range), key)?;
        let history = self.world.history(&self.records);
        let context = self.world.context(&asked.program, &self.records, history.as_ref(), Tracing::Off, None);
        let records = self.records.loaded.population.of(asked.record);
        let Some(record) = records.get(row) else { return Err(Answer::default()) };
        let reading =
            asked.exprs.first().map(|id| (*id, asked.program.exprs.get(id.index()).map(|found| found.node.clone())));
        let width = to.subtract(&from).unwrap_or_default();
        let mut plot = Plot {
            title: Phrase::new(
                format!("{} 随 {} 的变化", self.head(value).zh, fact.text),
                format!("{} over {}", self.head(value).en, fact.text),
            ),
            across: Phrase::same(fact.text.clone()),
            up: self.head(value),
            money_across: self.is_money(&asked, 1),
            points: Vec::new(),
        };
        for step in 0..=POINTS {
            let part = width.multiply(&Number::from_i64(step)).and_then(|part| part.divide(&Number::from_i64(POINTS)));
            let at = part.and_then(|part| from.add(&part)).unwrap_or_default();
            let varied = with_value(&asked, record, fact_id, &at, self.world.basis.period);
            let Some((expr, node)) = &reading else { break };
            let (low, high) = amount(&context, asked.record, &varied, *expr, node.as_ref());
            plot.points.push((at, low, high));
        }
        let key = key_of(&asked.program, asked.record, record);
        Ok((plot, Phrase::new(format!("其余事实取自 {key}"), format!("all other facts are those of {key}"))))
    }

    fn is_money(&self, asked: &Asked, at: usize) -> bool {
        let found = asked.exprs.get(at).and_then(|id| asked.program.exprs.get(id.index()));
        matches!(found.map(|found| &found.kind), Some(Type::Number(dimension)) if dimension.is_money())
    }

    /// Whose other facts hold, and between which ends.
    fn ground(
        &mut self,
        value: &Expr,
        asked: &Asked,
        (fact, range): (FactId, Option<&Expr>),
        key: Option<&Text>,
    ) -> Result<(usize, Number, Number), Answer> {
        let figures = self.figures();
        let row = match key {
            Some(key) => {
                let (id, row) = self.recipient(key)?;
                if id != asked.record {
                    return Err(self.no_answer(
                        key.span,
                        ("这一户不是这一种主体", "this is a record of another type"),
                        ("核对主键", "check the key"),
                    ));
                }
                row
            }
            None => {
                let clause = asked.exprs.first().and_then(|id| asked.program.exprs.get(id.index()));
                let clause = match clause.map(|found| &found.node) {
                    Some(Node::ClauseAmount(clause)) => {
                        figures.of_clause(*clause).map(|(_, column)| column.settled.clone())
                    }
                    _ => figures.of_type(asked.record).map(|one| std::sync::Arc::clone(&one.totals)),
                };
                // The first of those who get most.
                let amounts = clause.unwrap_or_default();
                let most = amounts.iter().copied().max().unwrap_or(0);
                amounts.iter().position(|amount| *amount == most).unwrap_or(0)
            }
        };
        let (from, to) = match range.map(|range| &range.kind) {
            Some(ExprKind::Range(from, to)) => (self.end(from.as_deref(), value)?, self.end(to.as_deref(), value)?),
            Some(_) => {
                return Err(self.no_answer(
                    range.map_or(value.span, |range| range.span),
                    ("这里要一个范围", "a range belongs here"),
                    ("如 `0..3亿`", "as in `0..3亿`"),
                ));
            }
            None => (None, None),
        };
        let records = self.records.loaded.population.of(asked.record);
        let known = records.iter().filter_map(|record| match record.cells.get(fact.index()) {
            Some(Cell::Value(value::Value::Number(number))) => Some(number.clone()),
            Some(Cell::Periods(all)) => all
                .iter()
                .filter_map(|(_, one)| match one {
                    value::Value::Number(number) => Some(number.clone()),
                    _ => None,
                })
                .max(),
            _ => None,
        });
        let to = to.or_else(|| known.max()).unwrap_or(Number::ONE);
        Ok((row, from.unwrap_or(Number::ZERO), to))
    }

    fn end(&self, end: Option<&Expr>, value: &Expr) -> Result<Option<Number>, Answer> {
        let Some(end) = end else { return Ok(None) };
        let asked = self
            .world
            .ask(&self.records.loaded.population, &[(end, Asks::Value)])
            .map_err(|wrong| self.wrong(wrong))?;
        let context = self.world.context(&asked.program, &self.records, None, Tracing::Off, None);
        let found = asked.exprs.first().map(|id| evaluate_expression(&context, None, *id));
        match found.as_ref().and_then(Value::known_number) {
            Some(number) => Ok(Some(number.clone())),
            None => Err(self.not_drawn(if end.span == crate::source::Span::default() { value } else { end })),
        }
    }
}

/// A record with one fact otherwise.
fn with_value(asked: &Asked, record: &Record, fact: FactId, value: &Number, period: value::Period) -> Record {
    let mut record = record.clone();
    let def = asked.program.records.get(asked.record.index()).and_then(|def| def.facts.get(fact.index()));
    let value = value::Value::Number(value.clone());
    let cell = match def.and_then(|def| def.per) {
        Some(per) => {
            let at = kept_period(per, period);
            let mut all = match record.cells.get(fact.index()) {
                Some(Cell::Periods(all)) => all.clone(),
                _ => Vec::new(),
            };
            all.retain(|(other, _)| *other != at);
            all.push((at, value));
            Cell::Periods(all)
        }
        None => Cell::Value(value),
    };
    if let Some(slot) = record.cells.get_mut(fact.index()) {
        *slot = cell;
    }
    record
}

/// What an expression comes to before settlement: at least and at most.
fn amount(
    context: &Context<'_>,
    id: RecordId,
    record: &Record,
    expr: crate::check::program::ExprId,
    node: Option<&Node>,
) -> (Number, Option<Number>) {
    let of = |results: &[crate::eval::ClauseResult]| {
        let shut_out =
            |one: &&crate::eval::ClauseResult| matches!(one.status, Status::NotEligible | Status::NotInForce);
        let results: Vec<_> = results.iter().filter(|one| !shut_out(one)).collect();
        let low = results.iter().map(|one| one.amount.clone().unwrap_or_else(|| one.full_lowest.clone()));
        let low = low.fold(Number::ZERO, |sum, one| sum.add(&one).unwrap_or(sum));
        let high = results.iter().map(|one| one.amount.clone().or_else(|| one.highest.clone()));
        let mut high = high;
        let high = high.try_fold(Number::ZERO, |sum, one| sum.add(&one?).ok());
        (low, high)
    };
    match node {
        Some(Node::ClauseAmount(clause)) => match evaluate_clause(context, *clause, record) {
            Some((result, _)) => of(&[result]),
            None => (Number::ZERO, Some(Number::ZERO)),
        },
        Some(Node::Total) => {
            let mut results = evaluate(context, id, record).clauses;
            results.retain(|one| !one.recover);
            of(&results)
        }
        _ => {
            let answer = evaluate_expression(context, Some((id, record)), expr);
            match answer.interval() {
                Some(interval) => (interval.lowest.unwrap_or_default(), interval.highest),
                None => (Number::ZERO, Some(Number::ZERO)),
            }
        }
    }
}
