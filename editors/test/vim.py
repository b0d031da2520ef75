"""Vim and Neovim show the policies as the tree-sitter grammar does, and indent them as they stand.

In: the name of the program, `vim` or `nvim`; the policies. Out: the characters of another
class, with their places; lines that the program would indent otherwise.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tree_sitter_classes import Highlighter

ROOT = Path(__file__).resolve().parent.parent.parent

# Groups to classes; a name that is only used has none.
CLASSES = {
    "huiqiAward": "award", "huiqiModifier": "modifier", "huiqiConditional": "conditional", "huiqiFunction": "function",
    "huiqiOperatorWord": "operator", "huiqiDeclaration": "declaration", "huiqiHeadNumber": "declaration",
    "huiqiProperty": "property", "huiqiType": "type", "huiqiTypeWord": "type", "huiqiSettle": "settle",
    "huiqiTest": "test", "huiqiConstant": "constant", "huiqiPredeclared": "predeclared", "huiqiSign": "sign",
    "huiqiAlias": "sign", "huiqiDelimiter": "delimiter", "huiqiBracket": "bracket", "huiqiNumber": "number",
    "huiqiDate": "number", "huiqiText": "string", "huiqiHeadText": "string", "huiqiComment": "comment",
    "huiqiDocumentation": "documentation", "huiqiDeclared": "declared", "huiqiDeclaredType": "declared type",
    "huiqiDeclaredUnit": "declared type", "huiqiDeclaredFact": "declared fact", "huiqiFact": "declared fact",
    "huiqiName": None, "huiqiField": None,
}


# Asking for the group of every character takes Vim a second for some thousand; with `all`, all policies are asked.
SMALL = ["龙南技改", "南昌两项政策"]


def policies(every):
    """Policies and the cases of good syntax."""
    found = sorted((ROOT / "policies").rglob("policy.hq"))
    chosen = [path for path in found if every or path.parent.name in SMALL]
    return chosen + sorted((ROOT / "tests/cases/syntax/good").glob("*.hq"))


def run(program, script, folder, paths):
    """Runs a Vim script in the program, without a screen."""
    listing, answer = Path(folder) / "files", Path(folder) / "answer"
    listing.write_text("\n".join(map(str, paths)), encoding="utf-8")
    environment = os.environ | {"HUIQI_FILES": str(listing), "HUIQI_GROUPS": str(answer), "LC_ALL": "C.UTF-8"}
    flags = ["--headless"] if program == "nvim" else ["-e", "-s", "-N"]
    plugin = ROOT / "editors/vim"
    command = [program, *flags, "-i", "NONE", "-u", "NONE", "--cmd", f"set runtimepath^={plugin}",
               "--cmd", "filetype plugin indent on", "--cmd", "syntax on", "-S", str(script)]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, timeout=600)
    lines = answer.read_text(encoding="utf-8").splitlines()
    if done.returncode != 0:
        sys.exit("\n".join(lines[:9]))
    return lines


def faults(text, classes, runs):
    """Places of another class: line, words, the program's class, tree-sitter's."""
    offset = 0
    for number, line in enumerate(text.split("\n")):
        shown = [None] * (len(line.encode()) + 1)
        for at, start, end, group in runs:
            if at == number:
                shown[start:end] = [CLASSES[group]] * (end - start)
        place = 0
        for character in line:
            if character not in " \t\u3000\r" and shown[place] != classes[offset + place]:
                yield number + 1, line[max(0, len(line.encode()[:place].decode()) - 4):][:9], shown[place], classes[offset + place]
                break
            place += len(character.encode())
        offset += len(line.encode()) + 1


def main(program, every):
    """The command."""
    paths = policies(every)
    here = Path(__file__).parent
    failed = passed = 0
    with tempfile.TemporaryDirectory() as folder:
        highlighter = Highlighter(folder)
        lines = run(program, here / "groups.vim", folder, paths)
        for path, runs in zip(paths, map(json.loads, lines), strict=True):
            text = path.read_bytes().decode()
            found = list(faults(text, highlighter.classes(text)[0], runs))
            for line, words, shown, expected in found:
                print(f"{path.relative_to(ROOT)}:{line}: {words!r}: {program} {shown}, tree-sitter {expected}")
            failed, passed = failed + bool(found), passed + (not found)
        for line in run(program, here / "indent.vim", folder, [path for path in paths if path.name == "policy.hq"]):
            print(f"indented otherwise: {line}")
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main(sys.argv[1], "all" in sys.argv[2:]))
