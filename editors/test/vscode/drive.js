// Drives VS Code in Chromium as a drafter would: opens a policy, looks at its colours, types,
// takes a snippet, opens the preview; with the language server also a diagnostic, a
// completion, a hover, the layout.
//
// In: the address, the folder of policies, where screenshots go. Out: one line a check.

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const [address, folder, shots] = process.argv.slice(2);
const server = process.env.HUIQI_LSP === "true";
let passed = 0;
let failed = 0;

async function main() {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 }, locale: "zh-CN" });
  page.setDefaultTimeout(60_000);
  const shot = (name) => page.screenshot({ path: path.join(shots, `${name}.png`) });
  const check = async (what, body) => {
    try {
      await body();
      passed += 1;
      console.log(`ok: ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${what}: ${String(error.message ?? error).split("\n")[0]}`);
      await shot(`failed-${failed}`);
    }
  };
  const press = (keys) => page.keyboard.press(keys);
  const command = async (name) => {
    await press("F1");
    await page.locator(".quick-input-widget input").fill(`>${name}`);
    await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    await page.waitForTimeout(800);
    await press("Enter");
  };
  /** Opens a file; the first keys after the start may be lost, so it is tried again. */
  const open = async (file) => {
    const tab = page.locator(".tab.active", { hasText: path.basename(file) }).first();
    for (let attempt = 0; attempt < 6 && !(await tab.isVisible()); attempt += 1) {
      await press("Escape");
      await press("Control+P");
      await page.locator(".quick-input-widget input").fill(path.join(folder, file), { timeout: 10_000 }).catch(() => {});
      await page.waitForTimeout(2000);
      await press("Enter");
      await tab.waitFor({ timeout: 8000 }).catch(() => {});
    }
    await page.locator(".view-line").first().waitFor();
  };
  /** Where a word stands in a file, as `line:column`, in the middle of the word. */
  const placeOf = (file, before, word) => {
    const lines = fs.readFileSync(path.join(folder, file), "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes(before + word));
    assert.ok(line >= 0, `${file} has no ${before}${word}`);
    return `${line + 1}:${lines[line].indexOf(before + word) + before.length + Math.ceil(word.length / 2) + 1}`;
  };
  const goTo = async (line) => {
    await press("Control+G");
    await page.locator(".quick-input-widget input").fill(`:${line}`);
    await press("Enter");
    await page.waitForTimeout(400);
  };
  /** The colour of the first word in sight that reads so. */
  const colour = (word) =>
    page.evaluate((word) => {
      const spans = [...document.querySelectorAll(".view-line span span")];
      const found = spans.find((span) => span.textContent.replaceAll("\u00a0", " ").trim() === word);
      return found && getComputedStyle(found).color;
    }, word);

  await page.goto(address);
  await page.locator(".monaco-workbench").waitFor();
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  await page.waitForTimeout(3000);

  await check("a policy opens in the language", async () => {
    await open("龙南技改/policy.hq");
    await page.locator(".statusbar-item", { hasText: /Huiqi|惠企/ }).first().waitFor();
  });
  await check("words have colours of their own", async () => {
    await goTo(160);
    await page.waitForTimeout(1500);
    const colours = {};
    for (const word of ["award", "of", "cap", "when", "article", "clause"]) colours[word] = await colour(word);
    const different = new Set(Object.values(colours).filter(Boolean));
    assert.ok(different.size >= 3, JSON.stringify(colours));
    await shot("colours");
  });
  await check("Chinese brackets and quotes come in pairs", async () => {
    await open("空白.hq");
    await press("Control+Home");
    await page.keyboard.insertText("奖补 5万 当 ");
    await page.keyboard.type("（");
    await page.keyboard.type("「");
    await page.waitForTimeout(500);
    const line = await page.locator(".view-line").first().textContent();
    assert.ok(line.includes("（「」）"), line);
  });
  await check("a snippet is proposed and inserted", async () => {
    await press("Control+A");
    await press("Delete");
    await page.keyboard.type("marginal");
    await press("Control+Space");
    await page.locator(".suggest-widget .monaco-list-row").first().waitFor();
    await page.waitForTimeout(800);
    await shot("snippets");
    await press("Enter");
    await page.waitForTimeout(600);
    const line = (await page.locator(".view-line").first().textContent()).replaceAll("\u00a0", " ");
    assert.match(line, /award marginal by|奖补 超额累进 按/);
    await press("Escape");
    await command("File: Revert File");
    await page.waitForTimeout(800);
  });
  await check("the preview shows the policy article by article", async () => {
    await open("龙南技改/policy.hq");
    await goTo(154);
    await command("Huiqi: Show the policy as a document");
    const frame = page.frameLocator("iframe.webview").frameLocator("iframe");
    await frame.locator("h1").waitFor();
    await frame.locator(".sentence").first().waitFor();
    assert.ok((await frame.locator(".clause").count()) > 5);
    await frame.locator("h3").first().scrollIntoViewIfNeeded();
    await command("View: Toggle Primary Side Bar Visibility");
    await page.waitForTimeout(1500);
    await shot("preview");
    await frame.locator("h3 a").nth(1).click();
    await page.waitForTimeout(1000);
  });
  await check("the tests of a file run in a terminal", async () => {
    await open("龙南技改/tests.hq");
    await command("Huiqi: Run the tests of this file");
    await page.locator(".terminal-wrapper, .xterm").first().waitFor();
    await page.waitForTimeout(6000);
    await shot("tests");
  });
  if (server) {
    await check("a fault is told while it is typed, and what is meant is proposed", async () => {
      await command("View: Close All Editors");
      await open("龙南技改/policy.hq");
      await press("Control+End");
      await page.keyboard.insertText('\nclause 试 { award 5% of 固定资产投资 }\n');
      await page.locator(".squiggly-error, .squiggly-warning").first().waitFor();
      await shot("diagnostic");
      await press("Control+Space");
      await page.locator(".suggest-widget .monaco-list-row").first().waitFor();
      await shot("completion");
      await press("Escape");
    });
    const hover = page.locator(".monaco-hover:visible", { hasText: /设备投资额.*金额/s }).first();
    await check("a word is explained by key", async () => {
      await goTo(placeOf("龙南技改/policy.hq", "award 6% of ", "设备投资额"));
      await command("Show or Focus Hover");
      await hover.waitFor({ timeout: 20_000 });
      await press("Escape");
    });
    await check("a word is explained where the mouse rests", async () => {
      await hover.waitFor({ state: "hidden" });
      const word = page.locator(".view-line span span", { hasText: /^设备投资额$/ }).first();
      await word.hover();
      await hover.waitFor({ timeout: 20_000 });
      await page.waitForTimeout(800);
      await shot("hover");
      await page.mouse.move(5, 5);
    });
    await check("the file is laid out", async () => {
      await press("Control+Z");
      await press("Control+End");
      await page.keyboard.insertText("clause   排   { award   5万 }");
      await command("Format Document");
      const spread = page.locator(".view-line", { hasText: /clause\s{3}排/ });
      await spread.waitFor({ state: "detached", timeout: 30_000 });
      await shot("layout");
    });
  } else {
    console.log("skipped: diagnostic, completion, hover, layout: this huiqi has no language server");
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main();
