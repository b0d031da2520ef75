//! Diagnostics: what is wrong, where, and what to do, as data.
//!
//! Stages raise a [`Diagnostic`]: a stable [`Code`], the spans concerned and named
//! arguments. Wording in both languages stands in `catalogue/*.toml`, one entry a code;
//! `render` turns the data into text. No stage builds a sentence.

mod catalogue;
mod code;
mod pages;
mod render;

pub use catalogue::{Entry, OneOrMore, Wording, entry};
pub use code::Code;
#[cfg(test)]
pub(crate) use pages::examples;
pub use pages::explain;
pub(crate) use render::many;
pub use render::{Description, Label, Language, Renderer};

use smol_str::SmolStr;

use crate::source::Span;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what was meant; the policy still runs.
    Warning,
    /// The policy or the row cannot be used.
    Error,
}

/// A value put into a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// The same in both languages: a name, a number, a path.
    Plain(SmolStr),
    /// A phrase in both languages, such as a type.
    Phrase {
        /// 中文
        zh: SmolStr,
        /// English
        en: SmolStr,
    },
}

impl Argument {
    /// A phrase in both languages.
    pub fn phrase(zh: impl Into<SmolStr>, en: impl Into<SmolStr>) -> Self {
        Argument::Phrase { zh: zh.into(), en: en.into() }
    }
}

impl<T: AsRef<str>> From<T> for Argument {
    fn from(text: T) -> Self {
        Argument::Plain(SmolStr::new(text))
    }
}

/// A place in a data file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataPlace {
    /// The file as named on the command line.
    pub file: String,
    /// The row, counted from 1 with the header as row 1.
    pub row: Option<usize>,
    /// The column's header, or the path of a JSON value.
    pub column: Option<String>,
    /// The key of the enterprise or other record, where it is known.
    pub key: Option<String>,
}

/// One thing to tell the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Which kind.
    pub code: Code,
    /// The places, the first being where it is; further ones are what it disagrees with.
    /// Each names the catalogue's label: `label`, `second`, `third`.
    pub spans: Vec<Span>,
    /// The place in data, for data errors.
    pub place: Option<DataPlace>,
    /// The named arguments of the message.
    pub arguments: Vec<(&'static str, Argument)>,
}

impl Diagnostic {
    /// A diagnostic without a place.
    pub fn new(code: Code) -> Self {
        Diagnostic { code, spans: Vec::new(), place: None, arguments: Vec::new() }
    }

    /// Adds a place: the first is where it is, later ones what it disagrees with.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.spans.push(span);
        self
    }

    /// Sets a named argument of the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Argument>) -> Self {
        self.arguments.push((name, value.into()));
        self
    }

    /// Sets a named argument if there is a value: lines of the message that need it are left out otherwise.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl Into<Argument>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Sets the place in data.
    #[must_use]
    pub fn in_data(mut self, place: DataPlace) -> Self {
        self.place = Some(place);
        self
    }

    /// Its severity, from the catalogue.
    pub fn severity(&self) -> Severity {
        entry(self.code).severity
    }
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity() == Severity::Error)
}
