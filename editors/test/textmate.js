// What class the TextMate grammar gives each character.
//
// In: paths of policies on standard input, one a line. Out: on standard output one line of
// JSON for each path: runs [line, from, to, class], columns in UTF-16 units.

const fs = require("node:fs");
const path = require("node:path");
const extension = path.join(__dirname, "..", "vscode");
const modules = path.join(extension, "node_modules");
const { Registry, INITIAL } = require(path.join(modules, "vscode-textmate"));
const oniguruma = require(path.join(modules, "vscode-oniguruma"));

// Scopes to classes; the first that begins a scope counts.
const CLASSES = [
  ["comment.line.documentation", "documentation"],
  ["comment", "comment"],
  ["string", "string"],
  ["constant.character.escape", "string"],
  ["constant.numeric", "number"],
  ["keyword.control.award", "award"],
  ["keyword.other.modifier", "modifier"],
  ["keyword.control.conditional", "conditional"],
  ["support.function", "function"],
  ["keyword.operator.word", "operator"],
  ["storage.type", "declaration"],
  ["entity.other.attribute-name", "property"],
  ["support.type", "type"],
  ["keyword.control.settle", "settle"],
  ["keyword.other.test", "test"],
  ["constant.language", "constant"],
  ["variable.language", "predeclared"],
  ["keyword.operator.sign", "sign"],
  ["punctuation.separator", "delimiter"],
  ["punctuation.section", "bracket"],
  ["entity.name.function", "declared"],
  ["entity.name.type", "declared type"],
  ["variable.other.property", "declared fact"],
];

function class_of(scopes) {
  for (const scope of [...scopes].reverse()) {
    const found = CLASSES.find(([start]) => scope === start || scope.startsWith(`${start}.`));
    if (found) return found[1];
  }
  return null;
}

async function main() {
  const wasm = fs.readFileSync(path.join(modules, "vscode-oniguruma/release/onig.wasm")).buffer;
  await oniguruma.loadWASM(wasm);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () =>
      JSON.parse(fs.readFileSync(path.join(extension, "syntaxes/huiqi.tmLanguage.json"), "utf8")),
  });
  const grammar = await registry.loadGrammar("source.huiqi");
  for (const file of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    const runs = [];
    let state = INITIAL;
    fs.readFileSync(file, "utf8").split(/\r\n|\r|\n/).forEach((line, number) => {
      const result = grammar.tokenizeLine(line, state);
      state = result.ruleStack;
      for (const token of result.tokens) {
        const kind = class_of(token.scopes);
        if (kind) runs.push([number, token.startIndex, Math.min(token.endIndex, line.length), kind]);
      }
    });
    console.log(JSON.stringify(runs));
  }
}

main();
