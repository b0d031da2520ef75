//! A column of values of many records, as kernels read it.
//!
//! Numbers are whole numbers in floating-point lanes, over one divisor: below 2^47
//! each is held exactly, and so is every sum and product that [`super::compile`] lets
//! through. Days are day numbers. Yes, no and the values of an enumeration are bytes. What
//! is not known, or is no such number, is a gap: whoever needs it asks the row engine.

use crate::check::program::Type;
use crate::value::{Number, Value};

/// Numbers in columns lie below this, either side of 0: 1.4 万亿元 in fen.
pub(super) const WIDEST: i64 = 1 << 47;
/// Places behind the point that a column keeps at most.
pub(super) const MOST_PLACES: u32 = 8;
/// Yes, as a byte; no is 0.
pub(super) const YES: u8 = 0xFF;
/// The byte of a value of an enumeration that is none.
pub(super) const NO_CODE: u8 = 0xFF;

/// Values of one fact or expression, record by record.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) cells: Cells,
    /// [`YES`] where the row engine must be asked; nothing where every cell is there.
    pub(super) gaps: Option<Vec<u8>>,
    /// [`YES`] where a number is none; nothing where each is a number or a gap.
    pub(super) nones: Option<Vec<u8>>,
    /// The least and the greatest number.
    pub(super) range: (f64, f64),
    /// What numbers are divided by: 100 where they are fen.
    pub(super) divisor: i64,
}

/// The cells of a column; a gap holds 0.
#[derive(Debug, Clone)]
pub(super) enum Cells {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Day numbers; no day is not a number, with which no comparison holds.
    Days(Vec<f64>),
    /// Yes or no.
    Flags(Vec<u8>),
    /// Values of an enumeration by place, or [`NO_CODE`].
    Codes(Vec<u8>),
}

/// Which cells a column of a type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Numbers; of money, or of a whole count.
    Numbers {
        money: bool,
    },
    Days,
    Flags,
    Codes,
}

impl Form {
    /// The form of a type's column; none where it has none.
    pub(super) fn of(kind: &Type, values: usize) -> Option<Form> {
        match kind {
            Type::Number(dimension) => Some(Form::Numbers { money: dimension.is_money() }),
            Type::Bool => Some(Form::Flags),
            Type::Date => Some(Form::Days),
            Type::Code(_) => (values < usize::from(NO_CODE)).then_some(Form::Codes),
            _ => None,
        }
    }
}

/// A cell on its way into a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    /// A whole number with its places behind the point.
    Number(i64, u32),
    Day(f64),
    Byte(u8),
    /// A number that is none.
    None,
    Gap,
}

impl Entry {
    /// A flag or code.
    pub(super) fn byte(self) -> Option<u8> {
        match self {
            Entry::Byte(byte) => Some(byte),
            _ => None,
        }
    }

    /// A known value in a column of this form.
    #[inline]
    pub(super) fn of(form: Form, value: &Value) -> Entry {
        match (form, value) {
            (Form::Numbers { .. }, Value::Number(number)) => Entry::of_number(number),
            (Form::Numbers { .. }, Value::None) => Entry::None,
            (Form::Days, Value::Date(day)) => Entry::Day(f64::from(day.day_number())),
            (Form::Days, Value::None) => Entry::Day(f64::NAN),
            (Form::Flags, Value::Bool(yes)) => Entry::Byte(if *yes { YES } else { 0 }),
            (Form::Codes, Value::Code(code)) => u8::try_from(*code).map_or(Entry::Gap, Entry::Byte),
            (Form::Codes, Value::None) => Entry::Byte(NO_CODE),
            _ => Entry::Gap,
        }
    }

    #[inline]
    fn of_number(number: &Number) -> Entry {
        let Some(decimal) = number.to_decimal() else { return Entry::Gap };
        let mut places = decimal.scale();
        // Mostly short, and then divided faster.
        let mut mantissa = match i64::try_from(decimal.mantissa()) {
            Ok(mantissa) => mantissa,
            Err(_) => {
                let short = decimal.normalize();
                places = short.scale();
                match i64::try_from(short.mantissa()) {
                    Ok(mantissa) => mantissa,
                    Err(_) => return Entry::Gap,
                }
            }
        };
        while places > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            places = places.saturating_sub(1);
        }
        if places <= MOST_PLACES { Entry::Number(mantissa, places) } else { Entry::Gap }
    }
}

impl Column {
    /// The column of entries.
    pub(super) fn of(form: Form, entries: impl ExactSizeIterator<Item = Entry>) -> Column {
        match form {
            Form::Numbers { money } => Column::numbers(money, entries),
            Form::Days => Column::filled(entries, Cells::Days, |entry| match entry {
                Entry::Day(day) => Some(day),
                _ => None,
            }),
            Form::Flags => Column::filled(entries, Cells::Flags, Entry::byte),
            Form::Codes => Column::filled(entries, Cells::Codes, Entry::byte),
        }
    }

    /// The column of whole numbers with one number of places, of which some rows are blank; none where it must be read cell by cell.
    pub(super) fn of_integers(
        money: bool,
        (values, places): (&[i64], u32),
        blanks: impl Iterator<Item = usize>,
        blank: Entry,
    ) -> Option<Column> {
        let (mut numbers, (low, high)) = pulp::Arch::new().dispatch(Lanes(values));
        if (money && places < 2) || places > MOST_PLACES || !within(low) || !within(high) {
            return None;
        }
        let (mut gaps, mut nones) = (Marks::new(values.len()), Marks::new(values.len()));
        let mut range = (low, high);
        for row in blanks {
            let value = match blank {
                Entry::Number(value, of) if of <= places => {
                    let power = 10_i64.checked_pow(places.saturating_sub(of))?;
                    value.checked_mul(power).filter(|value| within(*value))?
                }
                Entry::None => {
                    nones.add(row);
                    0
                }
                Entry::Gap => {
                    gaps.add(row);
                    0
                }
                _ => return None,
            };
            range = (range.0.min(value), range.1.max(value));
            if let Some(number) = numbers.get_mut(row) {
                *number = lane(value);
            }
        }
        let (gaps, nones, range) = (gaps.marks, nones.marks, (lane(range.0), lane(range.1)));
        let divisor = 10_i64.checked_pow(places)?;
        Some(Column { cells: Cells::Numbers(numbers), gaps, nones, range, divisor })
    }

    /// The column of flags or codes that are all there.
    pub(super) fn of_bytes(form: Form, bytes: Vec<u8>) -> Column {
        let cells = if form == Form::Flags { Cells::Flags(bytes) } else { Cells::Codes(bytes) };
        Column { cells, gaps: None, nones: None, range: (0.0, 0.0), divisor: 1 }
    }

    fn filled<T: Default>(
        entries: impl ExactSizeIterator<Item = Entry>,
        cells: impl Fn(Vec<T>) -> Cells,
        take: impl Fn(Entry) -> Option<T>,
    ) -> Column {
        let mut values = Vec::with_capacity(entries.len());
        let mut gaps = Marks::new(entries.len());
        for (row, entry) in entries.enumerate() {
            let value = take(entry);
            if value.is_none() {
                gaps.add(row);
            }
            values.push(value.unwrap_or_default());
        }
        Column::of_cells(cells(values), gaps.marks)
    }

    fn numbers(money: bool, entries: impl ExactSizeIterator<Item = Entry>) -> Column {
        let rows = entries.len();
        let (mut gaps, mut nones) = (Marks::new(rows), Marks::new(rows));
        // Fen at least, so that columns of money need no scaling.
        let mut most_places = if money { 2 } else { 0 };
        let mut wholes: Vec<i64> = Vec::with_capacity(rows);
        for entry in entries {
            let whole = match entry {
                Entry::Number(value, places) => {
                    if places > most_places {
                        let power = power_of_ten(places.saturating_sub(most_places));
                        wholes.iter_mut().for_each(|whole| *whole = scaled(*whole, power));
                        most_places = places;
                    }
                    scaled(value, power_of_ten(most_places.saturating_sub(places)))
                }
                Entry::None => {
                    nones.add(wholes.len());
                    0
                }
                _ => {
                    gaps.add(wholes.len());
                    0
                }
            };
            wholes.push(whole);
        }
        // Never above 10^8.
        Column::of_wholes(power_of_ten(most_places), wholes, (gaps, nones))
    }

    /// Cells that are no numbers, with the rows that are gaps.
    pub(super) fn of_cells(cells: Cells, gaps: Option<Vec<u8>>) -> Column {
        Column { cells, gaps, nones: None, range: (0.0, 0.0), divisor: 1 }
    }

    /// The column of entries that are parts of a divisor already.
    pub(super) fn of_parts(divisor: i64, entries: impl ExactSizeIterator<Item = Entry>) -> Column {
        let (gaps, mut nones) = (Marks::new(entries.len()), Marks::new(entries.len()));
        let mut wholes = Vec::with_capacity(entries.len());
        for (row, entry) in entries.enumerate() {
            wholes.push(match entry {
                Entry::Number(whole, _) => whole,
                Entry::None => {
                    nones.add(row);
                    0
                }
                _ => TOO_LONG,
            });
        }
        Column::of_wholes(divisor, wholes, (gaps, nones))
    }

    /// Whole numbers over a divisor, with the rows that are marked already; those too long are gaps.
    fn of_wholes(divisor: i64, mut wholes: Vec<i64>, (mut gaps, nones): (Marks, Marks)) -> Column {
        let mut range = (0, 0);
        for (row, whole) in wholes.iter_mut().enumerate() {
            if !within(*whole) {
                gaps.add(row);
                *whole = 0;
            }
            range = (range.0.min(*whole), range.1.max(*whole));
        }
        let cells = Cells::Numbers(wholes.iter().map(|whole| lane(*whole)).collect());
        let range = (lane(range.0), lane(range.1));
        Column { cells, gaps: gaps.marks, nones: nones.marks, range, divisor }
    }

    /// The same for each item: what its owner, a row, has.
    pub(super) fn spread(&self, owners: &[u32]) -> Column {
        fn of<T: Copy + Default>(values: &[T], owners: &[u32]) -> Vec<T> {
            owners.iter().map(|owner| values.get(*owner as usize).copied().unwrap_or_default()).collect()
        }
        let cells = match &self.cells {
            Cells::Numbers(values) => Cells::Numbers(of(values, owners)),
            Cells::Days(values) => Cells::Days(of(values, owners)),
            Cells::Flags(values) => Cells::Flags(of(values, owners)),
            Cells::Codes(values) => Cells::Codes(of(values, owners)),
        };
        let marks = |marks: &Option<Vec<u8>>| marks.as_ref().map(|marks| of(marks, owners));
        Column { cells, gaps: marks(&self.gaps), nones: marks(&self.nones), ..*self }
    }
}

/// Whole numbers on their way into lanes.
struct Lanes<'v>(&'v [i64]);

impl pulp::NullaryFnOnce for Lanes<'_> {
    /// The lanes, and the least and the greatest number, 0 among them.
    type Output = (Vec<f64>, (i64, i64));

    #[inline(always)]
    fn call(self) -> Self::Output {
        let mut lanes = vec![0.0; self.0.len()];
        let (mut low, mut high) = (0, 0);
        for (slot, value) in lanes.iter_mut().zip(self.0) {
            *slot = lane(*value);
            (low, high) = (low.min(*value), high.max(*value));
        }
        (lanes, (low, high))
    }
}

fn power_of_ten(places: u32) -> i64 {
    10_i64.saturating_pow(places)
}

/// A whole number times a power of ten; one that no lane holds stays so.
#[inline]
fn scaled(whole: i64, power: i64) -> i64 {
    if power == 1 { whole } else { whole.checked_mul(power).unwrap_or(TOO_LONG) }
}

/// A whole number that no lane holds.
const TOO_LONG: i64 = i64::MAX;

fn within(value: i64) -> bool {
    (-WIDEST < value) && (value < WIDEST)
}

/// A whole number below 2^53 in a lane, where it is exact.
#[allow(clippy::cast_precision_loss, reason = "values are below 2^53")]
#[inline(always)]
pub(super) fn lane(value: i64) -> f64 {
    value as f64
}

/// Marks of rows, kept only once there is one.
#[derive(Debug)]
pub(super) struct Marks {
    rows: usize,
    pub(super) marks: Option<Vec<u8>>,
}

impl Marks {
    pub(super) fn new(rows: usize) -> Marks {
        Marks { rows, marks: None }
    }

    pub(super) fn add(&mut self, row: usize) {
        let rows = self.rows;
        let marks = self.marks.get_or_insert_with(|| vec![0; rows]);
        if let Some(mark) = marks.get_mut(row) {
            *mark = YES;
        }
    }
}
