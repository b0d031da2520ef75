//! A temporary file that any thread writes to and reads from, at places of its own.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is set aside on the disk; gone with the value.
pub(crate) struct Aside {
    file: File,
    length: AtomicU64,
}

impl Aside {
    /// Nothing yet; none where nothing can be set aside in this folder.
    pub fn new(folder: &Path) -> Option<Aside> {
        Some(Aside { file: tempfile::tempfile_in(folder).ok()?, length: AtomicU64::new(0) })
    }

    /// Writes bytes behind all others; where they begin, none where the disk does not take them.
    pub fn put(&self, bytes: &[u8]) -> Option<u64> {
        let from = self.length.fetch_add(u64::try_from(bytes.len()).ok()?, Ordering::Relaxed);
        write_at(&self.file, bytes, from).ok()?;
        Some(from)
    }

    /// So many bytes from a place on.
    pub fn get(&self, from: u64, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        read_at(&self.file, &mut bytes, from).ok()?;
        Some(bytes)
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = bytes.get(written..).filter(|_| written > 0).ok_or(std::io::ErrorKind::WriteZero)?;
        at = at.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
    }
    Ok(())
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        bytes = bytes.get_mut(read..).filter(|_| read > 0).ok_or(std::io::ErrorKind::UnexpectedEof)?;
        at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok(())
}
