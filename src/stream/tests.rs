//! Streams against the settlement in memory: the same payments, budgets, reports and messages.

mod children;
mod encodings;
mod unpacked;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Decimal64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::{Paid, Sink, Stream, Teller, Told};
use crate::check::program::{Program, RecordId};
use crate::diagnostic::{Diagnostic, Language};
use crate::eval::{Context, Inputs};
use crate::explain::words::Words;
use crate::policies::{Basis, Engine, Policies};
use crate::record::{Input, Loaded, Parts, Population, load};
use crate::report::{Report, Reporter};
use crate::settle::Recipient;

const DECLARED: &str = "
record 企业 {
  编号 : text key
  投资 : money
  营收 : money where >= 0
  上限 : money = 100万元
  规上 : bool
  等级 : level of 一级 > 二级 > 三级
  区县 : text
}

let 大小 = 营收 >= 1000万
";

/// By what reports add up.
const BY: [&str; 4] = ["区县", "等级", "规上", "大小"];

/// Firms; with holes, some cells are blank.
struct Data {
    rows: usize,
    seed: u64,
    holes: bool,
    /// Other cells for some rows: row, column, text.
    odd: Vec<(usize, &'static str, &'static str)>,
    /// What stands behind the rows of a text.
    tail: &'static str,
}

impl Data {
    fn of(rows: usize, seed: u64) -> Data {
        Data { rows, seed, holes: false, odd: Vec::new(), tail: "" }
    }

    fn with_holes(self) -> Data {
        Data { holes: true, ..self }
    }

    fn with(mut self, row: usize, column: &'static str, text: &'static str) -> Data {
        self.odd.push((row, column, text));
        self
    }

    /// Columns of amounts as decimals; of those with odd cells, and where `as_text`, as texts.
    fn columns(&self, as_text: bool) -> Vec<(&'static str, ArrayRef)> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut money = |holes: bool| -> Vec<Option<i64>> {
            let cell = |_| {
                let blank = holes && random.next_u64().is_multiple_of(50);
                let fen = i64::try_from(random.next_u64() % 2_000_000_000).unwrap();
                (!blank).then_some(if fen % 3 == 0 { fen / 100_000_000 * 100_000_000 } else { fen })
            };
            (0..self.rows).map(cell).collect()
        };
        let keys: Vec<Option<String>> = (0..self.rows).map(|row| Some(format!("企{row:05}"))).collect();
        let amounts = [("投资", money(self.holes)), ("营收", money(self.holes)), ("上限", money(self.holes))];
        let flags: Vec<Option<bool>> = (0..self.rows)
            .map(|_| {
                (!(self.holes && random.next_u64().is_multiple_of(60))).then(|| random.next_u64().is_multiple_of(2))
            })
            .collect();
        let words = |words: [&str; 3], random: &mut Xoshiro256PlusPlus| -> Vec<Option<String>> {
            (0..self.rows).map(|_| Some(words[usize::try_from(random.next_u64() % 3).unwrap()].to_owned())).collect()
        };
        let levels = words(["一级", "二级", "三级"], &mut random);
        let places = words(["东湖区", "西湖区", "青山湖区"], &mut random);
        let texts = |name: &str, mut cells: Vec<Option<String>>| -> ArrayRef {
            for (row, column, text) in &self.odd {
                if *column == name {
                    cells[*row] = (!text.is_empty()).then(|| (*text).to_owned());
                }
            }
            Arc::new(StringArray::from(cells))
        };
        let is_odd = |name: &str| as_text || self.odd.iter().any(|(_, column, _)| *column == name);
        let mut out: Vec<(&'static str, ArrayRef)> = vec![("编号", texts("编号", keys))];
        for (name, cells) in amounts {
            let array: ArrayRef = if is_odd(name) {
                let text =
                    |fen: i64| format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100);
                texts(name, cells.into_iter().map(|fen| fen.map(text)).collect())
            } else {
                Arc::new(Decimal64Array::from(cells).with_precision_and_scale(18, 2).unwrap())
            };
            out.push((name, array));
        }
        let flags: ArrayRef = if is_odd("规上") {
            texts(
                "规上",
                flags.into_iter().map(|yes| yes.map(|yes| (if yes { "是" } else { "否" }).to_owned())).collect(),
            )
        } else {
            Arc::new(BooleanArray::from(flags))
        };
        out.extend([("规上", flags), ("等级", texts("等级", levels)), ("区县", texts("区县", places))]);
        out
    }

    fn parquet(&self, folder: &Path) -> PathBuf {
        let path = folder.join("企业.parquet");
        let columns = self.columns(false).into_iter().map(|(name, array)| (name, array, true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let groups = WriterProperties::builder().set_max_row_group_row_count(Some(100)).build();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(groups)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }
}

impl Data {
    fn csv(&self, folder: &Path) -> PathBuf {
        let path = folder.join("企业.csv");
        let columns = self.columns(true);
        let cell = |array: &ArrayRef, row: usize| match array.as_boolean_opt() {
            Some(flags) => (if flags.value(row) { "是" } else { "否" }).to_owned(),
            None if array.is_null(row) => String::new(),
            None => array.as_string::<i32>().value(row).to_owned(),
        };
        let mut text = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",") + "\n";
        for row in 0..self.rows {
            let cells: Vec<String> = columns.iter().map(|(_, array)| cell(array, row)).collect();
            text.push_str(&cells.join(","));
            text.push_str(if row % 7 == 0 { "\r\n" } else { "\n" });
        }
        text.push_str(self.tail);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// By recipient in their order: the key, and the settled amount of each clause.
type Rows = Vec<(String, Vec<Option<String>>)>;

struct Collected<'p> {
    program: &'p Program,
    rows: Rows,
}

fn settled(program: &Program, recipient: &Recipient<'_>) -> Vec<Option<String>> {
    let clauses = (0_u32..).map(crate::check::program::ClauseId).take(program.clauses.len());
    clauses.map(|clause| Some(recipient.award(clause)?.settled()?.to_yuan())).collect()
}

impl<'p> Sink for Collected<'p> {
    type Ready = &'p Program;
    type Writer = Rows;
    type Written = Rows;
    type Error = std::convert::Infallible;

    fn apart(&mut self) -> (&Self::Ready, &mut Rows) {
        (&self.program, &mut self.rows)
    }

    fn ready(program: &Self::Ready, paid: Paid<'_>) -> Result<Rows, Self::Error> {
        let row = |(row, key): (usize, &smol_str::SmolStr)| {
            let open = paid.open.iter().find(|(at, _)| *at == row);
            let fen = |column: &Vec<i64>| column.get(row).map(|fen| format!("{}.{:02}", fen / 100, fen % 100));
            let amounts = match open {
                Some((_, recipient)) => settled(program, recipient),
                None => paid.amounts.iter().map(fen).collect(),
            };
            (key.to_string(), amounts)
        };
        Ok(paid.keys.iter().enumerate().map(row).collect())
    }

    fn write(rows: &mut Rows, written: Rows) -> Result<(), Self::Error> {
        rows.extend(written);
        Ok(())
    }
}

struct Reporting<'c> {
    reporter: Reporter<'c>,
    record: RecordId,
}

impl Teller for Reporting<'_> {
    type Report = (Report, Vec<Diagnostic>, crate::record::Report);

    fn open(&mut self, open: &[Recipient<'_>]) {
        open.iter().for_each(|recipient| self.reporter.add(recipient));
    }

    fn end(mut self, ended: Told<'_>) -> Self::Report {
        self.reporter.add_sums(self.record, &ended.sums, ended.texts);
        (self.reporter.finish(&ended.settlement), told(&ended.loaded), ended.loaded.report)
    }
}

/// What a run comes to.
#[derive(Debug, PartialEq)]
struct Ran {
    rows: Rows,
    report: serde_json::Value,
    told: Vec<Diagnostic>,
    data: crate::record::Report,
}

fn told(loaded: &Loaded) -> Vec<Diagnostic> {
    loaded.all_diagnostics().cloned().collect()
}

/// As it is written: how recipients were counted is nobody's business.
fn data_of(report: &Report) -> serde_json::Value {
    serde_json::to_value(report).unwrap()
}

fn words<'w>(policies: &'w Policies) -> Words<'w> {
    Words { program: policies.program(), sources: policies.sources(), language: Language::Chinese }
}

/// By what reports of a program add up.
fn by(program: &Program) -> Vec<String> {
    let is_declared = program.records.iter().any(|def| def.facts.iter().any(|fact| fact.name == BY[0]));
    if is_declared { BY.map(str::to_owned).to_vec() } else { Vec::new() }
}

fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    paths.iter().map(|path| Input { path: path.clone(), ..Input::default() }).collect()
}

fn streamed(policies: &Policies, paths: &[PathBuf]) -> Option<Ran> {
    streamed_of(policies, &inputs(paths))
}

fn streamed_of(policies: &Policies, inputs: &[Input]) -> Option<Ran> {
    let basis = Basis::of("2024").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let parts = Parts::of(policies.program(), inputs, basis.period, folder.path())?;
    let nobody = Population::default();
    let inputs = Inputs { population: Some(&nobody), ..Inputs::default() };
    let context = Context::new(policies.program(), basis.period, basis.date, inputs);
    for together in [false, true] {
        let reporter = Reporter::new(&context, words(policies), &by(policies.program())).unwrap();
        let sums = reporter.by(parts.record).expect("by what numbers stand for");
        let stream = Stream::of(&context, policies, &parts, (reporter.sets(), sums, 5))?;
        let stream = if together { stream.together() } else { stream };
        let mut sink = Collected { program: policies.program(), rows: Vec::new() };
        let ended = stream.run(&mut sink, folder.path(), Reporting { reporter, record: parts.record });
        let (report, told, data) = match ended.unwrap() {
            super::Ran::Done(done) => done,
            super::Ran::Twice if !together => continue,
            super::Ran::Twice | super::Ran::ForMemory => return None,
        };
        return Some(Ran { rows: sink.rows, report: data_of(&report), told, data });
    }
    None
}

fn in_memory(policies: &Policies, paths: &[PathBuf]) -> Ran {
    in_memory_of(policies, &inputs(paths))
}

fn in_memory_of(policies: &Policies, inputs: &[Input]) -> Ran {
    let basis = Basis::of("2024").unwrap();
    let program = policies.program();
    let mut loaded = load(program, inputs, basis.period);
    let mut files = Population::default();
    files.files = loaded.population.files.clone();
    let bare = Context::new(program, basis.period, basis.date, Inputs::default());
    loaded.population.check(program, |id, record| policies.failed_checks(&bare, id, record, &files));
    let inputs = Inputs { population: Some(&loaded.population), ..Inputs::default() };
    let context = Context::new(program, basis.period, basis.date, inputs);
    let settling = Policies::settle_all(&context, &loaded.population, Engine::Row);
    let mut reporter = Reporter::new(&context, words(policies), &by(policies.program())).unwrap();
    settling.recipients.iter().for_each(|recipient| reporter.add(recipient));
    let rows = settling.recipients.iter().map(|one| (one.key.to_string(), settled(program, one))).collect();
    Ran {
        rows,
        report: data_of(&reporter.finish(&settling.settlement)),
        told: told(&loaded),
        data: loaded.report.clone(),
    }
}

fn policies(clauses: &str) -> Policies {
    let policies = Policies::from_text(&format!("{DECLARED}{clauses}"));
    assert!(!policies.has_errors(), "{}", policies.render(Language::English));
    policies
}

/// Both come to the same, and the stream needs no memory for it.
fn same(clauses: &str, data: &Data) {
    let folder = tempfile::tempdir().unwrap();
    for path in [data.parquet(folder.path()), data.csv(folder.path())] {
        same_of(clauses, path);
    }
}

fn same_of(clauses: &str, path: PathBuf) {
    let (policies, paths) = (policies(clauses), [path]);
    let streamed = streamed(&policies, &paths).expect("a stream");
    let memory = in_memory(&policies, &paths);
    assert_eq!(streamed.told, memory.told);
    assert_eq!(streamed.data, memory.data);
    for (a, b) in streamed.rows.iter().zip(&memory.rows) {
        assert_eq!(a, b);
    }
    assert_eq!(streamed.rows.len(), memory.rows.len());
    assert_eq!(streamed.report, memory.report);
}

/// What needs everybody in memory is not streamed.
fn left_to_memory(clauses: &str, data: &Data) {
    let (policies, folder) = (policies(clauses), tempfile::tempdir().unwrap());
    assert_eq!(streamed(&policies, &[data.parquet(folder.path())]), None);
}

const CLAUSES: &str = "
clause 扩产 { award 5% of 投资 cap 80万元 when 规上 }
clause 增长 { award up to 2% of 营收 when 等级 in (一级, 二级) }
clause 等级奖 { award 10万元 when 等级 = 一级 }
";

#[test]
fn clauses_without_steps_are_paid_part_by_part() {
    same(CLAUSES, &Data::of(730, 1));
    same(CLAUSES, &Data::of(730, 2).with_holes());
    same(CLAUSES, &Data::of(1, 3));
}

#[test]
fn steps_of_each_recipient_need_no_others() {
    let clauses = format!("{CLAUSES}\nsettle {{ highest among 扩产, 等级奖\n limit 扩产, 增长 to 上限 }}");
    same(&clauses, &Data::of(730, 4));
    same(&clauses, &Data::of(730, 5).with_holes());
}

#[test]
fn budgets_are_shared_out_over_all_parts() {
    for rule in ["pro rata", "pro rata rest by remainder", ""] {
        let clauses =
            format!("{CLAUSES}\nsettle {{ highest among 扩产, 等级奖\n budget 5000万元 for 扩产, 等级奖 {rule} }}");
        if rule.is_empty() {
            left_to_memory(&clauses, &Data::of(730, 6));
        } else {
            same(&clauses, &Data::of(730, 6));
            // A shortage with something open is for memory.
            left_to_memory(&clauses, &Data::of(730, 6).with_holes());
        }
        let wide = clauses.replace("5000万元", "500亿元");
        same(&wide, &Data::of(730, 7));
        same(&wide, &Data::of(730, 7).with_holes());
    }
}

#[test]
fn the_first_of_all_are_found_over_all_parts() {
    let clauses = format!("{CLAUSES}\nsettle {{ select top 20 of 扩产 by 投资 ties all }}");
    same(&clauses, &Data::of(730, 8));
    left_to_memory(&clauses, &Data::of(730, 8).with_holes());
}

#[test]
fn wrong_rows_are_told_and_the_others_paid() {
    let data = Data::of(730, 9)
        .with(3, "投资", "三百万")
        .with(105, "营收", "-5")
        .with(106, "投资", "-7万")
        .with(230, "编号", "")
        .with(350, "等级", "特级")
        .with(351, "规上", "也许");
    same(CLAUSES, &data);
    same(&format!("{CLAUSES}\nsettle {{ budget 3000万元 for 扩产 pro rata }}"), &data);
}

#[test]
fn texts_are_cut_at_ends_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let tails = [
        "企90001,\"1,000.00\",5,,是,一级,\"东湖区\n（老城）\"",
        "企90001,5万,,,no,二级,\"西湖区 \"\"新\"\" 区\"\n\n\n",
        "企90001,5,6\n企90002,1,1,1,1,1,1,1,1\n",
        ",,,,,,\n   \n企90003, 12.5 ,３,1e3,是,三级,东湖区",
    ];
    for tail in tails {
        same_of(CLAUSES, Data { tail, ..Data::of(300, 12) }.csv(folder.path()));
    }
}

#[test]
fn texts_that_cannot_be_cut_are_read_whole() {
    let (policies, folder) = (policies(CLAUSES), tempfile::tempdir().unwrap());
    for tail in ["企9,\"5", "企9,5,,,,,a\"b\"", "企9,5\r企8,5", "企9,5\0"] {
        let path = Data { tail, ..Data::of(30, 13) }.csv(folder.path());
        assert_eq!(streamed(&policies, &[path]), None, "{tail:?}");
    }
}

#[test]
fn rows_of_a_key_that_stands_twice_are_brought_together() {
    same(CLAUSES, &Data::of(730, 10).with(700, "编号", "企00007"));
    // Be it in a row that is wrong otherwise.
    same(CLAUSES, &Data::of(730, 10).with(700, "编号", "企00007").with(700, "投资", "三百万"));
    same(CLAUSES, &Data::of(730, 10).with(700, "编号", "企00007").with(700, "营收", "-5").with(13, "编号", "企00700"));
}

#[test]
fn what_looks_at_everybody_is_for_memory() {
    left_to_memory("clause 先进 { award 10万元 when 营收 >= max 营收 over all 企业 }", &Data::of(20, 11));
}

#[test]
fn whatever_stands_in_cells_comes_to_the_same() {
    const ODD: [&str; 28] = [
        "",
        "无",
        "-5",
        "1e9",
        "5万",
        " 7 ",
        "０",
        "12.345",
        "1.23456",
        "99999999999999",
        "999999999999999999999999",
        "abc",
        "=1+1",
        "'7",
        "5.",
        ".5",
        "none",
        "？",
        "5%",
        "5元",
        "1.2亿",
        "NaN",
        "007",
        "Y",
        "一级 ",
        "1.2E+17",
        "企00003",
        "\u{3000}3",
    ];
    let columns = ["编号", "投资", "营收", "上限", "规上", "等级", "区县"];
    let clauses =
        format!("{CLAUSES}\nsettle {{ limit total to 上限 pro rata\n budget 500亿元 for 扩产, 等级奖 pro rata }}");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(14);
    let mut below = |most: usize| usize::try_from(random.next_u64()).unwrap() % most;
    for seed in 0..24 {
        let mut data = Data::of(150, seed).with_holes();
        for _ in 0..below(7) {
            data = data.with(below(150), columns[below(7)], ODD[below(28)]);
        }
        let folder = tempfile::tempdir().unwrap();
        for path in [data.parquet(folder.path()), data.csv(folder.path())] {
            let (policies, paths) = (policies(if seed % 2 == 0 { CLAUSES } else { &clauses }), [path]);
            let streamed = streamed(&policies, &paths).unwrap_or_else(|| panic!("a stream of {:?}", data.odd));
            assert_eq!(streamed, in_memory(&policies, &paths), "{:?}", data.odd);
        }
    }
}

#[test]
fn each_payer_pays_as_much() {
    let clauses = CLAUSES
        .replace("when 规上 }", "when 规上 funded by 市级 the rest }")
        .replace("二级) }", "二级) funded by 县区 the rest }");
    assert!(clauses.contains("市级") && clauses.contains("县区"));
    same(&clauses, &Data::of(730, 15));
    same(&clauses, &Data::of(730, 16).with_holes());
}
