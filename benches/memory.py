#!/usr/bin/env python3
"""How much memory a run from file to file takes: `benches/memory.py [--lists] [ROWS...]`.

The data of the columnar benchmark in so many rows goes through the program, with and without its
settlement, three times each: how the threads meet moves the most memory by a tenth, so that the median
counts. With `--lists` it is made-up enterprises with their projects and invoices, in three CSV
files in which the rows of the lists stand far from their owners. Fails where the most memory in use
grows by more than a tenth from the fewest rows to the most, or passes 700 MiB. Needs some ten
gigabytes of disk for ten million rows, with lists four for five million.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = Path(os.environ.get("HUIQI", HERE.parent / "target/release/huiqi"))
MOST = 700 << 20
GROWTH = 1.10
RUNS = 3
STEPS = re.compile(r"^  settle \{.*?^  \}\n", re.DOTALL | re.MULTILINE)
# Made up once, and then again under other keys.
MADE_UP = 100_000

RECORDS = """
record 企业 {
  项目 : list of 项目
  发票 : list of 发票
}
record 项目 {
  项目号 : text key
  设备投入 : money where >= 0
  竣工 : bool
}
record 发票 {
  金额 : money where >= 0
}
"""
CLAUSES = """
  clause 项目奖励 { award 10% of 设备投入 for each (项目 where 竣工) cap 100万 }
  clause 软件补助 { award 20% of (sum 金额 over 发票) cap 30万 when any 项目 where 竣工 }
"""


def peak(command: list) -> tuple[float, float, int]:
    """Seconds of the clock and of the processor, and the most memory of one run in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = os.times().elapsed
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed with {process.returncode}")
    # Linux counts kilobytes, macOS bytes.
    most = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return os.times().elapsed - before, used.ru_utime + used.ru_stime, most


def with_lists(policy: str) -> str:
    """The policy with two clauses over lists."""
    head, body = policy.split("\npolicy", 1)
    body = body.split('\ntest "', 1)[0].replace("\n  settle {", f"{CLAUSES}\n  settle {{", 1)
    # Behind the others in the order in which the limit is used up.
    body = body.replace("技术转移补助\n", "技术转移补助, 项目奖励, 软件补助\n", 1)
    return f"{head}{RECORDS}\npolicy{body}"


def write_plain(folder: Path, count: int) -> list:
    command = ["cargo", "bench", "--quiet", "--bench", "columnar", "--", "--write", folder, str(count)]
    subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)
    return ["--data", folder / "enterprises.parquet"]


def write_lists(folder: Path, count: int) -> list:
    made_up = folder / "made-up"
    rows = ["--rows", str(min(count, MADE_UP)), "--unknown", "0%", "--as", "csv", "--output", made_up]
    command = [PROGRAM, "sample", folder / "settled.hq", "--in", "2024", *rows]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder / "data").mkdir()
    for table in sorted(made_up.iterdir()):
        header, *lines = table.read_text().splitlines(keepends=True)
        with (folder / "data" / table.name).open("w") as out:
            out.write(header)
            for again in range(times := -(-count // MADE_UP)):
                # A row begins with the key; those of lists stand in another order than their owners.
                number = again if table.stem == "企业" else times - 1 - again
                out.writelines(f"{number}-{line}" for line in lines)
    return ["--data", folder / "data"]


def main():
    arguments = sys.argv[1:]
    lists = "--lists" in arguments
    usual = [1_000_000, 5_000_000] if lists else [1_000_000, 5_000_000, 10_000_000]
    rows = [int(text) for text in arguments if text != "--lists"] or usual
    if "HUIQI" not in os.environ:
        subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=HERE.parent, check=True)
    policy = (HERE / "columnar/policy.hq").read_text()
    policy = with_lists(policy) if lists else policy
    most = {"due": [], "settled": []}
    for count in rows:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "settled.hq").write_text(policy)
            (folder / "due.hq").write_text(STEPS.sub("", policy))
            data = (write_lists if lists else write_plain)(folder, count)
            for stage, peaks in most.items():
                to = folder / "payments.parquet"
                command = [PROGRAM, "run", folder / f"{stage}.hq", "--in", "2024", "--payments", to]
                runs = [peak(command + data) for _ in range(RUNS)]
                seconds, processor, used = sorted(runs, key=lambda run: run[2])[RUNS // 2]
                peaks.append(used)
                line = f"{count:>11} rows, {stage:8} {used / (1 << 20):6.0f} MiB {seconds:6.1f} s"
                print(f"{line}, processor {processor:6.1f} s", flush=True)
    wrong = [stage for stage, peaks in most.items() if max(peaks) > MOST or peaks[-1] > GROWTH * peaks[0]]
    if wrong:
        sys.exit(f"too much memory: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
