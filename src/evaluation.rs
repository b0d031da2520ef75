//! The facade's second half: a prepared evaluation, and what it comes to for a record.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;

use crate::check::program::{Binding, Program, RecordDef, RecordId};
use crate::diagnostic::{Code, Diagnostic, Language};
use crate::eval::{Context, History, Inputs, RecipientResult, Tracing, history_faults, key_of};
use crate::explain::Line;
use crate::explain::words::Words;
use crate::policies::{Basis, Policies, evaluated};
use crate::record::{self, DataFile, Origin, Population, Record, RowsAre};
use crate::report::{Report, Reporter};
use crate::settle::{self, Award, Recipient};

/// A prepared evaluation: policies, period and date, and what was paid before.
///
/// ```
/// # fn main() -> Result<(), Vec<huiqi::diagnostic::Diagnostic>> {
/// use huiqi::{Basis, Policies};
///
/// let policies = Policies::from_text(
///     "record 企业 { id : text key  扩产 : bool = no }
///      policy P { clause 首次 { award 20万 cap 30万 cumulative when 扩产 } settle { budget 30万 pro rata } }",
/// );
/// let evaluation = policies.evaluation(&Basis::of("2024")?)?.with_history(&[
///     serde_json::json!({ "recipient": "A", "policy": "P", "clause": "首次", "date": "2023-05-01", "paid": "15万" }),
/// ])?;
/// // Settled together: the pool is cut in proportion.
/// let firms = [serde_json::json!({ "id": "A", "扩产": true }), serde_json::json!({ "id": "B", "扩产": true })];
/// let settled: Vec<_> = evaluation.all(&firms).into_iter().flatten().map(|a| a.lines[0].settled.clone()).collect();
/// assert_eq!(settled, [Some("128571.42".to_owned()), Some("171428.57".to_owned())]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Evaluation<'p> {
    pub(crate) policies: &'p Policies,
    pub(crate) program: Arc<Program>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) basis: Basis,
    pub(crate) recipient: RecordId,
    pub(crate) history: Option<Vec<Record>>,
}

/// What each record came to, and the report of all.
pub type Reported = (Vec<Result<Assessment, Vec<Diagnostic>>>, Report);

/// What an evaluation of one record came to.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// One line a clause (and item), then the total: the documented shape.
    pub lines: Vec<Line>,
    /// Each clause before settlement, with its bounds, and the trace of every step as data.
    pub result: RecipientResult,
    /// Each clause after settlement, with what settlement took away.
    pub awards: Vec<Award>,
    program: Arc<Program>,
    record: RecordId,
    row: Record,
}

impl Assessment {
    /// The line of a clause.
    pub fn line(&self, clause: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.clause.as_deref() == Some(clause) && line.item.is_none())
    }

    /// The calculation step by step, clause by clause.
    pub fn why(&self, policies: &Policies, language: Language) -> Vec<String> {
        let words = Words { program: &self.program, sources: policies.sources(), language };
        let key = key_of(&self.program, self.record, &self.row);
        let mut recipient = Recipient::new(self.record, &self.row, key, self.result.clone());
        recipient.awards.clone_from(&self.awards);
        let clauses = recipient.result.clauses.iter().zip(&recipient.awards);
        clauses.flat_map(|(result, award)| crate::explain::why(&words, &recipient, result, award)).collect()
    }
}

impl Evaluation<'_> {
    /// The same with what was paid before: rows with `recipient`, `policy`, `clause`, `item`, `row`, `date`,
    /// `standard`, `paid` and `settlement`. What an earlier run of this settlement paid to those who are
    /// settled again does not count.
    ///
    /// # Errors
    /// What is wrong with the rows: a clause that its policy does not have, a negative amount, a payment that stands twice.
    pub fn with_history<T: Serialize>(mut self, rows: &[T]) -> Result<Self, Vec<Diagnostic>> {
        let id = self.program.history();
        let read = |row: &T| record::from_serialize(&self.program, id, row, self.basis.period);
        let rows: Vec<Record> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let placed = |(at, row): (usize, Record)| Record { place: Some(Origin { file: 0, row: number(at) }), ..row };
        let rows: Vec<Record> = rows.into_iter().enumerate().map(placed).collect();
        let mut files = Population::default();
        files.files.push(DataFile { rows: RowsAre::Objects(String::new()), ..DataFile::default() });
        let wrong = history_faults(&self.program, &rows, &|row, column, key| files.place(row, column, key));
        if !wrong.is_empty() {
            return Err(wrong.into_iter().flat_map(|(_, _, said)| said).collect());
        }
        self.history = Some(rows);
        Ok(self)
    }

    /// The same for records of another type, such as an organiser.
    ///
    /// # Errors
    /// A name that is no record type.
    pub fn to(mut self, record: &str) -> Result<Self, Vec<Diagnostic>> {
        let named = |def: &RecordDef| def.name == record || def.aliases.iter().any(|alias| alias == record);
        let at = self.program.records.iter().position(named);
        let at = at.ok_or_else(|| vec![Diagnostic::new(Code::UnknownRecord).with("name", record)])?;
        self.recipient = RecordId(u32::try_from(at).unwrap_or(u32::MAX));
        Ok(self)
    }

    /// Evaluates and settles one record by itself.
    ///
    /// # Errors
    /// What is wrong with the record.
    pub fn one<T: Serialize + ?Sized>(&self, record: &T) -> Result<Assessment, Vec<Diagnostic>> {
        let record = record::from_serialize(&self.program, self.recipient, record, self.basis.period)?;
        self.settled(vec![Ok(record)]).pop().unwrap_or_else(|| Err(Vec::new()))
    }

    /// Evaluates records and settles them together. One that is wrong says so; the others go on.
    pub fn all<T: Serialize>(&self, records: &[T]) -> Vec<Result<Assessment, Vec<Diagnostic>>> {
        let read = |record: &T| record::from_serialize(&self.program, self.recipient, record, self.basis.period);
        self.settled(records.iter().map(read).collect())
    }

    /// As [`Evaluation::all`], with a report: totals by clause, article, payer and the facts that `by` names,
    /// the budgets, and what is open.
    ///
    /// ```
    /// # fn main() -> Result<(), Vec<huiqi::diagnostic::Diagnostic>> {
    /// use huiqi::{Basis, Policies};
    ///
    /// let policies = Policies::from_text(
    ///     "record 企业 { id : text key  区县 : text  扩产 : bool = no }
    ///      policy P { clause 首次 { award 20万 when 扩产 } settle { budget 50万 pro rata } }",
    /// );
    /// let firm = |id: &str, district: &str| serde_json::json!({ "id": id, "区县": district, "扩产": true });
    /// let firms = [firm("A", "东湖区"), firm("B", "西湖区")];
    /// let (_, report) = policies.evaluation(&Basis::of("2024")?)?.all_with_report(&firms, &["区县"])?;
    /// assert_eq!(report.total.settled.to_yuan(), "400000.00");
    /// assert_eq!(report.by[0].rows[0].value.as_deref(), Some("东湖区"));
    /// let left = report.budgets[0].left.as_ref().and_then(|left| left.known.clone());
    /// assert_eq!(left.map(|left| left.to_yuan()).as_deref(), Some("100000.00"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A name in `by` that is no fact of the recipients.
    pub fn all_with_report<T: Serialize>(&self, records: &[T], by: &[&str]) -> Result<Reported, Vec<Diagnostic>> {
        let read = |record: &T| record::from_serialize(&self.program, self.recipient, record, self.basis.period);
        self.reported(records.iter().map(read).collect(), by)
    }

    fn settled(&self, records: Vec<Result<Record, Vec<Diagnostic>>>) -> Vec<Result<Assessment, Vec<Diagnostic>>> {
        self.reported(records, &[]).map(|(assessments, _)| assessments).unwrap_or_default()
    }

    fn reported(
        &self,
        records: Vec<Result<Record, Vec<Diagnostic>>>,
        by: &[&str],
    ) -> Result<Reported, Vec<Diagnostic>> {
        let program = &*self.program;
        let good = records.iter().flatten().map(|record| (self.recipient, record.clone()));
        let population = Population::from_records(program, good);
        let settlement = self.basis.settlement();
        let history = self.history.as_ref().map(|rows| History::new(program, rows));
        let history = history.map(|history| history.settled_again(program, &settlement, &population));
        let inputs = Inputs {
            bindings: self.bindings.clone(),
            population: Some(&population),
            history: history.as_ref(),
            tracing: Tracing::On,
            ..Inputs::default()
        };
        let context = Context::new(program, self.basis.period, self.basis.date, inputs);
        let checked: Vec<Result<Record, Vec<Diagnostic>>> = records
            .into_iter()
            .map(|record| {
                let record = record?;
                let failed = self.policies.failed_checks(&context, self.recipient, &record, &population);
                if failed.is_empty() { Ok(record) } else { Err(failed) }
            })
            .collect();
        let words = Words { program, sources: self.policies.sources(), language: Language::Chinese };
        let by: Vec<String> = by.iter().map(ToString::to_string).collect();
        let mut reporter = Reporter::new(&context, words, &by)?;
        let good = checked.iter().flatten();
        let mut recipients: Vec<Recipient<'_>> =
            good.map(|record| evaluated(&context, self.recipient, record)).collect();
        let settlement = settle::settle(&context, &mut recipients);
        recipients.iter().for_each(|recipient| reporter.add(recipient));
        let report = reporter.finish(&settlement);
        let mut told: VecDeque<Assessment> = recipients.into_iter().map(|one| self.told(&words, one)).collect();
        let assessments = checked.iter().map(|record| match record {
            Ok(_) => told.pop_front().ok_or_else(Vec::new),
            Err(wrong) => Err(wrong.clone()),
        });
        Ok((assessments.collect(), report))
    }

    fn told(&self, words: &Words<'_>, recipient: Recipient<'_>) -> Assessment {
        Assessment {
            lines: crate::explain::lines(words, &recipient),
            program: Arc::clone(&self.program),
            record: recipient.record,
            row: recipient.row.clone(),
            result: recipient.result,
            awards: recipient.awards,
        }
    }
}
