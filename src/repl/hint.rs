//! The form of a question, shown while it is typed.

use crate::syntax::words::{Look, folded, of_line};

/// A word that asks, and what may follow it, word by word: in Chinese and in English.
const FORMS: [(&str, &[&str], &[&str]); 20] = [
    ("load", &["\"企业.xlsx\"，或者 样例"], &["\"企业.xlsx\", or sample"]),
    (
        "show",
        &["名称，合计 其中 条件 排序按 合计 降序 前 10"],
        &["NAME, total where CONDITION sort by total desc top 10"],
    ),
    ("sum", &["合计 按 区县"], &["total by FACT"]),
    ("average", &["合计 按 区县"], &["total by FACT"]),
    ("count", &["按 区县"], &["by FACT"]),
    ("count_of", &["按 区县"], &["by FACT"]),
    ("median", &["合计 按 区县"], &["total by FACT"]),
    ("why", &["条款", "用于 \"主键\""], &["CLAUSE", "for \"KEY\""]),
    ("why_not", &["条款", "用于 \"主键\""], &["CLAUSE", "for \"KEY\""]),
    ("what_if", &["条款", "{ 奖补 … }"], &["CLAUSE", "{ award … }"]),
    ("compare", &["\"旧版.hq\"，或者 政策甲 连同 政策乙"], &["\"old.hq\", or POLICY with POLICY"]),
    ("solve", &["条款 的 封顶 控制在 5000万"], &["cap of CLAUSE within 5000万"]),
    ("plot", &["条款", "于 事实 0..3亿"], &["CLAUSE", "over FACT 0..3亿"]),
    ("export", &["\"结果.xlsx\""], &["\"result.xlsx\""]),
    ("save", &["\"会话.hqs\""], &["\"session.hqs\""]),
    ("replay", &["\"会话.hqs\""], &["\"session.hqs\""]),
    ("set", &["评价期 = 2024"], &["period = 2024"]),
    ("help", &["条款、事实、关键词"], &["CLAUSE, FACT or KEYWORD"]),
    ("use", &["\"政策.hq\""], &["\"policy.hq\""]),
    ("forget", &["条款"], &["CLAUSE"]),
];

/// What may follow a text that asks something; nothing once it is plain.
pub fn form(text: &str) -> Option<String> {
    let words = of_line(text);
    let (first, rest) = words.split_first()?;
    let (_, zh, en) = FORMS.iter().find(|(kind, ..)| *kind == first.kind)?;
    let segments = if folded(first.text).is_ascii() { en } else { zh };
    // Only names go by; where something else is typed, its writer knows the form.
    if !rest.iter().all(|word| word.look == Look::Name) {
        return None;
    }
    let goes_on = text.ends_with([' ', '\u{3000}']);
    if !goes_on && !rest.is_empty() {
        return None;
    }
    let left = segments.get(rest.len()..).filter(|left| !left.is_empty())?.join(" ");
    Some(if goes_on { left } else { format!(" {left}") })
}

#[cfg(test)]
mod tests {
    use super::{FORMS, form};
    use crate::syntax::keywords;
    use crate::syntax::words::of_line;

    #[test]
    fn the_form_is_that_of_the_words_typed_so_far() {
        assert_eq!(form("为何").as_deref(), Some(" 条款 用于 \"主键\""));
        assert_eq!(form("why ").as_deref(), Some("CLAUSE for \"KEY\""));
        assert_eq!(form("why 增资扩产 ").as_deref(), Some("for \"KEY\""));
        assert_eq!(form("why 增资扩产").as_deref(), None);
        assert_eq!(form("why 增资扩产 for ").as_deref(), None);
        assert_eq!(form("增资扩产 ").as_deref(), None);
        assert_eq!(form("假如 ").as_deref(), Some("条款 { 奖补 … }"));
    }

    #[test]
    fn every_word_that_asks_has_a_form() {
        let alone = ["tour", "quit", "sort_by", "sample", "as_record", "within"];
        for keyword in keywords().iter().filter(|keyword| keyword.place == ["prompt"]) {
            let known = FORMS.iter().any(|(kind, ..)| *kind == keyword.id);
            assert!(known || alone.contains(&keyword.id.as_str()), "{}", keyword.id);
        }
        for (kind, ..) in FORMS {
            // `count` stands for several keywords, and is a kind word of its own.
            let typed = keywords().get(kind).map_or("count", |keyword| &keyword.zh[0]);
            assert_eq!(of_line(typed).first().unwrap().kind, kind);
        }
    }
}
