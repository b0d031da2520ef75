//! Results in a file: complete or absent. Written beside its place, then moved there.

use std::io::{BufWriter, Write};
use std::path::Path;

use crate::explain::Line;

/// What a result file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    JsonLines,
}

/// The kind that a file name asks for.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Kind::Csv),
        "jsonl" | "ndjson" => Some(Kind::JsonLines),
        _ => None,
    }
}

/// Writes all lines, or nothing.
pub(super) fn write(path: &Path, kind: Kind, lines: impl Iterator<Item = Line>) -> std::io::Result<()> {
    whole(path, |writer| match kind {
        Kind::Csv => csv(writer, lines),
        Kind::JsonLines => lines.into_iter().try_for_each(|line| {
            serde_json::to_writer(&mut *writer, &line)?;
            writer.write_all(b"\n")
        }),
    })
}

/// Writes a whole file, or nothing.
pub(super) fn whole<F>(path: &Path, write: F) -> std::io::Result<()>
where
    F: FnOnce(&mut BufWriter<tempfile::NamedTempFile>) -> std::io::Result<()>,
{
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = beside(folder)?;
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A file to be moved to its place in this folder, with the rights that a new file gets.
pub(super) fn beside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

const HEADER: [&str; 14] = [
    "key", "to", "policy", "clause", "item", "status", "amount", "lowest", "highest", "settled", "missing", "pending",
    "because", "shares",
];

fn csv(writer: &mut impl Write, lines: impl Iterator<Item = Line>) -> std::io::Result<()> {
    // Excel takes a file without this mark for the local code page.
    writer.write_all("\u{feff}".as_bytes())?;
    let mut csv = csv::Writer::from_writer(writer);
    csv.write_record(HEADER)?;
    for line in lines {
        let text = |value: Option<String>| value.map_or_else(String::new, harmless);
        let many = |values: Vec<String>| harmless(values.join("; "));
        csv.write_record([
            harmless(line.key),
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
    }
    csv.flush()
}

/// Text that a spreadsheet would take for a formula gets a leading apostrophe.
pub(super) fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
