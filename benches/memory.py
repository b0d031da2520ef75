#!/usr/bin/env python3
"""How much memory a run from file to file takes: `benches/memory.py [ROWS...]`.

The data of the columnar benchmark in so many rows goes through the program, with and without its
settlement. Fails where the most memory in use grows by more than a tenth from the fewest rows to
the most, or passes 700 MiB. Needs some ten gigabytes of disk for ten million rows.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = HERE.parent / "target/release/huiqi"
MOST = 700 << 20
GROWTH = 1.10


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


def main():
    rows = [int(text) for text in sys.argv[1:]] or [1_000_000, 5_000_000, 10_000_000]
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=HERE.parent, check=True)
    policy = (HERE / "columnar/policy.hq").read_text()
    steps = re.compile(r"^  settle \{.*?^  \}\n", re.DOTALL | re.MULTILINE)
    most = {"due": [], "settled": []}
    for count in rows:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            command = ["cargo", "bench", "--quiet", "--bench", "columnar", "--", "--write", name, str(count)]
            subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)
            (folder / "settled.hq").write_text(policy)
            (folder / "due.hq").write_text(steps.sub("", policy))
            for stage, peaks in most.items():
                to = folder / "payments.parquet"
                command = [PROGRAM, "run", folder / f"{stage}.hq", "--in", "2024", "--payments", to]
                seconds, processor, used = peak(command + ["--data", folder / "enterprises.parquet"])
                peaks.append(used)
                line = f"{count:>11} rows, {stage:8} {used / (1 << 20):6.0f} MiB {seconds:6.1f} s"
                print(f"{line}, processor {processor:6.1f} s", flush=True)
    wrong = [stage for stage, peaks in most.items() if max(peaks) > MOST or peaks[-1] > GROWTH * peaks[0]]
    if wrong:
        sys.exit(f"too much memory: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
