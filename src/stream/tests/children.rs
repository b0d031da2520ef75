//! Streams of recipients with lists: tables joined by a key, objects that hold their lists, further rows of one recipient.

use std::fmt::Write as _;

use super::*;

const LISTS: &str = "
record 企业 {
  项目 : list of 项目
  设备 : list of 设备
}
record 项目 {
  项目号 : text key
  投入   : money where >= 0
  面积   : count
  完成   : bool
  类别   : one of 新建, 技改
}
record 设备 {
  设备名 : text
  价格   : money
}
clause 项目奖 { award 10万元 for each (项目 where 完成) cap 25万元 }
clause 技改 { award 3% of 投入 for each (项目 where 类别 = 技改) cap 80万元 when count 项目 >= 2 }
clause 设备补助 { award 10% of (sum 价格 over 设备) cap 30万元 when any 项目 where 完成 }
clause 扩产 { award 5% of 投资 cap 80万元 when 规上 }
";

/// Steps that look across recipients.
const STEPS: &str =
    "settle { highest among 项目奖, 设备补助\n budget 2000万元 for 项目奖, 扩产 pro rata rest by remainder }";

const FIRMS: [&str; 7] = ["编号", "投资", "营收", "上限", "规上", "等级", "区县"];
const PROJECTS: [&str; 6] = ["企业", "项目号", "投入", "面积", "完成", "类别"];
const MACHINES: [&str; 3] = ["企业", "设备名", "价格"];

/// A table as text.
#[derive(Clone)]
pub(super) struct Table {
    pub name: &'static str,
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

/// A generator of whole numbers below a bound.
struct Chance(Xoshiro256PlusPlus);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u64()).unwrap() % most
    }

    fn word(&mut self, words: &[&str]) -> String {
        words[self.below(words.len())].to_owned()
    }

    fn yuan(&mut self) -> String {
        format!("{}.{:02}", self.below(3_000_000), self.below(100))
    }

    fn mix<T>(&mut self, all: &mut [T]) {
        for at in 1..all.len() {
            all.swap(at, self.below(at + 1));
        }
    }
}

impl Table {
    fn new(name: &'static str, header: &[&'static str], rows: Vec<Vec<String>>) -> Table {
        Table { name, header: header.to_vec(), rows }
    }

    fn text(&self) -> String {
        let lines = self.rows.iter().map(|row| row.join(",") + "\n");
        self.header.join(",") + "\n" + &lines.collect::<String>()
    }

    pub fn csv(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{}.csv", self.name));
        std::fs::write(&path, self.text()).unwrap();
        path
    }

    fn parquet(&self, folder: &Path, group: usize) -> PathBuf {
        let path = folder.join(format!("{}.parquet", self.name));
        let column = |at: usize| -> ArrayRef {
            let cells = self.rows.iter().map(|row| row.get(at).filter(|cell| !cell.is_empty()).cloned());
            Arc::new(cells.collect::<StringArray>())
        };
        let columns = self.header.iter().enumerate().map(|(at, name)| (*name, column(at), true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let groups = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(groups)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }

    /// A part of the rows under another name.
    pub fn part(&self, name: &'static str, rows: impl Fn(usize) -> bool) -> Table {
        let rows = self.rows.iter().enumerate().filter(|(at, _)| rows(*at)).map(|(_, row)| row.clone());
        Table { name, rows: rows.collect(), ..self.clone() }
    }

    /// Some columns under another name.
    fn columns(&self, name: &'static str, wanted: &[usize]) -> Table {
        let pick = |row: &Vec<String>| wanted.iter().map(|at| row[*at].clone()).collect();
        let header = wanted.iter().map(|at| self.header[*at]).collect();
        Table { name, header, rows: self.rows.iter().map(pick).collect() }
    }

    pub fn with(mut self, row: usize, column: &str, cell: &str) -> Table {
        let at = self.header.iter().position(|header| *header == column).unwrap();
        self.rows[row][at] = cell.to_owned();
        self
    }
}

/// Firms, their projects and their machines, in no order.
pub(super) fn tables(firms: usize, seed: u64) -> [Table; 3] {
    let mut chance = Chance(Xoshiro256PlusPlus::seed_from_u64(seed));
    let (mut all, mut projects, mut machines) = (Vec::new(), Vec::new(), Vec::new());
    for firm in 0..firms {
        let key = format!("企{firm:05}");
        let cells = [chance.yuan(), chance.yuan(), chance.yuan(), chance.word(&["是", "否"])];
        let words = [chance.word(&["一级", "二级", "三级"]), chance.word(&["东湖区", "西湖区"])];
        all.push([key.clone()].into_iter().chain(cells).chain(words).collect());
        for project in 0..chance.below(4) {
            let (number, kind) = (format!("项{}", project * 7 % 5), chance.word(&["新建", "技改"]));
            let (area, done) = (chance.below(900).to_string(), chance.word(&["是", "否", "是"]));
            projects.push(vec![key.clone(), number, chance.yuan(), area, done, kind]);
        }
        for _ in 0..chance.below(3) {
            machines.push(vec![key.clone(), chance.word(&["车床", "铣床"]), chance.yuan()]);
        }
    }
    chance.mix(&mut projects);
    chance.mix(&mut machines);
    let (projects, machines) = (Table::new("项目", &PROJECTS, projects), Table::new("设备", &MACHINES, machines));
    [Table::new("企业", &FIRMS, all), projects, machines]
}

/// A line a firm, its lists inside.
fn lines([firms, projects, machines]: &[Table; 3]) -> String {
    let object = |table: &Table, row: &[String], from: usize| {
        let cells = table.header.iter().zip(row).skip(from).filter(|(_, cell)| !cell.is_empty());
        let cells: Vec<String> = cells.map(|(name, cell)| format!("\"{name}\":{}", serde_json::json!(cell))).collect();
        cells.join(",")
    };
    let mut text = String::new();
    for firm in &firms.rows {
        let list = |table: &Table| {
            let own = table.rows.iter().filter(|row| row[0] == firm[0]);
            own.map(|row| format!("{{{}}}", object(table, row, 1))).collect::<Vec<_>>().join(",")
        };
        let (projects, machines) = (list(projects), list(machines));
        writeln!(text, "{{{},\"项目\":[{projects}],\"设备\":[{machines}]}}", object(firms, firm, 0)).unwrap();
    }
    text
}

/// A line a row, its owner beside its facts.
pub(super) fn objects_of(table: &Table) -> String {
    let object = |row: &Vec<String>| {
        let cells = table.header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let cells: Vec<String> = cells.map(|(name, cell)| format!("\"{name}\":{}", serde_json::json!(cell))).collect();
        format!("{{{}}}\n", cells.join(","))
    };
    table.rows.iter().map(object).collect()
}

fn objects(table: &Table, folder: &Path) -> PathBuf {
    let path = folder.join(format!("{}.jsonl", table.name));
    std::fs::write(&path, objects_of(table)).unwrap();
    path
}

/// Both come to the same, in this order of the files and the other; how many rows are wrong.
fn same_in(clauses: &str, paths: &[PathBuf]) -> usize {
    let policies = policies(&format!("{LISTS}{clauses}"));
    let mut wrong = 0;
    for turned in [false, true] {
        let mut paths = paths.to_vec();
        if turned {
            paths.reverse();
        }
        let streamed = streamed(&policies, &paths).unwrap_or_else(|| panic!("a stream of {paths:?}"));
        let memory = in_memory(&policies, &paths);
        wrong = memory.told.len();
        compare(&streamed, &memory);
    }
    wrong
}

fn compare(streamed: &Ran, memory: &Ran) {
    for (a, b) in streamed.told.iter().zip(&memory.told) {
        assert_eq!(a, b);
    }
    assert_eq!(streamed.told.len(), memory.told.len());
    assert_eq!(streamed.data, memory.data);
    for (a, b) in streamed.rows.iter().zip(&memory.rows) {
        assert_eq!(a, b);
    }
    assert_eq!(streamed.rows.len(), memory.rows.len());
    assert_eq!(streamed.report, memory.report);
}

/// The same of tables as CSV and as Parquet.
fn same_tables(clauses: &str, tables: &[Table]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<PathBuf> = tables.iter().map(|table| table.csv(folder.path())).collect();
    let groups: Vec<PathBuf> = tables.iter().map(|table| table.parquet(folder.path(), 90)).collect();
    let wrong = same_in(clauses, &texts);
    assert_eq!(same_in(clauses, &groups), wrong);
    wrong
}

fn same_lines(clauses: &str, text: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("企业.jsonl");
    std::fs::write(&path, text).unwrap();
    same_in(clauses, &[path])
}

#[test]
fn rows_of_lists_are_found_wherever_they_stand() {
    for (firms, seed) in [(1, 1), (63, 2), (64, 3), (65, 4), (420, 5)] {
        let tables = tables(firms, seed);
        assert_eq!(same_tables("", &tables), 0);
        assert_eq!(same_tables(STEPS, &tables), 0);
        // A list without a file is not known; one without a row is empty.
        assert_eq!(same_tables("", &tables[..2]), 0);
        let empty = Table { rows: Vec::new(), ..tables[2].clone() };
        assert_eq!(same_tables("", &[tables[0].clone(), empty, tables[1].clone()]), 0);
    }
}

#[test]
fn lists_inside_objects_need_no_homes() {
    let tables = tables(300, 6);
    assert_eq!(same_lines("", &lines(&tables)), 0);
    assert_eq!(same_lines(STEPS, &lines(&tables)), 0);
    let blank_lines = lines(&tables).replace("}]}\n", "}]}\r\n\n  \n");
    assert_eq!(same_lines("", &blank_lines), 0);
}

#[test]
fn lists_stand_in_objects_and_in_tables() {
    let [firms, projects, machines] = tables(200, 7);
    let (inside, behind) = (projects.part("项目", |row| row % 2 == 0), projects.part("项目", |row| row % 2 == 1));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("企业.jsonl");
    let none = Table { rows: Vec::new(), ..machines.clone() };
    std::fs::write(&path, lines(&[firms, inside, none])).unwrap();
    let paths = [path, behind.csv(folder.path()), machines.parquet(folder.path(), 40)];
    assert_eq!(same_in("", &paths), 0);
    // What stands in both is nobody's.
    let twice = [paths[0].clone(), projects.csv(folder.path()), paths[2].clone()];
    assert!(same_in("", &twice) > 50);
}

#[test]
fn wrong_rows_of_lists_are_told_alike() {
    let [firms, projects, machines] = tables(400, 8);
    let last = projects.rows.len() - 1;
    let wrong = projects
        .with(0, "企业", "企99999")
        .with(1, "企业", "")
        .with(2, "投入", "很多")
        .with(3, "投入", "-5")
        .with(70, "面积", "-3")
        .with(5, "面积", "-4")
        .with(6, "类别", "扩建")
        .with(7, "项目号", "")
        .with(8, "完成", "？")
        .with(last, "企业", "企99999")
        .with(last, "投入", "无");
    let mut rows = wrong.rows.clone();
    // Twice in one file, and both again of an owner that is not there.
    rows.push(rows[20].clone());
    rows.push(rows[0].clone());
    rows.push(vec![rows[21][0].clone(), "项9".into(), "5".into()]);
    rows.push(["", "", "", "", "", ""].map(str::to_owned).to_vec());
    rows.push(["企00003", "项8", "1", "2", "是", "新建", "多", "余"].map(str::to_owned).to_vec());
    let wrong = Table { rows, ..wrong };
    let machines = machines.with(4, "价格", "一百").with(9, "价格", "-1").with(10, "企业", " 企00009 ");
    let folder = tempfile::tempdir().unwrap();
    let firms = firms.with(17, "投资", "三百万").with(300, "营收", "-5").with(301, "编号", "").with(90, "投资", "-8");
    let paths = [firms.csv(folder.path()), wrong.csv(folder.path()), machines.csv(folder.path())];
    assert!(same_in("", &paths) > 15);
    assert!(same_in("settle { budget 20亿元 for 项目奖, 扩产 pro rata }", &paths) > 15);
}

#[test]
fn wrong_objects_of_lists_are_told_alike() {
    let tables = tables(200, 9);
    let text = lines(&tables);
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    all[3] = all[3].replace("\"投资\"", "\"投资额度\"");
    all[150] = all[150].replace("\"投资\"", "\"旧编码\":1,\"投资额度\"");
    all[70] = all[70].replace("\"价格\":\"", "\"价格\":\"约").replace("\"项目号\"", "\"项目名\"");
    all[71] = all[71].replace("\"投入\":\"", "\"投入\":\"-");
    all[72] = all[72].replace("\"投资\":\"", "\"投资\":\"-");
    all[20] = all[20].replace("\"投资\":\"", "\"投资\":\"-");
    all[73] = "{\"编号\":".to_owned();
    all[74] = "[1]".to_owned();
    all[75] = all[75].replace("\"面积\":\"", "\"占地\":\"");
    all[76] = "{\"编号\":\"企90000\",\"项目\":[7,{\"项目号\":\"a\"},{\"项目号\":\"a\"}],\"设备\":{}}".to_owned();
    all[77] = "{\"编号\":\"企90001\",\"项目\":null,\"编号\":\"b\"}".to_owned();
    all[78] = "{\"编号\":12e1,\"投资\":5.5e3}".to_owned();
    let wrong = same_lines("", &all.join("\n"));
    assert!(wrong > 12, "{wrong}");
}

#[test]
fn rows_of_one_recipient_meet_wherever_they_stand() {
    let [firms, projects, machines] = tables(300, 10);
    // Each fact from the file that has it; some firms stand in one file only.
    let base = firms.columns("企业甲", &[0, 1, 4]).part("企业-甲", |row| row % 7 != 0);
    let more = firms.columns("企业乙", &[0, 2, 3, 5, 6, 1]).part("企业-乙", |row| row % 5 != 0 || row % 7 == 0);
    assert_eq!(same_tables("", &[base.clone(), projects.clone(), more.clone(), machines.clone()]), 0);
    // They contradict each other, or stand twice in one file.
    let wrong = more.with(30, "投资", "7").with(120, "投资", "8").with(121, "营收", "-4").with(9, "编号", "企00222");
    let base = base.with(200, "编号", "企00003").with(201, "编号", "企00003").with(12, "编号", "企00001");
    assert!(same_tables("", &[base, wrong, projects, machines]) > 8);
}

#[test]
fn rows_of_several_years_are_one_recipient() {
    const YEARS: &str = "record 企业 { 年投入 : money per year }
        clause 年度 { award 1% of 年投入 }\nclause 往年 { award 1% of max 年投入 over 2021..2023 }";
    let mut rows = Vec::new();
    for year in 2021..2025 {
        rows.extend((0..150).map(|firm| vec![format!("企{firm:05}"), year.to_string(), format!("{}", firm * year)]));
    }
    let table = Table::new("企业", &["编号", "年度", "年投入"], rows);
    assert_eq!(same_tables(YEARS, std::slice::from_ref(&table)), 0);
    let wrong =
        table.with(400, "年度", "2021").with(401, "年度", "去年").with(402, "年投入", "-1").with(5, "编号", "企00006");
    assert!(same_tables(YEARS, &[wrong]) > 3);
}

#[test]
fn whatever_stands_in_lists_comes_to_the_same() {
    const ODD: [&str; 20] = [
        "",
        "无",
        "-5",
        "1e9",
        "5万",
        " 7 ",
        "企00003",
        "企00004",
        " 企00005",
        "项0",
        "项1",
        "abc",
        "=1+1",
        "'7",
        "NaN",
        "是",
        "技改",
        "\"a,b\"",
        "1.2E+17",
        "\u{3000}3",
    ];
    let mut chance = Chance(Xoshiro256PlusPlus::seed_from_u64(11));
    let mut wrong = 0;
    for seed in 0..24 {
        let mut all = tables(150, 100 + seed);
        for _ in 0..chance.below(12) {
            let table = &mut all[chance.below(3)];
            let (row, column) = (chance.below(table.rows.len()), chance.below(table.header.len()));
            table.rows[row][column] = ODD[chance.below(ODD.len())].to_owned();
        }
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<PathBuf> = all.iter().map(|table| table.csv(folder.path())).collect();
        let groups: Vec<PathBuf> = all.iter().map(|table| table.parquet(folder.path(), 70)).collect();
        let nested = folder.path().join("企业.jsonl");
        std::fs::write(&nested, lines(&all)).unwrap();
        let lists = vec![texts[0].clone(), objects(&all[1], folder.path()), objects(&all[2], folder.path())];
        for paths in [texts, groups, vec![nested], lists] {
            let policies = policies(LISTS);
            let streamed = streamed(&policies, &paths).unwrap_or_else(|| panic!("a stream of {paths:?}"));
            let memory = in_memory(&policies, &paths);
            compare(&streamed, &memory);
            wrong += memory.told.len();
        }
    }
    assert!(wrong > 100, "{wrong}");
}

#[test]
fn what_cannot_be_told_by_parts_is_left_to_memory() {
    let [firms, projects, machines] = tables(30, 12);
    let (policies, folder) = (policies(LISTS), tempfile::tempdir().unwrap());
    let firms = firms.csv(folder.path());
    // Without a column or key that says whose they are.
    let ownerless = projects.columns("项目", &[1, 2, 3, 4, 5]);
    assert_eq!(streamed(&policies, &[firms.clone(), ownerless.csv(folder.path())]), None);
    assert_eq!(streamed(&policies, &[firms.clone(), objects(&ownerless, folder.path())]), None);
    // With a key in which nothing stands, in the first object, or in all.
    let blank = machines.clone().with(0, "企业", "");
    assert_eq!(streamed(&policies, &[firms.clone(), objects(&blank, folder.path())]), None);
    let path = objects(&machines, folder.path());
    let text = std::fs::read_to_string(&path).unwrap();
    let nobody = text.lines().map(|line| format!("{{\"企业\":null,{}\n", line.split_once(',').unwrap().1));
    std::fs::write(&path, nobody.collect::<String>()).unwrap();
    assert_eq!(streamed(&policies, &[firms.clone(), path.clone()]), None);
    // With another key in some of them.
    std::fs::write(&path, text.replacen("\"企业\"", "\"企业编号\"", 7).replacen("\"企业编号\"", "\"企业\"", 3))
        .unwrap();
    assert_eq!(streamed(&policies, &[firms, path]), None);
}

#[test]
fn objects_of_lists_are_found_wherever_they_stand() {
    let [firms, projects, machines] = tables(420, 20);
    let folder = tempfile::tempdir().unwrap();
    let (firms, more) = (firms.csv(folder.path()), machines.csv(folder.path()));
    let lines = [objects(&projects, folder.path()), objects(&machines, folder.path())];
    assert_eq!(same_in("", &[firms.clone(), lines[0].clone(), lines[1].clone()]), 0);
    assert_eq!(same_in(STEPS, &[lines[0].clone(), firms.clone(), more]), 0);
}

#[test]
fn wrong_objects_in_tables_of_lists_are_told_alike() {
    let [firms, projects, machines] = tables(300, 21);
    let last = projects.rows.len() - 1;
    let wrong = projects
        .with(1, "企业", "企99999")
        .with(2, "企业", "")
        .with(3, "投入", "很多")
        .with(70, "面积", "-3")
        .with(5, "面积", "-4")
        .with(6, "类别", "扩建")
        .with(7, "项目号", "")
        .with(9, "企业", " 企00009 ")
        .with(last, "企业", "")
        .with(last, "投入", "无");
    let mut rows = wrong.rows.clone();
    rows.push(rows[20].clone());
    rows.push(rows[1].clone());
    rows.push(rows[2].clone());
    let folder = tempfile::tempdir().unwrap();
    let path = objects(&Table { rows, ..wrong }, folder.path());
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // Facts in another order, keys of nothing known, another value, no object, twice the same, numbers, blank lines.
    lines[0] = lines[0].replacen("{\"企业\"", "{\"竣工日\":1,\"企业\"", 1);
    lines[30] = "{\"面积\":5,\"企业\":\"企00031\",\"完成\":true,\"旧编码\":7,\"项目号\":12}".to_owned();
    lines[31] = "{\"企业\":".to_owned();
    lines[32] = "[\"企业\"]".to_owned();
    lines[33] = "{\"企业\":{\"编号\":\"企00033\"},\"项目号\":\"a\"}".to_owned();
    lines[34] = "{\"企业\":\"企00034\",\"企业\":\"企00035\",\"项目号\":\"b\",\"投入\":5.5e3}".to_owned();
    lines[35] = "\r\n   ".to_owned();
    lines[36] = "{\"企业\":12e1,\"项目号\":\"c\"}".to_owned();
    lines[37] = "{\"企业\":true,\"项目号\":\"d\"}".to_owned();
    lines.insert(0, lines[200].clone());
    std::fs::write(&path, lines.join("\n")).unwrap();
    let paths = [firms.with(17, "投资", "三百万").csv(folder.path()), path, objects(&machines, folder.path())];
    assert!(same_in("", &paths) > 15);
    assert!(same_in("settle { budget 20亿元 for 项目奖, 扩产 pro rata }", &paths) > 15);
}
