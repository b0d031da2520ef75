//! The edge of the protocol: paths and URIs, places and ranges, diagnostics, capabilities.
//!
//! In: what features say in bytes. Out: what the protocol says in lines and UTF-16 columns.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;

use super::formatting::Replacement;
use super::position::{Lines, Place};
use super::tokens::{KINDS, MODIFIERS};
use super::world::Analysis;
use crate::diagnostic::{self, Language, Renderer, Severity};

/// The path of a URI. A text that is no file yet has its URI for a path.
pub(super) fn path_of(uri: &str) -> PathBuf {
    let Some(rest) = uri.strip_prefix("file://") else { return PathBuf::from(uri) };
    // A host is left out; only `localhost` and none are of use.
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(rest);
    let path = decoded(path);
    // On Windows `/c:/policies` is c:/policies.
    let drive = path.get(2..3) == Some(":") && path.starts_with('/');
    PathBuf::from(if drive { path.trim_start_matches('/') } else { path.as_str() })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The URI of a path.
pub(super) fn uri_of(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    if !path.starts_with('/') && path.get(1..2) != Some(":") {
        return path;
    }
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// A place of the protocol.
pub(super) fn place(position: lsp::Position) -> Place {
    Place { line: position.line, column: position.character }
}

/// A position of the protocol.
pub(super) fn position(place: Place) -> lsp::Position {
    lsp::Position { line: place.line, character: place.column }
}

/// A stretch of bytes as a range.
pub(super) fn range(text: &str, lines: &Lines, bytes: &Range<usize>) -> lsp::Range {
    let (start, end) = lines.range(text, bytes.start, bytes.end);
    lsp::Range { start: position(start), end: position(end) }
}

/// Replacements as edits.
pub(super) fn edits(text: &str, lines: &Lines, replacements: Vec<Replacement>) -> Vec<lsp::TextEdit> {
    replacements
        .into_iter()
        .map(|(bytes, new_text)| lsp::TextEdit { range: range(text, lines, &bytes), new_text })
        .collect()
}

/// A text in Markdown.
pub(super) fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

/// A diagnostic of a file, as the language server says it.
pub(super) fn diagnostic(
    analysis: &Analysis,
    found: &diagnostic::Diagnostic,
    uri: impl Fn(&Path) -> String,
    language: Language,
) -> lsp::Diagnostic {
    let described = Renderer::new(language).describe(analysis.policies.sources(), found);
    let range_of = |span: crate::source::Span| {
        let (file, lines) = (analysis.source(span.file), analysis.lines(span.file));
        file.zip(lines).map_or_else(lsp::Range::default, |(file, lines)| {
            range(&file.text, lines, &(span.start as usize..span.end as usize))
        })
    };
    let mut message = described.message.clone();
    if let Some(label) = described.labels.first().and_then(|label| label.text.as_deref()) {
        message.push_str(&language.pick(format!("：{label}"), format!(": {label}")));
    }
    for help in &described.help {
        message.push('\n');
        message.push_str(help);
    }
    let others = found.spans.iter().zip(&described.labels).skip(1);
    let related: Vec<lsp::DiagnosticRelatedInformation> = others
        .filter_map(|(span, label)| {
            let path = analysis.path(span.file)?;
            let location = lsp::Location { uri: lsp::Uri(uri(path)), range: range_of(*span) };
            let see = || language.pick("另见", "see also").to_owned();
            Some(lsp::DiagnosticRelatedInformation { location, message: label.text.clone().unwrap_or_else(see) })
        })
        .collect();
    lsp::Diagnostic {
        range: found.spans.first().map_or_else(lsp::Range::default, |span| range_of(*span)),
        severity: Some(match found.severity() {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
            Severity::Note => lsp::DiagnosticSeverity::Information,
        }),
        code: Some(lsp::Code::String(described.code.to_owned())),
        source: Some("huiqi".to_owned()),
        message: lsp::Message::String(message),
        related_information: (!related.is_empty()).then_some(related),
        ..lsp::Diagnostic::default()
    }
}

/// The command that runs a test.
pub(super) const RUN_TEST: &str = "huiqi.runTest";

/// What the server can do.
pub(super) fn capabilities() -> lsp::ServerCapabilities {
    let triggers = |signs: &[&str]| Some(signs.iter().map(|sign| (*sign).to_owned()).collect());
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    lsp::ServerCapabilities {
        position_encoding: Some(lsp::PositionEncodingKind::UTF16),
        text_document_sync: Some(lsp::TextDocumentSync::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::Incremental),
            save: Some(lsp::Save::Bool(true)),
            ..lsp::TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: triggers(&[" ", ".", ":", "：", "{", "的", "，", "当", "按"]),
            ..lsp::CompletionOptions::default()
        }),
        hover_provider: Some(lsp::HoverProvider::Bool(true)),
        signature_help_provider: Some(lsp::SignatureHelpOptions {
            trigger_characters: triggers(&[" ", "的", "，", "{"]),
            ..lsp::SignatureHelpOptions::default()
        }),
        definition_provider: Some(lsp::DefinitionProvider::Bool(true)),
        references_provider: Some(lsp::ReferencesProvider::Bool(true)),
        document_highlight_provider: Some(lsp::DocumentHighlightProvider::Bool(true)),
        document_symbol_provider: Some(lsp::DocumentSymbolProvider::Bool(true)),
        code_action_provider: Some(lsp::CodeActionProvider::CodeActionOptions(lsp::CodeActionOptions {
            code_action_kinds: Some(vec![lsp::CodeActionKind::QuickFix, lsp::CodeActionKind::RefactorRewrite]),
            resolve_provider: Some(true),
            ..lsp::CodeActionOptions::default()
        })),
        code_lens_provider: Some(lsp::CodeLensOptions::default()),
        workspace_symbol_provider: Some(lsp::WorkspaceSymbolProvider::Bool(true)),
        document_formatting_provider: Some(lsp::DocumentFormattingProvider::Bool(true)),
        document_range_formatting_provider: Some(lsp::DocumentRangeFormattingProvider::Bool(true)),
        rename_provider: Some(lsp::RenameProvider::RenameOptions(lsp::RenameOptions {
            prepare_provider: Some(true),
            ..lsp::RenameOptions::default()
        })),
        folding_range_provider: Some(lsp::FoldingRangeProvider::Bool(true)),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: names(&[RUN_TEST]),
            ..lsp::ExecuteCommandOptions::default()
        }),
        semantic_tokens_provider: Some(lsp::SemanticTokensProvider::SemanticTokensOptions(
            lsp::SemanticTokensOptions {
                legend: lsp::SemanticTokensLegend { token_types: names(&KINDS), token_modifiers: names(&MODIFIERS) },
                full: Some(lsp::Full::Bool(true)),
                ..lsp::SemanticTokensOptions::default()
            },
        )),
        inlay_hint_provider: Some(lsp::InlayHintProvider::Bool(true)),
        workspace: Some(lsp::WorkspaceOptions {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(lsp::ChangeNotifications::Bool(true)),
            }),
            ..lsp::WorkspaceOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}
