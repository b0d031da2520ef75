//! `load`: data files, and the sample city.

use std::sync::Arc;

use super::answer::{Answer, Part};
use super::session::Session;
use super::world::{Entered, Records, World};
use crate::diagnostic::{Diagnostic, Severity, has_errors, many};
use crate::policies::Basis;
use crate::syntax::tree::{Expr, LoadFile};

impl Session {
    /// Reads data files beside those that are loaded.
    pub(super) fn load(&mut self, files: &[LoadFile]) -> Answer {
        let named = files.iter().map(|file| match &file.record {
            Some(record) => format!("{}={}", record.text, file.path.text),
            None => file.path.text.to_string(),
        });
        self.load_named(named.collect())
    }

    /// The same, named as for `--data`.
    pub(super) fn load_named(&mut self, named: Vec<String>) -> Answer {
        let mut next = self.entered.clone();
        // A file that is named again is read again, once.
        for one in named {
            match next.data.iter_mut().find(|other| path_of(other) == path_of(&one)) {
                Some(slot) => *slot = one,
                None => next.data.push(one),
            }
        }
        let name = format!("[{}]", self.next().saturating_sub(1));
        let next = self.with_records(next, &name);
        let declared: Vec<&str> =
            next.lines.iter().filter(|line| line.inferred && line.name == name).map(|line| line.typed()).collect();
        let declared = (!declared.is_empty()).then(|| declared.join("\n"));
        let mut answer = self.read(next);
        if let Some(declared) = declared.filter(|_| !answer.failed) {
            answer.tell(
                format!("没有声明登记表，各列的类型按内容推断如下；不对的，写一份 `登记表` 就换掉它\n{declared}"),
                format!("no record is declared: columns were taken as follows; a `record` of your own takes its place\n{declared}"),
            );
        }
        answer
    }

    /// The sample city with its vocabulary, for the year that it is made for.
    pub(super) fn load_sample(&mut self, rows: Option<&Expr>) -> Answer {
        if let Some(rows) = rows {
            return self.no_answer(
                rows.span,
                ("样例城市的户数是定好的", "the sample city has its own number of enterprises"),
                ("另编一批数据，用命令 `huiqi sample`", "make up more with the command `huiqi sample`"),
            );
        }
        let (vocabulary, data) = match self.surroundings.sample() {
            Ok(sample) => sample,
            Err(error) => {
                let told = Diagnostic::new(crate::diagnostic::Code::UnwritableFile)
                    .with("file", std::env::temp_dir().display().to_string())
                    .with("found", error.to_string());
                return self.wrong(vec![told]);
            }
        };
        let mut next = self.entered.clone();
        if !next.files.iter().any(|file| file.file_name() == vocabulary.file_name()) && self.lacks_records() {
            next.files.insert(0, vocabulary.clone());
            next.city = Some(vocabulary);
        }
        next.data = data;
        let set_period = !self.options.period_given;
        if set_period && let Ok(basis) = Basis::of("2024") {
            next.basis = Basis { set: next.basis.set.clone(), ..basis };
        }
        let mut answer = self.read(next);
        if !answer.failed && set_period {
            self.options.period_given = true;
            answer.tell(
                "评价期设为 2024；样例城市全是编造的",
                "the period is set to 2024; everything in the sample city is made up",
            );
        }
        answer
    }

    /// Whether no record type has been declared.
    fn lacks_records(&self) -> bool {
        self.program().records.iter().all(|record| record.is_history || record.span.is_none())
    }

    fn read(&mut self, next: Entered) -> Answer {
        let world = match World::of(&next, &*self.surroundings) {
            Ok(world) => world,
            Err((told, sources)) => return Answer::wrong(told, sources),
        };
        let read = self.surroundings.load(&world.policies, &next.data, &world.basis, self.progress());
        let records = match read {
            Ok(records) => records,
            Err(wrong) => return Answer::wrong(wrong, world.policies.sources().clone()),
        };
        // A file that cannot be read at all leaves everything as it was; a wrong row stands apart.
        let of_files: Vec<Diagnostic> =
            records.loaded.diagnostics.iter().filter(|told| told.severity() == Severity::Error).cloned().collect();
        if has_errors(&of_files) {
            return Answer::wrong(of_files, world.policies.sources().clone());
        }
        let mut answer = Answer::default();
        tell_files(&world, &records, &mut answer);
        tell_rows(&world, &records, &mut answer);
        self.become_world(next, world, Some(Arc::new(records)));
        answer
    }
}

/// The file of data that is named as for `--data`.
fn path_of(named: &str) -> &str {
    named.split_once('=').map_or(named, |(_, path)| path)
}

/// How many wrong rows are told one by one.
const ROWS_TOLD: usize = 10;

/// What each file had.
fn tell_files(world: &World, records: &Records, answer: &mut Answer) {
    let both = super::words::Both { program: &world.program, sources: world.policies.sources() };
    for file in &records.loaded.report.files {
        let name = std::path::Path::new(&file.file)
            .file_name()
            .map_or(file.file.clone(), |name| name.to_string_lossy().into_owned());
        let record = file.record.map(|id| both.phrase(|words| words.record(id))).unwrap_or_default();
        let (rows, rejected) = (file.rows, file.rejected);
        let (mut zh, mut en) =
            (format!("{name}：{} {rows} 行", record.zh), format!("{name}: {} of {}", many(rows, "row"), record.en));
        if rejected > 0 {
            zh += &format!("，{rejected} 行有误未计");
            en += &format!(", {rejected} kept apart");
        }
        if !file.unknown_columns.is_empty() {
            let unknown = file.unknown_columns.len();
            zh += &format!("，{unknown} 列没有声明、未用");
            en += &format!(", {} that nobody declared", many(unknown, "column"));
        }
        answer.tell(zh, en);
    }
    if records.loaded.report.files.is_empty() {
        answer.tell("没有读到数据", "no data was read");
    }
}

/// The rows that were kept apart.
pub(super) fn tell_rows(world: &World, records: &Records, answer: &mut Answer) {
    let told: Vec<&Diagnostic> = records.loaded.population.rejected.iter().flat_map(|row| &row.diagnostics).collect();
    if !told.is_empty() {
        let shown = told.iter().take(ROWS_TOLD).map(|one| (*one).clone()).collect();
        answer.parts.push(Part::Diagnostics(shown, world.policies.sources().clone()));
        let more = told.len().saturating_sub(ROWS_TOLD);
        if more > 0 {
            answer.tell(
                format!("另有 {more} 处，用 `huiqi run` 全部列出"),
                format!("{more} more: `huiqi run` lists them all"),
            );
        }
    }
}
