//! Diagnostics as text: for the terminal, for editors and logs, and as JSON.
//!
//! In: [`Diagnostic`]s and the [`Sources`] they point into. Out: text in one language, made
//! of the catalogue's wording; miette draws the source lines. Lines and columns are counted
//! in characters, as editors show them. What was typed is shown without its control characters.

mod snippet;
mod text;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail")]
mod tests;

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use serde::Serialize;

use super::catalogue::{Wording, entry, fill};
use super::{Argument, DataPlace, Diagnostic, Severity};
use crate::source::{Position, SourceFile, Sources, Span};
use snippet::Excerpt;
use text::{clean, wrap};

/// The most diagnostics that are drawn.
const MOST_SHOWN: usize = 100;

/// The language of messages and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum Language {
    /// 中文
    #[default]
    #[serde(rename = "zh")]
    Chinese,
    /// English
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The language of the environment: Chinese where `LC_ALL`, `LC_MESSAGES` or `LANG` says so.
    pub fn from_locale() -> Self {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        Language::of_locale(named.into_iter().find(|locale| !locale.is_empty()).as_deref().unwrap_or(""))
    }

    /// The language of a locale such as `zh_CN.UTF-8`.
    pub fn of_locale(locale: &str) -> Self {
        let chinese = locale.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("zh"));
        if chinese { Language::Chinese } else { Language::English }
    }

    /// `zh` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Language::Chinese => "zh",
            Language::English => "en",
        }
    }

    /// One of two texts.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    fn position(self, at: Position) -> String {
        match self {
            Language::Chinese => format!("第 {} 行第 {} 列", at.line, at.column),
            Language::English => format!("line {}, column {}", at.line, at.column),
        }
    }

    fn severity(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Error => self.pick("错误", "error"),
            Severity::Warning => self.pick("警告", "warning"),
            Severity::Note => self.pick("提示", "note"),
        }
    }
}

/// A count with its English noun: `1 clause`, `2 clauses`.
pub(crate) fn many(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// How diagnostics are turned into text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renderer {
    /// The language.
    pub language: Language,
    /// Whether the terminal shows colours.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
    /// Whether frames are drawn with line characters rather than ASCII.
    pub unicode: bool,
}

impl Renderer {
    /// A renderer of plain text, 100 columns wide.
    pub fn new(language: Language) -> Self {
        Renderer { language, color: false, width: 100, unicode: true }
    }

    /// The diagnostics with the lines they concern; where there are very many, the gravest.
    pub fn render(&self, sources: &Sources, diagnostics: &[Diagnostic]) -> String {
        let mut shown: Vec<&Diagnostic> = diagnostics.iter().collect();
        if shown.len() > MOST_SHOWN {
            shown.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity()));
            shown.truncate(MOST_SHOWN);
        }
        let mut output = String::new();
        for diagnostic in &shown {
            output.push_str(&self.render_one(sources, diagnostic));
            output.push('\n');
        }
        let left = diagnostics.len() - shown.len();
        if left > 0 {
            let line = self.language.pick(format!("另有 {left} 条没有显示"), format!("{left} more are not shown"));
            output.push_str(&line);
            output.push('\n');
        }
        output
    }

    /// One line for editors and logs: `file:line:column: error[HQ0201]: message`.
    pub fn plain(&self, diagnostic: &Diagnostic, sources: &Sources) -> String {
        let described = self.describe(sources, diagnostic);
        let mut line = String::new();
        if let Some(file) = &described.file {
            line.push_str(file);
            for number in [described.line.or(described.row), described.column].into_iter().flatten() {
                let _ = write!(line, ":{number}");
            }
            line.push_str(": ");
        }
        let severity = Language::English.severity(described.severity);
        let _ = write!(line, "{severity}[{}]: {}", described.code, described.message);
        line
    }

    /// JSON, one object a line for each diagnostic.
    pub fn to_json(&self, sources: &Sources, diagnostics: &[Diagnostic]) -> String {
        let mut output = String::new();
        for diagnostic in diagnostics {
            // Plain texts and numbers can always be written.
            output.push_str(&serde_json::to_string(&self.describe(sources, diagnostic)).unwrap_or_default());
            output.push('\n');
        }
        output
    }

    /// The parts of a diagnostic in words, for JSON and editors.
    pub fn describe(&self, sources: &Sources, diagnostic: &Diagnostic) -> Description {
        let words = self.words(sources, diagnostic);
        let place = diagnostic.place.as_ref();
        let mut labels =
            diagnostic.spans.iter().zip(&words.labels).map(|(span, text)| Label::new(sources, *span, text.clone()));
        let first = labels.next();
        Description {
            code: diagnostic.code.as_str(),
            severity: diagnostic.severity(),
            message: words.message,
            help: words.help,
            file: place.map(|place| clean(&place.file)).or_else(|| first.as_ref().map(|label| label.file.clone())),
            // A place in data comes first: the line in a policy is then one of the labels.
            line: first.as_ref().filter(|_| place.is_none()).map(|label| label.line),
            column: first.as_ref().filter(|_| place.is_none()).map(|label| label.column),
            end_line: first.as_ref().filter(|_| place.is_none()).map(|label| label.end_line),
            end_column: first.as_ref().filter(|_| place.is_none()).map(|label| label.end_column),
            labels: first.into_iter().chain(labels).collect(),
            row: place.and_then(|place| place.row),
            data_column: place.and_then(|place| place.column.as_deref().map(clean)),
            key: place.and_then(|place| place.key.as_deref().map(clean)),
        }
    }

    fn render_one(&self, sources: &Sources, diagnostic: &Diagnostic) -> String {
        let words = self.words(sources, diagnostic);
        let head = format!("{}[{}]", self.language.severity(diagnostic.severity()), diagnostic.code);
        let labelled: Vec<(Span, Option<String>)> = diagnostic.spans.iter().copied().zip(words.labels).collect();
        let (here, elsewhere): (Vec<_>, Vec<_>) = match diagnostic.spans.first() {
            Some(first) => labelled.into_iter().partition(|(span, _)| span.file == first.file),
            None => (labelled, Vec::new()),
        };
        let mut message = wrap(&words.message, self.width.saturating_sub(6)).join("\n");
        if let Some(place) = &diagnostic.place {
            message = format!("{message}\n{}", self.data_place(diagnostic, place));
        }
        let mut output = self.draw(sources, Some(head), message, diagnostic.severity(), told_apart(here));
        for (span, label) in elsewhere {
            let message = label.unwrap_or_else(|| self.language.pick("另见", "see also").to_string());
            output.push_str(&self.draw(sources, None, message, Severity::Note, vec![(span, None)]));
        }
        for line in &words.help {
            self.push_help(&mut output, line);
        }
        output
    }

    fn draw(
        &self,
        sources: &Sources,
        head: Option<String>,
        message: String,
        severity: Severity,
        labelled: Vec<(Span, Option<String>)>,
    ) -> String {
        let spans: Vec<Span> = labelled.iter().map(|(span, _)| *span).collect();
        let file = spans.first().and_then(|span| sources.get(span.file));
        let excerpt = file.map(|file| Excerpt::new(file, clean(&file.name), &spans, self.language));
        let (source, places) = excerpt.map_or((None, Vec::new()), |(excerpt, places)| (Some(excerpt), places));
        let texts = labelled.into_iter().map(|(_, text)| text);
        let label = |(at, (place, text)): (usize, (Range<usize>, Option<String>))| match at {
            0 => LabeledSpan::new_primary_with_span(text, place),
            _ => LabeledSpan::new_with_span(text, place),
        };
        let labels = places.into_iter().zip(texts).enumerate().map(label).collect();
        let drawing = Drawing { head, message, severity, labels, source };
        let mut output = String::new();
        if self.handler().render_report(&mut output, &drawing).is_err() {
            // The words alone are better than nothing.
            output = format!("{}\n", drawing.message);
        }
        output
    }

    fn handler(&self) -> GraphicalReportHandler {
        let theme = match (self.unicode, self.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        };
        GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_wrap_lines(false)
            .with_urls(false)
            .without_primary_span_start()
            .without_syntax_highlighting()
    }

    fn push_help(&self, output: &mut String, text: &str) {
        let (head, indent) = self.language.pick(("建议：", 8), ("help: ", 8));
        let head = if self.color { format!("\u{1b}[36m{head}\u{1b}[0m") } else { head.to_string() };
        for (at, line) in wrap(text, self.width.saturating_sub(indent)).iter().enumerate() {
            let _ = match at {
                0 => writeln!(output, "  {head}{line}"),
                _ => writeln!(output, "{:indent$}{line}", ""),
            };
        }
    }

    /// `企业.csv 第 3 行，列「投资额」，企业 E001`
    fn data_place(&self, diagnostic: &Diagnostic, place: &DataPlace) -> String {
        let record = self.argument(diagnostic, "record");
        let record = record.as_deref().unwrap_or(self.language.pick("记录", "record"));
        let row = place.row.map(|row| self.language.pick(format!(" 第 {row} 行"), format!(", row {row}")));
        let column = place.column.as_deref().map(clean);
        let column = column.map(|name| self.language.pick(format!("，列「{name}」"), format!(", column `{name}`")));
        let key = place.key.as_deref().map(clean);
        let key = key.map(|key| self.language.pick(format!("，{record} {key}"), format!(", {record} {key}")));
        let parts = [Some(clean(&place.file)), row, column, key];
        parts.into_iter().flatten().collect()
    }

    fn words(&self, sources: &Sources, diagnostic: &Diagnostic) -> Words {
        let wording = entry(diagnostic.code).wording(self.language);
        let arguments = self.arguments(sources, diagnostic);
        let value = |name: &str| arguments.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
        Words {
            message: wording.message.fill(value).unwrap_or_else(|| patched(wording, value)),
            labels: (0..diagnostic.spans.len())
                .map(|at| wording.label(at).and_then(|label| label.fill(value)))
                .collect(),
            help: wording.help.iter().filter_map(|line| fill(line, value)).collect(),
        }
    }

    fn arguments(&self, sources: &Sources, diagnostic: &Diagnostic) -> Vec<(&'static str, String)> {
        let own = diagnostic.arguments.iter().map(|(name, argument)| (*name, self.phrase(argument)));
        let place = diagnostic.place.iter().flat_map(|place| {
            let row = place.row.map(|row| row.to_string());
            let parts = [("file", Some(clean(&place.file))), ("row", row)];
            let named =
                [("column", &place.column), ("key", &place.key)].map(|(name, text)| (name, text.as_deref().map(clean)));
            parts.into_iter().chain(named).filter_map(|(name, text)| Some((name, text?)))
        });
        let typed = diagnostic.spans.first().map(|span| ("typed", clean(first_line(sources.text(*span)))));
        own.chain(place).chain(typed).collect()
    }

    fn argument(&self, diagnostic: &Diagnostic, wanted: &str) -> Option<String> {
        diagnostic.arguments.iter().find(|(name, _)| *name == wanted).map(|(_, argument)| self.phrase(argument))
    }

    fn phrase(&self, argument: &Argument) -> String {
        match argument {
            Argument::Plain(text) => clean(text),
            Argument::Phrase { zh, en } => clean(self.language.pick(zh, en)),
        }
    }
}

/// Where both sides of a whole are shown, the whole is not: marks over marks cannot be read.
fn told_apart(mut labelled: Vec<(Span, Option<String>)>) -> Vec<(Span, Option<String>)> {
    if let [(whole, _), sides @ ..] = labelled.as_slice() {
        let inside = |span: &Span| span.start >= whole.start && span.end <= whole.end && span != whole;
        if sides.len() > 1 && sides.iter().all(|(span, _)| inside(span)) {
            labelled.remove(0);
        }
    }
    labelled
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or("").trim_end()
}

/// The last, simplest form of a message although it lacks an argument, with `…` in its place.
fn patched<'a>(wording: &Wording, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let simplest = wording.message.templates().last().map_or("", String::as_str);
    fill(simplest, |name| value(name).filter(|text| !text.is_empty()).or(Some("…"))).unwrap_or_default()
}

/// A diagnostic in words.
struct Words {
    message: String,
    labels: Vec<Option<String>>,
    help: Vec<String>,
}

/// A diagnostic as data for tools: editors, and `--format json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// `HQ0201`
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do, line by line.
    pub help: Vec<String>,
    /// The data file, or else the policy file.
    pub file: Option<String>,
    /// The line in the policy file, from 1.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The line of the end.
    pub end_line: Option<usize>,
    /// The column after the last character.
    pub end_column: Option<usize>,
    /// All places in policy files, the first being where it is.
    pub labels: Vec<Label>,
    /// The row of the data file, the header being row 1.
    pub row: Option<usize>,
    /// The column's header in the data file.
    pub data_column: Option<String>,
    /// The key of the record concerned.
    pub key: Option<String>,
}

/// A place in a policy file, with what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The line of its end.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// What it is.
    pub text: Option<String>,
}

impl Label {
    fn new(sources: &Sources, span: Span, text: Option<String>) -> Self {
        let file = sources.get(span.file);
        let at = |byte| file.map_or(Position { line: 1, column: 1 }, |file| position(file, byte));
        let (start, end) = (at(span.start), at(span.end.max(span.start)));
        Label {
            file: file.map_or_else(String::new, |file| clean(&file.name)),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            text,
        }
    }
}

/// The position as an editor shows it, which does not count a byte order mark.
fn position(file: &SourceFile, byte: u32) -> Position {
    let at = file.position(byte);
    let marked = at.line == 1 && at.column > 1 && file.text.starts_with('\u{feff}');
    Position { column: at.column - usize::from(marked), ..at }
}

/// What miette draws.
#[derive(Debug)]
struct Drawing {
    head: Option<String>,
    message: String,
    severity: Severity,
    labels: Vec<LabeledSpan>,
    source: Option<Excerpt>,
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.head.as_ref().map(|head| Box::new(head) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
