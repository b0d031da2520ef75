//! Snappy for the pages of a column of amounts or keys.
//!
//! In: the bytes of a page, and where its numbers or texts begin. Out: what every reader of
//! Snappy unpacks to the same bytes. A packer for anything looks for what it has seen before
//! at every byte, which takes longer than all the rest of writing; here it can only be a whole
//! number seen before, or the beginning that a key shares with the one before it.

/// The longest stretch that one element takes over, and the farthest back that it may lie.
const LONGEST_COPY: usize = 64;
const FARTHEST: usize = (1 << 16) - 1;
/// Bytes of one literal.
const LONGEST_LITERAL: usize = 1 << 16;
/// So little is not worth an element of its own.
const SHORTEST: usize = 4;

/// Bytes of a number.
const WIDTH: usize = 8;
/// Places that are remembered.
const PLACES: usize = 1 << 12;

/// Packs bytes that begin with something else and go on with whole numbers of eight bytes each.
pub(super) fn numbers(bytes: &[u8], first: usize) -> Vec<u8> {
    let mut packed = begin(bytes.len());
    let (head, rest) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
    put_literal(&mut packed, head);
    let (numbers, tail) = rest.as_chunks::<WIDTH>();
    let at = packed.len();
    packed.resize(at.saturating_add(numbers.len().saturating_mul(LONGEST_NUMBER)).saturating_add(SLOT), 0);
    let mut slots = Slots { bytes: packed, at };
    put_numbers(&mut slots, numbers);
    let Slots { bytes: mut packed, at } = slots;
    packed.truncate(at);
    put_literal(&mut packed, tail);
    packed
}

/// Each number that was seen before is taken over with those that follow it there; of each other, the bytes that
/// are not 0 are written and the rest is taken over from the number before it.
fn put_numbers(slots: &mut Slots, numbers: &[[u8; WIDTH]]) {
    // Where a number was seen last, by its hash; places of a page are few.
    let mut seen = vec![u16::MAX; PLACES];
    let (mut at, mut before) = (0_usize, u64::MAX);
    while let Some(number) = numbers.get(at) {
        let value = u64::from_le_bytes(*number);
        let Some(slot) = seen.get_mut(hash(value)) else { break };
        let last = usize::from(*slot);
        *slot = u16::try_from(at).unwrap_or(u16::MAX);
        let back = at.wrapping_sub(last);
        if last < at && back <= FARTHEST / WIDTH && numbers.get(last) == Some(number) {
            let (here, there) = (numbers.get(at..).unwrap_or(&[]), numbers.get(last..).unwrap_or(&[]));
            let same = here.iter().zip(there).take_while(|(a, b)| a == b).count();
            slots.put_copy(back.saturating_mul(WIDTH), same.saturating_mul(WIDTH));
            at = at.saturating_add(same);
            before =
                at.checked_sub(1).and_then(|last| numbers.get(last)).map_or(0, |number| u64::from_le_bytes(*number));
        } else {
            slots.put_number(value, before);
            at = at.saturating_add(1);
            before = value;
        }
    }
}

/// Bytes of which many can be written at once, since there is room behind each.
struct Slots {
    bytes: Vec<u8>,
    at: usize,
}

/// Bytes that are written at once.
const SLOT: usize = 16;
/// What a number takes at most: itself and one more.
const LONGEST_NUMBER: usize = WIDTH + 1;

impl Slots {
    fn put(&mut self, bytes: u128, length: usize) {
        if let Some(slot) = self.bytes.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<SLOT>()) {
            *slot = bytes.to_le_bytes();
        }
        self.at = self.at.saturating_add(length);
    }

    /// A number behind another.
    fn put_number(&mut self, number: u64, before: u64) {
        let zeros = (number | before).leading_zeros() / 8;
        // Below four bytes it is no shorter to take them over; of a zero one is written.
        if zeros < 4 {
            const WHOLE: u128 = (WIDTH as u128 - 1) << 2;
            return self.put(u128::from(number) << 8 | WHOLE, LONGEST_NUMBER);
        }
        let own = 8_u32.saturating_sub(zeros).max(1);
        // The length of a literal; its bytes; how many more than four are taken over, and from eight bytes back.
        let literal = u128::from(own.saturating_sub(1)) << 2 | u128::from(number) << 8;
        let copy = u128::from(1 | 4_u32.saturating_sub(own) << 2) | 8 << 8;
        let length = own.saturating_add(1);
        self.put(literal | copy << length.saturating_mul(8), usize::try_from(length).unwrap_or(0).saturating_add(2));
    }

    fn put_copy(&mut self, back: usize, length: usize) {
        let mut rest = length;
        while rest > 0 {
            let some = rest.min(LONGEST_COPY);
            let (element, length) = copy(back, some);
            self.put(u128::from(u32::from_le_bytes(element)), length);
            rest = rest.saturating_sub(some);
        }
    }
}

/// Packs the bytes of texts, each of which ends at one of these places.
pub(super) fn texts(bytes: &[u8], ends: &[usize]) -> Vec<u8> {
    let mut packed = begin(bytes.len());
    let (mut literal, mut start) = (0_usize, 0_usize);
    let mut before: &[u8] = &[];
    for end in ends {
        let text = bytes.get(start..*end).unwrap_or(&[]);
        let same = shared(before, text);
        if same >= SHORTEST && before.len() <= FARTHEST {
            put_literal(&mut packed, bytes.get(literal..start).unwrap_or(&[]));
            put_copy(&mut packed, before.len(), same);
            literal = start.saturating_add(same);
        }
        (before, start) = (text, *end);
    }
    put_literal(&mut packed, bytes.get(literal..).unwrap_or(&[]));
    packed
}

/// How many bytes two texts share at their beginnings.
fn shared(a: &[u8], b: &[u8]) -> usize {
    let (eights, others) = (a.as_chunks::<WIDTH>().0, b.as_chunks::<WIDTH>().0);
    let whole = eights.iter().zip(others).take_while(|(a, b)| a == b).count().saturating_mul(WIDTH);
    let rest = a.iter().skip(whole).zip(b.iter().skip(whole)).take_while(|(a, b)| a == b).count();
    whole.saturating_add(rest)
}

fn hash(number: u64) -> usize {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // As many bits as there are places.
    usize::try_from(mixed >> 52).unwrap_or(0)
}

/// The length of what is packed, seven bits a byte.
fn begin(mut length: usize) -> Vec<u8> {
    let mut packed = Vec::with_capacity(length.saturating_add(16));
    while length >= 0x80 {
        packed.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    packed.push((length & 0x7f) as u8);
    packed
}

fn put_literal(packed: &mut Vec<u8>, bytes: &[u8]) {
    for some in bytes.chunks(LONGEST_LITERAL) {
        let last = u16::try_from(some.len().saturating_sub(1)).unwrap_or(u16::MAX);
        match u8::try_from(last) {
            Ok(last) if last < 60 => packed.push(last << 2),
            Ok(last) => packed.extend_from_slice(&[60 << 2, last]),
            Err(_) => {
                packed.push(61 << 2);
                packed.extend_from_slice(&last.to_le_bytes());
            }
        }
        packed.extend_from_slice(some);
    }
}

/// Takes over what stands so many bytes back.
fn put_copy(packed: &mut Vec<u8>, back: usize, length: usize) {
    let mut rest = length;
    while rest > 0 {
        let some = rest.min(LONGEST_COPY);
        let (element, length) = copy(back, some);
        packed.extend_from_slice(element.get(..length).unwrap_or(&[]));
        rest = rest.saturating_sub(some);
    }
}

/// The element that takes over up to 64 bytes from so many bytes back, and how many bytes it has itself; it may reach
/// into what it writes.
fn copy(back: usize, length: usize) -> ([u8; 4], usize) {
    let [low, high] = u16::try_from(back).unwrap_or(u16::MAX).to_le_bytes();
    let length = u8::try_from(length.clamp(1, LONGEST_COPY)).unwrap_or(1);
    match length {
        4..=11 if high < 8 => ([1 | (length - 4) << 2 | high << 5, low, 0, 0], 2),
        _ => ([2 | (length - 1) << 2, low, high, 0], 3),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::{numbers, texts};

    fn unpacked(packed: &[u8]) -> Vec<u8> {
        snap::raw::Decoder::new().decompress_vec(packed).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_come_back(head in "[a-z]{0,9}", some in prop::collection::vec(-3_i64..4, 0..90), shift in 0..40, runs in 0_usize..9_000) {
            let many = (0..runs).map(|at| if at % 97 < 50 { 7 } else { (at as i64 * 1_000_003) >> (at % 7) << shift });
            let all = some.iter().copied().chain(many).chain(some.iter().copied());
            let bytes: Vec<u8> = head.bytes().chain(all.flat_map(i64::to_le_bytes)).collect();
            prop_assert_eq!(unpacked(&numbers(&bytes, head.len())), bytes);
        }

        #[test]
        fn texts_come_back(some in prop::collection::vec("9[12]{0,5}[0-9企]{0,90}", 0..200)) {
            let bytes: Vec<u8> = some.iter().flat_map(|text| text.bytes()).collect();
            let ends = some.iter().scan(0, |end, text| {
                *end += text.len();
                Some(*end)
            });
            prop_assert_eq!(unpacked(&texts(&bytes, &ends.collect::<Vec<usize>>())), bytes);
        }
    }

    #[test]
    fn what_comes_again_is_short() {
        let same: Vec<u8> = std::iter::repeat_n(12_345_i64, 16_000).flat_map(i64::to_le_bytes).collect();
        assert!(numbers(&same, 0).len() < same.len() / 20);
        assert_eq!(unpacked(&numbers(&[], 0)), Vec::<u8>::new());
    }
}
