//! The formatter on small texts.

#![allow(clippy::panic, clippy::indexing_slicing, reason = "tests may")]

use super::*;

fn laid_out(text: &str) -> String {
    format(FileId::default(), text, None).unwrap_or_else(|found| panic!("{text}: {found:?}"))
}

/// `to` in the other language and back, and each laid out twice is the same.
#[track_caller]
fn both(zh: &str, en: &str) {
    let to = |text: &str, language| {
        let once = format(FileId::default(), text, Some(language)).unwrap_or_else(|found| panic!("{text}: {found:?}"));
        assert_eq!(format(FileId::default(), &once, Some(language)).as_deref(), Ok(once.as_str()));
        once
    };
    assert_eq!(to(en, Language::Chinese), zh);
    assert_eq!(to(zh, Language::English), en);
    assert_eq!(to(en, Language::English), en);
}

#[track_caller]
fn becomes(text: &str, expected: &str) {
    let found = laid_out(text);
    assert_eq!(found, expected, "\n{found}");
    assert_eq!(laid_out(&found), found, "a second time");
}

#[test]
fn a_block_of_several_lines_has_a_line_for_each_statement() {
    becomes(
        "policy   P{title \"x\"   issued 2024-01-01 \n\n\n  clause A{award   5%  of capex,cap 800万}; clause B{award 1万}}",
        "policy P {\n  title \"x\"\n  issued 2024-01-01\n\n  clause A { award 5% of capex, cap 800万 }; clause B { award 1万 }\n}\n",
    );
}

#[test]
fn a_block_of_one_line_stays_on_one() {
    becomes(
        "record 订单/order{金额:money   签订日期 :date;已落地 : bool}",
        "record 订单 / order { 金额 : money; 签订日期 : date; 已落地 : bool }\n",
    );
    becomes("article \"十\"   名{commitment \"x\"}", "article \"十\" 名 { commitment \"x\" }\n");
    becomes("settle{\n}", "settle {}\n");
}

#[test]
fn parts_of_a_clause_keep_their_lines_and_hang_below_a_bare_award() {
    becomes("award 5% of capex\ncap 800万\n      when 增资扩产\n", "award 5% of capex\n  cap 800万\n  when 增资扩产\n");
    becomes(
        "clause A { award 5% of capex\n   cap 800万 when\n 增资扩产 }",
        "clause A {\n  award 5% of capex\n  cap 800万 when\n    增资扩产\n}\n",
    );
}

#[test]
fn chinese_is_written_as_documents_write_it() {
    becomes(
        "奖补 固定资产投资额 的 ５％ ，最高 ８００万元，当 增资扩产。",
        "奖补 固定资产投资额的5%，最高800万元，当 增资扩产\n",
    );
    becomes(
        "奖补 按 投资额 ｛ 500万元 （含） 以上 1000万元 以下：20万；１０００万元以上：30万 ｝",
        "奖补 按 投资额 { 500万元（含）以上1000万元以下: 20万, 1000万元以上: 30万 }\n",
    );
}

#[test]
fn columns_count_wide_characters() {
    becomes(
        "award by 订单额 {\n  >= 2亿:20万\n >= 5000万 : 5万; otherwise:0 }",
        "award by 订单额 {\n  >= 2亿:    20万\n  >= 5000万: 5万\n  otherwise: 0\n}\n",
    );
    becomes(
        "record 企业 {\n统一社会信用代码 / id : text key # 一户一码\n名称/name:text\n\n## 说明\n区县 : text\n}",
        "record 企业 {\n  统一社会信用代码 / id : text key  # 一户一码\n  名称 / name           : text\n\n  ## 说明\n  区县 : text\n}\n",
    );
    becomes(
        "test \"t\" {\n given 企业 [\n{ id: \"A1\", 等级: 国家级, n: 1 },\n { id: \"A20\", 等级: 省级, n: 2 } ]\nexpect total = 0\n}",
        "test \"t\" {\n  given 企业 [\n    { id: \"A1\",  等级: 国家级, n: 1 },\n    { id: \"A20\", 等级: 省级,   n: 2 }\n  ]\n  expect total = 0\n}\n",
    );
}

#[test]
fn comments_stay_where_they_were() {
    becomes("#一\n\n\n##二\nuse \"a.hq\"   #三\n# 四\n", "# 一\n\n## 二\nuse \"a.hq\"  # 三\n# 四\n");
    becomes(
        "clause A { # 头\naward 5% # 比例\nof capex\n\n# 尾\n}",
        "clause A {  # 头\n  award 5%  # 比例\n    of capex\n\n  # 尾\n}\n",
    );
}

#[test]
fn keywords_mean_the_same_in_the_other_language() {
    both("奖补 固定资产投资额的5% 最高800万元 当 增资扩产\n", "award 5% of 固定资产投资额 cap 800万元 when 增资扩产\n");
    both("奖补 至多 投资额的(阶梯比例) 最高800万\n", "award up to 阶梯比例 of 投资额 cap 800万\n");
    both(
        "奖补 50万 每个 (项目 其中 年限 >= 3) 最高20万 每项\n",
        "award 50万 for each (项目 where 年限 >= 3) cap 20万 each\n",
    );
    both("奖补 孰低(甲, 乙) 最高100万\n", "award min(甲, 乙) cap 100万\n");
    both("奖补 最小 金额 于 项目\n", "award min 金额 over 项目\n");
    both(
        "奖补 20万 当 投资额 介于 1万 与 2万 且 等级 属于 (甲, 乙)\n",
        "award 20万 when 投资额 between 1万 and 2万 and 等级 in (甲, 乙)\n",
    );
    both("奖补 20万，最高10万，当 甲\n", "award 20万, cap 10万, when 甲\n");
    both("奖补 营业收入 在 2023\n", "award 营业收入 in 2023\n");
}

/// All policies of the repository, its cases that parse and the examples of its documents.
fn texts() -> Vec<(String, String)> {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "hq" || extension == "md") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    for folder in ["policies", "tests/cases", "docs"] {
        walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut paths);
    }
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if shown.ends_with(".hq") {
            texts.push((shown, text));
            continue;
        }
        for (number, fence) in text.split("\n```").enumerate().filter(|(_, fence)| fence.starts_with("hq")) {
            let body = fence.split_once('\n').map_or("", |(_, body)| body);
            texts.push((format!("{shown}, fence {number}"), format!("{body}\n")));
        }
    }
    texts.retain(|(_, text)| syntax::parse(FileId::default(), text).diagnostics.is_empty());
    assert!(texts.len() > 300, "only {} texts", texts.len());
    texts
}

#[test]
fn every_text_of_the_repository_keeps_its_meaning_in_both_languages() {
    for (name, text) in texts() {
        let as_typed = laid_out(&text);
        assert_eq!(laid_out(&as_typed), as_typed, "{name}: twice");
        let in_language = |text: &str, language| {
            let found = format(FileId::default(), text, Some(language));
            found.unwrap_or_else(|found| panic!("{name}, to {language:?}: {found:?}\n{text}"))
        };
        // A word of one language may be a sign in the other: not the words come back, but what they mean,
        // which `format` compares each time. After the first time nothing changes any more.
        for (there, here) in [(Language::Chinese, Language::English), (Language::English, Language::Chinese)] {
            let abroad = in_language(&text, there);
            if text.len() < 8000 {
                assert_eq!(in_language(&abroad, there), abroad, "{name}: twice");
                let through = in_language(&abroad, here);
                let back = in_language(&in_language(&through, there), here);
                assert_eq!(back, through, "{name}: there and back");
            }
        }
    }
}

mod random {
    use proptest::prelude::*;

    use super::*;

    /// What may stand between two words.
    fn gap() -> impl Strategy<Value = &'static str> {
        prop_oneof![
            6 => Just(" "),
            2 => Just("\t \u{3000}"),
            1 => Just("\n"),
            1 => Just("\n\n\n   "),
            1 => Just("  # 注释\n"),
            1 => Just("\n  ##说明 \n\n"),
        ]
    }

    /// The words of a text with other gaps between them. A gap never ends a line where that would mean something.
    fn shaken(text: &str, gaps: &[&str]) -> String {
        let words = syntax::words::words(text);
        let mut out = String::new();
        let mut end = 0;
        for (at, word) in words.words.iter().enumerate() {
            let between = text.get(end..word.start).unwrap_or("");
            let gap = gaps.get(at % gaps.len()).copied().unwrap_or(" ");
            let before = at.checked_sub(1).and_then(|before| words.words.get(before)).map_or("", |word| word.kind);
            let told_by_line = matches!(word.kind, "不超过" | "不低于" | "至多" | "in" | "round") || before == "..";
            out.push_str(match between.contains('\n') || !told_by_line && before != "NUMBER" && !before.is_empty() {
                true if told_by_line => between,
                true if between.is_empty() && !gap.contains('\n') => "",
                true if between.contains('#') => between,
                true if between.contains('\n') && !gap.contains('\n') => "\n",
                true => gap,
                false => between,
            });
            out.push_str(word.text);
            end = word.end;
        }
        out.push_str(text.get(end..).unwrap_or(""));
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn blanks_lines_and_comments_change_nothing(at in any::<prop::sample::Index>(), gaps in prop::collection::vec(gap(), 1..200)) {
            static TEXTS: std::sync::LazyLock<Vec<(String, String)>> = std::sync::LazyLock::new(|| {
                texts().into_iter().filter(|(_, text)| text.len() < 4000).collect()
            });
            let (name, text) = &TEXTS[at.index(TEXTS.len())];
            let shaken = shaken(text, &gaps);
            let before = syntax::parse(FileId::default(), text);
            let mut after = syntax::parse(FileId::default(), &shaken);
            after.tree.comments.clone_from(&before.tree.comments);
            prop_assume!(after.diagnostics.is_empty() && meaning::same(&before.tree, &after.tree, false));
            let once = format(FileId::default(), &shaken, None);
            prop_assert!(once.is_ok(), "{}: {:?}\n{}", name, once, shaken);
            let once = once.unwrap_or_default();
            let twice = format(FileId::default(), &once, None);
            prop_assert_eq!(twice.as_deref(), Ok(once.as_str()), "{}\n{}", name, shaken);
        }
    }
}
