//! What a stream hands over: what is paid part by part, and what is to be told.

use smol_str::SmolStr;

use super::sums::Sums;
use crate::batch::Texts;
use crate::record::Loaded;
use crate::settle::{Recipient, Settlement};

/// What is paid to the recipients of a part.
pub(crate) struct Paid<'a> {
    /// Their keys.
    pub keys: Vec<SmolStr>,
    /// By clause of the program, in fen; what is not settled is 0, and no rows where nobody has the clause.
    pub amounts: Vec<Vec<i64>>,
    /// Those of whom something is open or worth telling, by row: their amounts are here alone.
    pub open: &'a [(usize, &'a Recipient<'a>)],
}

/// What takes what is paid: parts are made ready on any thread, and written in order while others are made ready.
pub(crate) trait Sink {
    /// What makes a part ready.
    type Ready: Sync;
    /// What writes it.
    type Writer;
    /// A part as it is written.
    type Written: Send;
    /// Why nothing more can be written.
    type Error: Send;

    /// Both.
    fn apart(&mut self) -> (&Self::Ready, &mut Self::Writer);

    /// Makes ready to write, on any thread.
    fn ready(ready: &Self::Ready, paid: Paid<'_>) -> Result<Self::Written, Self::Error>;

    /// Writes, in the order of the files.
    fn write(writer: &mut Self::Writer, written: Self::Written) -> Result<(), Self::Error>;
}

/// What takes what is to be told.
pub(crate) trait Teller {
    /// What becomes of it.
    type Report;

    /// Takes recipients of whom something is open, settled, in the order of the files.
    fn open(&mut self, open: &[Recipient<'_>]);

    /// Takes the rest.
    fn end(self, told: Told<'_>) -> Self::Report;
}

/// What a stream came to.
pub(crate) struct Told<'a> {
    /// Of those who are settled by columns.
    pub sums: Sums,
    /// The texts for which the numbers in [`Sums::by`] stand.
    pub texts: &'a Texts,
    /// What became of the budgets.
    pub settlement: Settlement,
    /// What loading told.
    pub loaded: Loaded,
}
