//! Where rows are at home: with the recipient to whom they belong, wherever that stands.
//!
//! In: the files part by part. Out: for each lot of recipients, the rows from elsewhere that
//! belong to it: rows of lists, and further rows of the same recipient. Names become
//! numbers of 128 bits. Rows are set aside on the disk by ranges of these numbers, range by
//! range those of one name are brought together, and each row is set aside once more with
//! the lot that is its home. In memory stay some places a lot, and eight bytes a row of a
//! recipient that stands away from its first.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use arrow_array::Array;
use bytes::Bytes;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::family::LOT;
use super::names::Names;
use super::row::{Placed, RowIs};
use super::seen::{Seen, SeenOf};
use super::sorted::{Piece, Sorted};
use super::source::{Form, Read, Source};
use super::text::Holds;
use super::{Parts, Place};
use crate::check::program::FactId;
use crate::record::FileReport;
use crate::record::parquet::given;

/// Rows that are put in order together.
const TOGETHER: usize = 1 << 16;
/// Ranges of numbers: what is in one must fit into memory.
const RANGES: u32 = 256;
/// The home of rows that belong to nobody.
const NOBODY: u32 = u32::MAX;
/// The number of rows that name nobody.
const NAMELESS: u128 = 0;

/// Where rows are at home.
pub(crate) struct Homes {
    /// By lot.
    rows: Sorted,
    /// The rows of recipients that are at home elsewhere: their lot and place in it.
    away: Vec<(u32, u32)>,
    /// What was seen of each part on the way.
    looked: Vec<Looked>,
}

/// What was seen of the rows of a part.
struct Looked {
    file: usize,
    /// Blank rows; those of recipients are counted when they are read.
    blank: usize,
    /// Rows of lists that name somebody.
    named: usize,
    /// The facts of objects, each where it stands first.
    first: Vec<FactId>,
}

/// A row of a recipient that is at home in another lot.
struct Away {
    lot: u32,
    row: u32,
    home: u32,
}

impl Homes {
    /// The rows from elsewhere that are at home in a lot.
    pub(super) fn rows(&self, lot: usize) -> Option<Vec<Bytes>> {
        self.rows.get(u32::try_from(lot).ok()?)
    }

    /// The rows that belong to nobody, those that name the same together.
    pub(super) fn strays(&self) -> Option<Vec<Bytes>> {
        self.rows.get(NOBODY)
    }

    /// Whether a row of a recipient is at home in another lot.
    pub(super) fn is_away(&self, lot: usize, row: usize) -> bool {
        let place = u32::try_from(lot).ok().zip(u32::try_from(row).ok());
        !self.away.is_empty() && place.is_some_and(|place| self.away.binary_search(&place).is_ok())
    }

    /// Whether any row of a recipient is at home in another lot.
    pub(super) fn moves_recipients(&self) -> bool {
        !self.away.is_empty()
    }

    /// What was seen on the way.
    pub(super) fn seen(&self) -> Seen {
        let of = |looked: &Looked| {
            let report = FileReport { blank_rows: looked.blank, ..FileReport::default() };
            let first = looked.first.clone();
            SeenOf { file: looked.file, first, report, notes: Vec::new(), unknown: Vec::new() }
        };
        Seen { files: self.looked.iter().map(of).collect(), ..Seen::default() }
    }
}

/// What rows are set aside with while their homes are looked for.
struct Looking {
    /// By range: whose the rows of recipients are, and where they stand.
    recipients: Sorted,
    /// By range: whose the rows of lists are, and the rows.
    rows: Sorted,
    hashing: (RandomState, RandomState),
}

impl Looking {
    fn number(&self, name: &str) -> u128 {
        let (one, other) = (self.hashing.0.hash_one(name), self.hashing.1.hash_one(name));
        u128::from(one) << 64 | u128::from(other)
    }
}

fn range_of(number: u128) -> u32 {
    u32::try_from(number >> 120).unwrap_or_default()
}

impl Parts<'_> {
    /// Finds where all rows are at home; none where the files are to be read as a whole. `advance` is told the bytes
    /// that were read.
    pub fn homes(&self, folder: &Path, advance: &(dyn Fn(usize) + Sync)) -> Option<Homes> {
        let (recipients, rows) = (Sorted::new(folder)?, Sorted::new(folder)?);
        let looking = Looking { recipients, rows, hashing: (RandomState::new(), RandomState::new()) };
        let told = |place: &Place| advance(self.bytes_of(place));
        let recipients =
            self.places.par_iter().map(|place| self.look_at_recipients(&looking, place).inspect(|_| told(place)));
        let mut looked = recipients.collect::<Option<Vec<Looked>>>()?;
        let others = self.others.par_iter().map(|place| self.look_at_rows(&looking, place).inspect(|_| told(place)));
        let others = others.collect::<Option<Vec<Looked>>>()?;
        // Objects of which none names an owner are in no list.
        let names_some = |file: usize| others.iter().any(|looked| looked.file == file && looked.named > 0);
        let mut listed = self.sources.iter().enumerate().filter(|(_, source)| source.listed.is_some());
        listed.all(|(file, _)| names_some(file)).then_some(())?;
        looked.extend(others);
        let rows = Sorted::new(folder)?;
        let away = (0..RANGES).into_par_iter().map(|range| bring_together(&looking, range, &rows));
        let mut away: Vec<Away> = away.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        away.sort_unstable_by_key(|one| (one.lot, one.row));
        self.places.par_iter().map(|place| self.bring_home(place, &away, &rows)).collect::<Option<()>>()?;
        Some(Homes { rows, away: away.iter().map(|one| (one.lot, one.row)).collect(), looked })
    }

    /// How many bytes of its file a part has, more or less.
    fn bytes_of(&self, place: &Place) -> usize {
        let Some(source) = self.sources.get(place.file) else { return 0 };
        let parts = source.form.rows().len().max(1);
        usize::try_from(source.bytes).unwrap_or(usize::MAX) / parts
    }

    /// Notes whose the rows of a part are.
    fn look_at_recipients(&self, looking: &Looking, place: &Place) -> Option<Looked> {
        let source = self.sources.get(place.file)?;
        let mut names = Names::of(self.program, source, &self.limits)?;
        let (mut bytes, mut pieces) = (Vec::new(), Vec::new());
        let mut note = |ordinal: usize, name: &str| {
            let number = looking.number(name);
            let lot = u32::try_from(place.lot.checked_add(ordinal / LOT)?).ok().filter(|lot| *lot < NOBODY)?;
            let from = bytes.len();
            bytes.extend_from_slice(&number.to_le_bytes());
            bytes.extend_from_slice(&lot.to_le_bytes());
            bytes.extend_from_slice(&u32::try_from(ordinal % LOT).ok()?.to_le_bytes());
            pieces.push(Piece { group: range_of(number), from, to: bytes.len() });
            Some(())
        };
        match keys_of(source, place, names.at(), self)? {
            Keys::Array(array, at) => {
                for row in 0..array.len() {
                    if let Some(name) = names.of_cell(&given(array.as_ref(), row, source.times(at))) {
                        note(row, &name)?;
                    }
                }
            }
            Keys::Rows(read) => source.each_row(place, &read, &self.limits, &mut |number, row| match row
                .and_then(|row| names.of_row(&row))
            {
                Some(name) => note(number.checked_sub(place.first)?, &name),
                None => Some(()),
            })?,
        }
        looking.recipients.put(pieces, &bytes)?;
        Some(Looked { file: place.file, blank: 0, named: 0, first: names.first })
    }

    /// Sets the rows of a part of a list aside.
    fn look_at_rows(&self, looking: &Looking, place: &Place) -> Option<Looked> {
        let source = self.sources.get(place.file)?;
        let mut names = Names::of(self.program, source, &self.limits)?;
        let wanted = source.wanted();
        let file = u32::try_from(place.file).ok()?;
        let (mut bytes, mut pieces, mut blank, mut named) = (Vec::new(), Vec::new(), 0_usize, 0_usize);
        let read = source.read(place.group, &self.limits)?;
        source.each_row(place, &read, &self.limits, &mut |number, row| {
            let Some(mut row) = row else {
                blank = blank.checked_add(1)?;
                return Some(());
            };
            let name = names.of_row(&row);
            named = named.saturating_add(usize::from(name.is_some()));
            let whose = name.map_or(NAMELESS, |name| looking.number(&name));
            if let RowIs::Cells(cells) = &mut row {
                // Nobody asks what stands under a column of nothing known.
                let unknown = cells.iter_mut().enumerate().filter(|(at, _)| wanted.binary_search(at).is_err());
                unknown.for_each(|(_, cell)| *cell = crate::record::given::Given::BLANK);
            }
            let from = bytes.len();
            bytes.extend_from_slice(&whose.to_le_bytes());
            Placed { file, number: u32::try_from(number).ok()?, row }.write(&mut bytes);
            pieces.push(Piece { group: range_of(whose), from, to: bytes.len() });
            if pieces.len() >= TOGETHER {
                looking.rows.put(std::mem::take(&mut pieces), &bytes)?;
                bytes.clear();
            }
            Some(())
        })?;
        looking.rows.put(pieces, &bytes)?;
        // Which of several keys of owners is told where one has none depends on all of them.
        (!names.is_mixed).then_some(Looked { file: place.file, blank, named, first: names.first })
    }

    /// Sets the rows of recipients that stand in a part and are at home elsewhere aside.
    fn bring_home(&self, place: &Place, away: &[Away], rows: &Sorted) -> Option<()> {
        let lots = u32::try_from(place.lot).ok()?..u32::try_from(place.lot.checked_add(place.lots())?).ok()?;
        let from = away.partition_point(|one| one.lot < lots.start);
        let away = away.get(from..)?;
        let away = away.get(..away.partition_point(|one| one.lot < lots.end))?;
        if away.is_empty() {
            return Some(());
        }
        let source = self.sources.get(place.file)?;
        let (mut bytes, mut pieces, mut left) = (Vec::new(), Vec::new(), away.iter().peekable());
        let read = source.read(place.group, &self.limits)?;
        source.each_row(place, &read, &self.limits, &mut |number, row| {
            let ordinal = number.checked_sub(place.first)?;
            let here = (place.lot.checked_add(ordinal / LOT)?, ordinal % LOT);
            let is_here = |one: &&Away| (one.lot as usize, one.row as usize) == here;
            if let (Some(away), Some(row)) = (left.next_if(is_here), row) {
                let from = bytes.len();
                let (file, number) = (u32::try_from(place.file).ok()?, u32::try_from(number).ok()?);
                Placed { file, number, row }.write(&mut bytes);
                pieces.push(Piece { group: away.home, from, to: bytes.len() });
            }
            Some(())
        })?;
        left.next().is_none().then_some(())?;
        rows.put(pieces, &bytes)
    }
}

/// The keys of a part: as an array, with the place of its column, or in its rows.
enum Keys {
    Array(arrow_array::ArrayRef, usize),
    Rows(Read),
}

fn keys_of(source: &Source, place: &Place, at: Option<usize>, parts: &Parts<'_>) -> Option<Keys> {
    let limits = &parts.limits;
    match (&source.form, at) {
        (Form::Parquet(groups), Some(at)) => {
            let batch = groups.read(place.group, &[at], limits)?;
            Some(Keys::Array(batch.columns().first().cloned()?, at))
        }
        (Form::Text(pieces), Some(at)) => {
            let text = pieces.text(place.group)?;
            let held = |column| if column == at { Holds::Text } else { Holds::Nothing };
            let holds: Vec<Holds> = (0..source.header.len()).map(held).collect();
            match pieces.arrays(place.group, &text, &holds).and_then(|mut arrays| arrays.get_mut(at)?.take()) {
                Some(array) => Some(Keys::Array(array, at)),
                None => Some(Keys::Rows(Read::Text(text))),
            }
        }
        _ => source.read(place.group, limits).map(Keys::Rows),
    }
}

/// Brings the rows of each name in a range together: sets those of lists aside by their homes. The rows of
/// recipients that are at home in another lot.
fn bring_together(looking: &Looking, range: u32, rows: &Sorted) -> Option<Vec<Away>> {
    let mut stand: Vec<(u128, u32, u32)> = Vec::new();
    for bytes in looking.recipients.get(range)? {
        for one in bytes.as_chunks::<24>().0 {
            let (name, place) = one.split_first_chunk::<16>()?;
            let (lot, row) = (place.first_chunk::<4>()?, place.last_chunk::<4>()?);
            stand.push((u128::from_le_bytes(*name), u32::from_le_bytes(*lot), u32::from_le_bytes(*row)));
        }
    }
    stand.sort_unstable();
    let (mut homes, mut away) = (FxHashMap::default(), Vec::new());
    for (name, lot, row) in stand {
        let home = *homes.entry(name).or_insert(lot);
        if home != lot {
            away.push(Away { lot, row, home });
        }
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let parts = looking.rows.get(range)?;
    let bytes = parts.concat();
    drop(parts);
    let mut rest = bytes.as_slice();
    while let Some((name, behind)) = rest.split_first_chunk::<16>() {
        let from = bytes.len().checked_sub(behind.len())?;
        rest = behind;
        Placed::read(&mut rest)?;
        let to = bytes.len().checked_sub(rest.len())?;
        let group = homes.get(&u128::from_le_bytes(*name)).copied().unwrap_or(NOBODY);
        pieces.push(Piece { group, from, to });
    }
    rest.is_empty().then_some(())?;
    rows.put(pieces, &bytes)?;
    Some(away)
}
