//! What a policy comes to, as columns.

use std::fmt;

/// The clauses in the order of the policy.
pub const CLAUSES: [&str; 12] = [
    "增资扩产奖励",
    "上云补助",
    "绿色工厂奖励",
    "上台阶奖励",
    "研发补助",
    "智能制造奖励",
    "重点企业奖励",
    "增长奖励",
    "设备补助",
    "贷款贴息",
    "培训补贴",
    "技术转移补助",
];
/// The place of 上云补助, which has a budget of its own.
pub const CLOUD: usize = 1;
/// What a recipient gets at most, in fen.
pub const LIMIT: i64 = 500_000_000;
/// The budget of 上云补助, in fen.
pub const BUDGET: i64 = 10_000_000_000;

/// Which amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What each clause comes to, and their sum: before `settle`.
    Due,
    /// What is paid: after the limit and the budget.
    Settled,
}

/// A column of fen for each clause, and one of their sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts {
    /// In the order of [`CLAUSES`].
    pub clauses: [Vec<i64>; 12],
    /// Their sum.
    pub total: Vec<i64>,
}

impl Amounts {
    /// Columns of so many rows, written to once so that the system has given the memory.
    pub fn of(rows: usize) -> Amounts {
        let column = || vec![1; rows];
        Amounts { clauses: std::array::from_fn(|_| column()), total: column() }
    }

    /// Cuts or grows the columns; memory is kept.
    pub fn resize(&mut self, rows: usize) {
        self.clauses.iter_mut().chain([&mut self.total]).for_each(|column| column.resize(rows, 0));
    }

    /// The first cell that differs, and how many rows do.
    pub fn difference(&self, other: &Amounts) -> Option<Difference> {
        let (mut first, mut rows) = (None, 0);
        for row in 0..self.total.len().max(other.total.len()) {
            let cells = |amounts: &Amounts| {
                let columns = amounts.clauses.iter().chain([&amounts.total]);
                columns.map(|column| column.get(row).copied()).collect::<Vec<_>>()
            };
            let (mine, theirs) = (cells(self), cells(other));
            if mine != theirs {
                rows += 1;
                let at = mine.iter().zip(&theirs).position(|(mine, theirs)| mine != theirs).unwrap_or_default();
                first.get_or_insert((row, at, mine[at], theirs[at]));
            }
        }
        first.map(|(row, at, mine, theirs)| Difference { rows, row, at, mine, theirs })
    }

    /// Fails where the other differs in any fen.
    pub fn must_equal(&self, other: &Amounts, whose: &str) {
        if let Some(difference) = self.difference(other) {
            panic!("{whose}: {difference}");
        }
    }
}

/// Where two differ.
#[derive(Debug)]
pub struct Difference {
    /// How many rows.
    pub rows: usize,
    row: usize,
    at: usize,
    mine: Option<i64>,
    theirs: Option<i64>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = CLAUSES.get(self.at).unwrap_or(&"total");
        write!(
            f,
            "{} rows differ, the first is {}: {column} {:?} fen here and {:?} there",
            self.rows, self.row, self.mine, self.theirs
        )
    }
}
