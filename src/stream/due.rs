//! What came of a part: what is due by columns, and the recipients of whom something is open.

use smol_str::SmolStr;

use crate::check::program::RecordId;
use crate::eval::RecipientResult;
use crate::record::{Record, Seen};
use crate::settle::stream::{Awards, Batch, Needed};
use crate::settle::{Award, Recipient};

/// A recipient of whom something is open.
pub(super) struct Open {
    pub row: usize,
    pub record: Record,
    pub key: SmolStr,
    pub result: RecipientResult,
}

impl Open {
    /// As a recipient with its settled awards.
    pub fn settled(&self, record: RecordId, awards: Vec<Award>) -> Recipient<'_> {
        let (key, result) = (self.key.clone(), self.result.clone());
        Recipient { record, row: &self.record, key, result, awards, in_error: false }
    }
}

/// A part, evaluated.
#[derive(Default)]
pub(super) struct Due {
    pub batch: Batch,
    pub open: Vec<Open>,
    pub seen: Vec<Seen>,
}

impl Due {
    /// With the rows that follow.
    pub fn add(&mut self, more: Due) {
        let rows = self.batch.rows;
        self.open.extend(more.open.into_iter().map(|open| Open { row: open.row.saturating_add(rows), ..open }));
        self.seen.extend(more.seen);
        if rows == 0 {
            self.batch = more.batch;
            return;
        }
        append(&mut self.batch, &more.batch);
        self.batch.inputs.iter_mut().zip(more.batch.inputs).for_each(|(column, more)| column.extend(more));
        self.batch.keys.extend(more.batch.keys);
    }
}

/// Puts the amounts of further rows behind those of a batch.
pub(super) fn append(batch: &mut Batch, more: &Batch) {
    if more.rows == 0 {
        return;
    }
    batch.amounts.resize_with(batch.amounts.len().max(more.amounts.len()), Vec::new);
    batch.amounts.iter_mut().zip(&more.amounts).for_each(|(column, more)| column.extend_from_slice(more));
    (batch.record, batch.rows) = (more.record, batch.rows.saturating_add(more.rows));
}

/// One batch as awards.
pub(super) struct Few<'b>(pub &'b Batch);

impl Awards for Few<'_> {
    fn parts(&self) -> usize {
        1
    }

    fn fill(&self, _: usize, _: &Needed, batch: &mut Batch) {
        batch.clone_from(self.0);
    }
}
