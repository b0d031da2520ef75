"""Helix in a terminal of its own (tmux): colours, a fault while it is typed, a completion, a hover, the layout.

In: `hx` and `huiqi` on the path, the language installed by editors/helix/install.sh. Out: a line a check;
the exit code is 1 where one fails.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SESSION = "huiqi-helix"
POLICY = """# 一份小政策
record 企业 { 编号 : text key; 投资额 : money; 扩产 : bool }
clause 扩产奖 { award 5% of 投资额 cap 800万 when 扩产 }
奖补 投资额的3%，最高50万元，当 扩产
"""


def tmux(*arguments):
    """Runs tmux; what it prints."""
    return subprocess.run(["tmux", "-L", SESSION, *arguments], check=True, capture_output=True, text=True).stdout


def keys(*names):
    """Types keys by their names."""
    tmux("send-keys", "-t", SESSION, *names)
    time.sleep(0.4)


def typed(text):
    """Types a text."""
    tmux("send-keys", "-t", SESSION, "-l", text)
    time.sleep(0.4)


def screen(colours=False):
    """What the screen shows."""
    return tmux("capture-pane", "-p", "-t", SESSION, *(["-e"] if colours else []))


def until(shown, seconds=30):
    """Waits until the screen shows something."""
    end = time.monotonic() + seconds
    while not re.search(shown, screen()):
        if time.monotonic() > end:
            raise AssertionError(f"{shown!r} is not on the screen:\n{screen()}")
        time.sleep(0.2)


def without(shown, seconds=30):
    """Waits until the screen shows something no longer."""
    end = time.monotonic() + seconds
    while re.search(shown, screen()):
        if time.monotonic() > end:
            raise AssertionError(f"{shown!r} is still on the screen:\n{screen()}")
        time.sleep(0.2)


def colour(line, word):
    """The colour that a word has in a line of the screen with its escapes."""
    shown, at = "", 0
    colours = {}
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b"):
            found = re.search(r"38;(?:2;[0-9;]+|5;[0-9]+)", part)
            at = found[0] if found else (at if "48;" in part else 0)
        else:
            colours.update(dict.fromkeys(range(len(shown), len(shown) + len(part)), at))
            shown += part
    start = shown.index(word)
    found = {colours[place] for place in range(start, start + len(word))}
    assert len(found) == 1, (word, found)
    return found.pop()


def colours_of_words():
    """Classes of words have colours of their own, the same in both languages."""
    until("clause")
    time.sleep(1)
    lines = screen(colours=True).splitlines()
    english = next(line for line in lines if "800万" in line)
    chinese = next(line for line in lines if "50万元" in line)
    assert len({colour(english, word) for word in ["award", "5%", "投资额"]}) == 3, english
    for one, other in [("award", "奖补"), ("5%", "3%"), ("cap", "最高"), ("when", "当")]:
        assert colour(english, one) == colour(chinese, other), (one, other)


def a_fault_while_it_is_typed():
    """A name that is not declared is told while it is typed, with the one that is meant."""
    keys("g", "e", "o")
    typed("award 1万 when 扩厂")
    until("(?s)扩厂` is not declared.*扩产`.*HQ0201")


def a_completion():
    """The fact that is meant is proposed and taken; the fault is gone."""
    keys("BSpace")
    keys("C-x")
    until(r"扩产 +field")
    keys("C-n", "Enter", "Escape")
    until("award 1万 when 扩产")
    without("HQ0201")


def a_hover():
    """A fact is explained with its record and its type."""
    typed("%s投资额")
    keys("Enter", ",")
    keys("Space", "k")
    until(r"投资额 *· *企业 *· *money")
    keys("Escape")


def the_layout():
    """The file is laid out."""
    keys("g", "e", "o")
    typed("clause   末{award   2万}")
    keys("Escape")
    typed(":format")
    keys("Enter")
    until(r"clause 末 \{ award 2万 \}")


def main():
    """Runs every check in one session."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "甲.hq"
        policy.write_text(POLICY, encoding="utf-8")
        subprocess.run(["tmux", "-L", SESSION, "kill-server"], check=False, capture_output=True)
        tmux("-u", "new-session", "-d", "-s", SESSION, "-x", "120", "-y", "40", "env", "COLORTERM=truecolor", "hx", str(policy))
        try:
            for check in [colours_of_words, a_fault_while_it_is_typed, a_completion, a_hover, the_layout]:
                try:
                    check()
                    print(f"ok: {check.__doc__.splitlines()[0]}")
                except (AssertionError, StopIteration, ValueError) as error:
                    failed += 1
                    print(f"FAILED: {check.__doc__.splitlines()[0]}\n{error}")
        finally:
            subprocess.run(["tmux", "-L", SESSION, "kill-server"], check=False, capture_output=True)
    return 1 if failed else 0


sys.exit(main())
