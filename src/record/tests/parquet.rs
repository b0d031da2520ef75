use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use arrow_array::builder::{
    Int32Builder, ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder, StructBuilder,
};
use arrow_array::types::Int32Type as Whole;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, Decimal256Array, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray,
    Time32SecondArray, TimestampMicrosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field};

use super::*;

fn texts(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

fn write(columns: &[(&str, ArrayRef)], properties: WriterProperties) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.iter().map(|(name, array)| (*name, Arc::clone(array), true)));
    let batch = batch.unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn plain(columns: &[(&str, ArrayRef)]) -> Vec<u8> {
    write(columns, WriterProperties::default())
}

/// A table of enterprises with one more column.
fn load_array(header: &str, array: ArrayRef) -> Loaded {
    let keys: Vec<String> = (0..array.len()).map(|at| format!("E{at}")).collect();
    let keys: ArrayRef = Arc::new(StringArray::from(keys));
    load_text("企业.parquet", plain(&[("统一社会信用代码", keys), (header, array)]))
}

fn number(text: &str) -> Cell {
    Cell::Value(Value::Number(crate::value::read_cell_number(text).unwrap().0))
}

fn text(text: &str) -> Cell {
    Cell::Value(Value::Text(text.into()))
}

fn day(year: i32, month: u8, day: u8) -> Cell {
    Cell::Value(Value::Date(Date::new(year, month, day).unwrap()))
}

#[test]
fn numbers_are_exact() {
    let decimals = Decimal128Array::from(vec![Some(123), Some(-1), Some(120_000), None]);
    let decimals = decimals.with_precision_and_scale(38, 2).unwrap();
    let wide = arrow_buffer_of("99999999999999999999999.5");
    let cases: Vec<(ArrayRef, Vec<Cell>)> = vec![
        (Arc::new(Int8Array::from(vec![Some(-1), None])), vec![number("-1"), Cell::Unknown]),
        (Arc::new(Int64Array::from(vec![i64::MIN])), vec![number("-9223372036854775808")]),
        (Arc::new(UInt64Array::from(vec![u64::MAX])), vec![number("18446744073709551615")]),
        (Arc::new(decimals), vec![number("1.23"), number("-0.01"), number("1200"), Cell::Unknown]),
        (Arc::new(wide), vec![number("99999999999999999999999.5")]),
        (Arc::new(Float64Array::from(vec![0.1, 1e15, -0.0])), vec![number("0.1"), number("1000000000000000"), yuan(0)]),
        (Arc::new(Float32Array::from(vec![0.1, 16_777_216.0])), vec![number("0.1"), number("16777216")]),
        (Arc::new(NullArray::new(1)), vec![Cell::Unknown]),
    ];
    for (array, expected) in cases {
        let loaded = load_array("capex", array);
        let said: Vec<Code> = codes(&loaded).into_iter().filter(|code| *code != Code::NegativeCell).collect();
        assert_eq!(said, []);
        let cells: Vec<Cell> = (0..expected.len()).map(|at| cell(&loaded, at, CAPEX)).collect();
        assert_eq!(cells, expected);
    }
}

/// A decimal of 256 bits with one place.
fn arrow_buffer_of(digits: &str) -> Decimal256Array {
    let digits = digits.replace('.', "").parse().unwrap();
    Decimal256Array::from(vec![Some(digits)]).with_precision_and_scale(60, 1).unwrap()
}

#[test]
fn numbers_that_are_none() {
    let loaded = load_array("capex", Arc::new(Float64Array::from(vec![f64::NAN, f64::INFINITY, 1e30, 1.0])));
    assert_eq!(codes(&loaded), [Code::BadCell; 3]);
    assert_eq!(argument(&loaded.population.rejected[0].diagnostics[0], "value"), "NaN");
    assert_eq!(keys(&loaded, ENTERPRISE), ["E3"]);
    assert_eq!(loaded.report.files[0].rejected, 3);
    assert_eq!(codes(&load_array("staff", Arc::new(Float64Array::from(vec![1.5, 2.0])))), [Code::BadCell]);
}

#[test]
fn units_and_years_in_headers() {
    let loaded = load_array("固定资产投资额（万元）", Arc::new(Int32Array::from(vec![3])));
    assert_eq!(cell(&loaded, 0, CAPEX), yuan(30_000));
    let loaded = load_array("营业收入2023", Arc::new(Int32Array::from(vec![3])));
    assert_eq!(cell(&loaded, 0, REVENUE), Cell::Periods(vec![(year(2023), Value::Number(Number::from_i64(3000)))]));
    let loaded = load_array("固定资产投资", Arc::new(Int32Array::from(vec![3])));
    assert_eq!(codes(&loaded), [Code::UnknownColumn]);
    assert_eq!(loaded.report.files[0].unknown_columns[0].1.as_deref(), Some("固定资产投资额"));
}

#[test]
fn days_and_moments() {
    let noon = 1_716_163_200 + 12 * 3600;
    let cases: Vec<(ArrayRef, Cell)> = vec![
        (Arc::new(Date32Array::from(vec![19_863])), day(2024, 5, 20)),
        (Arc::new(Date64Array::from(vec![1_716_163_200_000])), day(2024, 5, 20)),
        (Arc::new(TimestampSecondArray::from(vec![noon])), day(2024, 5, 20)),
        (Arc::new(TimestampMicrosecondArray::from(vec![-1])), day(1969, 12, 31)),
        // 16:00 in London is midnight in Beijing.
        (Arc::new(TimestampSecondArray::from(vec![noon + 4 * 3600]).with_timezone("UTC")), day(2024, 5, 21)),
        (Arc::new(TimestampSecondArray::from(vec![noon + 4 * 3600 - 1]).with_timezone("+02:00")), day(2024, 5, 20)),
        (Arc::new(Int32Array::from(vec![20_240_520])), day(2024, 5, 20)),
        (texts(&["2024年5月20日"]), day(2024, 5, 20)),
    ];
    for (array, expected) in cases {
        let loaded = load_array("成立日期", array);
        assert_eq!(codes(&loaded), []);
        assert_eq!(cell(&loaded, 0, FOUNDED), expected);
    }
    let name = FactId(1);
    let loaded = load_array("名称", Arc::new(TimestampSecondArray::from(vec![noon, 0])));
    assert_eq!((cell(&loaded, 0, name), cell(&loaded, 1, name)), (text("2024-05-20 12:00:00"), text("1970-01-01")));
    assert_eq!(codes(&load_array("成立日期", Arc::new(Date32Array::from(vec![i32::MAX])))), [Code::BadCell]);
    assert_eq!(codes(&load_array("成立日期", Arc::new(Time32SecondArray::from(vec![1])))), [Code::BadCell]);
}

#[test]
fn texts_and_logical_values() {
    let mut dictionary = StringDictionaryBuilder::<Whole>::new();
    dictionary.append_option(Some("省级"));
    dictionary.append_null();
    dictionary.append_option(Some("省级"));
    let loaded = load_array("绿色工厂", Arc::new(dictionary.finish()));
    assert_eq!(codes(&loaded), []);
    assert_eq!((cell(&loaded, 1, GREEN), cell(&loaded, 2, GREEN)), (Cell::Unknown, Cell::Value(Value::Code(1))));
    let loaded = load_array("绿色工厂", Arc::new(LargeStringArray::from(vec!["市级", ""])));
    assert_eq!((cell(&loaded, 0, GREEN), cell(&loaded, 1, GREEN)), (Cell::Value(Value::Code(2)), Cell::Unknown));
    // Null is a blank cell: the default where there is one.
    let loaded = load_array("增资扩产", Arc::new(BooleanArray::from(vec![Some(true), None])));
    let (yes, no) = (Cell::Value(Value::Bool(true)), Cell::Value(Value::Bool(false)));
    assert_eq!((cell(&loaded, 0, EXPANDS), cell(&loaded, 1, EXPANDS)), (yes, no));
    let loaded = load_array("名称", Arc::new(BinaryArray::from(vec!["甲".as_bytes(), b"\xff"])));
    assert_eq!(cell(&loaded, 0, FactId(1)), text("甲"));
    assert_eq!(codes(&loaded), [Code::BadCell]);
}

#[test]
fn keys_kept_as_numbers() {
    let ids: [(ArrayRef, &str); 3] = [
        (Arc::new(Int64Array::from(vec![913_601_000_000_000_123])), "913601000000000123"),
        (Arc::new(Float64Array::from(vec![123_456_789_012_345.0])), "123456789012345"),
        (Arc::new(Decimal128Array::from(vec![12_000]).with_precision_and_scale(20, 2).unwrap()), "120"),
    ];
    for (array, expected) in ids {
        let loaded = load_text("企业.parquet", plain(&[("id", array)]));
        assert_eq!(codes(&loaded), []);
        assert_eq!(keys(&loaded, ENTERPRISE), [expected]);
    }
    let ids: ArrayRef = Arc::new(Float64Array::from(vec![913_601_000_000_000_123.0]));
    assert_eq!(codes(&load_text("企业.parquet", plain(&[("id", ids)]))), [Code::BadCell]);
}

fn nested() -> ArrayRef {
    let fields = vec![Field::new("编号", DataType::Utf8, true), Field::new("金额", DataType::Int32, true)];
    let order = StructBuilder::from_fields(fields, 4);
    let mut lists = ListBuilder::new(order);
    for row in [Some(vec![("O1", Some(5)), ("O2", None)]), Some(vec![]), None, Some(vec![("O1", Some(7))])] {
        let present = row.is_some();
        for (key, amount) in row.into_iter().flatten() {
            lists.values().field_builder::<StringBuilder>(0).unwrap().append_value(key);
            lists.values().field_builder::<Int32Builder>(1).unwrap().append_option(amount);
            lists.values().append(true);
        }
        lists.append(present);
    }
    Arc::new(lists.finish())
}

#[test]
fn lists_inside() {
    let loaded = load_array("订单", nested());
    assert_eq!(codes(&loaded), []);
    let json = r#"[{"id":"E0","订单":[{"编号":"O1","金额":5},{"编号":"O2"}]},{"id":"E1","订单":[]},{"id":"E2"},
        {"id":"E3","订单":[{"编号":"O1","金额":7}]}]"#;
    let same = load_text("企业.json", json);
    let lists = |loaded: &Loaded| (0..4).map(|at| cell(loaded, at, ORDERS)).map(without_places).collect::<Vec<_>>();
    assert_eq!(lists(&loaded), lists(&same));
    assert_eq!(cell(&loaded, 2, ORDERS), Cell::Unknown);
}

fn without_places(cell: Cell) -> Cell {
    match cell {
        Cell::List(items) => Cell::List(items.into_iter().map(|item| Record { place: None, ..item }).collect()),
        cell => cell,
    }
}

#[test]
fn years_inside() {
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for (year, amount) in [("2022", Some(1)), ("2023", None)] {
        map.keys().append_value(year);
        map.values().append_option(amount);
    }
    map.append(true).unwrap();
    let loaded = load_array("营业收入", Arc::new(map.finish()));
    assert_eq!(codes(&loaded), []);
    assert_eq!(cell(&loaded, 0, REVENUE), Cell::Periods(vec![(year(2022), Value::Number(Number::from_i64(1000)))]));
    // Parts where a single value is due.
    assert_eq!(codes(&load_array("capex", nested())), [Code::BadCell; 3]);
}

#[test]
fn one_table_in_several_files() {
    let part = |id: &str| plain(&[("id", texts(&[id])), ("capex", texts(&["1"]))]);
    let loaded = Files::new().add("part-0.parquet", part("E1")).add("part-1.parquet", part("E2")).load();
    assert_eq!(codes(&loaded), []);
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E2"]);
    let orders = plain(&[("企业", texts(&["E2"])), ("编号", texts(&["O1"])), ("金额", texts(&["8"]))]);
    let loaded = Files::new().add("企业.parquet", part("E2")).add("订单.parquet", orders).load();
    assert!(matches!(cell(&loaded, 0, ORDERS), Cell::List(items) if items.len() == 1));
    let empty = plain(&[("企业", texts(&[])), ("编号", texts(&[])), ("金额", texts(&[]))]);
    let loaded = Files::new().add("企业.parquet", part("E2")).add("订单.parquet", empty).load();
    assert_eq!(cell(&loaded, 0, ORDERS), Cell::List(vec![]));
}

#[test]
fn counts_of_the_report() {
    let id = texts(&["E1", "", "E3"]);
    let amounts: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, None]));
    let loaded = load_text("企业.parquet", plain(&[("id", id), ("capex", amounts)]));
    assert_eq!(codes(&loaded), []);
    let report = &loaded.report.files[0];
    assert_eq!((report.rows, report.blank_rows, report.rejected, report.encoding), (2, 1, 0, "Parquet"));
    let capex = report.facts.iter().find(|entry| entry.fact == CAPEX).unwrap();
    assert_eq!((capex.filled, capex.blank), (1, 1));
    assert!(report.without_column.contains(&STAFF));
    // Beside a column that is not read, a row without a key is no blank row.
    let rows = plain(&[("id", texts(&["E1", ""])), ("研发", texts(&["", ""]))]);
    let loaded = load_text("企业.parquet", rows);
    assert_eq!(codes(&loaded), [Code::UnknownColumn, Code::MissingKey]);
    // The third row of the file.
    let twice = plain(&[("id", texts(&["E1", "E2", "E1"]))]);
    let loaded = load_text("企业.parquet", twice);
    assert_eq!(loaded.population.rejected[1].diagnostics[0].place.as_ref().unwrap().row, Some(3));
}

#[test]
fn packings() {
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3).unwrap());
    for packing in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd, Compression::LZ4_RAW] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = WriterProperties::builder().set_compression(packing).set_writer_version(version).build();
            let ids: Vec<String> = (0..5000).map(|at| format!("E{at}")).collect();
            let amounts: ArrayRef = Arc::new(Int64Array::from_iter_values(0..5000));
            let ids: ArrayRef = Arc::new(StringArray::from(ids));
            let loaded = load_text("企业.parquet", write(&[("id", ids), ("capex", amounts)], properties));
            assert_eq!(codes(&loaded), [], "{packing} {version:?}");
            assert_eq!(cell(&loaded, 4999, CAPEX), yuan(4999));
        }
    }
}

#[test]
fn files_that_are_no_parquet() {
    let whole = plain(&[("id", texts(&["E1", "E2"])), ("capex", texts(&["1", "2"]))]);
    for (bytes, code) in [
        (b"id,capex\nE1,1\n".to_vec(), Code::UnreadableFile),
        (vec![], Code::EmptyFile),
        (b"PAR1".to_vec(), Code::UnreadableFile),
        (b"PAR1PAR1".to_vec(), Code::UnreadableFile),
        (b"PAR1\xff\xff\xff\xffPAR1".to_vec(), Code::DataLimit),
        (b"PAR1\x00\x00\x00\x00PAR1".to_vec(), Code::UnreadableFile),
        (whole[..whole.len() / 2].to_vec(), Code::UnreadableFile),
        ([&whole[..whole.len() - 4], b"PARE"].concat(), Code::UnreadableFile),
    ] {
        assert_eq!(codes(&load_text("企业.parquet", &bytes)), [code], "{bytes:?}");
    }
    let delta =
        WriterProperties::builder().set_dictionary_enabled(false).set_encoding(Encoding::DELTA_BYTE_ARRAY).build();
    let loaded = load_text("企业.parquet", write(&[("id", texts(&["E1"]))], delta));
    assert_eq!(codes(&loaded), [Code::UnreadableFile]);
    assert!(argument(&loaded.diagnostics[0], "found").contains("DELTA"));
}

#[test]
fn limits_of_packed_files() {
    let amounts: ArrayRef = Arc::new(Int32Array::from(vec![1; 100]));
    let ids: Vec<String> = (0..100).map(|at| format!("E{at}")).collect();
    let ids: ArrayRef = Arc::new(StringArray::from(ids));
    let files = Files::new().add("企业.parquet", plain(&[("id", ids), ("capex", amounts)]));
    for limits in [
        Limits { rows: 99, ..Limits::default() },
        Limits { unpacked_bytes: 100, ..Limits::default() },
        Limits { columns: 1, ..Limits::default() },
    ] {
        assert_eq!(codes(&load_within(&program(), &files.inputs, year(2024), &limits)), [Code::DataLimit]);
    }
    let files = Files::new().add("企业.parquet", plain(&[("id", texts(&["a"; 4])), ("订单", nested())]));
    let limits = Limits { depth: 1, ..Limits::default() };
    assert_eq!(codes(&load_within(&program(), &files.inputs, year(2024), &limits)), [Code::DataLimit]);
}

/// What a few bytes claim takes no memory.
#[test]
fn claims_without_substance() {
    // A footer whose list of row groups has two thousand million entries.
    let footer = [0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00];
    let bytes = [b"PAR1".as_slice(), &footer, &8_u32.to_le_bytes(), b"PAR1"].concat();
    assert_eq!(codes(&load_text("企业.parquet", bytes)), [Code::UnreadableFile]);
    // A long text, a thousand times.
    let long = "长".repeat(20_000);
    let names = texts(&vec![long.as_str(); 1000]);
    let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(0..1000));
    let bytes = plain(&[("id", ids), ("名称", names)]);
    assert!(bytes.len() < 200_000);
    let files = Files::new().add("企业.parquet", bytes);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(codes(&load_within(&program(), &files.inputs, year(2024), &limits)), [Code::DataLimit]);
}

/// A file with any byte changed is read, or told to be damaged; it never ends the program.
#[test]
fn damaged_bytes() {
    let properties = || WriterProperties::builder().set_compression(Compression::SNAPPY);
    let columns = [("id", texts(&["E1", "E2", "E3", "E4"])), ("订单", nested())];
    let files = Files::new().add("企业.parquet", []);
    let program = program();
    for properties in [properties().build(), properties().set_writer_version(WriterVersion::PARQUET_2_0).build()] {
        let whole = write(&columns, properties);
        for at in (0..whole.len()).step_by(5) {
            let mut bytes = whole.clone();
            bytes[at] ^= [0x01, 0x80, 0xff, 0x04][at % 4];
            std::fs::write(&files.inputs[0].path, bytes).unwrap();
            load(&program, &files.inputs, year(2024));
        }
    }
}
