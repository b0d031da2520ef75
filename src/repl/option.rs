//! `set`: the period, the day of decision, parameters and pending rules, how the work is done.

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::session::Session;
use crate::diagnostic::{Code, Diagnostic};
use crate::policies::Basis;
use crate::resolve::nearest;
use crate::syntax::tree::{Expr, Name};
use crate::value::Date;

/// What may be set beside parameters and pending rules.
const OPTIONS: [&str; 10] = ["评价期", "period", "决定日", "date", "引擎", "engine", "线程", "threads", "行数", "top"];
/// Periods as they are written.
const PERIODS: &str = "2024、2023Q3、2023-07、2023-07-01..2023-09-30";

impl Session {
    /// Sets one thing.
    pub(super) fn set(&mut self, name: &Name, value: &Expr) -> Answer {
        let typed = self.world.policies.sources().text(value.span).trim().to_owned();
        let bad = |session: &Session, expected: &str| {
            let told = Diagnostic::new(Code::BadOption).at(value.span).with("name", &name.text);
            session.wrong(vec![told.with("value", &typed).with("expected", expected)])
        };
        match name.text.as_str() {
            "period" | "评价期" | "year" | "本年" => match Basis::of(typed.trim_end_matches(['年', '度'])) {
                Ok(basis) => {
                    let basis = Basis { set: self.entered.basis.set.clone(), ..basis };
                    let (period, date) = (basis.period, basis.date);
                    self.with_basis(
                        basis,
                        (format!("评价期 {period}，决定日 {date}"), format!("period {period}, decided on {date}")),
                        true,
                    )
                }
                Err(_) => bad(self, PERIODS),
            },
            "date" | "决定日" | "today" | "今日" => match Date::from_text(&typed) {
                Some(date) => {
                    let basis = self.entered.basis.clone().on(date);
                    self.with_basis(basis, (format!("决定日 {date}"), format!("decided on {date}")), false)
                }
                None => bad(self, "2024-05-01"),
            },
            "engine" | "引擎" => match typed.as_str() {
                "row" | "逐行" => self.engine(true),
                "batch" | "auto" | "按列" => self.engine(false),
                _ => bad(self, "row、batch"),
            },
            "threads" | "线程" => match typed.parse::<usize>() {
                Ok(threads) if threads <= 256 => {
                    let made = (threads > 0).then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok());
                    (self.threads, self.options.threads) = (made.flatten(), threads);
                    Answer::line(format!("线程 {threads}（0 为全部）"), format!("{threads} threads (0 for all)"))
                }
                _ => bad(self, "0、1、2…"),
            },
            "top" | "行数" => match typed.parse::<usize>() {
                Ok(top) if top > 0 => {
                    self.options.top = top;
                    Answer::line(format!("最多列出 {top} 行"), format!("at most {top} rows are listed"))
                }
                _ => bad(self, "20"),
            },
            _ if self.takes_no_value(&name.text) => self.no_such_value(name, &OPTIONS),
            other => {
                let mut basis = self.entered.basis.clone();
                basis.set.retain(|(name, _)| name != other);
                let basis = basis.with(other, typed.as_str());
                self.with_basis(basis, (format!("{other} = {typed}"), format!("{other} = {typed}")), false)
            }
        }
    }

    /// Whether there is no parameter or pending rule of a name; one of a policy is looked for where values are bound.
    pub(super) fn takes_no_value(&self, name: &str) -> bool {
        let program = self.program();
        let mut parameters = program.parameters.iter();
        let is_parameter = parameters.any(|one| one.name == name || one.aliases.iter().any(|alias| alias == name));
        !is_parameter && !name.contains('.') && !program.pendings.iter().any(|one| one.name == name)
    }

    /// There is nothing of this name to give a value to.
    pub(super) fn no_such_value(&self, name: &Name, options: &[&str]) -> Answer {
        let program = self.program();
        let parameters = program.parameters.iter().map(|one| one.name.as_str());
        let pendings = program.pendings.iter().map(|one| one.name.as_str());
        let near = nearest(&name.text, options.iter().copied().chain(parameters).chain(pendings));
        let told = Diagnostic::new(Code::UnknownName).at(name.span).with("name", &name.text);
        self.wrong(vec![told.with_some("near", near)])
    }

    fn engine(&mut self, by_rows: bool) -> Answer {
        self.options.by_rows = by_rows;
        self.figures = None;
        match by_rows {
            true => Answer::line("逐行计算", "records are evaluated one by one"),
            false => Answer::line("按列计算", "records are evaluated by columns"),
        }
    }

    fn with_basis(&mut self, basis: Basis, (zh, en): (String, String), is_period: bool) -> Answer {
        let next = super::world::Entered { basis, ..self.entered.clone() };
        if let Err(answer) = self.change_to(next) {
            return answer;
        }
        self.options.period_given |= is_period;
        let mut answer = Answer::line(zh, en);
        if self.has_records() && !self.program().clauses.is_empty() {
            self.tell_total(&mut answer);
        }
        answer
    }

    /// Everything that may be set, as it stands.
    pub(super) fn settings(&self) -> Answer {
        let mut table = Table::new(vec![Column::text("设定", "option"), Column::text("现在", "now")]);
        let basis = &self.world.basis;
        let mut row = |zh: &str, en: &str, value: String| {
            table.row(vec![Cell::Text(Phrase::new(zh, en)), Cell::same(value)]);
        };
        row("评价期（period）", "period", basis.period.to_string());
        row("决定日（date）", "date", basis.date.to_string());
        row("引擎（engine）", "engine", if self.options.by_rows { "row" } else { "batch" }.to_owned());
        row("线程（threads）", "threads", self.options.threads.to_string());
        row("行数（top）", "top", self.options.top.to_string());
        for (name, value) in &basis.set {
            row(name, name, value.clone());
        }
        Answer { parts: vec![Part::Table(table)], ..Answer::default() }
    }
}
