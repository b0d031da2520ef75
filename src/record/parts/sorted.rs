//! Pieces of bytes set aside on the disk by groups.
//!
//! In: pieces in lots that fit into memory, each of a group. Out: all pieces of a group. What
//! is put together is sorted by its groups, so that a group is read where it stands once a lot.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::aside::Aside;

/// A piece among bytes that are put together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub group: u32,
    pub from: usize,
    pub to: usize,
}

/// What is set aside.
pub(super) struct Sorted {
    aside: Aside,
    runs: Mutex<Vec<Run>>,
}

/// What was put together: where each group begins, and the end of the last.
struct Run {
    groups: Vec<(u32, u64)>,
    end: u64,
}

impl Sorted {
    /// Nothing yet; none where nothing can be set aside in this folder.
    pub fn new(folder: &Path) -> Option<Sorted> {
        Some(Sorted { aside: Aside::new(folder, 0)?, runs: Mutex::new(Vec::new()) })
    }

    /// Sets pieces aside, those of a group in their order; none where the disk does not take them.
    pub fn put(&self, mut pieces: Vec<Piece>, bytes: &[u8]) -> Option<()> {
        if pieces.is_empty() {
            return Some(());
        }
        pieces.sort_by_key(|piece| piece.group);
        let (mut groups, mut all): (Vec<(u32, u64)>, Vec<u8>) = (Vec::new(), Vec::with_capacity(bytes.len()));
        for piece in pieces {
            if groups.last().is_none_or(|(group, _)| *group != piece.group) {
                groups.push((piece.group, u64::try_from(all.len()).ok()?));
            }
            all.extend_from_slice(bytes.get(piece.from..piece.to)?);
        }
        let length = u64::try_from(all.len()).ok()?;
        let from = self.aside.put(all)?;
        for (_, at) in &mut groups {
            *at = at.checked_add(from)?;
        }
        groups.shrink_to_fit();
        let end = from.checked_add(length)?;
        self.runs().push(Run { groups, end });
        Some(())
    }

    /// The pieces of a group, as many behind each other as were put together; none where they cannot be read.
    pub fn get(&self, group: u32) -> Option<Vec<Bytes>> {
        let places: Vec<(u64, u64)> = self.runs().iter().filter_map(|run| run.place(group)).collect();
        let read = |(from, to): (u64, u64)| self.aside.get(from, usize::try_from(to.checked_sub(from)?).ok()?);
        places.into_iter().map(read).collect()
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    fn place(&self, group: u32) -> Option<(u64, u64)> {
        let at = self.groups.binary_search_by_key(&group, |(group, _)| *group).ok()?;
        let next = at.checked_add(1).and_then(|next| self.groups.get(next)).map_or(self.end, |(_, next)| *next);
        Some((self.groups.get(at)?.1, next))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{Piece, Sorted};

    #[test]
    fn groups_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let sorted = Sorted::new(folder.path()).unwrap();
        let piece = |group, from, to| Piece { group, from, to };
        sorted.put(vec![piece(7, 0, 2), piece(3, 2, 3), piece(7, 3, 5)], b"abcde").unwrap();
        sorted.put(vec![piece(u32::MAX, 0, 1), piece(7, 1, 2)], b"xy").unwrap();
        sorted.put(Vec::new(), b"").unwrap();
        assert_eq!(sorted.get(7).unwrap(), [b"abde".to_vec(), b"y".to_vec()]);
        assert_eq!(sorted.get(3).unwrap(), [b"c".to_vec()]);
        assert_eq!(sorted.get(u32::MAX).unwrap(), [b"x".to_vec()]);
        assert!(sorted.get(4).unwrap().is_empty());
    }
}
