// What the server says of words, without what the grammar shows better.
//
// In: semantic tokens as the protocol has them, five numbers each, places relative to the
// token before. Out: the same for names alone. To the server every keyword is a keyword; the
// TextMate grammar shows an award, a cap and a condition apart.

const SHOWN_BY_GRAMMAR = new Set(["keyword", "comment", "string", "number", "operator"]);

/** The tokens of other types than those, with places counted anew. */
function namesOnly(data, types) {
  const kept = [];
  let [line, column, lastLine, lastColumn] = [0, 0, 0, 0];
  for (let at = 0; at + 4 < data.length; at += 5) {
    line += data[at];
    column = data[at] === 0 ? column + data[at + 1] : data[at + 1];
    if (SHOWN_BY_GRAMMAR.has(types[data[at + 3]])) continue;
    const sameLine = line === lastLine;
    kept.push(line - lastLine, sameLine ? column - lastColumn : column, data[at + 2], data[at + 3], data[at + 4]);
    [lastLine, lastColumn] = [line, column];
  }
  return Uint32Array.from(kept);
}

module.exports = { namesOnly };
