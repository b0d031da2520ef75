// The extension: starts the language server, runs tests and policies, shows the preview.
//
// In: commands and edits. Out: tasks, a web view, a language client. Colours, brackets and
// snippets need none of this: they work without the program.

const path = require("node:path");
const crypto = require("node:crypto");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { formsAt } = require("./forms");
const { outline, testAt } = require("./outline");
const { page } = require("./preview");
const program = require("./program");
const { namesOnly } = require("./tokens");

let client;

/** The settings for a file. */
function settings(uri) {
  const huiqi = vscode.workspace.getConfiguration("huiqi", uri);
  const chosen = huiqi.get("language");
  const language = chosen === "auto" ? (vscode.env.language.startsWith("zh") ? "zh" : "en") : chosen;
  return { path: huiqi.get("path"), data: huiqi.get("run.data"), period: huiqi.get("run.period"), language };
}

const say = (language, zh, en) => (language === "zh" ? zh : en);

/** The folder that `use` may reach: that of the workspace, else the file's own. */
function rootOf(uri) {
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
}

// ---------------------------------------------------------------- server

/** The forms of the extension, where no server proposes those that fit. */
function provideForms(document, position) {
  if (client?.isRunning()) return [];
  return formsAt(document.lineAt(position).text.slice(0, position.character)).map(({ label, description, body }) => {
    const item = new vscode.CompletionItem({ label, description }, vscode.CompletionItemKind.Snippet);
    item.insertText = new vscode.SnippetString(body);
    return item;
  });
}

/** What the server says of names; keywords, numbers and texts keep the colours of the grammar. */
async function withoutKeywords(document, token, next) {
  const found = await next(document, token);
  const types = client?.initializeResult?.capabilities.semanticTokensProvider?.legend.tokenTypes;
  return found && types ? new vscode.SemanticTokens(namesOnly(found.data, types), found.resultId) : found;
}

async function startServer() {
  if (!vscode.workspace.getConfiguration("huiqi").get("server.enabled")) return;
  const { path: command, language } = settings();
  const run = { command, args: ["lsp"] };
  client = new LanguageClient(
    "huiqi",
    "Huiqi",
    { run, debug: run },
    {
      documentSelector: [{ scheme: "file", language: "huiqi" }, { scheme: "untitled", language: "huiqi" }],
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{hq,toml}") },
      initializationOptions: { language },
      middleware: { provideDocumentSemanticTokens: withoutKeywords },
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const open = say(language, "打开设置", "Open settings");
    const problem = say(
      language,
      `没能启动语言服务「${command} lsp」，只有着色和片段可用。装好 huiqi 后，把「huiqi.path」指到它。`,
      `The language server \`${command} lsp\` did not start; only colours and snippets work. Install huiqi and point "huiqi.path" at it.`,
    );
    if ((await vscode.window.showWarningMessage(problem, open)) === open)
      vscode.commands.executeCommand("workbench.action.openSettings", "huiqi.path");
  }
}

async function restartServer() {
  const running = client;
  client = undefined;
  await running?.stop().catch(() => {});
  await startServer();
}

// ---------------------------------------------------------------- tests and policies

/** Runs the program in a terminal of the editor. */
function execute(uri, name, arguments_) {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const execution = new vscode.ProcessExecution(settings(uri).path, arguments_, { cwd: rootOf(uri) });
  const task = new vscode.Task({ type: "huiqi", name }, folder ?? vscode.TaskScope.Workspace, name, "huiqi", execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true, panel: vscode.TaskPanelKind.Dedicated };
  return vscode.tasks.executeTask(task);
}

/** The policy in front, saved: what is run is what is on disk. */
async function savedDocument(uri) {
  const document = uri
    ? await vscode.workspace.openTextDocument(typeof uri === "string" ? vscode.Uri.parse(uri) : uri)
    : vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "huiqi") return undefined;
  if (document.isUntitled || document.isDirty) {
    if (!(await document.save())) return undefined;
  }
  return document;
}

// `huiqi.runTest` is the server's own command, behind its code lens.
async function runTest(uri) {
  const document = await savedDocument(uri);
  if (!document) return;
  const { language } = settings(document.uri);
  const line = vscode.window.activeTextEditor?.selection.active.line ?? 0;
  const only = testAt(document.getText(), line)?.name;
  if (only === undefined) {
    vscode.window.showInformationMessage(say(language, "光标不在算例里。", "The cursor is in no test."));
    return;
  }
  await execute(document.uri, only, program.testArguments(document.uri.fsPath, rootOf(document.uri), language, only));
}

async function runTests(uri) {
  const document = await savedDocument(uri);
  if (!document) return;
  const { language } = settings(document.uri);
  await execute(document.uri, "test", program.testArguments(document.uri.fsPath, rootOf(document.uri), language));
}

async function runPolicy(uri) {
  const document = await savedDocument(uri);
  if (!document) return;
  const { language, data, period } = settings(document.uri);
  let files = data.map((file) => path.resolve(rootOf(document.uri), file));
  if (files.length === 0) {
    const chosen = await vscode.window.showOpenDialog({
      canSelectMany: true,
      title: say(language, "选择数据文件", "Choose data files"),
      filters: { "CSV, XLSX, JSON, Parquet": ["csv", "xlsx", "json", "jsonl", "parquet"] },
    });
    if (!chosen?.length) return;
    files = chosen.map((file) => file.fsPath);
  }
  const asked =
    period ||
    (await vscode.window.showInputBox({
      prompt: say(language, "评价期：2024、2023Q3、2023-07-01..2023-09-30", "The period: 2024, 2023Q3, 2023-07-01..2023-09-30"),
      value: String(new Date().getFullYear()),
    }));
  if (!asked) return;
  await execute(document.uri, "run", program.runArguments(document.uri.fsPath, rootOf(document.uri), language, files, asked));
}

// ---------------------------------------------------------------- preview

class Preview {
  constructor() {
    this.panels = new Map();
  }

  show(document) {
    const key = document.uri.toString();
    const old = this.panels.get(key);
    if (old) return old.panel.reveal(vscode.ViewColumn.Beside, true);
    const { language } = settings(document.uri);
    const title = say(language, `预览 ${path.basename(document.fileName)}`, `Preview ${path.basename(document.fileName)}`);
    const panel = vscode.window.createWebviewPanel(
      "huiqi.preview", title, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [], enableFindWidget: true },
    );
    const shown = { panel, document, sentences: [], timer: undefined };
    this.panels.set(key, shown);
    panel.onDidDispose(() => {
      clearTimeout(shown.timer);
      this.panels.delete(key);
    });
    panel.webview.onDidReceiveMessage(({ line }) => {
      if (!Number.isInteger(line)) return;
      const at = new vscode.Range(line, 0, line, 0);
      vscode.window.showTextDocument(document.uri, { viewColumn: vscode.ViewColumn.One, selection: at });
    });
    this.draw(shown);
    return this.read(shown);
  }

  /** Draws what is typed, a moment after the last key. */
  changed(document) {
    const shown = this.panels.get(document.uri.toString());
    if (!shown) return;
    clearTimeout(shown.timer);
    shown.timer = setTimeout(() => this.draw(shown), 150);
  }

  saved(document) {
    const shown = this.panels.get(document.uri.toString());
    return shown && this.read(shown);
  }

  async read(shown) {
    const { uri } = shown.document;
    if (uri.scheme !== "file") return;
    const { path: command, language } = settings(uri);
    shown.sentences = await program.read(command, uri.fsPath, rootOf(uri), language);
    if (this.panels.get(uri.toString()) === shown) this.draw(shown);
  }

  draw({ panel, document, sentences }) {
    const text = document.getText();
    const nonce = crypto.randomBytes(16).toString("base64");
    panel.webview.html = page(text, outline(text), sentences, settings(document.uri).language, nonce);
  }
}

// ---------------------------------------------------------------- entry

function activate(context) {
  const preview = new Preview();
  const command = (name, action) => vscode.commands.registerCommand(name, action);
  context.subscriptions.push(
    command("huiqi.runTestHere", runTest),
    command("huiqi.runTests", runTests),
    command("huiqi.runPolicy", runPolicy),
    command("huiqi.restartServer", restartServer),
    command("huiqi.showPreview", () => {
      const document = vscode.window.activeTextEditor?.document;
      if (document?.languageId === "huiqi") return preview.show(document);
      return undefined;
    }),
    vscode.languages.registerCompletionItemProvider("huiqi", { provideCompletionItems: provideForms }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => preview.changed(document)),
    vscode.workspace.onDidSaveTextDocument((document) => preview.saved(document)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("huiqi.path") || change.affectsConfiguration("huiqi.server")) restartServer();
    }),
  );
  startServer();
}

async function deactivate() {
  await client?.stop();
}

module.exports = { activate, deactivate };
