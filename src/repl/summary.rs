//! What a clause or an expression comes to over all records: how many, how much, how it is
//! spread, how many are capped, and how many are open and for want of what.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::enter::MANY;
use super::figures::{ClauseFigures, Figures, yuan_of};
use super::rows::Reading;
use super::session::Session;
use super::spread::Spread;
use super::words::{money, share};
use crate::check::program::{ClauseId, ModifierKindDef, Program, RecordId, Type};
use crate::check::{Asked, Asks};
use crate::diagnostic::many;
use crate::eval::{Answer as Value, Tracing, evaluate_expression};
use crate::explain::missing;
use crate::resolve::nearest;
use crate::syntax::tree::{Expr, ExprKind};
use crate::value;

/// How many causes of open amounts are told.
const CAUSES: usize = 5;

impl Session {
    /// A clause in words, and what it comes to.
    pub(super) fn clause_summary(&mut self, clause: ClauseId, has_records: bool) -> Answer {
        let mut answer = Answer::default();
        if !has_records {
            let program = self.program();
            if let Some(def) = program.clauses.get(clause.index()) {
                let sentence = self.words(program).phrase(|words| words.sentence(def));
                answer.parts.push(Part::Line(sentence));
            }
            answer.tell(
                "还没有载入数据：`载入 样例` 或 `载入 \"企业.xlsx\"`",
                "no records are loaded: `load sample`, or `load \"企业.xlsx\"`",
            );
            return answer;
        }
        let figures = self.figures();
        let capped = self.capped(clause, &figures);
        let program = self.program();
        let Some((of_type, column)) = figures.of_clause(clause) else { return answer };
        let Some(def) = program.clauses.get(clause.index()) else { return answer };
        let rows = of_type.rows;
        let due: Vec<i64> = column.due.iter().copied().filter(|fen| *fen > 0).collect();
        let settled = Spread::of_fen(column.settled.iter().copied().filter(|fen| *fen > 0));
        let receive = settled.count();
        let sum: i128 = column.settled.iter().map(|fen| i128::from(*fen)).sum();
        let before: i128 = due.iter().map(|fen| i128::from(*fen)).sum();
        let (name, sum_shown) = (&def.name, money(&yuan_of(sum)));
        let part = share(receive, rows);
        answer.head(
            format!("{name}：{rows} 户中 {receive} 户得到（{part}），合计 {sum_shown}"),
            format!("{name}: {receive} of {rows} receive something ({part}), {sum_shown} in all"),
        );
        if before != sum {
            let before = money(&yuan_of(before));
            answer.tell(format!("结算前应得合计 {before}"), format!("{before} before settlement"));
        }
        if capped > 0 {
            answer.tell(format!("{capped} 户达到封顶"), format!("{capped} reach a cap"));
        }
        self.tell_open(column, &mut answer);
        if receive > 1 {
            answer.parts.push(Part::Table(settled.table()));
            let title = Phrase::new(format!("{name} 的分布（户）"), format!("{name}: how many get how much"));
            answer.parts.push(Part::Histogram(settled.histogram(title)));
        }
        answer
    }

    /// How many get less because of a cap of the clause.
    fn capped(&self, clause: ClauseId, figures: &Figures) -> usize {
        let is_cap = |modifier: &crate::check::program::ModifierDef| matches!(modifier.kind, ModifierKindDef::Cap(_));
        let has = self.program().clauses.get(clause.index()).is_some_and(|def| def.modifiers.iter().any(is_cap));
        let Some((_, column)) = figures.of_clause(clause).filter(|_| has) else { return 0 };
        let mut program: Program = Program::clone(&self.world.program);
        if let Some(def) = program.clauses.get_mut(clause.index()) {
            def.modifiers.retain(|modifier| !is_cap(modifier));
        }
        let uncapped = self.due_of(&program, clause);
        uncapped.iter().zip(column.due.iter()).filter(|(without, with)| without > with).count()
    }

    /// What is due under one clause by a program, in fen, row by row; what is open counts as nothing.
    fn due_of(&self, program: &Program, clause: ClauseId) -> Arc<Vec<i64>> {
        let mut program = program.clone();
        // One clause alone: the others are nobody's.
        let nobody = RecordId(u32::MAX);
        for (at, def) in program.clauses.iter_mut().enumerate() {
            if at != clause.index() {
                def.recipient = nobody;
            }
        }
        program.settle.clear();
        program.policies.iter_mut().for_each(|policy| policy.overrides.clear());
        let history = self.world.history(&self.records);
        let context = self.world.context(&program, &self.records, history.as_ref(), Tracing::Off, None);
        let figures = self.figures_in(&context, &self.records);
        let column = figures.of_clause(clause).map(|(_, column)| Arc::clone(&column.due));
        column.unwrap_or_default()
    }

    /// How many amounts are open, and for want of what.
    pub(super) fn tell_open(&self, column: &ClauseFigures, answer: &mut Answer) {
        if column.open.is_empty() {
            return;
        }
        let program = self.program();
        let both = self.words(program);
        let record = program.clauses.get(column.clause.index()).map_or(RecordId(0), |def| def.recipient);
        let (mut unknown, mut pending) = (Counted::default(), Counted::default());
        for open in column.open.values() {
            let facts: Vec<Phrase> =
                open.missing.iter().map(|one| both.phrase(|words| missing(words, record, one))).collect();
            let rules = open.pending.iter().filter_map(|id| program.pendings.get(id.index()));
            let rules = rules.map(|def| Phrase::same(def.name.clone())).collect();
            // Who lacks facts waits for them first.
            if facts.is_empty() { pending.add(rules) } else { unknown.add(facts) }
        }
        if unknown.rows > 0 {
            let (count, causes) = (unknown.rows, unknown.most());
            answer.tell(
                format!("{count} 户缺事实，金额未定：{}", causes.zh),
                format!("open for want of facts: {count} ({})", causes.en),
            );
        }
        if pending.rows > 0 {
            let (count, causes) = (pending.rows, pending.most());
            answer.tell(format!("{count} 户待定：{}", causes.zh), format!("{count} wait for a rule: {}", causes.en));
        }
    }

    /// Several clauses, a row each, and the total.
    pub(super) fn clauses_table(&mut self, clauses: &[ClauseId]) -> Answer {
        let figures = self.figures();
        let mut table = Table::new(vec![
            Column::text("条款", "clause"),
            Column::figures("得到户数", "receive"),
            Column::figures("应得（元）", "due"),
            Column::figures("结算后（元）", "settled"),
            Column::figures("未定户数", "open"),
        ]);
        let (mut all_due, mut all_settled) = (0_i128, 0_i128);
        let told = if clauses.len() > MANY { self.options.top } else { clauses.len() };
        for (at, clause) in clauses.iter().enumerate() {
            let Some((_, column)) = figures.of_clause(*clause) else { continue };
            let name = self.program().clauses.get(clause.index()).map(|def| def.name.clone()).unwrap_or_default();
            let due: i128 = column.due.iter().map(|fen| i128::from(*fen)).sum();
            let settled: i128 = column.settled.iter().map(|fen| i128::from(*fen)).sum();
            let receive = column.settled.iter().filter(|fen| **fen > 0).count();
            if !column.recover {
                all_due += due;
                all_settled += settled;
            }
            if at < told {
                table.row(vec![
                    Cell::same(name),
                    Cell::count(receive),
                    Cell::Money(yuan_of(due)),
                    Cell::Money(yuan_of(settled)),
                    Cell::count(column.open.len()),
                ]);
            }
        }
        let others = clauses.len().saturating_sub(told);
        if others > 0 {
            let name = Phrase::new(format!("另有 {others} 条"), format!("{others} others"));
            let blank = std::iter::repeat_n(Cell::Blank, 4);
            table.row(std::iter::once(Cell::Text(name)).chain(blank).collect());
        }
        table.row(vec![
            Cell::Text(Phrase::new("合计", "total")),
            Cell::Blank,
            Cell::Money(yuan_of(all_due)),
            Cell::Money(yuan_of(all_settled)),
            Cell::Blank,
        ]);
        Answer { parts: vec![Part::Table(table)], ..Answer::default() }
    }

    /// The settled total of everybody, in a line.
    pub(super) fn tell_total(&mut self, answer: &mut Answer) {
        let figures = self.figures();
        let mut sum = 0_i128;
        let mut receive = 0_usize;
        for one in &figures.types {
            for row in 0..one.rows {
                let total = one.known_total(row);
                sum += i128::from(total);
                receive += usize::from(total > 0);
            }
        }
        let sum = money(&yuan_of(sum));
        let open: HashSet<(RecordId, u32)> = figures
            .types
            .iter()
            .flat_map(|one| one.clauses.iter().flat_map(|column| column.open.keys().map(|row| (one.record, *row))))
            .collect();
        let (mut zh, mut en) = (format!("现在合计 {sum}，{receive} 户得到"), format!("now {sum} in all, to {receive}"));
        if !open.is_empty() {
            let open = open.len();
            zh += &format!("；{open} 户有未定的金额，没有计入");
            en += &format!("; open amounts of {open} are not counted");
        }
        answer.tell(zh, en);
    }

    /// An expression alone: its value, or how its values are spread over the records.
    pub(super) fn expression(&mut self, expr: &Expr) -> Answer {
        let name = self.world.policies.sources().text(expr.span).trim().to_owned();
        if let ExprKind::Name(typed) = &expr.kind {
            let clauses = self.program().clauses.iter();
            let found = clauses.zip((0..).map(ClauseId)).find(|(def, _)| def.name == typed.text).map(|(_, id)| id);
            if let Some(clause) = found {
                let has_records = self.has_records();
                return self.clause_summary(clause, has_records);
            }
        }
        self.expression_named(expr, &name)
    }

    /// The same, called by a name.
    pub(super) fn expression_named(&mut self, expr: &Expr, name: &str) -> Answer {
        let population = &self.records.loaded.population;
        let asked = match self.world.ask(population, &[(expr, Asks::Value)]) {
            Ok(asked) => asked,
            Err(wrong) => return self.unknown_start(expr, wrong),
        };
        let Some(id) = asked.exprs.first().copied() else { return Answer::default() };
        let reading = Reading::of(&asked.program, id);
        let history = self.world.history(&self.records);
        let context = self.world.context(&asked.program, &self.records, history.as_ref(), Tracing::Off, None);
        if context.is_same_for_all(id) {
            let value = evaluate_expression(&context, None, id);
            let shown = self.words(&asked.program).phrase(|words| words.shown(&value, &reading.kind));
            return Answer { parts: vec![Part::Line(shown)], ..Answer::default() };
        }
        if !self.has_records() {
            return self.no_records(expr.span);
        }
        drop(context);
        let figures = self.figures();
        self.spread_of(&asked, &reading, name, &figures)
    }

    /// How the values of an expression are spread.
    fn spread_of(&self, asked: &Asked, reading: &Reading, name: &str, figures: &Figures) -> Answer {
        let history = self.world.history(&self.records);
        let context = self.world.context(&asked.program, &self.records, history.as_ref(), Tracing::Off, None);
        let stop = || self.stopped();
        let rows = self.rows(&context, asked.record, figures, &stop);
        let (all, _) = rows.only(None);
        let values = self.in_threads(|| rows.values(&all, reading));
        let open = values.iter().filter(|value| matches!(value, Value::Open(_))).count();
        let none = values.iter().filter(|value| matches!(value, Value::Known(value::Value::None))).count();
        let mut answer = Answer::default();
        let count = values.len();
        let known = count.saturating_sub(open).saturating_sub(none);
        match &reading.kind {
            Type::Number(dimension) => {
                let numbers = values.iter().filter_map(Value::known_number);
                let spread = Spread::of_numbers(numbers, dimension.is_money());
                let sum = self.words(&asked.program).phrase(|words| words.number(&spread.sum(), &reading.kind));
                answer.head(
                    format!("{name}：{count} 户中 {known} 户有值，合计 {}", sum.zh),
                    format!("{name}: {known} of {count} have a value, {} in all", sum.en),
                );
                if known > 1 {
                    answer.parts.push(Part::Table(spread.table()));
                    answer
                        .parts
                        .push(Part::Histogram(spread.histogram(Phrase::new(format!("{name} 的分布（户）"), name))));
                }
            }
            _ => {
                answer.head(format!("{name}：{count} 户"), format!("{name}: {}", many(count, "row")));
                answer.parts.push(Part::Table(self.frequencies(asked, reading, &values)));
            }
        }
        if open > 0 {
            answer.tell(format!("{open} 户未知"), format!("unknown: {open}"));
        }
        if none > 0 {
            answer.tell(format!("{none} 户没有（无）"), format!("{none} have none"));
        }
        answer
    }

    /// How often each value occurs.
    fn frequencies(&self, asked: &Asked, reading: &Reading, values: &[Value]) -> Table {
        let both = self.words(&asked.program);
        let mut counts: HashMap<String, (Cell, usize)> = HashMap::new();
        for value in values.iter().filter_map(Value::known).filter(|value| **value != value::Value::None) {
            let entry = counts.entry(format!("{value:?}")).or_insert_with(|| (both.value(value, &reading.kind), 0));
            entry.1 += 1;
        }
        let mut counts: Vec<(String, (Cell, usize))> = counts.into_iter().collect();
        counts.sort_by(|(a, (_, x)), (b, (_, y))| y.cmp(x).then_with(|| a.cmp(b)));
        let mut table = Table::new(vec![Column::text("取值", "value"), Column::figures("户数", "rows")]);
        table.of = counts.len();
        table.rows = counts
            .into_iter()
            .take(self.options.top)
            .map(|(_, (cell, count))| vec![cell, Cell::count(count)])
            .collect();
        table
    }

    /// A line that is neither question nor known name: the question that was probably meant.
    fn unknown_start(&self, expr: &Expr, wrong: Vec<crate::diagnostic::Diagnostic>) -> Answer {
        let answer = self.wrong(wrong);
        let ExprKind::Name(name) = &expr.kind else { return answer };
        let words = crate::syntax::keywords().iter().filter(|keyword| keyword.place == ["prompt"]);
        let forms: Vec<&str> = words.flat_map(|keyword| keyword.forms()).collect();
        match nearest(&name.text, forms.iter().copied()) {
            Some(near) => {
                let mut answer = answer;
                answer.tell(
                    format!("是不是要写 `{near}`？`帮助` 列出能说的话"),
                    format!("was `{near}` meant? `help` lists what can be said"),
                );
                answer
            }
            None => answer,
        }
    }
}

/// Rows that wait for something, and for what.
#[derive(Default)]
struct Counted {
    rows: usize,
    causes: HashMap<Phrase, usize>,
}

impl Counted {
    fn add(&mut self, mut causes: Vec<Phrase>) {
        self.rows += 1;
        causes.sort_by(|a, b| a.zh.cmp(&b.zh));
        causes.dedup();
        causes.into_iter().for_each(|cause| *self.causes.entry(cause).or_default() += 1);
    }

    /// What most of them wait for.
    fn most(&self) -> Phrase {
        let mut causes: Vec<(&Phrase, &usize)> = self.causes.iter().collect();
        causes.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.zh.cmp(&b.zh)));
        let list = |pick: &dyn Fn(&Phrase, usize) -> String, comma: &str| {
            let some = causes.iter().take(CAUSES).map(|(phrase, count)| pick(phrase, **count));
            some.collect::<Vec<_>>().join(comma)
        };
        Phrase::new(
            list(&|phrase, count| format!("{} {count} 户", phrase.zh), "、"),
            list(&|phrase, count| format!("{} {count}", phrase.en), ", "),
        )
    }
}
