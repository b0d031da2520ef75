//! A session: lines in, answers out.

use std::path::PathBuf;
use std::sync::Arc;

use super::answer::{Answer, Table, Wish};
use super::figures::Figures;
use super::settled;
use super::world::{Entered, Records, Surroundings, World, Wrong};
use crate::check::program::{ClauseId, Program};
use crate::diagnostic::{Argument, Code, Diagnostic, Severity, has_errors};
use crate::eval::{Context, Tracing};
use crate::policies::{Basis, Engine, Policies};
use crate::progress::{Progress, Stage};
use crate::syntax::{self, Line, tree};

/// With what a session begins.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Policy files.
    pub files: Vec<PathBuf>,
    /// Data files, named as for `--data`.
    pub data: Vec<String>,
    /// The period, the day of decision, values that are set.
    pub basis: Basis,
    /// Whether the period was asked for.
    pub period_given: bool,
    /// What reading the data tells of itself, and what stops it.
    pub progress: Arc<Progress>,
}

/// What may be set beside the period and the values of rules.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// Whether records are evaluated one by one.
    pub by_rows: bool,
    /// How many rows are listed.
    pub top: usize,
    /// How many threads work; 0 for as many as there are processors.
    pub threads: usize,
    /// Whether the period was asked for.
    pub period_given: bool,
}

/// What a session keeps between lines.
pub struct Session {
    pub(super) surroundings: Box<dyn Surroundings>,
    pub(super) entered: Entered,
    pub(super) options: Options,
    pub(super) world: World,
    pub(super) records: Arc<Records>,
    pub(super) figures: Option<Arc<Figures>>,
    /// What `export` writes: the last table, or the line that lists it whole.
    pub(super) last: Option<Last>,
    pub(super) threads: Option<rayon::ThreadPool>,
    /// What a line changed, as it was before: a line that is stopped changes nothing.
    before: Option<Box<(Entered, World, Arc<Records>)>>,
    number: usize,
    lines: Vec<String>,
    progress: Arc<Progress>,
}

/// What `export` writes.
#[derive(Debug, Clone)]
pub(super) enum Last {
    /// This table.
    Table(Table),
    /// What `show` lists, of which only the first rows were told.
    Show(String),
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("entered", &self.entered)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a session; what is wrong with its files is in the answer, and then there is none.
    ///
    /// # Errors
    /// What is wrong with the policies or the data that it begins with.
    pub fn new(surroundings: Box<dyn Surroundings>, opening: Opening) -> Result<(Session, Answer), Answer> {
        let Opening { files, data, basis, period_given, progress } = opening;
        let entered = Entered { files, lines: Vec::new(), data: Vec::new(), basis, city: None };
        let world = World::of(&entered, &*surroundings).map_err(|(told, sources)| Answer::wrong(told, sources))?;
        let options = Options { by_rows: false, top: 20, threads: 0, period_given };
        let mut session = Session {
            surroundings,
            entered,
            options,
            world,
            records: Arc::default(),
            figures: None,
            last: None,
            threads: None,
            before: None,
            number: 0,
            lines: Vec::new(),
            progress,
        };
        let answer = if data.is_empty() { Answer::default() } else { session.load_named(data) };
        if answer.failed { Err(answer) } else { Ok((session, answer)) }
    }

    /// Carries out one statement, be it of several lines.
    pub fn run(&mut self, text: &str) -> Answer {
        let bare = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if bare.is_empty() || bare.lines().all(|line| line.trim().is_empty() || line.trim().starts_with(['#', '＃'])) {
            return Answer::default();
        }
        self.progress.begin_anew();
        self.number += 1;
        let name = format!("[{}]", self.number);
        let file = self.world.policies.add_text(&name, text);
        let (line, told) = syntax::parse_line(file, text);
        let mut answer = if has_errors(&told) {
            self.wrong(told)
        } else {
            match line {
                Line::Question(question) => self.question(&question, &name, text),
                Line::Items(tree) => self.enter(&tree, &name, text),
                Line::Expression(expr) => self.expression(&expr),
            }
        };
        self.progress.begin(Stage::Idle, 0);
        let before = self.before.take();
        if self.progress.begin_anew() {
            if let Some(before) = before {
                (self.entered, self.world, self.records) = *before;
                self.figures = None;
            }
            answer = Answer::line("已停止", "stopped");
            answer.failed = true;
        }
        if !answer.failed
            && !matches!(answer.wish.as_deref(), Some(Wish::Quit | Wish::Save(..) | Wish::Tour | Wish::Replay(_)))
        {
            self.lines.push(text.trim_end().to_owned());
            let asks_again = matches!(answer.wish.as_deref(), Some(Wish::Export(..) | Wish::Draw(..)));
            if let Some(table) = answer.table().filter(|_| !asks_again) {
                self.last = Some(match table.of > table.rows.len() {
                    true => Last::Show(text.to_owned()),
                    false => Last::Table(table.clone()),
                });
            }
        }
        answer
    }

    /// How far the work on a line has come, for whoever watches; another thread stops the line by it.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The number of the line that comes next.
    pub fn next(&self) -> usize {
        self.number + 1
    }

    /// The lines that were carried out.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The policies as they stand.
    pub fn policies(&self) -> &Policies {
        &self.world.policies
    }

    /// The day of decision.
    pub fn date(&self) -> crate::value::Date {
        self.world.basis.date
    }

    fn question(&mut self, question: &tree::Question, name: &str, text: &str) -> Answer {
        use tree::QuestionKind;
        match &question.kind {
            QuestionKind::Load(files) => self.load(files),
            QuestionKind::LoadSample(rows) => self.load_sample(rows.as_ref()),
            QuestionKind::Show { columns, rows } => self.show(columns, rows, None),
            QuestionKind::Measure { measures, by, rows } => self.measure(measures, by, rows),
            QuestionKind::Why(about) => self.why(about),
            QuestionKind::WhyNot(about) => self.why_not(about),
            QuestionKind::WhatIf(changes) => self.what_if(changes, name, text),
            QuestionKind::Compare(sides) => self.compare(sides),
            QuestionKind::Solve { of, part, within } => self.solve((of, *part), within.as_ref(), name, text),
            QuestionKind::Plot { value, over, key, filter, to } => {
                self.plot(value, over.as_ref(), key.as_ref(), filter.as_ref(), to.as_ref())
            }
            QuestionKind::Forget(path, span) => self.forget(path.as_ref(), *span),
            QuestionKind::Export(path) => self.export(path),
            QuestionKind::Save(path) => self.save(path),
            QuestionKind::Replay(path) => wish(Wish::Replay(PathBuf::from(path.text.as_str()))),
            QuestionKind::Set(None) => self.settings(),
            QuestionKind::Set(Some((name, value))) => self.set(name, value),
            QuestionKind::Help(word) => self.help(word.as_ref()),
            QuestionKind::Tour => wish(Wish::Tour),
            QuestionKind::Quit => wish(Wish::Quit),
        }
    }

    /// The lines of the session; of a policy file, only what they declare.
    fn save(&self, path: &tree::Text) -> Answer {
        let path = PathBuf::from(path.text.as_str());
        let lines = match path.extension().is_some_and(|ending| ending == "hq") {
            true => self.declared(),
            false => self.lines.clone(),
        };
        wish(Wish::Save(path, lines))
    }

    /// What was declared at the prompt, as the text of a policy file.
    fn declared(&self) -> Vec<String> {
        let text = |file: &PathBuf| match self.entered.city.as_ref() == Some(file) {
            // What lies there for this session only is written out.
            true => {
                let bytes = self.surroundings.read(file).unwrap_or_default();
                String::from_utf8_lossy(&bytes).trim_end().to_owned()
            }
            false => format!("use \"{}\"", file.display()),
        };
        let uses = self.entered.files.iter().map(text);
        let lines = self.entered.lines.iter().map(|line| line.typed().to_owned());
        uses.chain(lines).collect()
    }

    fn export(&mut self, path: &tree::Text) -> Answer {
        let table = match self.last.clone() {
            Some(Last::Table(table)) => Some(table),
            Some(Last::Show(line)) => self.whole(&line),
            None => None,
        };
        match table {
            Some(table) => wish(Wish::Export(PathBuf::from(path.text.as_str()), table)),
            None => self.no_answer(
                path.span,
                ("没有可以导出的结果", "there is no result to write"),
                ("先用 `show` 或 `sum … by …` 得到一张表", "ask for a table first, with `show` or `sum … by …`"),
            ),
        }
    }

    /// All rows of what a line listed.
    fn whole(&mut self, line: &str) -> Option<Table> {
        let file = self.world.policies.add_text("export", line);
        let (Line::Question(question), _) = syntax::parse_line(file, line) else { return None };
        let tree::QuestionKind::Show { columns, rows } = &question.kind else { return None };
        self.show(columns, rows, Some(usize::MAX)).table().cloned()
    }

    /// What everybody gets, reckoned when it is first asked for.
    pub(super) fn figures(&mut self) -> Arc<Figures> {
        if let Some(figures) = &self.figures {
            return Arc::clone(figures);
        }
        let figures = Arc::new(self.figures_of(&self.world, &self.world.program, &self.records));
        if !self.stopped() {
            self.figures = Some(Arc::clone(&figures));
        }
        figures
    }

    /// What everybody gets in a world, by a program of it.
    pub(super) fn figures_of(&self, world: &World, program: &Program, records: &Records) -> Figures {
        let history = world.history(records);
        let context = world.context(program, records, history.as_ref(), Tracing::Off, Some(&self.progress));
        self.figures_in(&context, records)
    }

    /// What everybody gets in a context.
    pub(super) fn figures_in(&self, context: &Context<'_>, records: &Records) -> Figures {
        let stop = || self.stopped();
        let by_columns = || settled::figures(context, records, &stop);
        let found = if self.options.by_rows { None } else { self.in_threads(by_columns) };
        if self.stopped() {
            return Figures::default();
        }
        found.unwrap_or_else(|| {
            let engine = if self.options.by_rows { Engine::Row } else { Engine::Batch };
            let settling = self.in_threads(|| Policies::settle_all(context, &records.loaded.population, engine));
            if self.stopped() {
                return Figures::default();
            }
            Figures::of(context.program, &settling.recipients, settling.settlement.pools)
        })
    }

    /// Works with as many threads as were asked for.
    pub(super) fn in_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.threads {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }

    /// Takes over a world with its records.
    pub(super) fn become_world(&mut self, entered: Entered, world: World, records: Option<Arc<Records>>) {
        let entered = std::mem::replace(&mut self.entered, entered);
        let world = std::mem::replace(&mut self.world, world);
        self.before.get_or_insert_with(|| Box::new((entered, world, Arc::clone(&self.records))));
        self.figures = None;
        if let Some(records) = records {
            self.records = records;
        }
    }

    /// A world of something entered, with records that fit it; what is wrong instead.
    pub(super) fn world_of(&self, entered: &Entered) -> Result<(World, Option<Arc<Records>>), Wrong> {
        let world = World::of(entered, &*self.surroundings)?;
        let records = self.fitting(entered, &world)?;
        Ok((world, records))
    }

    /// Records for a world, read again where those that are loaded do not fit it.
    pub(super) fn fitting(&self, entered: &Entered, world: &World) -> Result<Option<Arc<Records>>, Wrong> {
        let fits = world.shape == self.world.shape
            && world.basis.period == self.world.basis.period
            && entered.data == self.entered.data;
        if fits {
            return Ok(None);
        }
        if entered.data.is_empty() {
            return Ok(Some(Arc::default()));
        }
        let read = self.surroundings.load(&world.policies, &entered.data, &world.basis, &self.progress);
        let wrong = |told: Vec<Diagnostic>| (told, world.policies.sources().clone());
        let records = read.map_err(wrong)?;
        // A file that no longer fits is told, rather than left out without a word.
        let of_files = records.loaded.diagnostics.iter().filter(|told| told.severity() == Severity::Error);
        let of_files: Vec<Diagnostic> = of_files.cloned().collect();
        if of_files.is_empty() { Ok(Some(Arc::new(records))) } else { Err(wrong(of_files)) }
    }

    pub(super) fn program(&self) -> &Program {
        &self.world.program
    }

    /// Whether the line that is being carried out is to end.
    pub(super) fn stopped(&self) -> bool {
        self.progress.is_stopped()
    }

    /// Whether any records are loaded.
    pub(super) fn has_records(&self) -> bool {
        self.records.loaded.population.records.iter().any(|records| !records.is_empty())
    }

    /// What is wrong with a line.
    pub(super) fn wrong(&self, told: Vec<Diagnostic>) -> Answer {
        Answer::wrong(told, self.world.policies.sources().clone())
    }

    /// A question that cannot be answered: why, and what to do.
    pub(super) fn no_answer(&self, at: crate::source::Span, found: (&str, &str), fix: (&str, &str)) -> Answer {
        let phrase = |(zh, en): (&str, &str)| Argument::phrase(zh, en);
        let told = Diagnostic::new(Code::NoAnswer).at(at).with("found", phrase(found)).with("fix", phrase(fix));
        self.wrong(vec![told])
    }

    /// There is nobody to ask about.
    pub(super) fn no_records(&self, at: crate::source::Span) -> Answer {
        self.no_answer(
            at,
            ("还没有载入数据", "no records are loaded"),
            (
                "用 `载入 \"企业.xlsx\"` 读入数据，或者 `载入 样例`",
                "read some with `load \"企业.xlsx\"`, or `load sample`",
            ),
        )
    }

    /// The clause that a path names.
    pub(super) fn clause_named(&self, path: &tree::Path) -> Result<ClauseId, Answer> {
        crate::check::named_clause(self.world.policies.project(), &self.world.program, path)
            .map_err(|wrong| self.wrong(wrong))
    }
}

fn wish(wish: Wish) -> Answer {
    Answer { wish: Some(Box::new(wish)), ..Answer::default() }
}
