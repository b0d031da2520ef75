//! Streams of texts in other encodings than UTF-8: what they come to is what the UTF-8 text comes to.

use encoding_rs::{Encoding, GB18030, GBK};

use super::*;
use crate::diagnostic::Code;

/// The same text in another encoding, under the same name.
fn recoded(path: &Path, encoding: &'static Encoding) -> PathBuf {
    let text = std::fs::read_to_string(path).unwrap();
    let (bytes, _, lost) = encoding.encode(&text);
    assert!(!lost);
    let folder = path.parent().unwrap().join(encoding.name());
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(path.file_name().unwrap());
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What was told, without the folders.
fn said(ran: &Ran) -> Vec<Diagnostic> {
    let mut all = ran.told.clone();
    for place in all.iter_mut().filter_map(|said| said.place.as_mut()) {
        place.file = Path::new(&place.file).file_name().unwrap().to_string_lossy().into_owned();
    }
    all
}

/// All of these files in GB18030, found out or said, come to what they come to in UTF-8.
fn same_in_gb18030(clauses: &str, paths: &[PathBuf]) -> usize {
    let policies = policies(clauses);
    let plain = streamed(&policies, paths).expect("a stream");
    let own: Vec<PathBuf> = paths.iter().map(|path| recoded(path, GB18030)).collect();
    let found_out = streamed(&policies, &own).expect("a stream");
    assert_eq!(found_out, in_memory(&policies, &own));
    assert_eq!((&found_out.rows, &found_out.report), (&plain.rows, &plain.report));
    let guesses = found_out.told.iter().take_while(|said| said.code == Code::EncodingGuessed).count();
    assert_eq!(guesses, paths.len());
    assert_eq!(said(&found_out)[guesses..], said(&plain));
    assert!(found_out.data.files.iter().all(|file| file.encoding == "GB18030"));
    for label in ["gb18030", "GBK", "gb2312"] {
        let mut named = inputs(&own);
        named.iter_mut().for_each(|input| input.encoding = Some(label.to_owned()));
        let named_run = streamed_of(&policies, &named).expect("a stream");
        assert_eq!(named_run, in_memory_of(&policies, &named));
        assert_eq!((&named_run.rows, said(&named_run)), (&plain.rows, said(&plain)));
    }
    plain.told.len()
}

#[test]
fn gb18030_comes_to_what_utf_8_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    let steps = format!("{CLAUSES}\nsettle {{ budget 5000万元 for 扩产, 等级奖 pro rata rest by remainder }}");
    for clauses in [CLAUSES, &steps] {
        assert_eq!(same_in_gb18030(clauses, &[Data::of(730, 20).csv(folder.path())]), 0);
    }
    let odd = Data::of(400, 21)
        .with_holes()
        .with(3, "投资", "三百万")
        .with(105, "营收", "-5")
        .with(106, "区县", "䶮𠮷区")
        .with(350, "等级", "特级")
        .with(399, "编号", "企00007");
    let tail = "企90001,\"1,000.00\",5,,是,一级,\"东湖区\n（丂亅狜）\"\n企90002,5,6\n\n企䶮,5,5,5,否,二级,€";
    assert!(same_in_gb18030(CLAUSES, &[Data { tail, ..odd }.csv(folder.path())]) > 5);
}

#[test]
fn lists_in_gb18030_come_to_what_they_come_to_in_utf_8() {
    const LISTS: &str = "
record 企业 { 项目 : list of 项目 }
record 项目 { 项目号 : text key\n投入 : money where >= 0 }
clause 项目奖 { award 3% of 投入 for each 项目 cap 25万元 }
";
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..900).map(|row| format!("企{:05},项{},{}.00\n", row * 7 % 230, row / 230, row * 311));
    let projects = folder.path().join("项目.csv");
    let wrong = "企00001,项甲,很多\n企99999,项乙,5\n,项丙,6\n";
    std::fs::write(&projects, "企业,项目号,投入\n".to_owned() + &rows.collect::<String>() + wrong).unwrap();
    let firms = Data::of(230, 22).csv(folder.path());
    assert!(same_in_gb18030(&format!("{LISTS}{CLAUSES}"), &[projects, firms]) > 2);
    let lines = folder.path().join("企业.jsonl");
    let line =
        |row: usize| format!("{{\"编号\":\"企{row}\",\"投资\":1{row}000,\"规上\":\"是\",\"区县\":\"丂\\n亅\"}}\n");
    std::fs::write(&lines, (0..300).map(line).collect::<String>()).unwrap();
    assert_eq!(same_in_gb18030(&format!("{LISTS}{CLAUSES}"), &[lines]), 0);
}

/// A file in UTF-16 with a mark, beside it.
fn wide(path: &Path, turn: fn(u16) -> [u8; 2]) -> PathBuf {
    let text = std::fs::read_to_string(path).unwrap();
    let folder = path.parent().unwrap().join("宽");
    std::fs::create_dir_all(&folder).unwrap();
    let wide = folder.join(path.file_name().unwrap());
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    std::fs::write(&wide, units.flat_map(turn).collect::<Vec<u8>>()).unwrap();
    wide
}

#[test]
fn utf_16_comes_to_what_utf_8_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    let tail = "企90001,\"1,000.00\",5,,是,一级,\"东湖区\n（丂亅𠮷Ċ）\"\r\n企90002,5,6\n\n企ਊ,5,5,5,否,二级,Ģ";
    let table = Data { tail, ..Data::of(400, 23).with_holes().with(3, "投资", "三百万") }.csv(folder.path());
    let lines = folder.path().join("企业.jsonl");
    let line = |row: usize| format!("{{\"编号\":\"企{row}Ċ\",\"投资\":1{row}000,\"规上\":\"是\"}}\n");
    std::fs::write(&lines, (0..300).map(line).collect::<String>()).unwrap();
    let policies = policies(CLAUSES);
    for path in [table, lines] {
        let plain = streamed(&policies, std::slice::from_ref(&path)).expect("a stream");
        for turn in [u16::to_le_bytes, u16::to_be_bytes] {
            let paths = [wide(&path, turn)];
            let found = streamed(&policies, &paths).expect("a stream");
            assert_eq!(found, in_memory(&policies, &paths));
            assert_eq!((&found.rows, said(&found)), (&plain.rows, said(&plain)));
            // Half a character at the end, and half of a pair.
            let bytes = std::fs::read(&paths[0]).unwrap();
            for behind in [&b"\n"[..], &turn(0xd842)] {
                std::fs::write(&paths[0], [&bytes, behind].concat()).unwrap();
                assert_eq!(streamed(&policies, &paths), None);
                assert_eq!(in_memory(&policies, &paths).told[0].code, Code::UnknownEncoding);
            }
        }
    }
}

const FIRMS: &str = "record firm { code : text key\ninvested : money\ntown : text = \"甲镇\" }
    clause grant { award 5% of invested when town != \"丙镇\" }";

/// Rows of which all but one are ASCII.
fn firms(rows: usize, other: usize, town: &[u8]) -> Vec<u8> {
    let mut bytes = b"code,invested,town\n".to_vec();
    for row in 0..rows {
        bytes.extend_from_slice(format!("f{row},{row}00,").as_bytes());
        bytes.extend_from_slice(if row == other { town } else { b"" });
        bytes.push(b'\n');
    }
    bytes
}

#[test]
fn an_encoding_is_found_wherever_it_shows() {
    let (folder, policies) = (tempfile::tempdir().unwrap(), Policies::from_text(FIRMS));
    assert!(!policies.has_errors());
    let path = folder.path().join("firm.csv");
    for other in [0, 40, 399] {
        for (town, guessed) in [("丙镇".as_bytes(), 0), (&GB18030.encode("丙镇").0, 1), (&GBK.encode("丙镇").0, 1)]
        {
            std::fs::write(&path, firms(400, other, town)).unwrap();
            let paths = std::slice::from_ref(&path);
            let streamed = streamed(&policies, paths).expect("a stream");
            assert_eq!(streamed, in_memory(&policies, paths));
            assert_eq!(streamed.told.len(), guessed);
            let amounts: Vec<&str> = streamed.rows.iter().filter_map(|(_, paid)| paid[0].as_deref()).collect();
            assert_eq!((amounts.len(), amounts[other]), (400, "0.00"));
            assert_eq!(amounts.iter().filter(|amount| **amount == "0.00").count(), if other == 0 { 1 } else { 2 });
        }
    }
}

#[test]
fn broken_characters_are_told_of_by_the_reader_of_whole_files() {
    let (folder, policies) = (tempfile::tempdir().unwrap(), Policies::from_text(FIRMS));
    let path = folder.path().join("firm.csv");
    let gb18030 = GB18030.encode("丙镇").0.into_owned();
    let mixed = [&gb18030[..], "镇".as_bytes(), b"\xff"].concat();
    for town in [&b"\xff\xff"[..], b"\xb1", b"\x81\x30", &mixed, b"\xb1\0"] {
        for (other, rest) in [(5, "\n"), (700, "\n"), (1399, "")] {
            let mut bytes = [firms(1400, other, town), gb18030.clone(), rest.as_bytes().to_vec()].concat();
            bytes.splice(19..19, [b"a,1,", &gb18030[..], b"\n"].concat());
            std::fs::write(&path, bytes).unwrap();
            let paths = std::slice::from_ref(&path);
            assert!(streamed(&policies, paths).is_none(), "{town:?} in row {other}");
            let told = in_memory(&policies, paths).told;
            assert_eq!(told.iter().map(|said| said.code).collect::<Vec<_>>(), [Code::UnknownEncoding]);
        }
    }
    std::fs::write(&path, firms(9, 3, &gb18030)).unwrap();
    let mut named = inputs(std::slice::from_ref(&path));
    named[0].encoding = Some("klingon".to_owned());
    assert!(Parts::of(policies.program(), &named, Basis::of("2024").unwrap().period, folder.path()).is_none());
}
