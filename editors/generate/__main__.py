"""Writes whatever the editors take from the grammar: `python3 editors/generate`.

In: grammar/keywords.toml, the grammar of tree-sitter, its queries. Out: keyword tables,
grammars, queries and snippets of every editor, each beginning with a line that says where
it comes from. `--check` writes nothing and tells which committed file is stale;
`--parser` also runs `tree-sitter generate`, which is needed after a change of grammar.js.
"""

import hashlib
import subprocess
import sys

from keywords import ROOT
import emacs
import snippets
import textmate
import tree_sitter
import vim

EDITORS = ROOT / "editors"
TREE_SITTER = EDITORS / "tree-sitter-huiqi"
MADE = "Written by editors/generate from grammar/keywords.toml; do not edit."


def files():
    """Every generated file: its path below editors/, and its text."""
    query = {name: read(f"tree-sitter-huiqi/queries/{name}.scm") for name in ["folds", "indents", "injections", "locals"]}
    highlights = tree_sitter.highlights(read("tree-sitter-huiqi/queries/highlights.scm"))
    return {
        **tree_sitter.queries(highlights, query["folds"], query["indents"], query["injections"], query["locals"], MADE),
        "tree-sitter-huiqi/keywords.js": tree_sitter.keywords_js(MADE),
        "tree-sitter-huiqi/src/keywords.h": tree_sitter.keywords_h(MADE),
        "tree-sitter-huiqi/queries/highlights.scm": highlights,
        "vscode/syntaxes/huiqi.tmLanguage.json": textmate.grammar(MADE),
        "vscode/snippets/huiqi.json": snippets.vscode(),
        "emacs/huiqi-keywords.el": emacs.table(MADE),
        "emacs/huiqi-ts-queries.el": emacs.queries(MADE),
        "vim/syntax/huiqi.vim": vim.syntax(MADE),
        "vscode/src/keywords.json": snippets.outline_keywords(),
    }


def read(path):
    """A file below editors/."""
    return (EDITORS / path).read_text(encoding="utf-8")


def parser_digest():
    """What src/parser.c was made from."""
    inputs = b"".join((TREE_SITTER / name).read_bytes() for name in ["grammar.js", "keywords.js"])
    return hashlib.sha256(inputs).hexdigest() + "\n"


def stale():
    """The committed files that are not what would be written now."""
    paths = []
    for path, text in files().items():
        place = EDITORS / path
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            paths.append(f"editors/{path}")
    digest = TREE_SITTER / "src/made-from.sha256"
    if not digest.exists() or digest.read_text() != parser_digest():
        paths.append("editors/tree-sitter-huiqi/src/parser.c")
    return paths


def write(with_parser):
    """Writes every file that is stale, and the parser if asked."""
    for path, text in files().items():
        place = EDITORS / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            place.write_text(text, encoding="utf-8")
            print(f"editors/{path}")
    if with_parser:
        # ABI 14 is what every Neovim since 0.7 and Emacs 29 can load.
        subprocess.run(["tree-sitter", "generate", "--abi", "14"], cwd=TREE_SITTER, check=True)
        (TREE_SITTER / "src/made-from.sha256").write_text(parser_digest())


def main(arguments):
    """The command."""
    if "--check" in arguments:
        paths = stale()
        for path in paths:
            print(f"stale: {path}")
        if paths:
            print("run: python3 editors/generate" + (" --parser" if any("parser.c" in path for path in paths) else ""))
        return 1 if paths else 0
    write("--parser" in arguments)
    return 0


sys.exit(main(sys.argv[1:]))
