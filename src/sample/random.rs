//! Chance that is the same on every machine.
//!
//! In: a seed, and which record is drawn. Out: whole numbers. Each record has a generator of
//! its own, so that records may be drawn in any order and by several threads at once.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A generator of whole numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(Xoshiro256PlusPlus);

/// Odd numbers that part seeds which stand near each other.
const STREAM: u64 = 0x9e37_79b9_7f4a_7c15;
const NUMBER: u64 = 0xd1b5_4a32_d192_ed03;

impl Random {
    /// The generator of one record: of a type, so many from the first.
    pub(super) fn of(seed: u64, stream: u64, number: u64) -> Random {
        let own = stream.wrapping_add(1).wrapping_mul(STREAM) ^ number.wrapping_add(1).wrapping_mul(NUMBER);
        Random(Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(17) ^ own))
    }

    /// A number from 0 up to, without, `count`; 0 where that is none.
    pub(super) fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()).wrapping_mul(u128::from(count));
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number of both ends or between.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// A place in a list of so many.
    pub(super) fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or(0)
    }

    /// One of them.
    pub(super) fn one_of<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let at = self.place(list.len());
        list.get(at)
    }

    /// Whether something of so many in a thousand happens.
    pub(super) fn happens(&mut self, per_thousand: u32) -> bool {
        self.below(1000) < u64::from(per_thousand)
    }

    /// An octave, in parts of 65536: near 0 mostly, within ±2.
    pub(super) fn octave(&mut self) -> i64 {
        (0..4).map(|_| self.between(-32_768, 32_767)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_numbers_are_the_same_everywhere() {
        let mut random = Random::of(7, 0, 0);
        let drawn: Vec<u64> = (0..4).map(|_| random.below(1_000_000)).collect();
        assert_eq!(drawn, DRAWN);
        assert_eq!(random.below(0), 0);
    }

    /// Kept: another version of the generator must give the same.
    const DRAWN: [u64; 4] = [756_349, 86_924, 253_087, 490_588];
}
