// The preview: a policy as a document, article by article.
//
// In: the outline of the text in the editor, its text, and the sentences that `huiqi read`
// makes of the clauses as they were last saved. Out: a page of HTML without scripts from
// elsewhere; a click on a heading asks the editor to show that line.

const { walk } = require("./outline");

const WORDS = {
  zh: {
    empty: "这里还没有政策、条或款。",
    lead: "牵头", text: "原文", code: "条款代码", unread: "保存且无错误后，这里显示这一款读出来的句子。", comma: "、", colon: "：",
    settlement: "结算",
  },
  en: {
    empty: "There is no policy, article or clause here yet.",
    lead: "Lead", text: "Text", code: "Code", unread: "Once the file is saved and right, this clause is read here as a sentence.",
    comma: ", ", colon: ": ", settlement: "Settlement",
  },
};

function escaped(text) {
  const marks = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(text).replace(/[&<>"]/g, (mark) => marks[mark]);
}

function paragraphs(label, values, words, kind) {
  if (!values?.length) return "";
  return `<p class="${kind}"><span class="label">${label}${words.colon}</span>${escaped(values.join(words.comma))}</p>`;
}

/** Lines without the indentation that they have in common. */
function outdented(code) {
  const lines = code.replace(/^\s*\n/, "").trimEnd().split("\n");
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.match(/^ */)[0].length));
  return lines.map((line) => line.slice(Number.isFinite(depth) ? depth : 0)).join("\n").trim();
}

function link(node, text) {
  return `<a href="#" data-line="${node.line}">${text}</a>`;
}

/** The sentence of a clause: by policy, article and clause, as far as they are named. */
function sentenceOf(sentences, node, parents) {
  const policy = parents.find(({ kind }) => kind === "policy")?.name;
  const fits = sentences.filter(
    (sentence) => sentence.clause === node.name && (policy === undefined || sentence.policy === policy),
  );
  const article = parents.find(({ kind }) => kind === "article");
  const number = article?.number?.replace(/^第(.*)条$/, "$1");
  return (fits.find((sentence) => sentence.article === number) ?? fits[0])?.sentence;
}

function section(text, node, parents, sentences, words) {
  const { properties, children } = node;
  const notes = node.notes.length > 0 ? `<p class="note">${escaped(node.notes.join(" "))}</p>` : "";
  const inner = children.map((child) => section(text, child, [...parents, node], sentences, words)).join("");
  const own = [
    paragraphs(words.lead, properties.lead, words, "lead"),
    ...(properties.text ?? []).map((line) => `<blockquote>${escaped(line)}</blockquote>`),
    ...(properties.commitment ?? []).map((line) => `<p class="commitment">${escaped(line)}</p>`),
  ].join("");
  switch (node.kind) {
    case "policy":
      return `<header><h1>${link(node, escaped(properties.title?.[0] ?? node.name ?? ""))}</h1>
        <p class="number">${escaped(properties.document_number?.[0] ?? "")}</p>
        <p class="issuer">${escaped((properties.issuer ?? []).join("　"))}</p></header>${notes}${own}${inner}`;
    case "article":
      return `<section><h2>${link(node, `${escaped(node.number ?? "")}　${escaped(node.name ?? "")}`)}</h2>${notes}${own}${inner}</section>`;
    case "clause": {
      const sentence = sentenceOf(sentences, node, parents);
      const read = sentence ? `<p class="sentence">${escaped(sentence)}</p>` : `<p class="unread">${words.unread}</p>`;
      const code = escaped(outdented(text.slice(node.bodyStart, node.bodyEnd)));
      const title = [node.number, node.name].filter(Boolean).map(escaped).join("　");
      return `<div class="clause"><h3>${link(node, title)}</h3>${notes}${own}${read}
        <details><summary>${words.code}</summary><pre>${code}</pre></details></div>`;
    }
    case "settle": {
      const code = escaped(outdented(text.slice(node.bodyStart, node.bodyEnd)));
      return `<section><h2>${link(node, words.settlement)}</h2>${notes}<pre>${code}</pre></section>`;
    }
    default:
      return "";
  }
}

const STYLE = `
  body { font-family: "Songti SC", "Noto Serif CJK SC", SimSun, serif; max-width: 46em; margin: 2em auto; padding: 0 2em;
    line-height: 1.9; color: var(--vscode-editor-foreground); background: var(--vscode-editor-background); }
  header { text-align: center; border-bottom: 2px solid var(--vscode-charts-red, #c0392b); margin-bottom: 2em; }
  h1 { font-size: 1.6em; margin-bottom: .2em; } h2 { font-size: 1.2em; margin-top: 1.8em; }
  h3 { font-size: 1em; margin: 0 0 .3em; }
  a { color: inherit; text-decoration: none; } a:hover { text-decoration: underline; }
  .number, .issuer { margin: .2em; } .lead, .note, .unread { opacity: .75; font-size: .92em; }
  blockquote { margin: .6em 0; padding: .1em 1em; border-left: 3px solid var(--vscode-textBlockQuote-border, #888);
    background: var(--vscode-textBlockQuote-background); }
  .clause { border: 1px solid var(--vscode-widget-border, #8884); border-radius: 4px; padding: .7em 1em; margin: .8em 0; }
  .sentence { margin: .2em 0; } .commitment::before { content: "◇ "; }
  pre { font-family: var(--vscode-editor-font-family, monospace); font-size: .88em; overflow-x: auto; line-height: 1.5;
    background: var(--vscode-textCodeBlock-background); padding: .6em .8em; }
  summary { cursor: pointer; font-size: .85em; opacity: .75; } .label { font-weight: bold; }
`;

const SCRIPT = `
  const editor = acquireVsCodeApi();
  scrollTo(0, editor.getState()?.scrolled ?? 0);
  addEventListener("scroll", () => editor.setState({ scrolled: scrollY }));
  document.addEventListener("click", (event) => {
    const target = event.target.closest("a[data-line]");
    if (target) { event.preventDefault(); editor.postMessage({ line: Number(target.dataset.line) }); }
  });
`;

/** The body of the page. */
function body(text, nodes, sentences, language) {
  const words = WORDS[language];
  const shown = nodes.filter(({ kind }) => kind !== "record" && kind !== "test");
  const inner = shown.map((node) => section(text, node, [], sentences, words)).join("");
  return inner || `<p class="unread">${words.empty}</p>`;
}

/** The whole page. */
function page(text, nodes, sentences, language, nonce) {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html><html lang="${language === "zh" ? "zh-CN" : "en"}"><head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}"><style nonce="${nonce}">${STYLE}</style></head>
    <body>${body(text, nodes, sentences, language)}<script nonce="${nonce}">${SCRIPT}</script></body></html>`;
}

/** How many clauses an outline has, for tests. */
function clauses(nodes) {
  return [...walk(nodes)].filter(({ node }) => node.kind === "clause").length;
}

module.exports = { page, body, clauses };
