//! The documented lines as CSV, for spreadsheets and for programs.

use std::io::Write;

use crate::cli::whole::{Begun, Unwritten};
use crate::explain::Line;

/// How text stands in the cells of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum CellText {
    /// Text that a spreadsheet would take for a formula gets a leading apostrophe.
    Harmless,
    /// As it is, for programs.
    Exact,
}

impl CellText {
    /// The text as it stands in a cell.
    pub fn of(self, text: String) -> String {
        // Spreadsheets set to Chinese or Japanese take the full-width signs too.
        let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
        if self == CellText::Harmless && text.starts_with(signs) { format!("'{text}") } else { text }
    }
}

/// A CSV file whose cells a spreadsheet reads in the right encoding.
pub(in crate::cli) fn begin(mut begun: Begun) -> Result<csv::Writer<Begun>, Unwritten> {
    // Excel takes a file without this mark for the local code page.
    begun.write_all("\u{feff}".as_bytes())?;
    Ok(csv::Writer::from_writer(begun))
}

/// Writes what is left and moves the file to its place.
pub(in crate::cli) fn finish(csv: csv::Writer<Begun>) -> Result<(), Unwritten> {
    let begun = csv.into_inner().map_err(|error| std::io::Error::from(error.error().kind()))?;
    Ok(begun.finish()?)
}

const HEADER: [&str; 14] = [
    "key", "to", "policy", "clause", "item", "status", "amount", "lowest", "highest", "settled", "missing", "pending",
    "because", "shares",
];

/// Lines on their way into a CSV file.
pub(super) struct CsvLines {
    csv: csv::Writer<Begun>,
    text: CellText,
}

impl CsvLines {
    pub fn new(begun: Begun, text: CellText) -> Result<CsvLines, Unwritten> {
        let mut csv = begin(begun)?;
        csv.write_record(HEADER)?;
        Ok(CsvLines { csv, text })
    }

    pub fn add(&mut self, line: Line) -> Result<(), Unwritten> {
        let text = |value: Option<String>| value.map_or_else(String::new, |text| self.text.of(text));
        let many = |values: Vec<String>| self.text.of(values.join("; "));
        self.csv.write_record([
            self.text.of(line.key),
            text(line.to),
            text(line.policy),
            text(line.clause),
            text(line.item),
            line.status.to_owned(),
            line.amount.unwrap_or_default(),
            line.lowest,
            line.highest.unwrap_or_default(),
            line.settled.unwrap_or_default(),
            many(line.missing),
            many(line.pending),
            many(line.because),
            many(
                line.shares
                    .iter()
                    .map(|share| format!("{} {}", share.payer, share.amount.as_deref().unwrap_or("?")))
                    .collect(),
            ),
        ])?;
        Ok(())
    }

    pub fn finish(self) -> Result<(), Unwritten> {
        finish(self.csv)
    }
}

impl From<csv::Error> for Unwritten {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => std::io::Error::other(format!("{other:?}")).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CellText;

    #[test]
    fn only_what_a_spreadsheet_would_compute_is_marked() {
        for text in ["=1+1", "+8613900000000", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
        {
            assert_eq!(CellText::Harmless.of(text.to_owned()), format!("'{text}"));
            assert_eq!(CellText::Exact.of(text.to_owned()), text);
        }
        for text in ["", "1-1", "甲=乙", "a@b", "'=1", " =1"] {
            assert_eq!(CellText::Harmless.of(text.to_owned()), text);
        }
    }
}
