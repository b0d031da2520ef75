//! The policy as a reader of it would work it out: one row at a time, exact, in i128.
//!
//! In: columns. Out: amounts. It shares nothing with the yardstick but the columns, and is
//! what the yardstick is checked by.

use super::amounts::{Amounts, BUDGET, CLOUD, LIMIT, Stage};
use super::data::{Columns, WAN, YI};

/// `fen × part ÷ whole`, half up; `fen` is not negative.
fn share(fen: i128, part: i128, whole: i128) -> i128 {
    (2 * fen * part + whole).div_euclid(2 * whole)
}

/// What the clauses come to for a row, each rounded once.
fn due(columns: &Columns, row: usize) -> [i128; 12] {
    let money = |column: &[i64]| i128::from(column[row]);
    let yes = |column: &[u8]| column[row] == 1;
    let (wan, yi) = (i128::from(WAN), i128::from(YI));
    if yes(&columns.dishonest) {
        return [0; 12];
    }
    let when = |condition: bool, amount: i128| if condition { amount } else { 0 };
    let (revenue, before, research) =
        (money(&columns.revenue), money(&columns.revenue_before), money(&columns.research));
    let key_industry = [0, 2, 3].contains(&columns.industry[row]);
    let slice = |from: i128, to: i128| (research.min(to) - from).max(0);
    let large = yes(&columns.above_scale);
    [
        when(yes(&columns.expanding), share(money(&columns.investment), 5, 100).min(800 * wan)),
        share(money(&columns.cloud), if columns.stage[row] == 0 { 30 } else { 20 }, 100).min(50 * wan),
        [50 * wan, 20 * wan, 10 * wan, 0][usize::from(columns.green[row])],
        match revenue {
            _ if revenue >= 100 * yi => 200 * wan,
            _ if revenue >= 50 * yi => 100 * wan,
            _ if revenue >= 10 * yi => 50 * wan,
            _ if revenue >= yi => 10 * wan,
            _ => 0,
        },
        share(3 * slice(0, 500 * wan) + 5 * slice(500 * wan, 2_000 * wan) + 8 * slice(2_000 * wan, i128::MAX), 1, 100)
            .min(300 * wan),
        [100 * wan, 60 * wan, 30 * wan, 10 * wan, 3 * wan, 0][usize::from(columns.grade[row])],
        when(yes(&columns.high_tech) && large && key_industry, 20 * wan),
        when(large && 100 * revenue >= 110 * before, share((revenue - before).max(0), 1, 1000).min(50 * wan)),
        share((money(&columns.equipment) - 10 * money(&columns.granted)).max(0), 1, 10).min(200 * wan),
        when(large || yes(&columns.high_tech), share(money(&columns.interest), 1, 2).min(100 * wan)),
        when(money(&columns.training) >= wan / 2, share(money(&columns.training), 60, 100).min(20 * wan)),
        share(money(&columns.contracts), 2, 100).min(30 * wan),
    ]
}

/// The amounts of all rows.
pub fn amounts(columns: &Columns, stage: Stage) -> Amounts {
    let mut rows: Vec<[i128; 12]> = (0..columns.rows()).map(|row| due(columns, row)).collect();
    if stage == Stage::Settled {
        for row in &mut rows {
            let mut left = i128::from(LIMIT);
            for amount in row {
                *amount = (*amount).min(left);
                left -= *amount;
            }
        }
        let drawn: i128 = rows.iter().map(|row| row[CLOUD]).sum();
        if drawn > i128::from(BUDGET) {
            rows.iter_mut().for_each(|row| row[CLOUD] = row[CLOUD] * i128::from(BUDGET) / drawn);
        }
    }
    let fen = |fen: i128| i64::try_from(fen).expect("below the caps");
    Amounts {
        clauses: std::array::from_fn(|clause| rows.iter().map(|row| fen(row[clause])).collect()),
        total: rows.iter().map(|row| fen(row.iter().sum())).collect(),
    }
}
