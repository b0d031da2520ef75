//! What is due, set aside on the disk until the settlement of all is known.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use smol_str::SmolStr;

use crate::check::program::RecordId;
use crate::settle::stream::{Awards, Batch, Needed};

const BYTES: usize = 8;

/// Batches on the disk.
pub(super) struct Held {
    aside: Mutex<(File, u64)>,
    places: Mutex<Vec<Option<Place>>>,
    parts: usize,
    /// Something could not be read again.
    lost: AtomicBool,
}

/// Where a batch stands, and what it holds.
#[derive(Debug, Clone)]
struct Place {
    from: u64,
    record: RecordId,
    rows: usize,
    /// By clause and input, whether there is a column: one that is 0 in every row is not written.
    amounts: Vec<Kept>,
    inputs: Vec<Kept>,
    /// The lengths of the columns, then of the keys, in bytes.
    columns: usize,
    keys: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// No rows.
    Nothing,
    /// The same in every row.
    Same(i64),
    Written,
}

impl Held {
    /// Nothing yet; none where nothing can be set aside in this folder.
    pub fn new(folder: &Path, parts: usize) -> Option<Held> {
        let aside = Mutex::new((tempfile::tempfile_in(folder).ok()?, 0));
        Some(Held { aside, places: Mutex::new(vec![None; parts]), parts, lost: AtomicBool::new(false) })
    }

    /// Sets a part aside; none where the disk does not take it.
    pub fn put(&self, part: usize, batch: &Batch) -> Option<()> {
        let mut bytes = Vec::new();
        let mut keep = |column: &Vec<i64>| match column.as_slice() {
            [] => Kept::Nothing,
            [first, rest @ ..] if rest.iter().all(|value| value == first) => Kept::Same(*first),
            all => {
                bytes.extend(all.iter().flat_map(|value| value.to_le_bytes()));
                Kept::Written
            }
        };
        let amounts = batch.amounts.iter().map(&mut keep).collect();
        let inputs = batch.inputs.iter().map(&mut keep).collect();
        let columns = bytes.len();
        for key in &batch.keys {
            // At most 64 bytes.
            bytes.push(u8::try_from(key.len()).ok()?);
            bytes.extend_from_slice(key.as_bytes());
        }
        let keys = bytes.len().checked_sub(columns)?;
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, length) = &mut *aside;
        let from = *length;
        file.seek(SeekFrom::Start(from)).ok()?;
        file.write_all(&bytes).ok()?;
        *length = from.checked_add(u64::try_from(bytes.len()).ok()?)?;
        drop(aside);
        let place = Place { from, record: batch.record, rows: batch.rows, amounts, inputs, columns, keys };
        *self.places.lock().unwrap_or_else(PoisonError::into_inner).get_mut(part)? = Some(place);
        Some(())
    }

    /// The keys of a part.
    pub fn keys(&self, part: usize) -> Option<Vec<SmolStr>> {
        let place = self.place(part)?;
        let bytes = self.bytes(place.from.checked_add(u64::try_from(place.columns).ok()?)?, place.keys)?;
        let mut rest = bytes.as_slice();
        let mut keys = Vec::with_capacity(place.rows);
        while let Some((length, behind)) = rest.split_first() {
            let (key, behind) = behind.split_at_checked((*length).into())?;
            keys.push(SmolStr::new(std::str::from_utf8(key).ok()?));
            rest = behind;
        }
        Some(keys)
    }

    /// Whether anything that was set aside could not be read.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    fn place(&self, part: usize) -> Option<Place> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).get(part).cloned().flatten()
    }

    fn bytes(&self, from: u64, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        aside.0.seek(SeekFrom::Start(from)).ok()?;
        aside.0.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    fn read(&self, part: usize, needed: &Needed, batch: &mut Batch) -> Option<()> {
        let place = self.place(part)?;
        (batch.record, batch.rows) = (place.record, place.rows);
        let length = place.rows.checked_mul(BYTES)?;
        let mut from = place.from;
        let mut fill = |into: &mut Vec<Vec<i64>>, kept: &[Kept], needed: &[bool]| {
            into.resize_with(kept.len(), Vec::new);
            let needed = needed.iter().copied().chain(std::iter::repeat(false));
            for ((column, kept), needed) in into.iter_mut().zip(kept).zip(needed) {
                column.clear();
                match kept {
                    Kept::Same(value) if needed => column.resize(place.rows, *value),
                    Kept::Written if needed => {
                        let bytes = self.bytes(from, length)?;
                        let written = bytes.as_chunks::<BYTES>().0;
                        column.extend(written.iter().map(|value| i64::from_le_bytes(*value)));
                    }
                    Kept::Nothing | Kept::Same(_) | Kept::Written => {}
                }
                if *kept == Kept::Written {
                    from = from.checked_add(u64::try_from(length).ok()?)?;
                }
            }
            Some(())
        };
        fill(&mut batch.amounts, &place.amounts, &needed.amounts)?;
        fill(&mut batch.inputs, &place.inputs, &needed.inputs)?;
        batch.keys = if needed.keys { self.keys(part)? } else { Vec::new() };
        Some(())
    }
}

impl Awards for Held {
    fn parts(&self) -> usize {
        self.parts
    }

    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        if self.read(part, needed, batch).is_none() {
            self.lost.store(true, Ordering::Relaxed);
            *batch = Batch::default();
        }
    }
}
