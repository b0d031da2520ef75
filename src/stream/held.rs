//! What is due, set aside until the settlement of all is known: in memory as far as that goes, then on the disk.
//!
//! A part is set aside in slices of some thousand rows, which is what settlement reads at a
//! time; of a column, only where the amounts differ, in 32 bits where they fit.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use smol_str::SmolStr;

use crate::aside::Aside;
use crate::check::program::RecordId;
use crate::settle::stream::{Awards, Batch, Needed};

/// Rows of a slice: its columns stay in the caches.
const SLICE: usize = 8_192;

/// Bytes that stay in memory: what is due to some 450,000 recipients under a dozen clauses.
const IN_MEMORY: u64 = 32 << 20;

/// Batches set aside.
pub(super) struct Held {
    aside: Aside,
    slices: Mutex<Vec<Option<Slice>>>,
    /// The first slice of each part, and the end of the last.
    firsts: Vec<usize>,
    /// Something could not be read again.
    lost: AtomicBool,
}

/// Where some rows stand.
#[derive(Debug, Clone)]
struct Slice {
    record: RecordId,
    rows: usize,
    /// By clause and input.
    amounts: Vec<Kept>,
    inputs: Vec<Kept>,
    /// Where the keys begin, and how many bytes they take.
    keys: (u64, usize),
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// No rows.
    Nothing,
    /// The same in every row.
    Same(i64),
    /// In 32 bits each, from this place on.
    Narrow(u64),
    /// In 64 bits each.
    Wide(u64),
}

impl Held {
    /// Nothing yet, of parts with at most so many rows; none where nothing can be set aside in this folder.
    pub fn new(folder: &Path, rows: impl Iterator<Item = usize>) -> Option<Held> {
        let mut firsts = vec![0_usize];
        for rows in rows {
            firsts.push(firsts.last()?.checked_add(rows.div_ceil(SLICE))?);
        }
        let slices = Mutex::new(vec![None; *firsts.last()?]);
        Some(Held { aside: Aside::new(folder, IN_MEMORY)?, slices, firsts, lost: AtomicBool::new(false) })
    }

    /// Sets a part aside; none where the disk does not take it.
    pub fn put(&self, part: usize, batch: &Batch) -> Option<()> {
        let mut bytes = Vec::new();
        let mut slices = Vec::new();
        for from in (0..batch.rows).step_by(SLICE) {
            let to = from.checked_add(SLICE)?.min(batch.rows);
            let mut keep = |column: &Vec<i64>| kept(column.get(from..to).unwrap_or(&[]), &mut bytes);
            let amounts = batch.amounts.iter().map(&mut keep).collect::<Option<_>>()?;
            let inputs = batch.inputs.iter().map(&mut keep).collect::<Option<_>>()?;
            let begin = bytes.len();
            for key in batch.keys.get(from..to)? {
                // At most 64 bytes.
                bytes.push(u8::try_from(key.len()).ok()?);
                bytes.extend_from_slice(key.as_bytes());
            }
            let keys = (u64::try_from(begin).ok()?, bytes.len().checked_sub(begin)?);
            slices.push(Slice { record: batch.record, rows: to.checked_sub(from)?, amounts, inputs, keys });
            if from == 0 {
                // The others will be about as long.
                bytes.reserve(bytes.len().saturating_mul(batch.rows.div_ceil(SLICE).saturating_sub(1)));
            }
        }
        let start = self.aside.put(bytes)?;
        let mut all = self.slices.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, mut slice) in (*self.firsts.get(part)?..*self.firsts.get(part.checked_add(1)?)?).zip(slices) {
            slice.keys.0 = slice.keys.0.checked_add(start)?;
            for kept in slice.amounts.iter_mut().chain(&mut slice.inputs) {
                if let Kept::Narrow(at) | Kept::Wide(at) = kept {
                    *at = at.checked_add(start)?;
                }
            }
            *all.get_mut(at)? = Some(slice);
        }
        Some(())
    }

    /// The slices of a part.
    pub fn slices(&self, part: usize) -> std::ops::Range<usize> {
        let bound = |at: usize| self.firsts.get(at).copied().unwrap_or(0);
        bound(part)..bound(part.saturating_add(1))
    }

    /// How many rows a part has.
    pub fn rows(&self, part: usize) -> usize {
        self.slices(part).filter_map(|slice| self.slice(slice)).map(|slice| slice.rows).sum()
    }

    /// Puts the keys of a slice behind others.
    pub fn keys(&self, slice: usize, keys: &mut Vec<SmolStr>) -> Option<()> {
        let Some(slice) = self.slice(slice) else { return Some(()) };
        let bytes = self.aside.get(slice.keys.0, slice.keys.1)?;
        let mut rest = &bytes[..];
        while let Some((length, behind)) = rest.split_first() {
            let (key, behind) = behind.split_at_checked((*length).into())?;
            keys.push(SmolStr::new(std::str::from_utf8(key).ok()?));
            rest = behind;
        }
        Some(())
    }

    /// Puts the inputs of a slice from one on behind what stands in columns.
    pub fn inputs_from(&self, slice: usize, first: usize, into: &mut [Vec<i64>]) -> Option<()> {
        let Some(place) = self.slice(slice) else { return Some(()) };
        let kept = place.inputs.get(first..)?;
        let (mut columns, needed) = (Vec::new(), vec![true; kept.len()]);
        self.fill_columns(&mut columns, (kept, place.rows), &needed)?;
        into.iter_mut().zip(columns).for_each(|(column, more)| column.extend(more));
        Some(())
    }

    /// Whether anything that was set aside could not be read.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// None where the part had fewer rows in the end.
    fn slice(&self, slice: usize) -> Option<Slice> {
        self.slices.lock().unwrap_or_else(PoisonError::into_inner).get(slice).cloned().flatten()
    }

    fn read(&self, slice: usize, needed: &Needed, batch: &mut Batch) -> Option<()> {
        let Some(place) = self.slice(slice) else {
            *batch = Batch::default();
            return Some(());
        };
        (batch.record, batch.rows) = (place.record, place.rows);
        self.fill_columns(&mut batch.amounts, (&place.amounts, place.rows), &needed.amounts)?;
        self.fill_columns(&mut batch.inputs, (&place.inputs, place.rows), &needed.inputs)?;
        batch.keys.clear();
        if needed.keys { self.keys(slice, &mut batch.keys) } else { Some(()) }
    }

    fn fill_columns(&self, into: &mut Vec<Vec<i64>>, (kept, rows): (&[Kept], usize), needed: &[bool]) -> Option<()> {
        into.resize_with(kept.len(), Vec::new);
        let needed = needed.iter().copied().chain(std::iter::repeat(false));
        for ((column, kept), needed) in into.iter_mut().zip(kept).zip(needed) {
            column.clear();
            match kept {
                _ if !needed => {}
                Kept::Nothing => {}
                Kept::Same(value) => column.resize(rows, *value),
                Kept::Narrow(from) => {
                    let bytes = self.aside.get(*from, rows.checked_mul(4)?)?;
                    column.extend(bytes.as_chunks().0.iter().map(|value| i64::from(u32::from_le_bytes(*value))));
                }
                Kept::Wide(from) => {
                    let bytes = self.aside.get(*from, rows.checked_mul(8)?)?;
                    column.extend(bytes.as_chunks().0.iter().map(|value| i64::from_le_bytes(*value)));
                }
            }
        }
        Some(())
    }
}

/// Sets a column aside in bytes.
fn kept(column: &[i64], bytes: &mut Vec<u8>) -> Option<Kept> {
    let Some(first) = column.first() else { return Some(Kept::Nothing) };
    let (mut low, mut high) = (*first, *first);
    for value in column {
        (low, high) = (low.min(*value), high.max(*value));
    }
    if low == high {
        return Some(Kept::Same(low));
    }
    let from = u64::try_from(bytes.len()).ok()?;
    if low >= 0 && u32::try_from(high).is_ok() {
        // Both ends fit, so that every amount between them does.
        let narrow = |value: &i64| (*value as u32).to_le_bytes();
        let room = room_for(bytes, column.len().checked_mul(4)?)?;
        room.as_chunks_mut().0.iter_mut().zip(column).for_each(|(slot, value)| *slot = narrow(value));
        return Some(Kept::Narrow(from));
    }
    let room = room_for(bytes, column.len().checked_mul(8)?)?;
    room.as_chunks_mut().0.iter_mut().zip(column).for_each(|(slot, value)| *slot = value.to_le_bytes());
    Some(Kept::Wide(from))
}

/// So many more bytes behind others.
fn room_for(bytes: &mut Vec<u8>, more: usize) -> Option<&mut [u8]> {
    let from = bytes.len();
    bytes.resize(from.checked_add(more)?, 0);
    bytes.get_mut(from..)
}

impl Awards for Held {
    fn parts(&self) -> usize {
        self.firsts.last().copied().unwrap_or(0)
    }

    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        if self.read(part, needed, batch).is_none() {
            self.lost.store(true, Ordering::Relaxed);
            *batch = Batch::default();
        }
    }
}
