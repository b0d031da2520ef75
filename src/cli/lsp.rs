//! `huiqi lsp`: the language server, started by an editor.

use super::Outcome;
use super::console::Console;

pub(super) fn run(console: &Console) -> Outcome {
    match crate::lsp::serve() {
        Ok(()) => Outcome::Done,
        Err(error) => {
            console.note(
                console.pick(
                    format!("与编辑器的连接中断：{error}"),
                    format!("the connection to the editor broke: {error}"),
                ),
            );
            Outcome::Errors
        }
    }
}
