// Whole forms to begin with, for as long as no server proposes them by their place.
//
// In: the line before the cursor. Out: the forms that may begin there.

const snippets = require("../snippets/huiqi.json");

/** The forms behind a line: all of them where nothing but a word has been typed on it. */
function formsAt(before) {
  if (!/^\s*[\p{L}\p{N}_-]*$/u.test(before)) return [];
  return Object.values(snippets).flatMap(({ prefix, description, body }) =>
    prefix.map((label) => ({ label, description, body: body.join("\n") })),
  );
}

module.exports = { formsAt };
