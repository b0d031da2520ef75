"""A terminal for one program: keys go in, and what it shows is a screen of cells.

Only what a line editor writes is understood; whatever else comes ends the session with an
error, so that nothing is shown that a real terminal would not show.
"""

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

KEYS = {
    "enter": "\r", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "home": "\x1b[H", "end": "\x1b[F", "backspace": "\x7f", "alt-enter": "\x1b\r",
    "ctrl-a": "\x01", "ctrl-c": "\x03", "ctrl-d": "\x04", "ctrl-e": "\x05", "ctrl-g": "\x07",
    "ctrl-r": "\x12", "ctrl-u": "\x15", "ctrl-w": "\x17",
}
PASTE = "\x1b[200~", "\x1b[201~"

# Nothing in these sessions takes so long; what does has failed.
LONGEST = 300
# What is shown is complete when nothing more has come for so long.
QUIET = 0.25

CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


def width(character):
    """The columns that a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """Rows of cells and a cursor; what scrolls off the top is kept apart."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.full = False  # a character stands in the last column: the next begins a line
        self.scrolled = []
        self.rest = ""

    def write(self, text):
        text = self.rest + text
        self.rest = ""
        at = 0
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                found = CONTROL.match(text, at)
                if not found:
                    if len(text) - at > 20:
                        raise ValueError(f"not understood: {text[at:at + 20]!r}")
                    self.rest = text[at:]
                    return
                self.control(*found.groups())
                at = found.end()
                continue
            at += 1
            if character == "\r":
                self.column, self.full = 0, False
            elif character == "\n":
                self.down()
            elif character == "\b":
                self.column, self.full = max(self.column - 1, 0), False
            elif character == "\x07":
                pass
            elif character == "\t":
                self.column = min(self.column // 8 * 8 + 8, self.columns - 1)
            elif character < " ":
                raise ValueError(f"not understood: {character!r}")
            else:
                self.put(character)

    def put(self, character):
        columns = width(character)
        if columns == 0:
            return
        if self.full or self.column + columns > self.columns:
            self.column = 0
            self.down()
        self.full = False
        row = self.cells[self.row]
        row[self.column] = character
        if columns == 2:
            row[self.column + 1] = ""
        self.column += columns
        if self.column == self.columns:
            self.column, self.full = self.columns - 1, True

    def down(self):
        self.full = False
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.scrolled.append(self.line(self.cells.pop(0)))
        self.cells.append([" "] * self.columns)

    def control(self, arguments, final):
        if final == "m" or (arguments.startswith("?") and final in "hl"):
            return
        numbers = [int(number) for number in arguments.split(";") if number]
        count = max(numbers[0] if numbers else 1, 1)
        self.full = False
        if final == "A":
            self.row = max(self.row - count, 0)
        elif final == "B":
            self.row = min(self.row + count, self.rows - 1)
        elif final == "C":
            self.column = min(self.column + count, self.columns - 1)
        elif final == "D":
            self.column = max(self.column - count, 0)
        elif final == "G":
            self.column = min(count - 1, self.columns - 1)
        elif final == "H":
            self.row, self.column = 0, 0
        elif final == "K":
            start = {0: self.column, 2: 0}[numbers[0] if numbers else 0]
            self.cells[self.row][start:] = [" "] * (self.columns - start)
        elif final == "J":
            self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
            for row in range(self.row + 1, self.rows):
                self.cells[row] = [" "] * self.columns
        else:
            raise ValueError(f"not understood: CSI {arguments}{final}")

    @staticmethod
    def line(cells):
        return "".join(cells).rstrip()

    def lines(self):
        """The screen down to the cursor or the last line that is not empty."""
        lines = [self.line(cells) for cells in self.cells]
        while len(lines) > self.row + 1 and not lines[-1]:
            lines.pop()
        return lines

    def all(self):
        return self.scrolled + self.lines()


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command, folder, variables, columns=100, rows=30):
        self.screen = Screen(columns, rows)
        self.pending = b""
        self.raw = ""
        self.ended = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, variables)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """Takes what comes within so many seconds; whether anything came."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready or self.ended is not None:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self.ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            return False
        data = self.pending + data
        try:
            text, self.pending = data.decode(), b""
        except UnicodeDecodeError as error:
            text, self.pending = data[:error.start].decode(), data[error.start:]
        self.raw += text
        self.screen.write(text)
        return True

    def send(self, text):
        """Types; what the program shows meanwhile is taken, so that neither waits for the other."""
        data = text.encode()
        while data:
            self.read(0)
            _, ready, _ = select.select([], [self.master], [], 0.05)
            if ready:
                data = data[os.write(self.master, data[:512]):]

    def wait(self, wanted, what, quiet=True):
        """Waits until something is so and, unless it goes on moving, nothing more comes."""
        end = time.monotonic() + LONGEST
        while True:
            while self.read(QUIET) and quiet:
                pass
            if wanted():
                return
            if self.ended is not None or time.monotonic() > end:
                shown = "\n".join(self.screen.all()[-60:])
                raise AssertionError(f"waited in vain for {what}; shown is:\n{shown}\nended: {self.ended}")

    def is_as_before(self):
        """Whether what is typed next would be echoed and read line by line."""
        flags = termios.tcgetattr(self.master)[3]
        return bool(flags & termios.ICANON and flags & termios.ECHO)

    def close(self):
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)
