"""Sessions at a real terminal: python3 sessions.py NAME PROGRAM FOLDER

Each types keys and prints what the screen shows at its stations, with the place of the
cursor; the tests compare that with what was reviewed. No times are measured.
"""

import os
import shutil
import signal
import sys

from terminal import KEYS, PASTE, Terminal

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Session:
    """A prompt in a terminal, with what is shown of it."""

    def __init__(self, program, folder, language="zh", arguments=(), **size):
        self.folder = folder
        variables = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR")}
        variables.update(TERM="xterm", HOME=folder, HUIQI_HISTORY=os.path.join(folder, "kept"))
        command = [program, "--lang", language, "repl", *arguments]
        print(f"$ huiqi {' '.join(command[1:])}")
        self.terminal = Terminal(command, folder, variables, **size)
        self.shown = 0
        self.prompt(1)

    def type(self, text):
        self.terminal.send(text)

    def key(self, *names):
        for name in names:
            self.terminal.send(KEYS[name])

    def paste(self, text):
        """As a terminal pastes: between marks, lines ended by Enter."""
        self.terminal.send(PASTE[0] + text.replace("\n", "\r") + PASTE[1])

    def sees(self, text):
        """Waits until the line of the cursor, or one after what was shown, says so."""
        self.terminal.wait(lambda: any(text in line for line in self.fresh()), repr(text))

    def line(self, text):
        """Waits until the line of the cursor is this one."""
        screen = self.terminal.screen
        self.terminal.wait(lambda: screen.lines()[screen.row] == text, f"the line {text!r}")

    def column(self, column):
        """Waits until the cursor stands there."""
        self.terminal.wait(lambda: self.terminal.screen.column == column, f"column {column}")

    def prompt(self, number):
        """Waits for an empty prompt."""
        self.line(f"[{number}]>")

    def fresh(self):
        return self.terminal.screen.all()[self.shown:]

    def show(self, told, without=()):
        """What came since the last station, and where the cursor stands."""
        screen = self.terminal.screen
        print(f"--- {told}")
        for line in self.fresh():
            if line.startswith(tuple(without)):
                continue
            print(f"    {line.replace(self.folder, 'FOLDER')}".rstrip())
        print(f"    (column {screen.column})")
        self.shown = len(screen.scrolled) + screen.row

    def end(self):
        self.terminal.wait(lambda: self.terminal.ended is not None, "the end")
        print(f"--- ended with {self.terminal.ended}")
        self.terminal.close()


def completion(program, folder):
    """Words, names, keys and files are completed in either language."""
    for name in ("企业.csv", "企业-荣誉.csv"):
        shutil.copy(os.path.join(ROOT, "policies/sample", name), folder)
    os.mkdir(os.path.join(folder, "政策"))
    with open(os.path.join(folder, "政策", "办法.hq"), "w", encoding="utf-8") as file:
        file.write("款 甲 { 奖补 10万 }\n")
    session = Session(program, folder)
    session.type("载")
    session.key("tab")
    session.sees("载入")
    session.type(" 样")
    session.key("tab")
    session.line("[1]> 载入 样例")
    session.show("a word of a question")
    session.key("enter")
    session.prompt(2)
    session.show("the sample city")
    session.type("款 增资扩产奖 { 奖补 固")
    session.key("tab")
    session.line("[2]> 款 增资扩产奖 { 奖补 固定资产投资额")
    session.type("的5% 最")
    session.key("tab")
    session.sees("最高不超过")
    session.show("keywords that begin alike")
    session.type("高8")
    session.type("00万 }")
    session.key("enter")
    session.prompt(3)
    session.show("a clause")
    session.type("为何 增")
    session.key("tab")
    session.line("[3]> 为何 增资扩产奖")
    session.show("a clause, and no fact that begins alike")
    session.key("ctrl-u")
    session.type("why 增资扩产奖 for \"91360100SAMPLE003")
    session.key("tab")
    session.sees("91360100SAMPLE0039\"")
    session.show("keys")
    session.type("7")
    session.key("tab")
    session.line("[3]> why 增资扩产奖 for \"91360100SAMPLE0037\"")
    session.key("ctrl-u")
    session.type("what i")
    session.key("tab")
    session.line("[3]> what if CLAUSE { award … }")
    session.show("words that belong together, and the form of the question")
    session.key("ctrl-u")
    session.type("load \"企")
    session.key("tab")
    session.sees("企业.csv")
    session.show("files of data")
    session.key("ctrl-u")
    session.type("引用 政")
    session.key("tab")
    session.line("[3]> 引用 \"政策/")
    session.key("tab")
    session.line("[3]> 引用 \"政策/办法.hq\"")
    session.show("files of policies, in folders")
    session.key("enter")
    session.prompt(4)
    session.key("ctrl-d")
    session.end()


def blocks(program, folder):
    """A block is typed until what it opened is closed."""
    session = Session(program, folder, "en")
    session.type("clause A {")
    session.key("enter")
    session.type("award 20万")
    session.key("enter")
    session.type("}")
    session.key("enter")
    session.prompt(2)
    session.show("braces")
    session.type("款 乙 ｛")
    session.key("enter")
    session.type("原文 \"\"\"第一条 ｝")
    session.key("enter")
    session.type("仍是原文\"\"\"")
    session.key("enter")
    session.type("奖补 30万，当 营业收入 ≥ 1亿。")
    session.key("enter")
    session.type("｝")
    session.key("enter")
    session.prompt(3)
    session.show("full-width braces, and three quotation marks")
    session.type("let 大户 =")
    session.key("alt-enter")
    session.type("  营业收入 >= 1亿")
    session.key("up", "end")
    session.type(" 区县 = \"进贤县\" and")
    session.key("enter")
    session.prompt(4)
    session.show("a line more by Alt-Enter, changed above")
    session.type("let 坏 = ((")
    session.key("enter")
    session.type("1")
    session.key("ctrl-c")
    session.prompt(4)
    session.show("a block given up")
    session.type("quit")
    session.key("enter")
    session.end()


def history(program, folder):
    """Lines come back in the next session."""
    session = Session(program, folder, "en")
    for number, line in enumerate(["1 + 1", "let 大户 = 营业收入 >= 1亿", "2 * 21"], 1):
        session.type(line)
        session.key("enter")
        session.prompt(number + 1)
    session.type("clause A {")
    session.key("enter")
    session.type("award 20万 }")
    session.key("enter")
    session.prompt(5)
    session.key("ctrl-d")
    session.end()
    with open(os.path.join(folder, "kept"), encoding="utf-8") as file:
        print("--- kept")
        print("".join(f"    {line}" for line in file).rstrip())
    session = Session(program, folder, "en")
    session.key("up")
    session.line("award 20万 }")
    session.show("the last block")
    session.key("ctrl-c")
    session.prompt(1)
    session.key("up", "up", "up")
    session.sees("2 * 21")
    session.key("ctrl-c")
    session.prompt(1)
    session.shown = session.terminal.screen.row
    session.type("let 大")
    session.line("[1]> let 大户 = 营业收入 >= 1亿")
    session.show("a former line goes on where it is typed again")
    session.key("right", "enter")
    session.prompt(2)
    session.key("ctrl-r")
    session.type("2 *")
    session.sees("`2 *': 2 * 21")
    session.show("searched for")
    session.key("enter")
    session.prompt(3)
    session.show("found")
    session.key("ctrl-d")
    session.end()
    before = os.path.getsize(os.path.join(folder, "kept"))
    session = Session(program, folder, "en", ["--no-history"])
    session.key("up")
    session.type("3 + 4")
    session.key("enter")
    session.prompt(2)
    session.show("nothing is brought back, nothing is kept")
    session.key("ctrl-d")
    session.end()
    assert os.path.getsize(os.path.join(folder, "kept")) == before


def wide(program, folder):
    """The cursor stands where the next character comes, however wide those before are."""
    session = Session(program, folder, columns=41)
    session.type("奖补 固定")
    session.line("[1]> 奖补 固定")
    session.column(14)
    session.show("four wide characters and a blank")
    session.key("left", "left")
    session.column(10)
    session.show("left by two")
    session.type("，")
    session.line("[1]> 奖补 ，固定")
    session.column(12)
    session.show("a full-width comma between")
    session.key("backspace", "end")
    session.type("资产投资额的５％，最高８００万")
    session.line("０万")
    session.column(4)
    session.show("over the right edge: a wide character is not cut")
    session.key("left", "left", "left")
    session.column(38)
    session.show("back over the edge")
    session.key("home")
    session.column(5)
    session.show("home")
    session.key("end", "enter")
    session.prompt(2)
    session.key("up")
    session.line("０万")
    session.key("ctrl-w")
    session.column(10)
    session.show("a word taken away: the former line is offered again, over the edge")
    session.key("ctrl-c")
    session.prompt(2)
    session.key("ctrl-d")
    session.end()


def paste(program, folder):
    """Blocks are pasted as a whole: short ones into the line, long ones beside it."""
    session = Session(program, folder)
    session.paste("1 + 1\n款 甲 ｛ 奖补 20万\n  最高 10万 ｝\n2 + 2")
    session.line("2 + 2")
    session.show("four lines, three statements")
    session.key("enter")
    session.prompt(4)
    session.show("carried out")
    lines = ["款 乙 {"] + [f"# 第 {number} 行" for number in range(9_996)] + ["奖补 30万", "}", "3 + 4"]
    assert len(lines) == 10_000
    session.paste("\n".join(lines))
    session.line("[4]> ⟦粘贴的第 1 段，10000 行⟧")
    session.show("10,000 lines")
    session.key("enter")
    session.prompt(6)
    session.show("carried out")
    session.paste("\n".join(f"{number} + {number}" for number in range(10_000)))
    session.line("[6]> ⟦粘贴的第 1 段，10000 行⟧")
    session.key("enter")
    session.prompt(10_006)
    answers = [line for line in session.fresh() if line.isdigit()]
    assert answers == [str(2 * number) for number in range(10_000)], answers[:5]
    print("--- 10,000 questions, each answered")
    session.shown = len(session.terminal.screen.scrolled) + session.terminal.screen.row
    session.paste("\n".join(str(number) for number in range(200)))
    session.line("[10006]> ⟦粘贴的第 1 段，200 行⟧")
    session.key("ctrl-c")
    session.prompt(10_006)
    session.show("a paste given up")
    session.key("ctrl-d")
    session.end()


def stop(program, folder):
    """Ctrl-C stops a long question and keeps the session."""
    with open(os.path.join(folder, "企业.csv"), "w", encoding="utf-8") as file:
        file.write("名称,固定资产投资额\n")
        file.writelines(f"企业{number},{number}00\n" for number in range(400_000))
    session = Session(program, folder)
    session.type("half a li")
    session.key("ctrl-c")
    session.prompt(1)
    session.show("a line given up")
    for number, line in enumerate(["款 甲 { 奖补 固定资产投资额的5% 最高 800万 }", "载入 \"企业.csv\"", "设定 引擎 = 逐行"], 1):
        session.type(line)
        session.key("enter")
        session.prompt(number + 1)
    session.show("many enterprises, one by one")
    seen = len(session.terminal.raw)
    session.type("求解 甲 的 封顶 控制在 100万")
    session.key("enter")
    # The bar is there once a second has passed: the question is under way.
    session.terminal.wait(lambda: "计算" in session.terminal.raw[seen:], "the bar", quiet=False)
    session.key("ctrl-c")
    session.sees("已停止")
    session.prompt(5)
    # Whether the bar stood there when the terminal wrote ^C is a matter of time.
    session.show("stopped", ["计算", "^C"])
    session.type("个数")
    session.key("enter")
    session.prompt(6)
    session.show("the session goes on")
    seen = len(session.terminal.raw)
    session.type("载入 \"企业.csv\"")
    session.key("enter")
    session.terminal.wait(lambda: "读取数据" in session.terminal.raw[seen:], "the bar", quiet=False)
    session.key("ctrl-c")
    session.sees("已停止")
    session.prompt(7)
    session.show("a load stopped", ["读取数据", "计算", "^C"])
    session.type("个数")
    session.key("enter")
    session.prompt(8)
    session.show("what was loaded before is still there")
    session.key("ctrl-d")
    session.end()


def told_to_end(program, folder):
    """A program that is told to end leaves the terminal as it was, and the lines kept."""
    session = Session(program, folder)
    session.type("1 + 1")
    session.key("enter")
    session.prompt(2)
    session.type("half a li")
    session.line("[2]> half a li")
    print(f"--- as before: {session.terminal.is_as_before()}")
    os.kill(session.terminal.pid, signal.SIGTERM)
    session.terminal.wait(lambda: session.terminal.ended is not None, "the end")
    print(f"--- ended with {session.terminal.ended}, as before: {session.terminal.is_as_before()}")
    session.terminal.close()
    with open(os.path.join(folder, "kept"), encoding="utf-8") as file:
        print("--- kept")
        print("".join(f"    {line}" for line in file).rstrip())


def tour(program, folder):
    """The tour, sent line by line, leaves a policy that checks."""
    session = Session(program, folder)
    session.type("导览")
    session.key("enter")
    number = 0
    while True:
        screen = session.terminal.screen
        session.terminal.wait(
            lambda: screen.lines()[screen.row].startswith("> ") or "导览到此为止" in "".join(session.fresh())
            or screen.lines()[screen.row] == "}",
            "a step")
        session.show(f"step {number}")
        if "导览到此为止" in "".join(screen.lines()):
            break
        number += 1
        session.key("enter")
        session.terminal.wait(lambda: session.fresh() and len(session.fresh()) > 1, "an answer")
    session.key("ctrl-d")
    session.end()


if __name__ == "__main__":
    name, program, folder = sys.argv[1:]
    SESSIONS = (completion, blocks, history, wide, paste, stop, told_to_end, tour)
    {session.__name__: session for session in SESSIONS}[name](os.path.abspath(program), folder)
