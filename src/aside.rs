//! What any thread puts aside and takes back, at places of its own: in memory as far as that is allowed, then in a
//! temporary file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

/// Bytes set aside; gone with the value.
#[derive(Debug)]
pub(crate) struct Aside {
    /// How many of the first bytes stay in memory.
    memory: u64,
    /// What stays in memory, by where it begins.
    kept: RwLock<BTreeMap<u64, Bytes>>,
    /// All others, each where it would stand if all were here: a file takes no room for what was never written.
    file: File,
    length: AtomicU64,
}

impl Aside {
    /// Nothing yet, of which so many bytes may stay in memory; none where nothing can be set aside in this folder.
    pub fn new(folder: &Path, memory: u64) -> Option<Aside> {
        let file = tempfile::tempfile_in(folder).ok()?;
        Some(Aside { memory, kept: RwLock::default(), file, length: AtomicU64::new(0) })
    }

    /// Puts bytes behind all others; where they begin, none where the disk does not take them.
    pub fn put(&self, bytes: Vec<u8>) -> Option<u64> {
        let length = u64::try_from(bytes.len()).ok()?;
        let from = self.length.fetch_add(length, Ordering::Relaxed);
        if from.checked_add(length)? <= self.memory {
            self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(from, bytes.into());
        } else {
            write_at(&self.file, &bytes, from).ok()?;
        }
        Some(from)
    }

    /// So many bytes from a place on, of what was put there at once.
    pub fn get(&self, from: u64, length: usize) -> Option<Bytes> {
        if from < self.memory {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            let within = kept.range(..=from).next_back().and_then(|(start, bytes)| {
                let from = usize::try_from(from.checked_sub(*start)?).ok()?;
                let to = from.checked_add(length)?;
                (to <= bytes.len()).then(|| bytes.slice(from..to))
            });
            if within.is_some() {
                return within;
            }
        }
        let mut bytes = vec![0; length];
        read_at(&self.file, &mut bytes, from).ok()?;
        Some(bytes.into())
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
