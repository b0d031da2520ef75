//! Cells of a text on their way into arrays, column by column.
//!
//! In: the bytes of rows. Out: an array a column: fen in 64 bits, words once each, texts.
//! What a column holds says how its cell ends, so that most cells are read in one step: a
//! number up to what is no digit, a word of those that are known with what stands behind it.

use std::sync::Arc;

use arrow_array::builder::{StringBuilder, StringViewBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Decimal64Array, DictionaryArray, Int32Array, Int64Array, StringArray};
use rustc_hash::FxHashMap;

use super::text::Holds;
use crate::record::delimited::Rows;

/// The columns of a text in the making.
pub(super) struct Builders {
    pub columns: Vec<Builder>,
    pub separator: u8,
}

impl Builders {
    /// Takes rows without quotation marks, each line of which ends with a new line, but for the last; how many they
    /// are, none where one has fewer or more cells than there are columns.
    pub fn bare(&mut self, text: &[u8]) -> Option<usize> {
        let (mut rows, mut at) = (0_usize, 0_usize);
        let last = self.columns.len().checked_sub(1)?;
        while at < text.len() {
            for (column, builder) in self.columns.iter_mut().enumerate() {
                let rest = text.get(at..)?;
                let length = builder.take(rest, self.separator)?;
                let behind = match (rest.get(length), column == last) {
                    (Some(byte), false) if *byte == self.separator => 1,
                    (Some(b'\n'), true) => 1,
                    (Some(b'\r'), true) if rest.get(length.checked_add(1)?) == Some(&b'\n') => 2,
                    (None, true) => 0,
                    _ => return None,
                };
                at = at.checked_add(length)?.checked_add(behind)?;
            }
            rows = rows.checked_add(1)?;
        }
        Some(rows)
    }

    /// Takes rows with quotation marks.
    pub fn quoted(&mut self, lines: Rows<'_>) -> Option<usize> {
        let mut rows = 0_usize;
        for row in lines {
            let row = row.ok()?;
            (row.cells.len() == self.columns.len()).then_some(())?;
            row.cells.iter().zip(&mut self.columns).for_each(|(cell, builder)| builder.add(cell));
            rows = rows.checked_add(1)?;
        }
        Some(rows)
    }
}

/// The cells of a column on their way into an array.
pub(super) enum Builder {
    Nothing,
    Numbers(Numbers),
    Words(Words),
    Text(StringViewBuilder),
}

impl Builder {
    pub fn new(holds: Holds, rows: usize) -> Builder {
        match holds {
            Holds::Nothing => Builder::Nothing,
            Holds::Numbers { whole } => Builder::Numbers(Numbers {
                whole,
                parts: Vec::with_capacity(rows),
                blank: Vec::new(),
                fine: false,
                odd: None,
            }),
            Holds::Words => Builder::Words(Words { keys: Vec::with_capacity(rows), ..Words::default() }),
            Holds::Text => Builder::Text(StringViewBuilder::with_capacity(rows)),
        }
    }

    /// Takes the cell at the beginning of some bytes; how many it has.
    fn take(&mut self, rest: &[u8], separator: u8) -> Option<usize> {
        match self {
            Builder::Numbers(numbers) if numbers.odd.is_none() => {
                if let Some((number, places, length)) = plain_number(rest)
                    && ends(rest.get(length), separator)
                {
                    numbers.push(number, places);
                    return Some(length);
                }
            }
            Builder::Words(words) => {
                if let Some(length) = words.take(rest, separator) {
                    return Some(length);
                }
            }
            _ => {}
        }
        let length = memchr::memchr2(separator, b'\n', rest).unwrap_or(rest.len());
        let cell = rest.get(..length)?;
        let is_last = rest.get(length) != Some(&separator);
        let cell = if is_last { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell };
        match self {
            Builder::Nothing => {}
            builder => builder.add(std::str::from_utf8(cell).ok()?),
        }
        Some(cell.len())
    }

    fn add(&mut self, cell: &str) {
        let text = Some(cell).filter(|cell| !cell.is_empty());
        match self {
            Builder::Nothing => {}
            Builder::Numbers(numbers) => numbers.add(text),
            Builder::Words(words) => words.add(text),
            Builder::Text(texts) => texts.append_option(text),
        }
    }

    pub fn finish(self) -> Option<ArrayRef> {
        match self {
            Builder::Nothing => None,
            Builder::Numbers(numbers) => numbers.finish(),
            Builder::Words(words) => words.finish(),
            Builder::Text(mut texts) => Some(Arc::new(texts.finish())),
        }
    }
}

/// Whether a cell ends before this byte.
fn ends(byte: Option<&u8>, separator: u8) -> bool {
    byte.is_none_or(|byte| *byte == separator || *byte == b'\n' || *byte == b'\r')
}

/// Numbers, as long as every cell is plainly one; then texts.
pub(super) struct Numbers {
    whole: bool,
    /// Hundredths; ten-thousandths where that is not fine enough.
    parts: Vec<i64>,
    fine: bool,
    /// The rows that are blank; their number is 0.
    blank: Vec<usize>,
    odd: Option<StringBuilder>,
}

impl Numbers {
    /// Another plain number: so many whole parts with so many places behind the point, at most four.
    fn push(&mut self, number: i64, places: usize) {
        let hundredths = match places {
            0 => number * 100,
            1 => number * 10,
            2 => number,
            _ => return self.push_fine(number, places),
        };
        self.parts.push(if self.fine { hundredths * 100 } else { hundredths });
    }

    #[cold]
    fn push_fine(&mut self, number: i64, places: usize) {
        let parts = if places == 3 { number * 10 } else { number };
        if !self.fine && parts % 100 != 0 {
            self.fine = true;
            self.parts.iter_mut().for_each(|part| *part *= 100);
        }
        self.parts.push(if self.fine { parts } else { parts / 100 });
    }

    fn add(&mut self, text: Option<&str>) {
        if let Some(texts) = &mut self.odd {
            return texts.append_option(text);
        }
        let Some(text) = text else {
            self.blank.push(self.parts.len());
            return self.parts.push(0);
        };
        match plain_number(text.as_bytes()) {
            Some((number, places, length)) if length == text.len() => self.push(number, places),
            _ => {
                // What came before is written out again: it is the same number.
                let (mut texts, mut blank) = (StringBuilder::new(), self.blank.iter().peekable());
                let times = if self.fine { 1 } else { 100 };
                for (row, part) in self.parts.drain(..).enumerate() {
                    let known = blank.next_if_eq(&&row).is_none();
                    texts.append_option(known.then(|| decimal(part * times)));
                }
                texts.append_value(text);
                self.odd = Some(texts);
            }
        }
    }

    fn finish(self) -> Option<ArrayRef> {
        let Numbers { whole, mut parts, fine, blank, odd } = self;
        if let Some(mut texts) = odd {
            return Some(Arc::new(texts.finish()));
        }
        let nulls = (!blank.is_empty()).then(|| {
            let mut there = vec![true; parts.len()];
            blank.iter().for_each(|row| there.iter_mut().skip(*row).take(1).for_each(|there| *there = false));
            there.into()
        });
        if whole && !fine && parts.iter().all(|part| part % 100 == 0) {
            parts.iter_mut().for_each(|part| *part /= 100);
            return Some(Arc::new(Int64Array::new(parts.into(), nulls)));
        }
        let places = if fine { 4 } else { 2 };
        let decimals = Decimal64Array::new(parts.into(), nulls);
        Some(Arc::new(decimals.with_precision_and_scale(18, places).ok()?))
    }
}

/// Words, each once.
#[derive(Default)]
pub(super) struct Words {
    keys: Vec<i32>,
    blank: Vec<usize>,
    /// The short ones of the first of them.
    handful: Vec<Short>,
    words: Vec<String>,
    places: FxHashMap<String, i32>,
}

/// A word that is told by its first bytes.
struct Short {
    bytes: u128,
    mask: u128,
    length: usize,
    place: i32,
}

/// The bytes that tell a short word, and how many words are looked for by them.
const SHORT: usize = 16;
const HANDFUL: usize = 8;

impl Words {
    /// Takes a short word that is known; none where another stands there.
    fn take(&mut self, rest: &[u8], separator: u8) -> Option<usize> {
        let bytes = u128::from_le_bytes(*rest.first_chunk::<SHORT>()?);
        let is_here = |short: &&Short| bytes & short.mask == short.bytes && ends(rest.get(short.length), separator);
        let found = self.handful.iter().find(is_here)?;
        self.keys.push(found.place);
        Some(found.length)
    }

    fn add(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.blank.push(self.keys.len());
            return self.keys.push(0);
        };
        let place = self.places.get(text).copied().unwrap_or_else(|| {
            let place = i32::try_from(self.words.len()).unwrap_or(i32::MAX);
            if self.handful.len() < HANDFUL && text.len() <= SHORT {
                let mut bytes = [0; SHORT];
                bytes.iter_mut().zip(text.bytes()).for_each(|(slot, byte)| *slot = byte);
                let unused = u32::try_from(SHORT.saturating_sub(text.len()).saturating_mul(8)).unwrap_or(0);
                let mask = u128::MAX.checked_shr(unused).unwrap_or(0);
                self.handful.push(Short { bytes: u128::from_le_bytes(bytes), mask, length: text.len(), place });
            }
            self.words.push(text.to_owned());
            self.places.insert(text.to_owned(), place);
            place
        });
        self.keys.push(place);
    }

    fn finish(self) -> Option<ArrayRef> {
        let keys = match self.blank.is_empty() {
            true => Int32Array::from(self.keys),
            false => {
                let mut blank = self.blank.iter().peekable();
                let keys = self.keys.iter().enumerate();
                keys.map(|(row, key)| blank.next_if_eq(&&row).is_none().then_some(*key)).collect()
            }
        };
        let words = Arc::new(StringArray::from_iter_values(self.words));
        Some(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, words).ok()?))
    }
}

/// The plain number at the beginning of some bytes, of at most twelve digits and four places: its digits, how many
/// of them stand behind the point, and how many bytes it takes. What stands behind it is not looked at.
fn plain_number(bytes: &[u8]) -> Option<(i64, usize, usize)> {
    let (mut number, mut length) = digits(bytes);
    if length == 8 {
        let (more, count) = digits(bytes.get(8..)?);
        if count > 4 {
            return None;
        }
        (number, length) = (number * power(count) + more, 8 + count);
    }
    if length == 0 {
        return None;
    }
    if bytes.get(length) != Some(&b'.') {
        return Some((number, 0, length));
    }
    let (part, places) = digits(bytes.get(length + 1..)?);
    // At most sixteen digits.
    (1..=4).contains(&places).then(|| (number * power(places) + part, places, length + 1 + places))
}

/// Ten to the power of a number up to four.
fn power(of: usize) -> i64 {
    const POWERS: [i64; 5] = [1, 10, 100, 1_000, 10_000];
    POWERS.get(of).copied().unwrap_or(0)
}

/// The number of up to eight digits at the beginning of some bytes, and how many they are.
fn digits(bytes: &[u8]) -> (i64, usize) {
    let Some(eight) = bytes.first_chunk::<8>() else {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
        return digits.fold((0, 0), |(number, count), byte| (number * 10 + i64::from(byte - b'0'), count + 1));
    };
    // A byte that is a digit becomes 0 to 9; of any other the highest bit is marked, and what is carried from there
    // on only reaches bytes behind it.
    let values = u64::from_le_bytes(*eight) ^ 0x3030_3030_3030_3030;
    let marks = (values.wrapping_add(0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080;
    let count = marks.trailing_zeros() / 8;
    // The digits with zeros before them, so that there are eight; then twos, fours, and all of them at once.
    let Some(eight) = values.checked_shl(64 - 8 * count) else { return (0, 0) };
    let twos = (eight.wrapping_mul(10).wrapping_add(eight >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos.wrapping_mul(100).wrapping_add(twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    let number = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
    (number.cast_signed(), count as usize)
}

fn decimal(part: i64) -> String {
    let text = format!("{}.{:04}", part / 10_000, part % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Decimal64Type, Int32Type};
    use proptest::prelude::*;

    use super::{Builder, Builders, Holds, decimal, plain_number};

    /// The whole text as ten-thousandths.
    fn whole(text: &str) -> Option<i64> {
        let (number, places, length) = plain_number(text.as_bytes())?;
        (length == text.len()).then(|| number * 10_i64.pow(4 - places as u32))
    }

    #[test]
    fn plain_numbers_are_ten_thousandths() {
        assert_eq!(whole("0"), Some(0));
        assert_eq!(whole("12.5"), Some(125_000));
        assert_eq!(whole("123456789012.1234"), Some(1_234_567_890_121_234));
        for odd in
            ["", ".5", "5.", "-5", "+5", "1,000", "5万", " 5", "1.23456", "1234567890123", "1e5", "１", "12345678/"]
        {
            assert_eq!(whole(odd), None, "{odd}");
        }
        for text in ["0", "12.5", "100", "0.0001", "123456789012.1234"] {
            assert_eq!(decimal(whole(text).unwrap()), text);
        }
    }

    proptest! {
        /// However far the bytes go on behind it.
        #[test]
        fn numbers_end_where_digits_end(
            number in 0_u64..1_000_000_000_000,
            places in "(\\.[0-9]{1,4})?",
            zeros in 0_usize..3,
            behind in "([,\\n/:-][ -~企]{0,20})?",
        ) {
            let digits = format!("{}{number}", "0".repeat(zeros));
            prop_assume!(digits.len() <= 12);
            let text = format!("{digits}{places}");
            let expected = format!("{digits}{}", places.trim_start_matches('.')).parse().unwrap();
            let came = plain_number(format!("{text}{behind}").as_bytes());
            prop_assert_eq!(came, Some((expected, places.len().saturating_sub(1), text.len())));
        }
    }

    #[test]
    fn cells_become_arrays() {
        let holds = [Holds::Text, Holds::Numbers { whole: false }, Holds::Words, Holds::Numbers { whole: true }];
        let columns = holds.map(|holds| Builder::new(holds, 4)).into();
        let mut builders = Builders { columns, separator: b',' };
        let text = "甲,1.5,平台系统,3\r\n乙,,平台,4.00\n丙,0.123,,\n丁,2,平台系统,5";
        assert_eq!(builders.bare(text.as_bytes()), Some(4));
        let arrays: Vec<_> = builders.columns.into_iter().map(|builder| builder.finish().unwrap()).collect();
        assert!(arrays[0].as_string_view().iter().flatten().eq(["甲", "乙", "丙", "丁"]));
        let numbers = arrays[1].as_primitive::<Decimal64Type>();
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [Some(15_000), None, Some(1_230), Some(20_000)]);
        assert_eq!(numbers.scale(), 4);
        let words = arrays[2].as_dictionary::<Int32Type>();
        assert_eq!(words.keys().iter().collect::<Vec<_>>(), [Some(0), Some(1), None, Some(0)]);
        let counts = arrays[3].as_primitive::<arrow_array::types::Int64Type>();
        assert_eq!(counts.iter().collect::<Vec<_>>(), [Some(3), Some(4), None, Some(5)]);
        for wrong in ["甲,1,平台\n", "甲,1,平台,1,2\n", "\n"] {
            let columns = holds.map(|holds| Builder::new(holds, 4)).into();
            assert_eq!(Builders { columns, separator: b',' }.bare(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_number_makes_texts_of_all() {
        let mut builders =
            Builders { columns: vec![Builder::new(Holds::Numbers { whole: false }, 4)], separator: b',' };
        assert_eq!(builders.bare("1.5\n\n2\n5万\n7\n".as_bytes()), Some(5));
        let array = builders.columns.pop().unwrap().finish().unwrap();
        let texts = array.as_string::<i32>().iter();
        assert!(texts.eq([Some("1.5"), None, Some("2"), Some("5万"), Some("7")]));
    }
}
