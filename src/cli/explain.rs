//! `huiqi explain CODE`: the page of a diagnostic; without a code, the list of all.

use super::Outcome;
use super::console::Console;
use crate::diagnostic::{Code, Diagnostic, entry, explain};
use crate::source::Sources;

pub(super) fn run(console: &mut Console, code: Option<&str>) -> Outcome {
    let Some(text) = code else {
        let rows =
            Code::ALL.iter().map(|code| vec![code.to_string(), entry(*code).wording(console.language).title.clone()]);
        console.table(&[console.pick("代码", "code"), console.pick("说的是", "says")], rows.collect(), &[]);
        return Outcome::Done;
    };
    match Code::from_text(text) {
        Some(code) => {
            console.line(explain(code, console.language));
            Outcome::Done
        }
        None => {
            let codes = Code::ALL.iter().map(|code| code.as_str());
            let near = crate::resolve::nearest(&text.to_uppercase(), codes).map(str::to_owned);
            let wrong =
                Diagnostic::new(Code::BadOption).with("name", "CODE").with("value", text).with_some("near", near);
            console.diagnostics(&Sources::default(), &[wrong]);
            Outcome::Usage
        }
    }
}
