//! The near name: what was probably meant.

use unicode_width::UnicodeWidthStr;

/// The candidate nearest to `name`, if one is near enough: one character in a short
/// Chinese name, up to a third of the characters of a longer one.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    // Chinese packs a word into two characters, so one wrong of three is still near.
    let allowed = if name.width() > length { (length / 3).max(1) } else { (length / 3).clamp(1, 3) };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(d, candidate)| *d <= allowed && *d < candidate.chars().count().max(length))
        .min_by_key(|(d, candidate)| (*d, candidate.chars().count().abs_diff(length)))
        .map(|(_, candidate)| candidate)
}

/// Edit distance in characters; a name that holds the whole other one is near too.
fn distance(name: &str, candidate: &str) -> usize {
    let edits = strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase());
    let contains = candidate.contains(name) || name.contains(candidate);
    if contains && name.chars().count().min(candidate.chars().count()) >= 2 { edits.min(1) } else { edits }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_a_name_with_one_wrong_character() {
        assert_eq!(nearest("固定资产投资颌", ["固定资产投资额", "营业收入"]), Some("固定资产投资额"));
        assert_eq!(nearest("captial", ["capital", "cap"]), Some("capital"));
    }

    #[test]
    fn keeps_quiet_when_nothing_is_near() {
        assert_eq!(nearest("利润", ["固定资产投资额", "营业收入"]), None);
    }
}
