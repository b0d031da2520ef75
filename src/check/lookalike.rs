//! Names that look the same and are written with different characters.
//!
//! In: names. Out: their skeletons, in which characters that look alike are one: the radicals
//! that text copied out of PDF carries (⼯ for 工), full-width letters, Cyrillic and Greek
//! letters that look Latin. Two names of one skeleton are the same to the eye, so both are told.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::context::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The characters of the 214 Kangxi radicals U+2F00..U+2FD5, in order.
const KANGXI: &str = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

/// Other radicals and the simplified characters that they stand for.
const RADICALS: [(char, char); 24] = [
    ('⺠', '民'),
    ('⺟', '母'),
    ('⺝', '月'),
    ('⻁', '虎'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻰', '龙'),
];

/// Cyrillic and Greek letters that look Latin.
const LETTERS: [(&str, &str); 2] =
    [("АВЕКМНОРСТХУІЅЈаеорсухіѕј", "ABEKMHOPCTXYISJaeopcyxisj"), ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo")];

/// The usual character that `c` looks like; itself if it is one.
fn usual(c: char) -> char {
    match c {
        '\u{2F00}'..='\u{2FD5}' => {
            let at = u32::from(c).saturating_sub(0x2F00) as usize;
            KANGXI.chars().nth(at).unwrap_or(c)
        }
        '\u{2E80}'..='\u{2EF3}' => RADICALS.iter().find(|(radical, _)| *radical == c).map_or(c, |(_, usual)| *usual),
        '\u{370}'..='\u{4FF}' => LETTERS
            .iter()
            .find_map(|(odd, latin)| odd.chars().zip(latin.chars()).find(|(o, _)| *o == c).map(|(_, latin)| latin))
            .unwrap_or(c),
        '\u{FF01}'..='\u{FF5E}' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    }
}

/// A name with every character as the usual one that it looks like.
pub(super) fn skeleton(name: &str) -> SmolStr {
    name.chars().map(usual).collect()
}

/// Among `known`, the name that looks like `name` and is another.
pub(super) fn twin<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = skeleton(name);
    known.into_iter().find(|other| *other != name && skeleton(other) == wanted)
}

/// The message for `name`, which looks like `other`.
pub(super) fn lookalike(span: Span, name: &str, other: &str) -> Diagnostic {
    let pairs = name.chars().zip(other.chars()).filter(|(a, b)| a != b);
    let shown = pairs.map(|(a, b)| format!("`{a}`（U+{:04X}）≠ `{b}`（U+{:04X}）", u32::from(a), u32::from(b)));
    let found = shown.collect::<Vec<_>>().join("、");
    Diagnostic::new(Code::LookalikeName).at(span).with("name", name).with("other", other).with("found", found)
}

impl Checker<'_> {
    /// Reports names of facts, parameters, clauses and the like that only look the same.
    pub(super) fn lookalikes(&mut self) {
        let mut names: Vec<(SmolStr, Span)> = Vec::new();
        let program = &self.program;
        for record in program.records.iter().filter(|record| !record.is_history) {
            names.extend(record.span.map(|span| (record.name.clone(), span)));
            for fact in &record.facts {
                names.extend(fact.aliases.iter().chain([&fact.name]).map(|name| (name.clone(), fact.span)));
            }
        }
        names.extend(program.lets.iter().map(|def| (def.name.clone(), def.span)));
        names.extend(program.parameters.iter().map(|def| (def.name.clone(), def.span)));
        names.extend(program.clauses.iter().map(|def| (def.name.clone(), def.name_span)));
        names.sort_by_key(|(_, span)| (span.file, span.start));
        let mut first: BTreeMap<SmolStr, (SmolStr, Span)> = BTreeMap::new();
        let mut told: Vec<SmolStr> = Vec::new();
        for (name, span) in names {
            let (other, place) = first.entry(skeleton(&name)).or_insert_with(|| (name.clone(), span)).clone();
            if other == name || told.contains(&name) {
                continue;
            }
            // A declaration is told at its name, where the whole of it was kept.
            let at = |span: Span, name: &str| {
                let offset = self.project.sources.text(span).find(name).unwrap_or(0);
                let start = (span.start as usize).saturating_add(offset);
                Span::new(span.file, start, start.saturating_add(name.len()))
            };
            let diagnostic = lookalike(at(span, &name), &name, &other).at(at(place, &other));
            self.diagnostics.push(diagnostic);
            told.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{skeleton, twin};

    #[test]
    fn radicals_and_letters_of_other_scripts_are_folded() {
        assert_eq!(skeleton("⼯业⻓"), "工业长");
        assert_eq!(skeleton("СНР＆ＧＤＰ"), "CHP&GDP");
        assert_eq!(twin("⼯业投资", ["投资额", "工业投资"]), Some("工业投资"));
        assert_eq!(twin("工业投资", ["投资额", "工业投资"]), None);
    }
}
