//! What is printed, where, in which language and whether in colour.

use std::io::{IsTerminal, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::arguments::{Lang, When};
use crate::diagnostic::{Diagnostic, Language, Renderer, has_errors};
use crate::source::Sources;

/// A rule under the header and none between rows.
const STYLE: comfy_table::TableStyle = comfy_table::presets::UTF8_BORDERS_ONLY;

/// The terminal, or what stands for it.
pub(super) struct Console {
    /// The language of messages.
    pub language: Language,
    color: bool,
    error_color: bool,
}

impl Console {
    pub fn new(language: Option<Lang>, color: When) -> Self {
        let language = match language {
            Some(Lang::Zh) => Language::Chinese,
            Some(Lang::En) => Language::English,
            None => Language::from_locale(),
        };
        // NO_COLOR, when it is set and not empty, asks for no colour: no-color.org.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let wanted = |terminal: bool| match color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !refused,
        };
        Console {
            language,
            color: wanted(std::io::stdout().is_terminal()),
            error_color: wanted(std::io::stderr().is_terminal()),
        }
    }

    /// The Chinese or the English.
    pub fn pick<T>(&self, zh: T, en: T) -> T {
        self.language.pick(zh, en)
    }

    /// A line of the result. A closed pipe ends the printing, not the program.
    pub fn line(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stdout(), "{}", text.as_ref());
    }

    /// A line beside the result.
    pub fn note(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
    }

    /// Emphasis, on a terminal.
    pub fn strong(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// What is well, on a terminal.
    pub fn good(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[32m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// What is wrong, on a terminal.
    pub fn bad(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[31m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Whether results are coloured.
    pub fn is_colored(&self) -> bool {
        self.color
    }

    /// The renderer of diagnostics for this console.
    pub fn renderer(&self) -> Renderer {
        let mut renderer = Renderer::new(self.language);
        renderer.color = self.error_color;
        renderer
    }

    /// Prints diagnostics beside the result; whether any is an error.
    pub fn diagnostics(&self, sources: &Sources, diagnostics: &[Diagnostic]) -> bool {
        if !diagnostics.is_empty() {
            self.note(self.renderer().render(sources, diagnostics));
        }
        has_errors(diagnostics)
    }

    /// A table whose columns line up under wide characters; columns in `right` hold figures.
    pub fn table(&self, header: &[&str], rows: Vec<Vec<String>>, right: &[usize]) {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(header.iter().map(|text| Cell::new(self.strong(text))));
        for row in rows {
            table.add_row(row);
        }
        for at in right {
            if let Some(column) = table.column_mut(*at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self.line(table.to_string());
    }
}
