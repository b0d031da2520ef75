//! The policy fused by hand: what an engine is measured against.
//!
//! In: columns. Out: amounts, into columns that are used again. One pass over tiles of
//! [`TILE`] rows, every clause of a tile before the next tile; the budget needs the sum of a
//! clause over all rows, so it is a second pass over that clause and the total.
//!
//! # Why binary floating point is exact here
//! Every processor has fast multiplication of doubles and none has division of integers by a
//! constant for many at once. A double holds every whole number up to 2^53. Inputs are
//! 0 ≤ x < 2^47 fen; the largest product below is 11x < 2^50.5, and the largest sum
//! 8x < 2^50: every value before a division is a whole number below 2^51 and exact.
//!
//! Half up by an even whole number d: `nearest((v + 0.5) × (1/d))`. v + 0.5 is exact below
//! 2^51. (v + 0.5)/d lies at least 1/(2d) from every tie, since v + 0.5 is never a multiple of
//! d/2; it lies above the tie exactly where v mod d ≥ d/2, which is half up. 1/d and the
//! product are each off by a factor of at most 2^-53, together by less than
//! (v + 0.5)/d × 2^-52 < 1/(2d). So the tie lies on the right side, and adding 1.5 × 2^52,
//! where doubles are the whole numbers, rounds to the right one. A cap is whole, and taking
//! the lower before rounding gives the same.
//!
//! A double becomes an integer, and back, by that same addition: the low bits of
//! x + 1.5 × 2^52 are x.

use huiqi_bench_levels::{Level, Task, at};
use rayon::prelude::*;

use super::amounts::{Amounts, BUDGET, CLOUD, LIMIT, Stage};
use super::data::{Columns, WAN, YI};

/// Rows of a tile: what stays in the first-level cache.
pub const TILE: usize = 128;
/// Rows of a chunk, the work of one thread at a time.
const CHUNK: usize = 65_536;

type Money<'t> = &'t [i64; TILE];
type Codes<'t> = &'t [u8; TILE];
type Out<'t> = &'t mut [i64; TILE];
/// What a recipient has so far (due) or still may get (settled).
type Running<'t> = &'t mut [f64; TILE];

const SHIFT: f64 = 6_755_399_441_055_744.0; // 1.5 × 2^52
const SHIFT_BITS: u64 = SHIFT.to_bits();

#[inline(always)]
fn lane(fen: i64) -> f64 {
    f64::from_bits((fen as u64).wrapping_add(SHIFT_BITS)) - SHIFT
}

#[inline(always)]
fn fen(lane: f64) -> i64 {
    (lane + SHIFT).to_bits().wrapping_sub(SHIFT_BITS) as i64
}

#[inline(always)]
fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn positive(a: f64) -> f64 {
    if a > 0.0 { a } else { 0.0 }
}

/// A whole amount: `v ÷ d` half up, no more than `cap`, and 0 where the gate is shut.
#[inline(always)]
fn divided(v: f64, d: f64, cap: f64, gate: bool) -> f64 {
    let amount = lower((v + 0.5) * (1.0 / d), cap);
    let amount = (amount + SHIFT) - SHIFT;
    if gate { amount } else { 0.0 }
}

/// What takes the amounts of a column.
trait Keep {
    fn put(&mut self, row: usize, fen: i64);
}

impl Keep for Out<'_> {
    #[inline(always)]
    fn put(&mut self, row: usize, fen: i64) {
        self[row] = fen;
    }
}

/// A sum: at most 800万 a row and column, far below what i64 holds for a chunk.
impl Keep for i64 {
    #[inline(always)]
    fn put(&mut self, _: usize, fen: i64) {
        *self = self.wrapping_add(fen);
    }
}

/// Puts an amount; with `SETTLE`, what the limit leaves of it.
#[inline(always)]
fn put<const SETTLE: bool>(amount: f64, (out, row): (&mut impl Keep, usize), running: &mut f64) {
    if SETTLE {
        let paid = lower(amount, *running);
        *running -= paid;
        out.put(row, fen(paid));
    } else {
        *running += amount;
        out.put(row, fen(amount));
    }
}

/// A clause over a tile: `amount` of each row.
#[inline(always)]
fn clause<const SETTLE: bool>(out: &mut impl Keep, running: Running<'_>, amount: impl Fn(usize) -> f64) {
    for (row, running) in running.iter_mut().enumerate() {
        put::<SETTLE>(amount(row), (out, row), running);
    }
}

/// The columns of a tile.
struct Tile<'t> {
    investment: Money<'t>,
    equipment: Money<'t>,
    revenue: Money<'t>,
    revenue_before: Money<'t>,
    research: Money<'t>,
    cloud: Money<'t>,
    interest: Money<'t>,
    training: Money<'t>,
    granted: Money<'t>,
    contracts: Money<'t>,
    expanding: Codes<'t>,
    above_scale: Codes<'t>,
    high_tech: Codes<'t>,
    dishonest: Codes<'t>,
    green: Codes<'t>,
    grade: Codes<'t>,
    stage: Codes<'t>,
    industry: Codes<'t>,
}

/// 万元 as a lane.
const fn wan(count: i64) -> f64 {
    (count * WAN) as f64
}

/// All clauses of a tile.
#[inline(always)]
fn tile<const SETTLE: bool>(t: &Tile<'_>, out: &mut [impl Keep; 12], total: &mut impl Keep) {
    let mut running = [if SETTLE { LIMIT as f64 } else { 0.0 }; TILE];
    let r = &mut running;
    // Conditions in bytes: eight times as many at once as in lanes.
    let mut eligible = [0u8; TILE];
    let mut gates = [[0u8; TILE]; 3];
    // Flat sums in 万元: they fit in a byte.
    let mut sums = [[0u8; TILE]; 3];
    for row in 0..TILE {
        let yes = 1 ^ t.dishonest[row];
        eligible[row] = yes;
        gates[0][row] = yes & t.expanding[row];
        gates[1][row] = yes & t.above_scale[row];
        gates[2][row] = yes & (t.above_scale[row] | t.high_tech[row]);
        let industry = t.industry[row];
        let key = u8::from(industry == 0) | u8::from(industry == 2) | u8::from(industry == 3);
        let mask = yes.wrapping_neg();
        let green = t.green[row];
        let of = |code: u8, at: u8, sum: u8| if code == at { sum } else { 0 };
        sums[0][row] = mask & (of(green, 0, 50) | of(green, 1, 20) | of(green, 2, 10));
        let grade = t.grade[row];
        sums[1][row] =
            mask & (of(grade, 0, 100) | of(grade, 1, 60) | of(grade, 2, 30) | of(grade, 3, 10) | of(grade, 4, 3));
        sums[2][row] = (yes & t.high_tech[row] & t.above_scale[row] & key).wrapping_neg() & 20;
    }
    let open = |gate: &[u8; TILE], row: usize| gate[row] != 0;
    let flat = |sums: &[u8; TILE], row: usize| lane(i64::from(u32::from(sums[row]).wrapping_mul(WAN as u32)));
    let [expansion, cloud, green, step, research, grade, key, growth, equipment, interest, training, transfer] = out;
    clause::<SETTLE>(expansion, r, |row| divided(lane(t.investment[row]), 20.0, wan(800), open(&gates[0], row)));
    clause::<SETTLE>(cloud, r, |row| {
        let rate = if t.stage[row] == 0 { 3.0 } else { 2.0 };
        divided(lane(t.cloud[row]) * rate, 10.0, wan(50), open(&eligible, row))
    });
    clause::<SETTLE>(green, r, |row| flat(&sums[0], row));
    clause::<SETTLE>(step, r, |row| {
        let revenue = t.revenue[row];
        let mut sum = 0.0;
        for (least, of) in [(YI, wan(10)), (10 * YI, wan(50)), (50 * YI, wan(100)), (100 * YI, wan(200))] {
            sum = if revenue >= least { of } else { sum };
        }
        if open(&eligible, row) { sum } else { 0.0 }
    });
    clause::<SETTLE>(research, r, |row| {
        let base = lane(t.research[row]);
        // 3 % of all, 2 % more above 500万, 3 % more above 2000万.
        let sum = 3.0 * base + 2.0 * positive(base - wan(500)) + 3.0 * positive(base - wan(2_000));
        divided(sum, 100.0, wan(300), open(&eligible, row))
    });
    clause::<SETTLE>(grade, r, |row| flat(&sums[1], row));
    clause::<SETTLE>(key, r, |row| flat(&sums[2], row));
    clause::<SETTLE>(growth, r, |row| {
        let (now, before) = (lane(t.revenue[row]), lane(t.revenue_before[row]));
        let grown = 10.0 * now >= 11.0 * before;
        divided(now - before, 1_000.0, wan(50), open(&gates[1], row) & grown)
    });
    clause::<SETTLE>(equipment, r, |row| {
        let rest = positive(lane(t.equipment[row]) - 10.0 * lane(t.granted[row]));
        divided(rest, 10.0, wan(200), open(&eligible, row))
    });
    clause::<SETTLE>(interest, r, |row| divided(lane(t.interest[row]), 2.0, wan(100), open(&gates[2], row)));
    clause::<SETTLE>(training, r, |row| {
        let base = lane(t.training[row]);
        divided(6.0 * base, 10.0, wan(20), open(&eligible, row) & (base >= 500_000.0))
    });
    clause::<SETTLE>(transfer, r, |row| divided(lane(t.contracts[row]), 50.0, wan(30), open(&eligible, row)));
    for (row, running) in running.iter().enumerate() {
        total.put(row, fen(if SETTLE { LIMIT as f64 - running } else { *running }));
    }
}

/// The rows of a chunk and where their amounts go.
struct Chunk<'c> {
    columns: &'c Columns,
    first: usize,
    out: [&'c mut [i64]; 12],
    total: &'c mut [i64],
}

/// A chunk as a task: returns what 上云补助 draws on its budget.
struct Pass<'c, const SETTLE: bool>(Chunk<'c>);

impl<const SETTLE: bool> Task for Pass<'_, SETTLE> {
    type Output = i64;

    #[inline(always)]
    fn run(self) -> i64 {
        let Chunk { columns, first, mut out, total } = self.0;
        let rows = total.len();
        let tiles = rows / TILE;
        for at in 0..tiles {
            let from = at * TILE;
            let mut targets: [Out<'_>; 12] =
                out.each_mut().map(|column| column[from..from + TILE].as_mut_array().expect("a tile"));
            let mut target: Out<'_> = total[from..from + TILE].as_mut_array().expect("a tile");
            tile::<SETTLE>(&whole(columns, first + from), &mut targets, &mut target);
        }
        let done = tiles * TILE;
        if done < rows {
            // The last rows, in a tile of their own with room behind them.
            let rest = Columns::tail(columns, first + done, first + rows);
            let mut padded = [[0; TILE]; 13];
            let [mut targets @ .., mut target] = padded.each_mut();
            tile::<SETTLE>(&whole(&rest, 0), &mut targets, &mut target);
            for (column, padded) in out.iter_mut().zip(&padded) {
                column[done..].copy_from_slice(&padded[..rows - done]);
            }
            total[done..].copy_from_slice(&padded[12][..rows - done]);
        }
        // At most 50万 a row: far below what i64 holds for a chunk.
        if SETTLE { out[CLOUD].iter().fold(0, |sum: i64, fen| sum.wrapping_add(*fen)) } else { 0 }
    }
}

/// What is due as sums alone, for some rows: of each clause, and of all.
struct Sums<'c> {
    columns: &'c Columns,
    rows: std::ops::Range<usize>,
}

impl Task for Sums<'_> {
    type Output = [i64; 13];

    #[inline(always)]
    fn run(self) -> [i64; 13] {
        let Sums { columns, rows } = self;
        let (mut clauses, mut total) = ([0_i64; 12], 0_i64);
        let tiles = rows.len() / TILE;
        for at in 0..tiles {
            tile::<false>(&whole(columns, rows.start + at * TILE), &mut clauses, &mut total);
        }
        let done = rows.start + tiles * TILE;
        if done < rows.end {
            // Rows that only fill the tile up are not eligible.
            let mut rest = Columns::tail(columns, done, rows.end);
            rest.dishonest[rows.end - done..].fill(1);
            tile::<false>(&whole(&rest, 0), &mut clauses, &mut total);
        }
        let mut all = [total; 13];
        all[..12].copy_from_slice(&clauses);
        all
    }
}

/// What is due under each clause and in all, on the threads of a pool, without a column written.
pub fn sums(columns: &Columns, level: Level, pool: &rayon::ThreadPool) -> [i64; 13] {
    let rows = columns.rows();
    let chunk = |from: usize| at(level, Sums { columns, rows: from..rows.min(from + CHUNK) });
    let plus = |a: [i64; 13], b: [i64; 13]| std::array::from_fn(|at| a[at] + b[at]);
    pool.install(|| (0..rows.div_ceil(CHUNK)).into_par_iter().map(|at| chunk(at * CHUNK)).reduce(|| [0; 13], plus))
}

/// The columns of the tile that begins at a row.
#[inline(always)]
fn whole(columns: &Columns, from: usize) -> Tile<'_> {
    macro_rules! tile {
        ($($column:ident),*) => {
            Tile { $($column: columns.$column[from..from + TILE].as_array().expect("a tile")),* }
        };
    }
    tile!(
        investment,
        equipment,
        revenue,
        revenue_before,
        research,
        cloud,
        interest,
        training,
        granted,
        contracts,
        expanding,
        above_scale,
        high_tech,
        dishonest,
        green,
        grade,
        stage,
        industry
    )
}

impl Columns {
    /// Some rows, filled up to a tile.
    #[cold]
    fn tail(&self, from: usize, to: usize) -> Columns {
        macro_rules! tail {
            ($($column:ident),*) => {
                Columns { $($column: {
                    let mut rows = self.$column[from..to].to_vec();
                    rows.resize(TILE, 0);
                    rows
                }),* }
            };
        }
        tail!(
            investment,
            equipment,
            revenue,
            revenue_before,
            research,
            cloud,
            interest,
            training,
            granted,
            contracts,
            expanding,
            above_scale,
            high_tech,
            dishonest,
            green,
            grade,
            stage,
            industry
        )
    }
}

/// The second pass over a chunk: `amount × BUDGET ÷ drawn`, rounded down, and the totals less what is cut.
struct Cut<'c> {
    drawn: i64,
    cloud: &'c mut [i64],
    total: &'c mut [i64],
}

impl Task for Cut<'_> {
    type Output = ();

    /// The double is off by one at most, and the remainder tells: it lies within two of
    /// `drawn`, so that its low 64 bits are all of it, whatever the products overflow to.
    #[inline(always)]
    fn run(self) {
        let Cut { drawn, cloud, total } = self;
        let ratio = BUDGET as f64 / drawn as f64;
        for (cloud, total) in cloud.iter_mut().zip(total) {
            let amount = *cloud;
            let paid = fen(positive(lane(amount) * ratio - 0.5));
            let rest = amount.wrapping_mul(BUDGET).wrapping_sub(paid.wrapping_mul(drawn));
            let paid = paid.wrapping_add(i64::from(rest >= drawn)).wrapping_sub(i64::from(rest < 0));
            *cloud = paid;
            *total = total.wrapping_sub(amount.wrapping_sub(paid));
        }
    }
}

/// Works out all rows on the threads of a pool.
pub fn run(columns: &Columns, out: &mut Amounts, stage: Stage, level: Level, pool: &rayon::ThreadPool) {
    pool.install(|| {
        let drawn = first_pass(columns, out, stage, level);
        if stage == Stage::Settled {
            cut(out, drawn, level);
        }
    });
}

/// The first pass over all rows, on the threads of the pool that it is called in; what the
/// clause with the budget draws on it.
pub fn first_pass(columns: &Columns, out: &mut Amounts, stage: Stage, level: Level) -> i64 {
    out.resize(columns.rows());
    let pass = |chunk: Chunk<'_>| match stage {
        Stage::Due => at(level, Pass::<false>(chunk)),
        Stage::Settled => at(level, Pass::<true>(chunk)),
    };
    chunks(columns, out).into_par_iter().map(pass).sum()
}

/// The second pass: what the budget leaves of its clause, where all together draw more than it has.
pub fn cut(out: &mut Amounts, drawn: i64, level: Level) {
    if drawn > BUDGET {
        let (cloud, total) = (&mut out.clauses[CLOUD], &mut out.total);
        let parts = cloud.par_chunks_mut(CHUNK).zip(total.par_chunks_mut(CHUNK));
        parts.for_each(|(cloud, total)| at(level, Cut { drawn, cloud, total }));
    }
}

fn chunks<'c>(columns: &'c Columns, out: &'c mut Amounts) -> Vec<Chunk<'c>> {
    let mut parts = out.clauses.each_mut().map(|column| column.chunks_mut(CHUNK));
    let totals = out.total.chunks_mut(CHUNK).enumerate();
    let chunks = totals.map(|(at, total)| Chunk {
        columns,
        first: at * CHUNK,
        out: parts.each_mut().map(|parts| parts.next().unwrap_or_default()),
        total,
    });
    chunks.collect()
}
