use std::io::Write;

use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

use super::*;

/// A workbook of sheets given as the XML of their rows, each with its name and state.
fn book(sheets: &[(&str, &str, &str)], calendar: &str) -> Vec<u8> {
    let mut list = String::new();
    let mut relations = String::new();
    for (at, (name, state, _)) in sheets.iter().enumerate() {
        list += &format!(r#"<sheet name="{name}" sheetId="{at}" state="{state}" r:id="r{at}"/>"#);
        relations += &format!(
            r#"<Relationship Id="r{at}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{at}.xml"/>"#
        );
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut parts = vec![
        (
            "_rels/.rels".to_string(),
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml".to_string(),
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{office}"><workbookPr {calendar}/><sheets>{list}</sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_string(),
            format!(r#"<Relationships xmlns="{package}">{relations}</Relationships>"#),
        ),
        (
            "xl/styles.xml".to_string(),
            format!(
                r#"<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/></cellXfs></styleSheet>"#
            ),
        ),
    ];
    for (at, (_, _, rows)) in sheets.iter().enumerate() {
        let sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
        parts.push((format!("xl/worksheets/sheet{at}.xml"), sheet));
    }
    packed(&parts)
}

fn packed(parts: &[(String, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A cell with a text.
fn t(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// A sheet whose second column has this header and these cells, as XML without their places.
fn load_cells(header: &str, cells: &[&str], calendar: &str) -> Loaded {
    let mut rows = format!(r#"<row r="1">{}{}</row>"#, t("A1", "id"), t("B1", header));
    for (at, cell) in cells.iter().enumerate() {
        let row = at + 2;
        let cell = cell.replacen("<c", &format!(r#"<c r="B{row}""#), 1);
        rows += &format!(r#"<row r="{row}">{}{cell}</row>"#, t(&format!("A{row}"), &format!("E{at}")));
    }
    load_text("企业.xlsx", book(&[("Sheet1", "visible", &rows)], calendar))
}

#[test]
fn numbers_dates_and_logical_values() {
    let loaded = load_cells(
        "capex",
        &[
            "<c><v>0.30000000000000004</v></c>",
            "<c><v>1E+15</v></c>",
            "<c s=\"2\"><v>5.0000000000000003E-2</v></c>",
            "<c/>",
        ],
        "",
    );
    assert_eq!(codes(&loaded), []);
    let number = |text: &str| Cell::Value(Value::Number(crate::value::read_cell_number(text).unwrap().0));
    let cells: Vec<Cell> = (0..4).map(|at| cell(&loaded, at, CAPEX)).collect();
    assert_eq!(cells, [number("0.3"), number("1000000000000000"), number("0.05"), Cell::Unknown]);
    let loaded = load_cells("增资扩产", &[r#"<c t="b"><v>1</v></c>"#, "<c><v>0</v></c>", "<c/>"], "");
    assert_eq!(codes(&loaded), []);
    assert_eq!(cell(&loaded, 0, EXPANDS), Cell::Value(Value::Bool(true)));

    let day = |year, month, day| Cell::Value(Value::Date(Date::new(year, month, day).unwrap()));
    let date = |number: &str| format!(r#"<c s="1"><v>{number}</v></c>"#);
    for (number, calendar, expected) in [
        ("45432", "", day(2024, 5, 20)),
        ("45432.9999999999", "", day(2024, 5, 21)),
        ("45432.75", "", day(2024, 5, 20)),
        ("1", "", day(1900, 1, 1)),
        ("59", "", day(1900, 2, 28)),
        ("61", "", day(1900, 3, 1)),
        ("43970", r#"date1904="1""#, day(2024, 5, 20)),
        ("1", r#"date1904="1""#, day(1904, 1, 2)),
    ] {
        let loaded = load_cells("成立日期", &[&date(number)], calendar);
        assert_eq!(codes(&loaded), [], "{number}");
        assert_eq!(cell(&loaded, 0, FOUNDED), expected, "{number} {calendar}");
    }
    for number in ["60", "0.5", "-1", "9999999"] {
        assert_eq!(codes(&load_cells("成立日期", &[&date(number)], "")), [Code::BadCell], "{number}");
    }
    // A number without the format of a date is no date, and the other way round.
    assert_eq!(codes(&load_cells("成立日期", &["<c><v>45432</v></c>"], "")), [Code::BadCell]);
    assert_eq!(codes(&load_cells("capex", &[&date("45432")], "")), [Code::BadCell]);
    assert_eq!(codes(&load_cells("成立日期", &[r#"<c t="d"><v>2024-05-20T00:00:00</v></c>"#], "")), []);
}

#[test]
fn formulas_and_errors() {
    let loaded = load_cells(
        "capex",
        &[
            "<c><f>1+2</f><v>3</v></c>",
            "<c><f>SUM(A1)</f></c>",
            "<c><f>B2</f><v></v></c>",
            r#"<c t="str"><f>""</f><v></v></c>"#,
        ],
        "",
    );
    assert_eq!(codes(&loaded), [Code::BadCell; 2]);
    let wrong = &loaded.population.rejected[0].diagnostics[0];
    assert_eq!(argument(wrong, "value"), "=SUM(A1)");
    assert!(argument(wrong, "expected").contains("save it"), "{wrong:?}");
    let place = wrong.place.as_ref().unwrap();
    assert!(place.file.ends_with("企业.xlsx#Sheet1"));
    assert_eq!((place.row, place.column.as_deref(), place.key.as_deref()), (Some(3), Some("capex"), Some("E1")));
    assert_eq!((cell(&loaded, 0, CAPEX), cell(&loaded, 1, CAPEX)), (yuan(3), Cell::Unknown));

    let loaded = load_cells("capex", &[r#"<c t="e"><v>#N/A</v></c>"#, r#"<c t="e"><f>B9</f><v>#REF!</v></c>"#], "");
    assert_eq!(codes(&loaded), [Code::BadCell; 2]);
    assert_eq!(argument(&loaded.population.rejected[1].diagnostics[0], "value"), "#REF!");
    let loaded = load_cells("capex", &[r#"<c t="e"><v>#SPILL!</v></c>"#], "");
    assert_eq!(codes(&loaded), [Code::UnreadableFile]);
    assert!(argument(&loaded.diagnostics[0], "found").contains("#SPILL!"));
}

#[test]
fn keys_kept_as_numbers() {
    let key = |number: &str| {
        let rows = format!(r#"<row r="1">{}</row><row r="2"><c r="A2"><v>{number}</v></c></row>"#, t("A1", "id"));
        load_text("企业.xlsx", book(&[("Sheet1", "visible", &rows)], ""))
    };
    assert_eq!(keys(&key("360100123456789"), ENTERPRISE), ["360100123456789"]);
    assert_eq!(keys(&key("1.2E5"), ENTERPRISE), ["120000"]);
    for lost in ["913601000000000000", "9.13601000000000123E+17"] {
        let loaded = key(lost);
        assert_eq!(codes(&loaded), [Code::BadCell]);
        assert_eq!(argument(&loaded.population.rejected[0].diagnostics[0], "value"), "913601000000000000");
    }
}

#[test]
fn rows_that_are_blank_and_cells_without_a_header() {
    let rows = [
        r#"<row r="1"><c r="A1"/></row>"#.to_string(),
        format!(r#"<row r="3">{}{}</row>"#, t("B3", "id"), t("D3", "capex")),
        format!(r#"<row r="4">{}<c r="D4"><v>1</v></c></row>"#, t("B4", "E1")),
        format!(r#"<row r="7">{}<c r="D7"><v>2</v></c>{}</row>"#, t("B7", "E2"), t("F7", "备注")),
        format!(r#"<row r="8">{}<c r="C8"/></row>"#, t("B8", "E3")),
        r#"<row r="9"><c r="B9" t="inlineStr"><is><t> </t></is></c></row>"#.to_string(),
    ];
    let loaded = load_text("企业.xlsx", book(&[("Sheet1", "visible", &rows.concat())], ""));
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E2", "E3"]);
    assert_eq!(codes(&loaded), [Code::UnknownColumn]);
    assert_eq!(loaded.report.files[0].unknown_columns, [("F".to_string(), None)]);
    let report = &loaded.report.files[0];
    assert_eq!((report.rows, report.blank_rows, report.encoding), (3, 2, "XLSX"));
}

#[test]
fn sheets() {
    let enterprises = format!(r#"<row r="1">{}</row><row r="2">{}</row>"#, t("A1", "id"), t("A2", "E1"));
    let orders = format!(
        r#"<row r="1">{}{}</row><row r="2">{}{}</row>"#,
        t("A1", "企业"),
        t("B1", "编号"),
        t("A2", "E1"),
        t("B2", "O1")
    );
    let load = |sheets: &[(&str, &str, &str)], sheet: Option<&str>, record: Option<RecordId>| {
        let mut files = Files::new().add("数据.xlsx", book(sheets, ""));
        files.inputs[0].sheet = sheet.map(str::to_string);
        files.inputs[0].record = record;
        files.load()
    };
    let shown = "visible";
    // By the names of records and their aliases; other sheets are told, hidden and empty ones are not.
    let all = [
        ("企业", shown, enterprises.as_str()),
        ("order", shown, orders.as_str()),
        ("说明", shown, enterprises.as_str()),
        ("底稿", "hidden", enterprises.as_str()),
        ("Sheet3", shown, ""),
    ];
    let loaded = load(&all, None, None);
    assert_eq!(codes(&loaded), [Code::UnusedSheet]);
    assert!(matches!(cell(&loaded, 0, ORDERS), Cell::List(items) if items.len() == 1));
    assert!(loaded.report.files[1].file.ends_with("数据.xlsx#order"));
    let loaded = load(&all, None, Some(ENTERPRISE));
    assert_eq!(codes(&loaded), []);
    assert_eq!(cell(&loaded, 0, ORDERS), Cell::Unknown);
    // By name, be it hidden.
    let loaded = load(&all, Some("底稿"), None);
    assert_eq!((codes(&loaded), keys(&loaded, ENTERPRISE)), (vec![], vec!["E1".to_string()]));
    let loaded = load(&all, Some("企 业"), None);
    assert_eq!(codes(&loaded), [Code::UnknownSheet]);
    assert_eq!(argument(&loaded.diagnostics[0], "near"), "企业");
    // The only one that holds anything.
    let loaded = load(&[("Sheet1", shown, ""), ("Sheet2", shown, &enterprises)], None, None);
    assert_eq!((codes(&loaded), keys(&loaded, ENTERPRISE)), (vec![], vec!["E1".to_string()]));
    let loaded = load(&[("Sheet1", shown, &enterprises), ("Sheet2", shown, &enterprises)], None, None);
    assert_eq!(codes(&loaded), [Code::UnknownSheet]);
    assert!(argument(&loaded.diagnostics[0], "option").ends_with("数据.xlsx#Sheet1"));
    assert_eq!(codes(&load(&[("Sheet1", shown, "")], None, None)), [Code::EmptyFile]);
}

#[test]
fn files_that_are_no_workbooks() {
    let rows = format!(r#"<row r="1">{}</row><row r="2">{}</row>"#, t("A1", "id"), t("A2", "E1"));
    let whole = book(&[("企业", "visible", &rows)], "");
    for (bytes, code) in [
        (b"id\nE1\n".to_vec(), Code::UnreadableFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), Code::UnreadableFile),
        (vec![], Code::EmptyFile),
        (b"PK\x05\x06".to_vec(), Code::UnreadableFile),
        (whole[..whole.len() / 2].to_vec(), Code::UnreadableFile),
        (whole[whole.len() / 2..].to_vec(), Code::UnreadableFile),
        (packed(&[("甲.xml".into(), "<甲/>".into())]), Code::UnreadableFile),
    ] {
        assert_eq!(codes(&load_text("企业.xlsx", &bytes)), [code], "{}", bytes.len());
    }
    // Rows that go back, and two cells of one place.
    for rows in [
        format!(r#"<row r="3">{}</row><row r="2">{}</row>"#, t("A3", "id"), t("A2", "E1")),
        format!(r#"<row r="1">{}{}</row>"#, t("A1", "id"), t("A1", "名称")),
    ] {
        let bytes = book(&[("企业", "visible", &rows)], "");
        assert_eq!(codes(&load_text("企业.xlsx", bytes)), [Code::UnreadableFile]);
    }
}

#[test]
fn limits_of_workbooks() {
    let far = format!(r#"<row r="1">{}</row><row r="1048576">{}</row>"#, t("A1", "id"), t("A1048576", "E1"));
    let loaded = load_text("企业.xlsx", book(&[("企业", "visible", &far)], ""));
    assert_eq!((codes(&loaded), keys(&loaded, ENTERPRISE)), (vec![], vec!["E1".to_string()]));
    let wide = format!(r#"<row r="1">{}{}</row>"#, t("A1", "id"), t("XFD1", "甲"));
    assert_eq!(codes(&load_text("企业.xlsx", book(&[("企业", "visible", &wide)], ""))), [Code::DataLimit]);
    // Much out of little.
    let long = format!(r#"<row r="1">{}</row>{}"#, t("A1", "id"), " ".repeat(4 << 20));
    let bytes = book(&[("企业", "visible", &long)], "");
    assert!(bytes.len() < 20_000);
    let files = Files::new().add("企业.xlsx", bytes);
    for limits in [Limits { unpacked_bytes: 1 << 20, ..Limits::default() }, Limits { rows: 0, ..Limits::default() }] {
        assert_eq!(codes(&load_within(&program(), &files.inputs, year(2024), &limits)), [Code::DataLimit]);
    }
    // A claim of more texts than there is memory.
    let claim = r#"<sst uniqueCount = "99999999999999"><si><t>甲</t></si></sst>"#;
    let parts = [("xl/sharedStrings.xml".to_string(), claim.to_string())];
    assert_eq!(codes(&load_text("企业.xlsx", packed(&parts))), [Code::DataLimit]);
}

/// What a common program writes: shared texts, formats, formulas with their results.
#[test]
fn as_a_spreadsheet_writes_it() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("企业").unwrap();
    let (date, percent) = (Format::new().set_num_format("yyyy/m/d"), Format::new().set_num_format("0.00%"));
    for (at, header) in ["id", "名称", "成立日期", "研发占比", "固定资产投资额（万元）"].iter().enumerate()
    {
        sheet.write(0, u16::try_from(at).unwrap(), *header).unwrap();
    }
    sheet.write(1, 0, "E1").unwrap();
    sheet.write(1, 1, "甲公司").unwrap();
    sheet.write_with_format(1, 2, 45432, &date).unwrap();
    sheet.write_with_format(1, 3, 0.05, &percent).unwrap();
    sheet.write(1, 4, Formula::new("=1.1*3").set_result("3.3000000000000003")).unwrap();
    let loaded = load_text("a.xlsx", workbook.save_to_buffer().unwrap());
    assert_eq!(codes(&loaded), []);
    let csv = "id,名称,成立日期,研发占比,固定资产投资额（万元）\nE1,甲公司,2024/5/20,5%,3.3\n";
    let same = load_text("企业.csv", csv);
    assert_eq!(loaded.population.of(ENTERPRISE)[0].cells, same.population.of(ENTERPRISE)[0].cells);
}

/// A file with any byte changed is read, or told to be damaged; it never ends the program.
#[test]
fn damaged_bytes() {
    let rows = format!(r#"<row r="1">{}</row><row r="2">{}</row>"#, t("A1", "id"), t("A2", "E1"));
    let whole = book(&[("企业", "visible", &rows)], "");
    let files = Files::new().add("企业.xlsx", []);
    let program = program();
    for at in (0..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= [0x01, 0x80, 0xff, 0x04][at % 4];
        std::fs::write(&files.inputs[0].path, bytes).unwrap();
        load(&program, &files.inputs, year(2024));
    }
}
