//! Streams of workbooks and of arrays of objects, which are unpacked once and set aside.

use super::children::{Table, objects_of, tables};
use super::*;
use crate::diagnostic::Code;

const LISTS: &str = "
record 企业 { 项目 : list of 项目\n设备 : list of 设备 }
record 项目 { 项目号 : text key\n投入 : money where >= 0\n面积 : count\n完成 : bool\n类别 : one of 新建, 技改 }
record 设备 { 设备名 : text\n价格 : money }
clause 项目奖 { award 10万元 for each (项目 where 完成) cap 25万元 }
clause 设备补助 { award 10% of (sum 价格 over 设备) cap 30万元 when any 项目 where 完成 }
clause 扩产 { award 5% of 投资 cap 80万元 when 规上 }
";

/// A workbook with a sheet a table; blank rows stand before every hundredth row and above the header.
fn workbook(folder: &Path, name: &str, tables: &[&Table], as_numbers: bool) -> PathBuf {
    let mut book = rust_xlsxwriter::Workbook::new();
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.name).unwrap();
        let mut at = 2_u32;
        for (row, cells) in std::iter::once(table.header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
            .chain(table.rows.iter().cloned())
            .enumerate()
        {
            at += if row % 100 == 99 { 3 } else { 1 };
            for (column, cell) in (0_u16..).zip(&cells) {
                match cell.parse::<f64>().ok().filter(|_| as_numbers) {
                    Some(number) if row > 0 => sheet.write(at, column, number).unwrap(),
                    _ if cell.is_empty() => continue,
                    _ => sheet.write(at, column, cell).unwrap(),
                };
            }
        }
    }
    let path = folder.join(name);
    book.save(&path).unwrap();
    path
}

/// Both come to the same; what is told.
fn same_inputs(clauses: &str, inputs: &[Input]) -> Vec<Diagnostic> {
    let policies = policies(clauses);
    let streamed = streamed_of(&policies, inputs).unwrap_or_else(|| panic!("a stream of {inputs:?}"));
    let memory = in_memory_of(&policies, inputs);
    for (a, b) in streamed.told.iter().zip(&memory.told) {
        assert_eq!(a, b);
    }
    assert_eq!(streamed, memory);
    memory.told
}

fn same_paths(clauses: &str, paths: &[PathBuf]) -> usize {
    let mut turned = paths.to_vec();
    turned.reverse();
    let (told, again) = (same_inputs(clauses, &inputs(paths)), same_inputs(clauses, &inputs(&turned)));
    assert_eq!(told.len(), again.len());
    told.len()
}

#[test]
fn sheets_are_read_as_they_stand() {
    let [firms, projects, machines] = tables(330, 30);
    let folder = tempfile::tempdir().unwrap();
    for as_numbers in [false, true] {
        let all = workbook(folder.path(), "全部.xlsx", &[&firms, &projects, &machines], as_numbers);
        assert_eq!(same_paths(LISTS, std::slice::from_ref(&all)), 0);
        let steps = format!("{LISTS}settle {{ budget 2000万元 for 项目奖, 扩产 pro rata rest by remainder }}");
        assert_eq!(same_paths(&steps, std::slice::from_ref(&all)), 0);
        let lists = workbook(folder.path(), "清单.xlsx", &[&machines, &projects], as_numbers);
        assert_eq!(same_paths(LISTS, &[firms.csv(folder.path()), lists]), 0);
        // Without lists, nothing is brought together.
        let plain = workbook(folder.path(), "企业.xlsx", &[&firms], as_numbers);
        assert_eq!(same_paths(CLAUSES, &[plain]), 0);
        let sheet = |name: &str| Input { path: all.clone(), sheet: Some(name.to_owned()), ..Input::default() };
        assert_eq!(same_inputs(LISTS, &[sheet("设备"), sheet("企业")]).len(), 0);
        let twice = [sheet("企业"), Input { path: all.clone(), ..Input::default() }];
        assert_eq!(streamed_of(&policies(LISTS), &twice), None);
        assert_eq!(streamed_of(&policies(LISTS), &[sheet("企业"), sheet(" 企业")]), None);
    }
}

#[test]
fn what_is_wrong_in_sheets_is_told_alike() {
    let [firms, projects, machines] = tables(230, 31);
    let last = projects.rows.len() - 1;
    let projects = projects
        .with(1, "企业", "企99999")
        .with(2, "企业", "")
        .with(3, "投入", "很多")
        .with(70, "面积", "-3")
        .with(6, "类别", "扩建")
        .with(7, "项目号", "")
        .with(last, "企业", "");
    let firms =
        firms.with(17, "投资", "三百万").with(150, "营收", "-5").with(151, "编号", "").with(9, "编号", "企00007");
    let rest = Table { name: "说明", ..machines.part("说明", |row| row < 3) };
    let folder = tempfile::tempdir().unwrap();
    let all = workbook(folder.path(), "全部.xlsx", &[&firms, &projects, &rest, &machines], true);
    assert!(same_paths(LISTS, std::slice::from_ref(&all)) > 8);
    let told = same_inputs(LISTS, &inputs(&[all]));
    assert!(told.iter().any(|said| said.code == Code::UnusedSheet));
    // Cells beyond the header, and no rows below it.
    let mut wide = firms.clone();
    wide.rows[100].push("余".to_owned());
    let path = workbook(folder.path(), "企业.xlsx", &[&wide], true);
    assert_eq!(streamed(&policies(CLAUSES), std::slice::from_ref(&path)), None);
    let empty = Table { rows: Vec::new(), ..machines.clone() };
    let paths = [firms.csv(folder.path()), workbook(folder.path(), "清单.xlsx", &[&empty, &projects], false)];
    assert!(same_paths(LISTS, &paths) > 8);
    std::fs::write(&path, "PK\x03\x04").unwrap();
    assert_eq!(streamed(&policies(CLAUSES), &[path]), None);
}

#[cfg(unix)]
#[test]
fn pipes_are_left_to_the_reader_of_whole_files() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["企业.json", "企业.xlsx", "企业.csv", "企业.jsonl"] {
        let path = folder.path().join(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        // Nobody writes: to open it would wait for ever.
        assert_eq!(streamed(&policies(CLAUSES), &[path]), None);
    }
}

/// The objects of a table as an array.
fn array(table: &Table) -> String {
    let objects: Vec<String> = objects_of(table).lines().map(str::to_owned).collect();
    format!("[\n  {}\n]", objects.join(",\n  "))
}

#[test]
fn arrays_of_objects_are_read_as_they_stand() {
    let [firms, projects, machines] = tables(330, 32);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let plain = write("企业.json", array(&firms).as_bytes());
    assert_eq!(same_paths(CLAUSES, std::slice::from_ref(&plain)), 0);
    let lists = [write("项目.json", array(&projects).as_bytes()), write("设备.json", array(&machines).as_bytes())];
    assert_eq!(same_paths(LISTS, &[plain, lists[0].clone(), lists[1].clone()]), 0);
    let (firms, all) = (firms.with(17, "投资", "三百万").with(150, "营收", "-5"), projects.with(3, "企业", "企99999"));
    let text = format!("{{\"企业\":{},\"设备\":{},\"项目\":{}}}", array(&firms), array(&machines), array(&all));
    assert_eq!(same_paths(LISTS, &[write("全部.json", text.as_bytes())]), 3);
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    let told = same_inputs(LISTS, &inputs(&[write("国标.json", &gb18030)]));
    assert_eq!((told.len(), told[0].code), (4, Code::EncodingGuessed));
    // One object, text that breaks off, an array of nothing, members of other kinds.
    for text in ["{\"编号\":\"a\"}", "[{\"编号\":", "[]", "{\"企业\":[],\"项目\":7}", "[{\"编号\":\"a\"}", ""]
    {
        let path = write("企业.json", text.as_bytes());
        if let Some(streamed) = streamed(&policies(LISTS), std::slice::from_ref(&path)) {
            assert_eq!(streamed, in_memory(&policies(LISTS), &[path]), "{text}");
        }
    }
}
