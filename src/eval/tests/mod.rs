//! A policy in text, a record in JSON, and what comes of it in one line.

mod expressions;
mod grades;
mod open;
mod properties;
mod rules;
mod traces;

use serde_json::{Value as Json, json};

use super::{Answer, ClauseResult, Context, History, Inputs, Missing, RecipientResult, Status, Tracing, evaluate};
use crate::check::program::{ClauseId, PendingId, Program, RecordId};
use crate::check::{self};
use crate::diagnostic::has_errors;
use crate::record::{Population, Record, from_json};
use crate::resolve;
use crate::value::{Date, Number, Period};

/// Facts that the cases share.
pub(super) const FACTS: &str = "
unit 吨标煤 / tce
record 企业 / enterprise {
  名称 : text key
  区县 : text
  投资额 / capex : money where >= 0
  利润 : money
  收入 : money per year
  评分 : number where between 0 and 100
  人数 : count
  增资扩产 : bool
  独立法人 : bool
  甲 : bool
  乙 : bool
  绿色工厂 : level of 国家级 > 省级 > 市级 dated 认定日期
  认定日期 : date
  签约日期 : date
  行业 : one of 制造, 软件, 其他
  迁出日期 : date = none
  节能量 : quantity in 吨标煤
  订单 : list of 订单
  项目 : list of 项目
}
record 订单 { 金额 : money where >= 0   签订日期 : date   已落地 : bool   类别 : text }
record 项目 { 编号 : text key   设备 : money where >= 0   新建 : bool   等级 : level of 国家级 > 省级   立项日期 : date }
";

/// Everything that an evaluation is given.
pub(super) struct Given {
    pub(super) program: Program,
    pub(super) period: Period,
    pub(super) date: Date,
    history: Option<Vec<Record>>,
    population: Option<Population>,
}

/// Checks a policy together with the shared facts.
pub(super) fn given(policy: &str) -> Given {
    given_text(&format!("{FACTS}\n{policy}"))
}

pub(super) fn given_text(text: &str) -> Given {
    let project = resolve::load_text("case.hq", text);
    let mut diagnostics = project.diagnostics.clone();
    let declarations = resolve::declare(&project.trees, &mut diagnostics);
    let (program, found) = check::check(&project, &declarations);
    diagnostics.extend(found);
    assert!(!has_errors(&diagnostics), "{text}\n{diagnostics:#?}");
    let date = Date::new(2024, 12, 31).expect("a date");
    Given { program, period: Period::year(2024).expect("a year"), date, history: None, population: None }
}

impl Given {
    pub(super) fn in_period(mut self, period: &str) -> Self {
        self.period = Period::parse(period).expect("a period");
        self
    }

    /// Rows of history, each with what it says beyond the recipient `E1` and the first clause.
    pub(super) fn history(mut self, rows: Json) -> Self {
        let id = self.program.history();
        let clause = self.program.clauses.first().map(|clause| clause.name.to_string()).unwrap_or_default();
        let policy = self.program.policies.first().map(|policy| policy.name.to_string()).unwrap_or_default();
        let mut records = Vec::new();
        for row in rows.as_array().expect("rows") {
            let mut full = json!({ "recipient": "E1", "policy": policy, "clause": clause, "date": "2024-03-01" });
            for (name, value) in row.as_object().expect("a row") {
                full[name] = value.clone();
            }
            records.push(from_json(&self.program, id, &full, self.period).expect("a row of history"));
        }
        self.history = Some(records);
        self
    }

    pub(super) fn population(mut self, rows: Json) -> Self {
        let id = RecordId(
            u32::try_from(self.program.records.iter().position(|r| r.name == "企业").expect("企业")).expect("small"),
        );
        let records: Vec<_> = rows.as_array().expect("rows").iter().map(|row| (id, self.record(id, row))).collect();
        self.population = Some(Population::from_records(&self.program, records));
        self
    }

    pub(super) fn recipient(&self) -> RecordId {
        self.program.clauses.first().map_or(RecordId(0), |clause| clause.recipient)
    }

    pub(super) fn record(&self, id: RecordId, data: &Json) -> Record {
        from_json(&self.program, id, data, self.period).expect("a record")
    }

    pub(super) fn with<T>(&self, tracing: Tracing, run: impl FnOnce(&Context<'_>) -> T) -> T {
        let history = self.history.as_ref().map(|rows| History::new(&self.program, rows));
        let inputs =
            Inputs { history: history.as_ref(), population: self.population.as_ref(), tracing, ..Inputs::default() };
        run(&Context::new(&self.program, self.period, self.date, inputs))
    }

    pub(super) fn result(&self, data: Json) -> RecipientResult {
        let mut data = data;
        if data.get("名称").is_none() && self.program.records.iter().any(|record| record.name == "企业") {
            data["名称"] = json!("E1");
        }
        let record = self.record(self.recipient(), &data);
        let result = |tracing| self.with(tracing, |context| evaluate(context, self.recipient(), &record));
        // What is mostly known is reckoned by a shorter way, which leaves no trace.
        let (traced, mut plain) = (result(Tracing::On), result(Tracing::Off));
        plain.clauses.iter_mut().zip(&traced.clauses).for_each(|(plain, traced)| plain.steps = traced.steps);
        assert_eq!(plain.clauses, traced.clauses);
        traced
    }

    /// The first clause in one line.
    pub(super) fn pays(&self, data: Json) -> String {
        let result = self.result(data);
        describe(&self.program, result.clauses.first().expect("a clause"))
    }

    /// The first derived fact of the recipient in one line.
    pub(super) fn value(&self, data: Json) -> String {
        let def = self.program.lets.last().expect("a let");
        let mut data = data;
        data["名称"] = json!("E1");
        let record = self.record(def.record, &data);
        self.with(Tracing::Off, |context| {
            let answer = super::evaluate_expression(context, Some((def.record, &record)), def.value);
            describe_answer(&self.program, &answer)
        })
    }
}

/// `award …` for a record.
pub(super) fn pays(policy: &str, data: Json) -> String {
    given(policy).pays(data)
}

/// `let x = …` for a record.
pub(super) fn value(expression: &str, data: Json) -> String {
    given(&format!("let 结果 = {expression}")).value(data)
}

pub(super) fn describe(program: &Program, result: &ClauseResult) -> String {
    let number = |n: &Option<Number>| n.as_ref().map_or(String::new(), ToString::to_string);
    let amount = match &result.amount {
        Some(amount) => amount.to_string(),
        None => format!("{}..{}", result.full_lowest, number(&result.highest)),
    };
    let causes = causes_of(program, &result.missing, &result.pending);
    match result.status {
        Status::NotInForce => "not in force".into(),
        Status::NotEligible => "not eligible".into(),
        Status::Exact => format!("exact {amount}"),
        Status::UpTo => format!("up to {amount}"),
        Status::Pending => format!("pending {amount} ({causes})"),
        Status::Unknown => format!("unknown {amount} ({causes})"),
    }
}

pub(super) fn describe_answer(program: &Program, answer: &Answer) -> String {
    match answer {
        Answer::Known(value) => format!("{value:?}"),
        Answer::Open(open) => {
            let causes = causes_of(program, &open.causes.missing, &open.causes.pending);
            let none = if open.none { " or none" } else { "" };
            let undefined = if open.undefined { " or undefined" } else { "" };
            format!("{:?}{none}{undefined} ({causes})", open.shape)
        }
    }
}

fn causes_of(program: &Program, missing: &[Missing], pending: &[PendingId]) -> String {
    let fact = |missing: &Missing| match missing {
        Missing::Fact { record, fact, .. } => program.records[record.index()].facts[fact.index()].name.to_string(),
        other => format!("{other:?}"),
    };
    let missing = missing.iter().map(fact);
    let pending = pending.iter().map(|id| program.pendings[id.index()].name.to_string());
    missing.chain(pending).collect::<Vec<_>>().join(" ")
}

pub(super) fn clause(at: u32) -> ClauseId {
    ClauseId(at)
}
