//! A data file: its format, its bytes and its text.
//!
//! In: a path. Out: what is read of it, or why it cannot be read.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use smol_str::SmolStr;

use super::Input;
use super::encoding::{Decoded, decode};
use super::input::{Limits, too_much};
use super::refusal::size;
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};
use crate::resolve::nearest;

/// The formats, by the ending of a file.
pub(super) enum Format {
    Text(TextFormat),
    Parquet,
    Workbook,
}

/// The formats that are text.
pub(super) enum TextFormat {
    Separated(u8),
    Json,
    JsonLines,
}

pub(super) fn format_of(path: &Path, name: &str) -> Result<Format, Box<Diagnostic>> {
    // A folder is told by its name alone only where it has an ending.
    if path.is_dir() {
        return Err(Box::new(unreadable(
            name,
            Argument::phrase("这是一个文件夹，里面没有数据文件", "it is a folder without a data file"),
        )));
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Format::Text(TextFormat::Separated(b','))),
        Some("tsv" | "tab") => Ok(Format::Text(TextFormat::Separated(b'\t'))),
        Some("json") => Ok(Format::Text(TextFormat::Json)),
        Some("jsonl" | "ndjson") => Ok(Format::Text(TextFormat::JsonLines)),
        Some("parquet") => Ok(Format::Parquet),
        Some("xlsx" | "xlsm") => Ok(Format::Workbook),
        Some("xls") => {
            let old = Argument::phrase(
                "这是旧的 .xls 格式，请用 Excel 另存为 .xlsx",
                "it is in the old .xls format: save it as .xlsx",
            );
            Err(Box::new(unreadable(name, old)))
        }
        ending => {
            let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
            let diagnostic = Diagnostic::new(Code::UnknownFormat)
                .with("file", name)
                .with_some("found", ending.map(|ending| format!(".{ending}")))
                .with("expected", ".csv, .tsv, .json, .jsonl, .xlsx, .parquet");
            Err(Box::new(diagnostic.in_data(place)))
        }
    }
}

pub(super) fn read_bytes(path: &Path, name: &str, limits: &Limits) -> Result<Vec<u8>, Box<Diagnostic>> {
    let wrong = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
            Diagnostic::new(Code::FileNotFound).with("file", name).with_some("near", file_beside(path)).in_data(place)
        }
        ErrorKind::PermissionDenied => unreadable(name, Argument::phrase("没有读取权限", "permission denied")),
        ErrorKind::OutOfMemory => unreadable(name, Argument::phrase("内存不够", "there is not enough memory")),
        _ => unreadable(name, Argument::phrase("读取出错", "reading failed")),
    };
    // Before it is opened: a device may give bytes without end. A pipe is opened: its writer waits for that.
    let is = std::fs::metadata(path).map_err(wrong)?;
    if is_device(&is) {
        return Err(Box::new(unreadable(name, Argument::phrase("这是设备，不是文件", "it is a device, not a file"))));
    }
    if is.len() > limits.file_bytes {
        let found = Argument::phrase("大小", "of data");
        return Err(Box::new(too_much(name, found, &size(limits.file_bytes))));
    }
    let file = File::open(path).map_err(wrong)?;
    let mut bytes = Vec::new();
    let read = file.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(wrong)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limits.file_bytes {
        let found = Argument::phrase("大小", "of data");
        return Err(Box::new(too_much(name, found, &size(limits.file_bytes))));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_device(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.file_type().is_char_device() || file.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

/// A file that is not read.
pub(super) fn unreadable(name: &str, found: Argument) -> Diagnostic {
    let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
    Diagnostic::new(Code::UnreadableFile).with("file", name).with("found", found).in_data(place)
}

/// A file in the same folder with a near name.
pub(super) fn file_beside(path: &Path) -> Option<SmolStr> {
    const LOOKED_AT: usize = 1000;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).ok()?.take(LOOKED_AT);
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
    // Of several that are as near the same is named each time.
    names.sort_unstable();
    // Endings are alike among files that have nothing else in common.
    let stem = |name: &String| Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stems: Vec<String> = names.iter().filter_map(stem).collect();
    let wanted = path.file_stem()?.to_string_lossy();
    let same = stems.iter().map(String::as_str).find(|stem| *stem == wanted);
    let near = same.or_else(|| nearest(&wanted, stems.iter().map(String::as_str)))?;
    names.iter().find(|name| stem(name).as_deref() == Some(near)).map(SmolStr::new)
}

/// A file whose encoding was inferred.
pub(super) fn guessed(name: &str, encoding: &'static str) -> Diagnostic {
    let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
    Diagnostic::new(Code::EncodingGuessed).with("file", name).with("encoding", encoding).in_data(place)
}

pub(super) fn decoded(bytes: Vec<u8>, input: &Input, name: &str) -> Result<Decoded, Box<Diagnostic>> {
    let wanted = input.encoding.as_deref();
    // What a file mixes is looked for where it stops being UTF-8.
    let row = match std::str::from_utf8(&bytes) {
        Err(error) if wanted.is_none() => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            Some(before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1))
        }
        _ => None,
    };
    decode(bytes, wanted).ok_or_else(|| {
        let place = DataPlace { file: name.to_string(), row, ..DataPlace::default() };
        let diagnostic = Diagnostic::new(Code::UnknownEncoding).with("file", name).with_some("encoding", wanted);
        Box::new(diagnostic.with_some("row", row.map(|row| row.to_string())).in_data(place))
    })
}
