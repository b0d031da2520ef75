//! Answers to requests: each asks a feature and says in the protocol's terms what it found.
//!
//! In: a request. Out: a result, or a code and a message. A text that is not open is read
//! from the disk; one that cannot be read has no answers.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::position::Lines;
use super::server::Server;
use super::world::Analysis;
use super::{
    actions, completion, edge, folding, formatting, hover, inlay, lens, names, navigation, rename, signature, symbols,
    tokens,
};
use crate::diagnostic::{Language, Renderer};

/// Why there is no answer.
pub(super) type Refused = (ErrorCode, String);
type Answer = Result<Value, Refused>;

/// Answers a request.
pub(super) fn answer(server: &mut Server, request: &Request) -> Answer {
    match request.method.as_str() {
        "textDocument/completion" => at(server, request, completion),
        "textDocument/hover" => at(server, request, hover),
        "textDocument/signatureHelp" => at(server, request, signature),
        "textDocument/definition" => at(server, request, definition),
        "textDocument/documentHighlight" => at(server, request, highlights),
        "textDocument/prepareRename" => at(server, request, prepare_rename),
        "textDocument/references" => references(server, request),
        "textDocument/rename" => renamed(server, request),
        "textDocument/documentSymbol" => of_text(server, request, document_symbols),
        "textDocument/foldingRange" => of_text(server, request, folds),
        "textDocument/semanticTokens/full" => of_text(server, request, coloured),
        "textDocument/formatting" => of_text(server, request, formatted),
        "textDocument/inlayHint" => of_text(server, request, hints),
        "textDocument/codeLens" => of_text(server, request, lenses),
        "textDocument/rangeFormatting" => range_formatted(server, request),
        "textDocument/codeAction" => code_actions(server, request),
        "codeAction/resolve" => resolve_action(server, request),
        "workspace/symbol" => workspace_symbols(server, request),
        "workspace/executeCommand" => execute(server, request),
        method => Err((ErrorCode::MethodNotFound, format!("unknown method {method}"))),
    }
}

fn params<P: DeserializeOwned>(request: &Request) -> Result<P, Refused> {
    serde_json::from_value(request.params.clone()).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn told(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

/// A text that is asked about.
struct Asked {
    path: PathBuf,
    text: Arc<str>,
    lines: Arc<Lines>,
    analysis: Arc<Analysis>,
    language: Language,
}

impl Asked {
    fn of(server: &mut Server, uri: &str) -> Result<Asked, Refused> {
        let path = edge::path_of(uri);
        let language = server.world.language;
        let Some((text, lines)) = server.world.text(&path) else {
            let told = language.pick("读不了这个文件", "this file cannot be read");
            return Err((ErrorCode::RequestFailed, told.to_owned()));
        };
        let analysis = server.world.analysis(&path);
        Ok(Asked { path, text, lines, analysis, language })
    }

    fn byte(&self, position: lsp::Position) -> usize {
        self.lines.byte(&self.text, edge::place(position))
    }

    fn range(&self, from: usize, to: usize) -> lsp::Range {
        edge::range(&self.text, &self.lines, &(from..to))
    }
}

/// Answers about a place.
fn at(server: &mut Server, request: &Request, answer: impl FnOnce(&mut Server, &Asked, usize) -> Answer) -> Answer {
    let params: lsp::TextDocumentPositionParams = params(request)?;
    let asked = Asked::of(server, &params.text_document.uri.0)?;
    let byte = asked.byte(params.position);
    answer(server, &asked, byte)
}

/// Answers about a whole text.
fn of_text(server: &mut Server, request: &Request, answer: impl FnOnce(&mut Server, &Asked) -> Answer) -> Answer {
    let uri = request.params.pointer("/textDocument/uri").and_then(Value::as_str).unwrap_or_default().to_owned();
    let asked = Asked::of(server, &uri)?;
    answer(server, &asked)
}

fn completion(_: &mut Server, asked: &Asked, byte: usize) -> Answer {
    let (from, proposals) = completion::complete(&asked.analysis, &asked.text, byte, asked.language);
    let range = asked.range(from, byte);
    let items = proposals.into_iter().map(|proposal| {
        use completion::Kind;
        let snippet = proposal.kind == Kind::Snippet;
        let documentation =
            (!proposal.help.is_empty()).then(|| lsp::Documentation::MarkupContent(edge::markdown(proposal.help)));
        lsp::CompletionItem {
            sort_text: Some(format!("{:02}{}", proposal.rank, proposal.label)),
            kind: Some(match proposal.kind {
                Kind::Keyword => lsp::CompletionItemKind::Keyword,
                Kind::Snippet => lsp::CompletionItemKind::Snippet,
                Kind::Name(symbol) => symbol.map_or(lsp::CompletionItemKind::Text, item_kind),
            }),
            detail: (!proposal.detail.is_empty()).then_some(proposal.detail),
            documentation,
            insert_text_format: snippet.then_some(lsp::InsertTextFormat::Snippet),
            text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit { range, new_text: proposal.insert })),
            label: proposal.label,
            ..lsp::CompletionItem::default()
        }
    });
    told(lsp::CompletionList { is_incomplete: false, items: items.collect(), ..lsp::CompletionList::default() })
}

fn item_kind(symbol: names::Symbol) -> lsp::CompletionItemKind {
    use names::Symbol;
    match symbol {
        Symbol::Record(_) => lsp::CompletionItemKind::Class,
        Symbol::Fact(..) => lsp::CompletionItemKind::Field,
        Symbol::Level(..) => lsp::CompletionItemKind::EnumMember,
        Symbol::Let(_) => lsp::CompletionItemKind::Variable,
        Symbol::Parameter(_) => lsp::CompletionItemKind::Constant,
        Symbol::Policy(_) | Symbol::Article => lsp::CompletionItemKind::Module,
        Symbol::Clause(_) => lsp::CompletionItemKind::Function,
        Symbol::Unit(_) => lsp::CompletionItemKind::Unit,
    }
}

fn hover(_: &mut Server, asked: &Asked, byte: usize) -> Answer {
    let Some((text, range)) = hover::hover(&asked.analysis, byte, asked.language) else { return Ok(Value::Null) };
    let contents = lsp::Contents::MarkupContent(edge::markdown(text));
    told(lsp::Hover { contents, range: Some(asked.range(range.start, range.end)) })
}

fn signature(_: &mut Server, asked: &Asked, byte: usize) -> Answer {
    let Some(form) = signature::signature(&asked.text, byte, asked.language) else { return Ok(Value::Null) };
    let part = |part: &&'static str| lsp::ParameterInformation {
        label: lsp::ParameterInformationLabel::String((*part).to_owned()),
        documentation: None,
    };
    let active = u32::try_from(form.active).unwrap_or(0);
    told(lsp::SignatureHelp {
        signatures: vec![lsp::SignatureInformation {
            parameters: Some(form.parts.iter().map(part).collect()),
            label: form.label,
            documentation: Some(lsp::Documentation::String(form.help.to_owned())),
            active_parameter: Some(lsp::ActiveParameter::Int(active)),
        }],
        active_signature: Some(0),
        active_parameter: Some(lsp::ActiveParameter::Int(active)),
    })
}

fn locations(server: &Server, sites: Vec<navigation::Site>) -> Vec<lsp::Location> {
    let mut read: HashMap<PathBuf, (Arc<str>, Arc<Lines>)> = HashMap::new();
    let mut out = Vec::new();
    for site in sites {
        if !read.contains_key(&site.path)
            && let Some(text) = server.world.text(&site.path)
        {
            read.insert(site.path.clone(), text);
        }
        let Some((text, lines)) = read.get(&site.path) else { continue };
        let range = edge::range(text, lines, &(site.start..site.end));
        out.push(lsp::Location { uri: lsp::Uri(server.uri(&site.path)), range });
    }
    out
}

fn definition(server: &mut Server, asked: &Asked, byte: usize) -> Answer {
    told(locations(server, navigation::definition(&asked.analysis, byte)))
}

fn highlights(_: &mut Server, asked: &Asked, byte: usize) -> Answer {
    let analysis = &asked.analysis;
    let Some(symbol) = analysis.name_at(byte).and_then(|name| name.symbol) else { return Ok(Value::Null) };
    let same = analysis.names(analysis.file).iter().filter(|name| name.symbol == Some(symbol));
    let found =
        same.map(|name| serde_json::json!({ "range": asked.range(name.span.start as usize, name.span.end as usize) }));
    told(found.collect::<Vec<_>>())
}

fn references(server: &mut Server, request: &Request) -> Answer {
    let declared = request.params.pointer("/context/includeDeclaration").and_then(Value::as_bool).unwrap_or(true);
    at(server, request, |server, asked, byte| {
        let sites = navigation::references(&mut server.world, &asked.path, byte, declared);
        told(locations(server, sites))
    })
}

fn prepare_rename(_: &mut Server, asked: &Asked, byte: usize) -> Answer {
    let Some(name) = rename::renamable(&asked.analysis, byte) else { return Ok(Value::Null) };
    let range = asked.range(name.span.start as usize, name.span.end as usize);
    told(lsp::PrepareRenamePlaceholder { range, placeholder: name.text.to_string() })
}

fn renamed(server: &mut Server, request: &Request) -> Answer {
    let to = request.params.get("newName").and_then(Value::as_str).unwrap_or_default().to_owned();
    at(server, request, |server, asked, byte| {
        let found = rename::rename(&mut server.world, &asked.path, byte, &to);
        let found = found.map_err(|refusal| {
            let (zh, en) = refusal.told();
            (ErrorCode::RequestFailed, asked.language.pick(zh, en).to_owned())
        })?;
        let mut changes = HashMap::new();
        for (path, replacements) in found {
            let Some((text, lines)) = server.world.text(&path) else { continue };
            changes.insert(lsp::Uri(server.uri(&path)), edge::edits(&text, &lines, replacements));
        }
        told(lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() })
    })
}

fn symbol_kind(kind: symbols::Kind) -> lsp::SymbolKind {
    match kind {
        symbols::Kind::Policy => lsp::SymbolKind::Package,
        symbols::Kind::Article => lsp::SymbolKind::Namespace,
        symbols::Kind::Clause => lsp::SymbolKind::Function,
        symbols::Kind::Record => lsp::SymbolKind::Class,
        symbols::Kind::Fact => lsp::SymbolKind::Field,
        symbols::Kind::Let => lsp::SymbolKind::Variable,
        symbols::Kind::Parameter => lsp::SymbolKind::Constant,
        symbols::Kind::Unit => lsp::SymbolKind::TypeParameter,
        symbols::Kind::Settle => lsp::SymbolKind::Operator,
        symbols::Kind::Test => lsp::SymbolKind::Event,
    }
}

fn document_symbol(asked: &Asked, entry: symbols::Entry) -> lsp::DocumentSymbol {
    #[allow(deprecated, reason = "the field has to be filled in")]
    lsp::DocumentSymbol {
        // The protocol allows no empty name.
        name: if entry.name.trim().is_empty() { "…".to_owned() } else { entry.name },
        detail: (!entry.detail.is_empty()).then_some(entry.detail),
        kind: symbol_kind(entry.kind),
        tags: None,
        deprecated: None,
        range: asked.range(entry.span.start as usize, entry.span.end as usize),
        selection_range: asked.range(entry.at.start as usize, entry.at.end as usize),
        children: Some(entry.inner.into_iter().map(|inner| document_symbol(asked, inner)).collect()),
    }
}

fn document_symbols(_: &mut Server, asked: &Asked) -> Answer {
    let items = asked.analysis.tree().map_or(&[][..], |tree| &tree.items);
    told(symbols::outline(items).into_iter().map(|found| document_symbol(asked, found)).collect::<Vec<_>>())
}

fn workspace_symbols(server: &mut Server, request: &Request) -> Answer {
    let query = params::<lsp::WorkspaceSymbolParams>(request)?.query.to_lowercase();
    let near = server.world.documents.paths().into_iter().next().unwrap_or_default();
    let mut found = Vec::new();
    for path in server.world.policy_files(&near) {
        let Some((text, lines)) = server.world.text(&path) else { continue };
        let analysis = server.world.analysis(&path);
        let uri = server.uri(&path);
        let items = analysis.tree().map_or(&[][..], |tree| &tree.items);
        collect(&symbols::outline(items), "", &mut |entry, container| {
            let wanted = query.is_empty()
                || entry.name.to_lowercase().contains(&query)
                || entry.detail.to_lowercase().contains(&query);
            if wanted && found.len() < MOST_SYMBOLS {
                let range = edge::range(&text, &lines, &(entry.at.start as usize..entry.at.end as usize));
                found.push(lsp::WorkspaceSymbol {
                    location: lsp::WorkspaceSymbolLocation::Location(lsp::Location {
                        uri: lsp::Uri(uri.clone()),
                        range,
                    }),
                    data: None,
                    base_symbol_information: lsp::BaseSymbolInformation {
                        name: entry.name.clone(),
                        kind: symbol_kind(entry.kind),
                        tags: None,
                        container_name: (!container.is_empty()).then(|| container.to_owned()),
                    },
                });
            }
        });
    }
    told(found)
}

/// The most symbols of one answer.
const MOST_SYMBOLS: usize = 500;

fn collect(entries: &[symbols::Entry], container: &str, add: &mut dyn FnMut(&symbols::Entry, &str)) {
    for entry in entries {
        add(entry, container);
        collect(&entry.inner, &entry.name, add);
    }
}

fn folds(_: &mut Server, asked: &Asked) -> Answer {
    let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    let found = folding::folds(&asked.text, &asked.lines).into_iter().map(|fold| lsp::FoldingRange {
        start_line: line(fold.from),
        end_line: line(fold.to),
        kind: fold.comment.then_some(lsp::FoldingRangeKind::Comment),
        ..lsp::FoldingRange::default()
    });
    told(found.collect::<Vec<_>>())
}

fn coloured(_: &mut Server, asked: &Asked) -> Answer {
    let analysis = &asked.analysis;
    let mut data = Vec::new();
    let (mut line, mut column) = (0, 0);
    for colour in tokens::coloured(&asked.text, analysis.names(analysis.file)) {
        // The protocol wants one line each.
        let mut start = colour.start;
        for part in asked.text.get(colour.start..colour.end).unwrap_or("").split_inclusive('\n') {
            let length = part.trim_end_matches(['\n', '\r']).encode_utf16().count();
            let place = asked.lines.place(&asked.text, start);
            start += part.len();
            if length == 0 {
                continue;
            }
            let delta_line = place.line - line;
            let delta_start = if delta_line == 0 { place.column.saturating_sub(column) } else { place.column };
            (line, column) = (place.line, place.column);
            data.push(lsp::SemanticToken {
                delta_line,
                delta_start,
                length: u32::try_from(length).unwrap_or(u32::MAX),
                token_type: colour.kind as u32,
                token_modifiers_bitset: colour.modifiers,
            });
        }
    }
    told(lsp::SemanticTokens { result_id: None, data })
}

fn formatted(_: &mut Server, asked: &Asked) -> Answer {
    match formatting::whole(&asked.text) {
        Some(replacements) => told(edge::edits(&asked.text, &asked.lines, replacements)),
        None => Ok(Value::Null),
    }
}

fn range_formatted(server: &mut Server, request: &Request) -> Answer {
    let params: lsp::DocumentRangeFormattingParams = params(request)?;
    let asked = Asked::of(server, &params.text_document.uri.0)?;
    let range = asked.byte(params.range.start)..asked.byte(params.range.end);
    match formatting::part(&asked.text, range) {
        Some(replacements) => told(edge::edits(&asked.text, &asked.lines, replacements)),
        None => Ok(Value::Null),
    }
}

fn hints(server: &mut Server, asked: &Asked) -> Answer {
    let impact = server.impact(&asked.path, &asked.analysis);
    let hints =
        inlay::hints(&asked.analysis, asked.language, impact.as_deref()).into_iter().map(|hint| lsp::InlayHint {
            position: edge::position(asked.lines.place(&asked.text, hint.at)),
            label: lsp::Label::String(hint.words),
            kind: None,
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        });
    told(hints.collect::<Vec<_>>())
}

fn lenses(server: &mut Server, asked: &Asked) -> Answer {
    let uri = server.uri(&asked.path);
    let lenses = lens::lenses(&asked.analysis).into_iter().map(|lens| {
        let title = match &lens.result {
            None => asked.language.pick("▶ 运行", "▶ run"),
            Some(result) if result.failures.is_empty() => asked.language.pick("✓ 通过", "✓ passed"),
            Some(_) => asked.language.pick("✗ 未通过", "✗ failed"),
        };
        let command = lsp::Command {
            title: title.to_owned(),
            command: edge::RUN_TEST.to_owned(),
            arguments: Some(vec![Value::String(uri.clone()), Value::String(lens.name)]),
            ..lsp::Command::default()
        };
        let range = asked.range(lens.span.start as usize, lens.span.start as usize);
        lsp::CodeLens { range, command: Some(command), data: None }
    });
    told(lenses.collect::<Vec<_>>())
}

/// Runs a test and says what it came to.
fn execute(server: &mut Server, request: &Request) -> Answer {
    let params: lsp::ExecuteCommandParams = params(request)?;
    if params.command != edge::RUN_TEST {
        return Err((ErrorCode::InvalidParams, format!("unknown command {}", params.command)));
    }
    let argument = |at: usize| params.arguments.as_ref()?.get(at)?.as_str().map(str::to_owned);
    let (Some(uri), Some(name)) = (argument(0), argument(1)) else {
        return Err((ErrorCode::InvalidParams, "a file and the name of a test".to_owned()));
    };
    let asked = Asked::of(server, &uri)?;
    let found = lens::lenses(&asked.analysis).into_iter().find(|lens| lens.name == name);
    let Some(lens) = found else {
        let told = asked.language.pick("没有这个算例", "there is no such test");
        return Err((ErrorCode::RequestFailed, told.to_owned()));
    };
    let renderer = Renderer::new(asked.language);
    let sources = asked.analysis.policies.sources();
    let (kind, message, failures) = match &lens.result {
        None => (
            lsp::MessageType::Warning,
            asked.language.pick("政策有错误，算例没有运行", "the policies have errors: the test was not run"),
            Vec::new(),
        ),
        Some(result) if result.failures.is_empty() => {
            (lsp::MessageType::Info, asked.language.pick("算例通过", "the test passed"), Vec::new())
        }
        Some(result) => {
            let told = result.failures.iter().map(|failure| renderer.describe(sources, failure).message).collect();
            (lsp::MessageType::Error, asked.language.pick("算例未通过", "the test failed"), told)
        }
    };
    let text =
        std::iter::once(format!("{message}: {name}")).chain(failures.iter().cloned()).collect::<Vec<_>>().join("\n");
    server.notify("window/showMessage", lsp::ShowMessageParams { kind, message: text });
    let passed = lens.result.as_ref().map(|result| result.failures.is_empty());
    told(serde_json::json!({ "name": name, "passed": passed, "failures": failures }))
}

fn code_actions(server: &mut Server, request: &Request) -> Answer {
    let params: lsp::CodeActionParams = params(request)?;
    let asked = Asked::of(server, &params.text_document.uri.0)?;
    let range = asked.byte(params.range.start)..asked.byte(params.range.end);
    let uri = server.uri(&asked.path);
    let found = actions::actions(&asked.analysis, range, asked.language).into_iter().map(|action| {
        let mends = action.mends.and_then(|at| asked.analysis.policies.diagnostics().get(at));
        let kind = if mends.is_some() { lsp::CodeActionKind::QuickFix } else { lsp::CodeActionKind::RefactorRewrite };
        let diagnostics =
            mends.map(|found| vec![edge::diagnostic(&asked.analysis, found, |path| server.uri(path), asked.language)]);
        let rewrites = action.rewrites.map(|to| serde_json::json!({ "uri": uri, "to": to.code() }));
        let edit = rewrites.is_none().then(|| edit_of(&asked, &uri, action.edits));
        lsp::CodeAction {
            title: action.title,
            kind: Some(kind),
            diagnostics,
            is_preferred: Some(action.preferred),
            edit,
            data: rewrites,
            ..lsp::CodeAction::default()
        }
    });
    told(found.collect::<Vec<_>>())
}

fn edit_of(asked: &Asked, uri: &str, replacements: Vec<formatting::Replacement>) -> lsp::WorkspaceEdit {
    let edits = edge::edits(&asked.text, &asked.lines, replacements);
    let changes = HashMap::from([(lsp::Uri(uri.to_owned()), edits)]);
    lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() }
}

fn resolve_action(server: &mut Server, request: &Request) -> Answer {
    let mut action: lsp::CodeAction = params(request)?;
    let data =
        |name: &str| action.data.as_ref().and_then(|data| data.get(name)).and_then(Value::as_str).map(str::to_owned);
    if let (Some(uri), Some(to)) = (data("uri"), data("to")) {
        let asked = Asked::of(server, &uri)?;
        let Some(replacements) = actions::rewritten(&asked.text, Language::of_locale(&to)) else {
            let told = asked.language.pick("文件有语法错误，没有改写", "the file has errors: it was not rewritten");
            return Err((ErrorCode::RequestFailed, told.to_owned()));
        };
        action.edit = Some(edit_of(&asked, &uri, replacements));
    }
    told(action)
}
