//! What competes for a pool or a place, column by column.
//!
//! In: a batch. Out: [`Claims`], the recipients that have an amount, gathered densely some
//! at a time, so that what follows runs over slices without a gap. Claims of one group stand
//! in a run: whatever is the same for a group is looked up once for a run, and one run is
//! all there is where nothing is grouped.

use super::batch::{Batch, NONE};
use super::plan::Grouping;

/// The group of all recipients.
pub(super) const ALL: i64 = 0;

/// Something of each group.
pub(super) type ByGroup<S> = rustc_hash::FxHashMap<i64, S>;

/// Rows that are gathered at once: their columns stay in the nearest caches. In tests few,
/// so that small populations are taken apart as large ones are.
pub(super) const TILE: usize = if cfg!(test) { 3 } else { 1_024 };

/// Some amounts of one clause, each of a recipient; or recipients that have any, where clauses compete as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claims<'b> {
    pub(super) batch: &'b Batch,
    pub(super) clause: usize,
    /// The places of the recipients in the batch.
    pub(super) rows: &'b [u32],
    /// In fen, above 0.
    pub(super) amounts: &'b [i64],
    /// The group of each; nothing where all are one.
    groups: Option<&'b [i64]>,
}

/// Columns that claims are gathered in.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rows: Vec<u32>,
    amounts: Vec<i64>,
    groups: Vec<i64>,
}

impl<'b> Claims<'b> {
    /// How many.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The runs of one group each.
    pub(super) fn runs(self) -> impl Iterator<Item = (i64, Claims<'b>)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = self.part(from..self.len());
            let group = rest.groups.map_or(Some(ALL), |groups| groups.first().copied())?;
            let same = rest.groups.map(|groups| groups.iter().take_while(|other| **other == group).count());
            let run = rest.part(0..same.unwrap_or(rest.len()));
            from = from.saturating_add(run.len());
            (run.len() > 0).then_some((group, run))
        })
    }

    /// Some of them that follow one another.
    pub(super) fn part(self, range: std::ops::Range<usize>) -> Claims<'b> {
        Claims {
            rows: self.rows.get(range.clone()).unwrap_or(&[]),
            amounts: self.amounts.get(range.clone()).unwrap_or(&[]),
            groups: self.groups.map(|groups| groups.get(range).unwrap_or(&[])),
            ..self
        }
    }

    /// The value of an input for each.
    pub(super) fn inputs(&self, input: usize) -> impl Iterator<Item = i64> {
        let values = self.batch.input(input);
        self.rows.iter().map(move |row| values.get(*row as usize).copied().unwrap_or(NONE))
    }

    /// Gathers those at these places.
    pub(super) fn pick<'g>(&self, places: &[u32], gathered: &'g mut Gathered) -> Claims<'g>
    where
        'b: 'g,
    {
        let Gathered { rows, amounts, groups } = gathered;
        let some = |column: &[u32]| places.iter().filter_map(|at| column.get(*at as usize).copied()).collect();
        let some_of = |column: &[i64]| places.iter().filter_map(|at| column.get(*at as usize).copied()).collect();
        *rows = some(self.rows);
        *amounts = some_of(self.amounts);
        *groups = self.groups.map(some_of).unwrap_or_default();
        let groups = self.groups.map(|_| groups.as_slice());
        Claims { batch: self.batch, clause: self.clause, rows, amounts, groups }
    }
}

impl Gathered {
    /// The claims of a tile of a clause's amounts, which begins at a row of a batch.
    pub(super) fn claims<'g>(
        &'g mut self,
        batch: &'g Batch,
        clause: usize,
        (from, amounts): (usize, &[i64]),
        grouping: Grouping,
    ) -> Claims<'g> {
        let by = grouping.input().map(|input| batch.input(input).get(from..).unwrap_or(&[]));
        self.gather(from, amounts, by);
        let Gathered { rows, amounts, groups } = self;
        Claims { batch, clause, rows, amounts, groups: by.map(|_| groups.as_slice()) }
    }

    /// Gathers what is above 0 of some rows from one on, and has a group; everything is written before
    /// it is known whether it stays, since a jump that is hard to foretell costs more.
    fn gather(&mut self, from: usize, amounts: &[i64], groups: Option<&[i64]>) {
        let rows = amounts.len();
        self.rows.resize(rows, 0);
        self.amounts.resize(rows, 0);
        self.groups.resize(if groups.is_some() { rows } else { 0 }, 0);
        let mut count = 0usize;
        let first = u32::try_from(from).unwrap_or(u32::MAX);
        match groups {
            None => {
                for (row, amount) in (first..).zip(amounts) {
                    let (Some(place), Some(slot)) = (self.rows.get_mut(count), self.amounts.get_mut(count)) else {
                        break;
                    };
                    (*place, *slot) = (row, *amount);
                    count = count.wrapping_add(usize::from(*amount > 0));
                }
            }
            Some(groups) => {
                for ((row, amount), group) in (first..).zip(amounts).zip(groups) {
                    let (Some(place), Some(slot)) = (self.rows.get_mut(count), self.amounts.get_mut(count)) else {
                        break;
                    };
                    (*place, *slot) = (row, *amount);
                    if let Some(slot) = self.groups.get_mut(count) {
                        *slot = *group;
                    }
                    count = count.wrapping_add(usize::from((*amount > 0) & (*group != NONE)));
                }
            }
        }
        self.rows.truncate(count);
        self.amounts.truncate(count);
        self.groups.truncate(count);
    }
}

impl Grouping {
    /// The input that says the group of a recipient.
    pub(super) fn input(self) -> Option<usize> {
        match self {
            Grouping::By(input) => Some(input),
            Grouping::All | Grouping::Each => None,
        }
    }
}

/// Who competes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Among<'p> {
    /// Every amount under these clauses.
    Amounts(&'p [usize]),
    /// Every recipient that has an amount under one of them: once, with the first of them.
    Recipients(&'p [usize]),
}

impl<'p> Among<'p> {
    /// The clauses.
    pub(super) fn clauses(self) -> &'p [usize] {
        match self {
            Among::Amounts(clauses) | Among::Recipients(clauses) => clauses,
        }
    }

    /// Every claim of a batch that has a group; none where each recipient stands alone.
    pub(super) fn each(self, batch: &Batch, grouping: Grouping, mut see: impl FnMut(Claims<'_>)) {
        if grouping == Grouping::Each {
            return;
        }
        let mut gathered = Gathered::default();
        let mut tile = |from: usize, clause: usize, amounts: &[i64]| {
            see(gathered.claims(batch, clause, (from, amounts), grouping));
        };
        match self {
            Among::Amounts(clauses) => {
                for clause in clauses {
                    for (at, amounts) in batch.amounts(*clause).chunks(TILE).enumerate() {
                        tile(at.saturating_mul(TILE), *clause, amounts);
                    }
                }
            }
            Among::Recipients([clause]) => Among::Amounts(&[*clause]).each(batch, grouping, see),
            Among::Recipients(clauses) => {
                let mut paid = [0; TILE];
                let mut from = 0;
                while from < batch.rows {
                    let rows = TILE.min(batch.rows.saturating_sub(from));
                    paid.fill(0);
                    for clause in clauses {
                        let amounts = batch.amounts(*clause).get(from..).unwrap_or(&[]);
                        for (paid, amount) in paid.iter_mut().zip(amounts) {
                            *paid = if *paid > 0 { *paid } else { *amount };
                        }
                    }
                    tile(from, clauses.first().copied().unwrap_or_default(), paid.get(..rows).unwrap_or(&[]));
                    from = from.saturating_add(TILE);
                }
            }
        }
    }
}
