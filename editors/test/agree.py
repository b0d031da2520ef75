"""TextMate and tree-sitter show every policy of the repository alike.

In: every .hq file that the tree-sitter grammar reads without a fault. Out: the characters
that the two give different classes, with their places; the exit code tells whether there
are any. Needs the node modules of editors/vscode and the package tree-sitter.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tree_sitter_classes import Highlighter

ROOT = Path(__file__).resolve().parent.parent.parent


def policies():
    """Every policy that is UTF-8."""
    for folder in ["policies", "tests", "benches", "editors/vscode/test"]:
        for path in sorted((ROOT / folder).rglob("*.hq")):
            try:
                yield path, path.read_bytes().decode()
            except UnicodeDecodeError:
                pass


def units(text):
    """UTF-16 units of a text."""
    return len(text.encode("utf-16-le")) // 2


def differences(text, bytes_by_tree, runs):
    """Words that the two show differently: line, word, TextMate's class, tree-sitter's."""
    lines = re.split(r"\r\n|\r|\n", text)
    by_textmate = [[None] * units(line) for line in lines]
    for line, start, end, kind in runs:
        by_textmate[line][start:end] = [kind] * (end - start)
    offset = 0
    for number, line in enumerate(lines):
        place = 0
        word, wrong = "", None
        for character in line + "\n":
            width = units(character)
            here = None
            if character not in " \t\n\u3000\u00a0\ufeff":
                textmate, tree = by_textmate[number][place], bytes_by_tree[offset]
                here = None if textmate == tree else (textmate, tree)
            if here != wrong and wrong:
                yield number + 1, word, *wrong
            word = word + character if here and here == wrong else character
            wrong = here
            place += width
            offset += len(character.encode())
        if text.encode()[offset - 1:offset + 1] == b"\r\n":
            offset += 1


def main():
    """The command."""
    with tempfile.TemporaryDirectory() as folder:
        highlighter = Highlighter(folder)
        read = []
        for path, text in policies():
            classes, faulty = highlighter.classes(text)
            if not faulty:
                read.append((path, text, classes))
    listing = "\n".join(str(path) for path, _, _ in read)
    node = subprocess.run(
        ["node", str(Path(__file__).parent / "textmate.js")], input=listing, capture_output=True, text=True, check=True,
    )
    failed = 0
    for (path, text, classes), runs in zip(read, map(json.loads, node.stdout.splitlines()), strict=True):
        found = list(differences(text, classes, runs))
        failed += bool(found)
        for line, word, textmate, tree in found:
            print(f"{path.relative_to(ROOT)}:{line}: {word!r}: TextMate {textmate}, tree-sitter {tree}")
    print(f"{len(read) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
