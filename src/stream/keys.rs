//! Whether any key stands twice among more keys than are kept in memory.
//!
//! In: the keys part by part. Out: whether two are perhaps the same. Each key becomes a
//! number of 64 bits; the numbers of a part are dealt out by their beginnings and set
//! aside, and at the end those that begin alike are looked at together.

use std::hash::Hasher;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHasher;
use smol_str::SmolStr;

use crate::aside::Aside;

/// Ranges of numbers that are looked at together.
const RANGES: usize = 256;
const BYTES: usize = 8;
/// Bytes that stay in memory: the numbers of a hundred thousand keys.
const IN_MEMORY: u64 = 1 << 20;

/// The keys of all parts so far.
pub(super) struct Keys {
    aside: Aside,
    parts: Mutex<Vec<Dealt>>,
}

/// The numbers of a part, range by range.
struct Dealt {
    from: u64,
    /// Where each range begins, and the end of the last.
    starts: Vec<u32>,
}

impl Keys {
    /// No keys yet; none where nothing can be set aside in this folder.
    pub fn new(folder: &Path) -> Option<Keys> {
        Some(Keys { aside: Aside::new(folder, IN_MEMORY)?, parts: Mutex::new(Vec::new()) })
    }

    /// The keys of a part; none where they cannot be set aside.
    pub fn put<'k>(&self, keys: impl Iterator<Item = &'k SmolStr>) -> Option<()> {
        let numbers: Vec<u64> = keys.map(number).collect();
        let range = |number: &u64| usize::try_from(number >> 56).ok();
        let mut counts = [0_u32; RANGES];
        for number in &numbers {
            let count = counts.get_mut(range(number)?)?;
            *count = count.checked_add(1)?;
        }
        let mut starts = Vec::with_capacity(RANGES.checked_add(1)?);
        let mut start = 0_u32;
        for count in counts {
            starts.push(start);
            start = start.checked_add(count)?;
        }
        let mut places = starts.clone();
        starts.push(start);
        let mut dealt = vec![0; numbers.len().checked_mul(BYTES)?];
        for number in &numbers {
            let place = places.get_mut(range(number)?)?;
            *dealt.as_chunks_mut().0.get_mut(*place as usize)? = number.to_le_bytes();
            *place = place.checked_add(1)?;
        }
        let from = self.aside.put(dealt)?;
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(Dealt { from, starts });
        Some(())
    }

    /// Whether two keys are perhaps the same; none where what was set aside cannot be read.
    pub fn are_twice(&self) -> Option<bool> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let ranges = (0..RANGES).into_par_iter().map(|range| {
            let mut numbers = self.range(&parts, range)?;
            numbers.sort_unstable();
            Some(numbers.windows(2).any(|two| matches!(two, [a, b] if a == b)))
        });
        ranges.try_reduce(|| false, |a, b| Some(a || b))
    }

    fn range(&self, parts: &[Dealt], range: usize) -> Option<Vec<u64>> {
        let mut numbers = Vec::new();
        for part in parts {
            let (first, end) = (*part.starts.get(range)?, *part.starts.get(range.checked_add(1)?)?);
            let length = usize::try_from(end.checked_sub(first)?).ok()?.checked_mul(BYTES)?;
            let bytes = self.aside.get(part.from.checked_add(u64::from(first).checked_mul(8)?)?, length)?;
            numbers.extend(bytes.as_chunks::<BYTES>().0.iter().map(|number| u64::from_le_bytes(*number)));
        }
        Some(numbers)
    }
}

fn number(key: &SmolStr) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key.as_bytes());
    // The first bits of this are as even as its last.
    let mixed = hasher.finish();
    (mixed ^ (mixed >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
