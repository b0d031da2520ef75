//! The facade: policies loaded from text or files, diagnostics as data, one record or a
//! population evaluated and settled.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use smol_str::SmolStr;

use crate::batch;
use crate::check::program::{ExprId, Program, RecordId};
use crate::diagnostic::{Code, Diagnostic, Language, Renderer, Severity, has_errors};
use crate::eval::{Context, RecipientResult, check_record, evaluate, key_of};
use crate::evaluation::{Assessment, Evaluation};
use crate::progress::Stage;
use crate::record::{Cell, Population, Record};
use crate::resolve::{self, Project, Reader};
use crate::settle::{self, Recipient, Settlement};
use crate::source::{FileId, Sources};
use crate::value::{Date, Period, Value};

/// Checked policies, ready to evaluate.
///
/// ```
/// # fn main() -> Result<(), Vec<huiqi::diagnostic::Diagnostic>> {
/// use huiqi::{Basis, Policies};
///
/// let policies = Policies::from_text("award 5% of capex cap 800万 when 增资扩产");
/// let record = serde_json::json!({ "capex": "1.2亿", "增资扩产": true });
/// let assessment = policies.evaluate(&record, &Basis::of("2024")?)?;
/// assert_eq!(assessment.lines[0].settled.as_deref(), Some("6000000.00"));
/// for line in assessment.why(&policies, huiqi::diagnostic::Language::Chinese) {
///     println!("{line}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Policies {
    project: Project,
    program: Arc<Program>,
    diagnostics: Vec<Diagnostic>,
}

/// What an evaluation is for: the period that is paid for, and the day of decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// What is paid for: facts by year, budgets, `newly`.
    pub period: Period,
    /// The day of decision: dated parameters.
    pub date: Date,
    /// Values for pending rules and parameters: name and expression.
    pub set: Vec<(String, String)>,
    /// What history calls this settlement, where it is not called by its period.
    pub settlement: Option<String>,
}

impl Basis {
    /// A period written `2024`, `2023Q3`, `2023-07` or `2023-07-01..2023-09-30`; decided on its last day.
    ///
    /// # Errors
    /// A period that is not written so, or has no last day.
    pub fn of(period: &str) -> Result<Basis, Vec<Diagnostic>> {
        let wrong = || vec![Diagnostic::new(Code::BadOption).with("name", "in").with("value", period)];
        let period = Period::parse(period).ok_or_else(wrong)?;
        let date = period.last.or(period.first).ok_or_else(wrong)?;
        Ok(Basis { period, date, set: Vec::new(), settlement: None })
    }

    /// The same, decided on another day.
    #[must_use]
    pub fn on(mut self, date: Date) -> Basis {
        self.date = date;
        self
    }

    /// The same, called otherwise in history than by its period: two settlements of one period are told apart by it.
    #[must_use]
    pub fn called(mut self, settlement: impl Into<String>) -> Basis {
        self.settlement = Some(settlement.into());
        self
    }

    /// What history calls this settlement: the rows that it left are left out when it is run again.
    pub fn settlement(&self) -> String {
        self.settlement.clone().unwrap_or_else(|| self.period.to_string())
    }

    /// The same, with a value for a pending rule or a parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Basis {
        self.set.push((name.into(), value.into()));
        self
    }
}

/// A settled population.
pub(crate) struct Settling<'a> {
    pub recipients: Vec<Recipient<'a>>,
    pub settlement: Settlement,
}

impl Policies {
    /// Policies from one text; `use` is not possible in it.
    pub fn from_text(text: &str) -> Policies {
        Policies::checked(resolve::load_text("<text>", text))
    }

    /// Policies from files and what they `use` within `root`; `read` does the reading.
    pub fn from_files(files: &[PathBuf], root: &Path, read: &Reader) -> Policies {
        Policies::checked(resolve::load(files, root, read))
    }

    /// The texts and their trees.
    pub(crate) fn project(&self) -> &Project {
        &self.project
    }

    /// Adds a text in which something is asked of these policies.
    pub(crate) fn add_text(&mut self, name: &str, text: &str) -> FileId {
        self.project.sources.add(name, None, text)
    }

    /// Checks what has been read.
    pub(crate) fn checked(mut project: Project) -> Policies {
        let mut diagnostics = std::mem::take(&mut project.diagnostics);
        let (program, declared) = {
            let declarations = resolve::declare(&project.trees, &mut diagnostics);
            crate::check::check(&project, &declarations)
        };
        diagnostics.extend(declared);
        diagnostics.extend(settle::beyond(&program));
        if has_errors(&diagnostics) {
            // What was inferred matters only once the rest is right; a fault hides the types of the names beside it.
            let other = diagnostics.iter().any(|d| d.code != Code::CannotInfer && d.severity() == Severity::Error);
            diagnostics.retain(|d| d.code != Code::InferredFact && !(other && d.code == Code::CannotInfer));
        }
        diagnostics.sort_by_key(|d| d.spans.first().map(|span| (span.file, span.start)));
        // A piece that is checked for several places is told once.
        diagnostics.dedup();
        Policies { project, program: Arc::new(program), diagnostics }
    }

    /// Everything found wrong or worth knowing, in the order of the text.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The trees, used files before those that use them.
    pub(crate) fn trees(&self) -> &[crate::syntax::tree::File] {
        &self.project.trees
    }

    /// The file that was named last; what it uses was read before it.
    pub(crate) fn named_file(&self) -> &str {
        let file = self.project.trees.last().and_then(|tree| self.sources().get(tree.file));
        file.map_or("", |file| &file.name)
    }

    /// Whether any diagnostic is an error: such policies are not evaluated.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// The diagnostics as text.
    pub fn render(&self, language: Language) -> String {
        Renderer::new(language).render(self.sources(), &self.diagnostics)
    }

    /// The checked program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The texts.
    pub fn sources(&self) -> &Sources {
        &self.project.sources
    }

    /// Prepares an evaluation: the errors of the policies and of `basis` are told here, once.
    ///
    /// # Errors
    /// The policies' errors, or a value that `basis` sets and that nothing takes.
    pub fn evaluation(&self, basis: &Basis) -> Result<Evaluation<'_>, Vec<Diagnostic>> {
        self.usable()?;
        let (program, bindings) = self.bindings(basis)?;
        let main = program.records.iter().position(|record| !record.is_history).unwrap_or(0);
        let recipient = RecordId(u32::try_from(main).unwrap_or(u32::MAX));
        Ok(Evaluation { policies: self, program, bindings, basis: basis.clone(), recipient, history: None })
    }

    /// Evaluates and settles one record of the main type, by itself and without history.
    ///
    /// # Errors
    /// The policies' errors, or what is wrong with the record.
    pub fn evaluate<T: Serialize + ?Sized>(&self, record: &T, basis: &Basis) -> Result<Assessment, Vec<Diagnostic>> {
        self.evaluation(basis)?.one(record)
    }

    /// The errors that stand in the way of an evaluation.
    pub(crate) fn usable(&self) -> Result<(), Vec<Diagnostic>> {
        let errors = self.diagnostics.iter().filter(|d| d.severity() == crate::diagnostic::Severity::Error);
        let errors: Vec<Diagnostic> = errors.cloned().collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The program with the values of `--set` checked into it.
    pub(crate) fn bindings(&self, basis: &Basis) -> Result<crate::check::Bound, Vec<Diagnostic>> {
        crate::check::bind(&self.project, &self.program, &basis.set)
    }

    /// The data checks that a record breaks; `files` knows where it was read.
    pub(crate) fn failed_checks(
        &self,
        context: &Context<'_>,
        id: RecordId,
        record: &Record,
        files: &Population,
    ) -> Vec<Diagnostic> {
        let program = context.program;
        let key = key_of(program, id, record);
        check_record(context, id, record)
            .into_iter()
            .map(|failed| {
                let fact = program.records.get(id.index()).and_then(|def| def.facts.get(failed.fact.index()));
                let check: ExprId = failed.check;
                let asked = program.exprs.get(check.index()).map_or("", |expr| self.sources().text(expr.span));
                let name = fact.map(|fact| fact.name.clone()).unwrap_or_default();
                let place = files.place(record.place, Some(&name), Some(&key));
                let value = match record.cells.get(failed.fact.index()) {
                    Some(Cell::Value(Value::Number(number))) => Some(number.to_string()),
                    Some(Cell::Value(Value::Text(text))) => Some(text.to_string()),
                    Some(Cell::Value(Value::Date(date))) => Some(date.to_string()),
                    _ => None,
                };
                let diagnostic = Diagnostic::new(Code::CheckFailed).with("name", &name).with("expected", asked);
                let diagnostic = diagnostic.with_some("value", value).in_data(place);
                fact.map_or(diagnostic.clone(), |fact| diagnostic.at(fact.span))
            })
            .collect()
    }

    /// Evaluates and settles every recipient of a population, in the order of the records; no steps are recorded.
    /// What is stopped comes to nothing of use.
    pub(crate) fn settle_all<'a>(context: &Context<'a>, population: &'a Population, engine: Engine) -> Settling<'a> {
        let mut recipients = Vec::new();
        let types = (0_u32..).map(RecordId).take(context.program.records.len());
        let types: Vec<RecordId> = types.filter(|id| !context.clauses_of(*id).is_empty()).collect();
        context.begin(Stage::Evaluating, types.iter().map(|id| population.of(*id).len()).sum());
        for id in types {
            let together = match engine {
                Engine::Row => ROWS_TOGETHER,
                Engine::Batch => batch::part(context, id).saturating_mul(rayon::current_num_threads()),
            };
            for some in population.of(id).chunks(together) {
                if context.is_stopped() {
                    return Settling { recipients, settlement: Settlement::default() };
                }
                match engine {
                    Engine::Row => recipients.par_extend(some.par_iter().map(|record| {
                        context.advance(1);
                        evaluated(context, id, record)
                    })),
                    Engine::Batch => {
                        recipients.par_extend(some.par_chunks(batch::part(context, id)).flat_map_iter(|part| {
                            let results = batch::evaluate_all(context, id, part);
                            context.advance(part.len());
                            part.iter().zip(results).map(move |(record, result)| {
                                debug_assert!(
                                    batch::agrees(context, id, record, &result),
                                    "the engines differ on {record:?}"
                                );
                                told(context, id, record, result)
                            })
                        }))
                    }
                }
            }
        }
        let settlement = settle::settle(context, &mut recipients);
        Settling { recipients, settlement }
    }
}

/// Records that are evaluated one by one between two looks at whether anybody still waits.
const ROWS_TOGETHER: usize = 16_384;

/// Which engine evaluates; both come to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Engine {
    /// Record by record.
    Row,
    /// Column by column.
    #[default]
    Batch,
}

/// One record, evaluated; one that breaks a data check is paid nothing until mended.
pub(crate) fn evaluated<'r>(context: &Context<'_>, id: RecordId, record: &'r Record) -> Recipient<'r> {
    told(context, id, record, evaluate(context, id, record))
}

fn told<'r>(context: &Context<'_>, id: RecordId, record: &'r Record, result: RecipientResult) -> Recipient<'r> {
    let key: SmolStr = key_of(context.program, id, record);
    let mut recipient = Recipient::new(id, record, key, result);
    let faulty = context.inputs.history.is_some_and(|history| history.is_faulty(&recipient.key));
    recipient.in_error = faulty || !check_record(context, id, record).is_empty();
    recipient
}

impl Settling<'_> {
    /// Hands over every recipient with the steps of its evaluation; `context` records them. They are kept for few at a time.
    pub(crate) fn with_steps<E>(
        &mut self,
        context: &Context<'_>,
        mut tell: impl FnMut(&Recipient<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for few in self.recipients.chunks_mut(TOLD_TOGETHER) {
            few.par_iter_mut().for_each(|recipient| record_steps(context, recipient));
            for recipient in few {
                tell(recipient)?;
                recipient.result.trace = Vec::new();
            }
        }
        Ok(())
    }
}

/// Recipients whose steps are in memory at once.
const TOLD_TOGETHER: usize = 4_096;

/// Evaluates a settled recipient again, for the steps.
pub(crate) fn record_steps(context: &Context<'_>, recipient: &mut Recipient<'_>) {
    recipient.result = evaluate(context, recipient.record, recipient.row);
}
