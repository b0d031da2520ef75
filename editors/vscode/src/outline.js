// The outline of a policy file: its policies, articles, clauses, records and tests.
//
// In: the text as it stands in the editor, right or half typed. Out: plain objects with the
// lines they stand on, for the preview and for the test under the cursor. Only heads and
// quoted texts are read, so a clause that is not finished never hides its neighbours.

const keywords = require("./keywords.json");

// Every token that matters here; the rest is passed over.
const TOKEN = new RegExp(
  [
    "(?<comment>[#＃][^\\n]*)",
    '(?<text>"""[\\s\\S]*?(?:"""|$)|"(?:\\\\.|[^"\\\\\\n])*"?|“(?:[^“”\\n]|“(?:[^“”\\n]|“[^“”\\n]*”)*”)*”?)',
    "(?<quoted>「[^「」\\n]*」?)",
    "(?<numbered>第[0-9０-９一二三四五六七八九十百零〇]+[条款])",
    "(?<word>[A-Za-zＡ-Ｚａ-ｚ\\u00C0-\\u024F][A-Za-z0-9_Ａ-Ｚａ-ｚ０-９]*[\\u3400-\\u7683\\u7685-\\u9FFF〇A-Za-z_]*|[\\u3400-\\u7683\\u7685-\\u9FFF〇][\\u3400-\\u7683\\u7685-\\u9FFF〇A-Za-z_]*)",
    "(?<open>[{｛])",
    "(?<close>[}｝])",
    "(?<separator>[,，、;；。])",
  ].join("|"),
  "gu",
);

// `number` and `text` are types too; here only the properties are asked for.
const ID_OF_FORM = new Map();
for (const { id, forms } of keywords) for (const form of forms) if (!ID_OF_FORM.has(form)) ID_OF_FORM.set(form, id);

/** What a quoted text says: without its quotes and escapes. */
function unquoted(text) {
  if (text.startsWith('"""')) return text.slice(3).replace(/"""$/, "");
  if (text.startsWith('"')) return text.slice(1).replace(/"$/, "").replace(/\\(.)/g, "$1");
  return text.slice(1).replace(/[”」]$/, "");
}

function tokens(text) {
  const lines = [];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at);
  let line = 0;
  return Array.from(text.matchAll(TOKEN), (match) => {
    while (line < lines.length && lines[line] < match.index) line += 1;
    const [kind, value] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    return { kind, value, line, start: match.index, end: match.index + value.length };
  });
}

/** The keyword that a word is, by its id. */
function id_of(token) {
  return token?.kind === "word" ? ID_OF_FORM.get(token.value.toLowerCase()) : undefined;
}

const isName = (token) => token?.kind === "word" || token?.kind === "quoted";
const nameOf = (token) => (token.kind === "quoted" ? unquoted(token.value) : token.value);

/** A head at a token: `policy N {`, `article "二" N {`, `第二条 N {`, `test "…" … {`; nothing otherwise. */
function headAt(list, at) {
  const first = list[at];
  let next = at + 1;
  let kind = id_of(first);
  let number;
  if (first.kind === "numbered") {
    kind = first.value.endsWith("条") ? "article" : "clause";
    number = first.value;
  } else if (kind === "article" || kind === "clause") {
    if (list[next]?.kind === "text") number = unquoted(list[next++].value);
    else if (list[next]?.kind === "numbered") number = list[next++].value;
  } else if (kind === "test") {
    if (list[next]?.kind !== "text") return undefined;
    const name = unquoted(list[next++].value);
    while (list[next] && list[next].kind !== "open" && list[next].line === first.line) next += 1;
    return list[next]?.kind === "open" ? { kind, name, next } : undefined;
  } else if (kind !== "policy" && kind !== "record" && kind !== "settle") {
    return undefined;
  }
  let name;
  if (isName(list[next]) && kind !== "settle") name = nameOf(list[next++]);
  while (kind === "record" && isName(list[next])) next += 1;
  return list[next]?.kind === "open" ? { kind, number, name, next } : undefined;
}

/** The texts behind a property: quoted ones, or names between commas on its line. */
function valuesBehind(list, at) {
  const values = [];
  let next = at + 1;
  const { line } = list[at];
  while (list[next] && (list[next].line === line || list[next - 1].kind === "separator")) {
    const token = list[next];
    if (token.kind === "text" || isName(token)) {
      if (values.length > 0 && list[next - 1].kind !== "separator") break;
      values.push(token.kind === "text" ? unquoted(token.value) : nameOf(token));
    } else if (token.kind !== "separator") {
      break;
    }
    next += 1;
  }
  return values;
}

const PROPERTIES = new Set(["title", "document_number", "issuer", "lead", "text", "commitment"]);

/**
 * The outline of a text: a list of nodes {kind, number, name, line, endLine, start, end, notes, properties,
 * children}. Articles and clauses that stand beside a policy are in the list too.
 */
function outline(text) {
  const list = tokens(text);
  const root = { kind: "file", children: [], properties: {} };
  const stack = [{ node: root, depth: 0 }];
  let depth = 0;
  let notes = [];
  for (let at = 0; at < list.length; at += 1) {
    const token = list[at];
    const here = stack[stack.length - 1].node;
    if (token.kind === "comment") {
      if (/^[#＃]{2}/.test(token.value)) notes.push(token.value.replace(/^[#＃]{2}\s?/, ""));
      continue;
    }
    const head = token.kind === "word" || token.kind === "numbered" ? headAt(list, at) : undefined;
    if (head) {
      const node = {
        kind: head.kind, number: head.number, name: head.name, line: token.line, start: token.start,
        endLine: token.line, end: list[head.next].end, bodyStart: list[head.next].end, bodyEnd: list[head.next].end,
        notes, properties: {}, children: [],
      };
      here.children.push(node);
      depth += 1;
      stack.push({ node, depth });
      at = head.next;
    } else if (token.kind === "open") {
      depth += 1;
    } else if (token.kind === "close") {
      if (stack.length > 1 && stack[stack.length - 1].depth === depth) {
        Object.assign(here, { endLine: token.line, end: token.end, bodyEnd: token.start });
        stack.pop();
      }
      depth = Math.max(0, depth - 1);
    } else if (PROPERTIES.has(id_of(token)) && depth === stack[stack.length - 1].depth) {
      const values = valuesBehind(list, at);
      if (values.length > 0) (here.properties[id_of(token)] ??= []).push(...values);
    }
    notes = [];
  }
  // A block that is not closed runs to the end of the text.
  for (const { node } of stack.slice(1)) Object.assign(node, { end: text.length, bodyEnd: text.length, endLine: Infinity });
  return root.children;
}

/** Every node of an outline, outer ones first. */
function* walk(nodes, parents = []) {
  for (const node of nodes) {
    yield { node, parents };
    yield* walk(node.children, [...parents, node]);
  }
}

/** The test that a line stands in. */
function testAt(text, line) {
  const found = [...walk(outline(text))].filter(
    ({ node }) => node.kind === "test" && node.line <= line && line <= node.endLine,
  );
  return found.at(-1)?.node;
}

module.exports = { outline, walk, testAt };
