//! The page of each diagnostic, from `docs/zh/diagnostics` and `docs/en/diagnostics`.
//!
//! A page tells what the diagnostic means, why it matters, and shows the wrong text and the
//! right one. Wrong examples stand in fences marked `hq wrong`; a file name may follow.

use include_dir::{Dir, include_dir};

use super::{Code, Language};

static CHINESE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/docs/zh/diagnostics");
static ENGLISH: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/docs/en/diagnostics");

/// The page that explains a code, as Markdown.
pub fn explain(code: Code, language: Language) -> &'static str {
    let pages = language.pick(&CHINESE, &ENGLISH);
    let page = pages.get_file(format!("{code}.md")).and_then(|file| file.contents_utf8());
    // INVARIANT: a test asserts that every code has its page.
    page.unwrap_or_default()
}

/// An example of a page.
#[cfg(test)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    /// What it is written in: `hq`, `csv`, `json`, `console`.
    pub kind: &'static str,
    /// Whether it raises the code of the page.
    pub wrong: bool,
    /// The name of the file, where it has one.
    pub file: Option<&'static str>,
    /// The text.
    pub text: String,
}

/// The examples of a page in order.
#[cfg(test)]
pub(crate) fn examples(page: &'static str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), found.last_mut()) {
            (Some(_), _) if inside => inside = false,
            (Some(marks), _) => {
                let words: Vec<&str> = marks.split(' ').collect();
                let wrong = words.get(1) == Some(&"wrong");
                let file = words.get(1 + usize::from(wrong)).copied();
                found.push(Example { kind: words.first().copied().unwrap_or(""), wrong, file, text: String::new() });
                inside = true;
            }
            (None, Some(example)) if inside => {
                example.text.push_str(line);
                example.text.push('\n');
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Severity, entry};
    use super::*;

    #[test]
    fn every_code_has_both_pages_with_the_same_examples() {
        for code in Code::ALL {
            let zh = examples(explain(*code, Language::Chinese));
            let en = examples(explain(*code, Language::English));
            assert!(zh.iter().any(|example| example.wrong), "{code} has no wrong example");
            assert!(zh.iter().any(|example| !example.wrong), "{code} has no right example");
            assert_eq!(zh, en, "{code}");
        }
    }

    #[test]
    fn pages_begin_with_the_title_and_severity_of_the_catalogue() {
        for code in Code::ALL {
            for language in [Language::Chinese, Language::English] {
                let severity = match entry(*code).severity {
                    Severity::Error => language.pick("错误", "error"),
                    Severity::Warning => language.pick("警告", "warning"),
                    Severity::Note => language.pick("提示", "note"),
                };
                let head = format!("# {code} {}\n\n{severity}\n\n", entry(*code).wording(language).title);
                let page = explain(*code, language);
                assert!(page.starts_with(&head), "{code} should begin with\n{head}");
            }
        }
    }

    #[test]
    fn every_page_belongs_to_a_code() {
        for pages in [&CHINESE, &ENGLISH] {
            assert_eq!(pages.files().count(), Code::ALL.len());
        }
    }
}
