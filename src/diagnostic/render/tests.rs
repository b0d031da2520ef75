//! What a reader sees: each test is one fact about it.

use super::text::width;
use super::*;
use crate::diagnostic::Code;
use crate::source::FileId;

fn sources(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add("政策.hq", None, text);
    sources
}

/// The span of the first occurrence of `part`.
fn find(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span::new(FileId(0), start, start + part.len())
}

fn show(text: &str, diagnostic: Diagnostic) -> String {
    Renderer::new(Language::Chinese).render(&sources(text), &[diagnostic])
}

fn unknown(span: Span) -> Diagnostic {
    Diagnostic::new(Code::UnknownName).at(span).with("name", "投资")
}

#[test]
fn a_whole_diagnostic() {
    let text = "# 试点\n奖补 投资的5%，最高800万元\n";
    let diagnostic = unknown(find(text, "投资")).with("near", "投资额");
    insta::assert_snapshot!(show(text, diagnostic));
}

#[test]
fn a_whole_diagnostic_in_english() {
    let text = "award 5% of capx\nrecord 企业 { capex : money }\n";
    let diagnostic = Diagnostic::new(Code::UnknownName)
        .at(find(text, "capx"))
        .at(find(text, "capex"))
        .with("name", "capx")
        .with("record", "企业")
        .with("near", "capex");
    insta::assert_snapshot!(Renderer::new(Language::English).render(&sources(text), &[diagnostic]));
}

#[test]
fn places_in_two_files_are_both_shown() {
    let mut sources = sources("record 企业 { 名称 : text }\n");
    let other = sources.add("词汇.hq", None, "record 企业 { 区县 : text }\n");
    let diagnostic = Diagnostic::new(Code::DuplicateName)
        .at(Span::new(FileId(0), 7, 13))
        .at(Span::new(other, 7, 13))
        .with("name", "企业");
    insta::assert_snapshot!(Renderer::new(Language::Chinese).render(&sources, &[diagnostic]));
}

#[test]
fn a_place_in_data() {
    let place = DataPlace {
        file: "企业.csv".into(),
        row: Some(3),
        column: Some("固定资产投资额".into()),
        key: Some("E001".into()),
    };
    let diagnostic = Diagnostic::new(Code::BadCell)
        .in_data(place)
        .with("record", "企业")
        .with("value", "八百万")
        .with("expected", Argument::phrase("金额", "an amount of money"));
    let sources = Sources::default();
    insta::assert_snapshot!(Renderer::new(Language::Chinese).render(&sources, std::slice::from_ref(&diagnostic)));
    insta::assert_snapshot!(Renderer::new(Language::English).plain(&diagnostic, &sources));
    insta::assert_snapshot!(Renderer::new(Language::English).to_json(&sources, &[diagnostic]));
}

/// The columns, from 0, at which the underline under `part` begins and ends.
fn underlined(text: &str, part: &str) -> ((usize, usize), (usize, usize)) {
    let shown = show(text, unknown(find(text, part)));
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines.iter().position(|line| line.contains(part) && line.contains('│')).unwrap();
    let before = lines[at].split(part).next().unwrap();
    let mark = lines[at + 1];
    let start = mark.find(['─', '┬']).unwrap();
    let underline: String = mark[start..].chars().take_while(|c| "─┬".contains(*c)).collect();
    let from = width(&mark[..start]);
    ((width(before), width(before) + width(part)), (from, from + width(&underline)))
}

#[test]
fn the_underline_stands_exactly_under_the_place() {
    for text in [
        "奖补 投资的5%",
        "奖补　（投资）的５％，最高８００万元",
        "「5G＋智慧」：投资",
        "a “b” — … ≥ ① 投资",
        "\t奖补\t投资 的5%",
        "x\u{1b}[31m\u{202e}y 投资",
        "é e\u{301} 投资",
    ] {
        let (place, underline) = underlined(text, "投资");
        // Tabs and controls are shown by other characters, so only the shown line counts.
        assert_eq!(place, underline, "{text}");
    }
}

#[test]
fn ambiguous_characters_count_as_one_column() {
    assert_eq!(width("“”—…≥①"), 6);
    assert_eq!(width("投资，（）"), 10);
}

#[test]
fn columns_are_counted_in_characters() {
    let text = "\u{feff}奖补 投资\n奖补（投资的5%）";
    let second = text.rfind("投资").unwrap();
    let diagnostic = unknown(Span::new(FileId(0), second, second + 6));
    let renderer = Renderer::new(Language::Chinese);
    assert!(show(text, diagnostic.clone()).contains("[政策.hq 第 2 行第 4 列]"));
    assert!(renderer.plain(&diagnostic, &sources(text)).starts_with("政策.hq:2:4: error[HQ0201]: "));
    let first = unknown(find(text, "投资"));
    assert!(show(text, first.clone()).contains("[政策.hq 第 1 行第 4 列]"));
    assert!(renderer.plain(&first, &sources(text)).starts_with("政策.hq:1:4: "));
}

#[test]
fn places_outside_the_text_are_brought_inside() {
    for text in ["", "投资", "投资\n", "投资\r\n\r\n", "\n\n\n"] {
        for (start, end) in [(0, 0), (6, 6), (7, 7), (90, 90), (1, 2), (0, 900), (5, 3)] {
            let shown = show(text, unknown(Span::new(FileId(0), start, end)));
            assert!(shown.contains("HQ0201") && !shown.contains("Failed"), "{text:?} {start} {end}\n{shown}");
        }
    }
    assert!(show("x", unknown(Span::new(FileId(9), 0, 1))).contains("HQ0201"));
}

#[test]
fn nothing_shown_moves_the_cursor() {
    let text = "奖补 \u{1b}[2J投资\u{202e}\u{7}";
    let diagnostic = unknown(find(text, "投资")).with("near", "a\u{1b}]8;;\u{2067}");
    for renderer in [Renderer::new(Language::Chinese), Renderer::new(Language::English)] {
        let shown = renderer.render(&sources(text), std::slice::from_ref(&diagnostic));
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{2067}']), "{shown:?}");
    }
}

#[test]
fn long_lines_and_long_places_are_cut() {
    let text = format!("{}投资{}", "前".repeat(3000), "后".repeat(3000));
    let shown = show(&text, unknown(find(&text, "投资")));
    assert!(shown.contains("投资") && shown.contains("第 1 行第 3001 列") && shown.len() < 4000, "{shown}");
    let block = "奖补 1\n".repeat(50);
    let shown = show(&block, unknown(Span::new(FileId(0), 0, block.len())));
    assert!(shown.lines().count() < 12, "{shown}");
}

#[test]
fn distant_places_of_one_file_each_have_their_header() {
    let text = format!("投资\n{}人数\n", "#\n".repeat(20));
    let shown = show(&text, unknown(find(&text, "投资")).at(find(&text, "人数")));
    assert!(shown.contains("第 1 行第 1 列") && shown.contains("第 22 行第 1 列"), "{shown}");
}

#[test]
fn very_many_are_cut_off_and_errors_come_first() {
    let note = Diagnostic::new(Code::InferredFact).with("name", "x");
    let mut all = vec![note; 150];
    all.push(unknown(Span::default()));
    let shown = Renderer::new(Language::English).render(&sources("x"), &all);
    assert!(shown.contains("HQ0201") && shown.ends_with("51 more are not shown\n"));
}

#[test]
fn a_missing_argument_leaves_a_gap_in_the_message_only() {
    let shown = show("x", Diagnostic::new(Code::UnknownUnit).at(Span::default()));
    assert!(shown.contains("没有定义过计量单位 `…`") && !shown.contains('{'), "{shown}");
}

#[test]
fn the_text_at_the_place_stands_in_where_nothing_was_found() {
    let text = "最高 1.000.000元\n";
    let shown = show(text, Diagnostic::new(Code::BadNumber).at(find(text, "1.000.000元")));
    assert!(shown.contains("`1.000.000元` 不是规范的数字"), "{shown}");
}

#[test]
fn every_code_renders_in_every_manner() {
    for code in Code::ALL {
        for language in [Language::Chinese, Language::English] {
            for (color, unicode) in [(false, false), (false, true), (true, false), (true, true)] {
                let renderer = Renderer { language, color, width: 40, unicode };
                let place = Span::new(FileId(0), 0, 1);
                let diagnostic = Diagnostic::new(*code).at(place).at(place).at(place);
                let shown = renderer.render(&sources("x y"), &[diagnostic]);
                assert!(shown.contains(code.as_str()));
                assert_eq!(shown.contains('\u{1b}'), color);
                assert!(unicode || !shown.contains(['─', '│', '╭']));
            }
        }
    }
}

#[test]
fn the_locale_decides_the_language() {
    assert_eq!(Language::of_locale("zh_CN.UTF-8"), Language::Chinese);
    assert_eq!(Language::of_locale("en_US.UTF-8"), Language::English);
    assert_eq!(Language::of_locale("C"), Language::English);
}
