"""What class the tree-sitter grammar gives each character.

In: the grammar's C files and its highlight query. Out: for a text, a list of lines, each a
list of classes, one for each UTF-16 unit. The parser is compiled into a folder given.
"""

import ctypes
import subprocess
from pathlib import Path

import tree_sitter

GRAMMAR = Path(__file__).resolve().parent.parent / "tree-sitter-huiqi"

# Captures to classes.
CLASSES = {
    "comment": "comment",
    "comment.documentation": "documentation",
    "string": "string",
    "number": "number",
    "keyword.award": "award",
    "keyword.modifier": "modifier",
    "keyword.conditional": "conditional",
    "function.builtin": "function",
    "keyword.operator": "operator",
    "keyword.declaration": "declaration",
    "attribute": "property",
    "type.builtin": "type",
    "keyword.settle": "settle",
    "keyword.test": "test",
    "constant.builtin": "constant",
    "variable.builtin": "predeclared",
    "operator": "sign",
    "punctuation.delimiter": "delimiter",
    "punctuation.bracket": "bracket",
    "function": "declared",
    "type": "declared type",
    "property": "declared fact",
}


def load(folder):
    """The language, compiled into a folder."""
    library = Path(folder) / "huiqi.so"
    sources = [GRAMMAR / "src/parser.c", GRAMMAR / "src/scanner.c"]
    command = ["cc", "-shared", "-fPIC", "-O1", "-std=c11", f"-I{GRAMMAR / 'src'}", *sources, "-o", library]
    subprocess.run(command, check=True)
    function = ctypes.CDLL(str(library)).tree_sitter_huiqi
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return tree_sitter.Language(capsule(function(), b"tree_sitter.Language", None))


class Highlighter:
    """The language with its query."""

    def __init__(self, folder):
        self.language = load(folder)
        self.parser = tree_sitter.Parser(self.language)
        source = (GRAMMAR / "queries/highlights.scm").read_text(encoding="utf-8")
        self.query = tree_sitter.Query(self.language, source)

    def classes(self, text):
        """The classes of a text, byte by byte, and whether the tree has a fault."""
        source = text.encode()
        tree = self.parser.parse(source)
        found = [None] * len(source)
        cursor = tree_sitter.QueryCursor(self.query)
        # A later pattern counts before an earlier one.
        for _, captures in sorted(cursor.matches(tree.root_node), key=lambda match: match[0]):
            for name, nodes in captures.items():
                for node in nodes:
                    found[node.start_byte:node.end_byte] = [CLASSES[name]] * (node.end_byte - node.start_byte)
        return found, tree.root_node.has_error
