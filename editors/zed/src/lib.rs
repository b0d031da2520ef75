//! Tells Zed how the language server is started: `huiqi lsp`, found on the path or as the
//! settings say (`lsp.huiqi.binary.path`).

use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree, settings::LspSettings};

struct Huiqi;

impl zed::Extension for Huiqi {
    fn new() -> Self {
        Huiqi
    }

    fn language_server_command(&mut self, server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree).ok().and_then(|settings| settings.binary);
        let (path, arguments) = settings.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = path
            .or_else(|| worktree.which("huiqi"))
            .ok_or("huiqi is not on the path: install it, or set lsp.huiqi.binary.path")?;
        Ok(Command {
            command,
            args: arguments.unwrap_or_else(|| vec!["lsp".to_owned()]),
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(Huiqi);
