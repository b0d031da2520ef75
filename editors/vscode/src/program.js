// The huiqi program: where it is, what it is asked for, what it answers.
//
// In: settings and paths. Out: argument lists, and parsed answers. Nothing goes through a
// shell, so that no file name is taken for anything else.

const { execFile } = require("node:child_process");

/** Arguments that run the tests of a file; `only` names one. */
function testArguments(file, root, language, only) {
  const arguments_ = ["--lang", language, "test", file, "--root", root];
  return only === undefined ? arguments_ : [...arguments_, "--only", only];
}

/** Arguments that run a policy over data. */
function runArguments(file, root, language, data, period) {
  const files = data.flatMap((path) => ["--data", path]);
  return ["--lang", language, "run", file, "--root", root, ...files, ...(period ? ["--in", period] : [])];
}

/** The sentences of a file's clauses; none where it has errors or the program is not there. */
function read(program, file, root, language) {
  const arguments_ = ["--lang", language, "read", file, "--root", root, "--format", "json"];
  return new Promise((resolve) => {
    execFile(program, arguments_, { timeout: 10_000, maxBuffer: 64 << 20 }, (error, output) => {
      if (error) return resolve([]);
      try {
        resolve(output.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
      } catch {
        resolve([]);
      }
    });
  });
}

module.exports = { testArguments, runArguments, read };
