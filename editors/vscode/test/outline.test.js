// The outline and the preview, on the policies of the repository and on half-typed ones.

const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { formsAt } = require("../src/forms");
const { outline, walk, testAt } = require("../src/outline");
const { body, page } = require("../src/preview");
const { namesOnly } = require("../src/tokens");
const { runArguments, testArguments, read } = require("../src/program");

const policies = path.join(__dirname, "../../../policies");
const longnan = fs.readFileSync(path.join(policies, "龙南技改/policy.hq"), "utf8");
const names = (nodes, kind) => [...walk(nodes)].filter(({ node }) => node.kind === kind).map(({ node }) => node.name);

test("a policy, its articles and clauses are found with their properties", () => {
  const nodes = outline(longnan);
  const policy = nodes.find(({ kind }) => kind === "policy");
  assert.equal(policy.name, "龙南技改");
  assert.deepEqual(policy.properties.title, ["关于鼓励支持工业企业技改升级的实施意见"]);
  assert.deepEqual(policy.properties.document_number, ["龙办发〔2022〕40号"]);
  assert.deepEqual(policy.properties.issuer, ["中共龙南市委办公室", "龙南市人民政府办公室"]);
  const article = nodes.find(({ number }) => number === "三（一）");
  assert.equal(article.name, "创新成果转化工程");
  assert.deepEqual(article.properties.lead, ["市工信局", "市科创中心", "市发改委"]);
  assert.ok(names(nodes, "clause").includes("技改设备"));
});

test("heads are found as documents write them, in both languages", () => {
  const nodes = outline('政策 甲 { 标题 “支持“灯塔”” 第二条 支持 { 第一款 乙 { 奖补 5万 } } }\nARTICLE "三" { clause 「5G+」 { award 1 } }');
  assert.deepEqual(nodes[0].properties.title, ["支持“灯塔”"]);
  assert.equal(nodes[0].children[0].number, "第二条");
  assert.deepEqual(names(nodes, "clause"), ["乙", "5G+"]);
});

test("what is not finished does not hide its neighbours", () => {
  const text = 'article "一" 甲 {\n  clause A { award 5% of }\n  clause B { award "未完\n  }\n}\nclause C { award';
  assert.deepEqual(names(outline(text), "clause"), ["A", "B", "C"]);
  for (let length = 0; length < longnan.length; length += 97) outline(longnan.slice(0, length));
});

test("words in comments and texts are no heads", () => {
  assert.deepEqual(outline('# policy 甲 {\ntitle "clause 乙 {"'), []);
});

test("the test under the cursor is found", () => {
  const text = 'clause A { award 5万 }\ntest "一" in 2024 {\n  expect A = 5万\n}\n测试 “二” 在 2024 { }\n';
  assert.equal(testAt(text, 2).name, "一");
  assert.equal(testAt(text, 4).name, "二");
  assert.equal(testAt(text, 0), undefined);
});

test("the preview shows sentences, texts and code, and nothing of it is markup", () => {
  const text = 'policy 甲 { title "A <b> & B" }\narticle "二" 支持 {\n  text "原文"\n  clause 乙 {\n    award 5万\n  }\n}';
  const sentences = [{ policy: "甲", article: "二", clause: "乙", sentence: "给予5万元<。" }];
  const shown = body(text, outline(text), sentences, "zh");
  assert.ok(shown.includes("A &lt;b&gt; &amp; B"));
  assert.ok(shown.includes("给予5万元&lt;。"));
  assert.ok(shown.includes("二　支持"));
  assert.ok(shown.includes("<pre>award 5万</pre>"));
  assert.ok(shown.includes('data-line="1"'));
  assert.ok(page(text, outline(text), [], "en", "abc").includes("script-src 'nonce-abc'"));
});

test("the program gets file names as they are", async () => {
  assert.deepEqual(testArguments("/a b/甲.hq", "/a b", "zh", "一 “二”"), [
    "--lang", "zh", "test", "/a b/甲.hq", "--root", "/a b", "--only", "一 “二”",
  ]);
  assert.deepEqual(runArguments("p.hq", ".", "en", ["x.csv"], "2024").slice(-4), ["--data", "x.csv", "--in", "2024"]);
  assert.deepEqual(await read("/nowhere/huiqi", "p.hq", ".", "zh"), []);
});

test("keywords keep the colours of the grammar, names get those of the server", () => {
  const types = ["keyword", "property"];
  // award(0:0) capex(0:6) cap(0:12) | when(1:2) 增资(1:5) 且(1:8) 产(1:10)
  const data = [0, 0, 5, 0, 0, 0, 6, 5, 1, 0, 0, 6, 3, 0, 0, 1, 2, 4, 0, 0, 0, 3, 2, 1, 0, 0, 3, 1, 0, 0, 0, 2, 1, 1, 0];
  assert.deepEqual([...namesOnly(data, types)], [0, 6, 5, 1, 0, 1, 5, 2, 1, 0, 0, 5, 1, 1, 0]);
});

test("whole forms are proposed where a statement begins, in both languages", () => {
  const labels = formsAt("  奖").map(({ label }) => label);
  assert.ok(labels.includes("奖补") && labels.includes("marginal") && labels.includes("条"));
  assert.ok(formsAt("").every(({ body, description }) => body && description));
  assert.deepEqual(formsAt("award 5% of "), []);
  assert.deepEqual(formsAt("# 奖"), []);
});
