#!/usr/bin/env python3
"""How a run in memory grows with the recipients: `benches/growth.py [ROWS [TIMES]]`.

Each step by itself, and awards that look at everybody, over made-up recipients in groups of
three, of whom one cell in twenty is unknown and whose awards two payers share: so much is open
that nothing can be streamed. Run with ROWS recipients and with TIMES as many (10,000 and four
times, if nothing is said). Fails where one takes more than half as long again as the rows would
have it. `HUIQI=path` measures another program than the one that is built here.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = Path(os.environ.get("HUIQI", HERE.parent / "target/release/huiqi"))
MOST = 1.5
RUNS = 3

POLICY = """
record 企业 {
  编号 : text key
  区县 : one of 甲, 乙, 丙, 丁
  集团 : text
  投资 : money where >= 0
  研发 : money where >= 0
  培训 : money where >= 0
  评分 : number where between 0 and 100
  失信 : bool
}
policy 例 {
  funded by 市级 50%, 县区 the rest
  clause 甲款 { award AWARD }
  clause 乙款 { award 20% of 研发 }
  clause 丙款 { award 30% of 培训 cap 20万 when 评分 >= 60 }
  settle { STEP }
}
"""

USUAL = "10% of 投资 cap 100万"
AWARDS = [
    USUAL,
    "1元 * (rank 投资)",
    "1% of (sum 投资 over all 企业) cap 100万",
    "5% of 投资 cap 100万 when 投资 >= average 投资 over all 企业",
]
STEPS = [
    "highest among 甲款, 乙款",
    "highest among 甲款, 乙款 per 集团",
    "not together 甲款, 乙款",
    "not together 甲款, 乙款 per 集团",
    "exclude 甲款 when 失信",
    "select top 1000 of 甲款 by 评分",
    "select top 10 of 甲款 by 评分 per 区县",
    "select top 1 of 甲款 by 评分 per 集团",
    "limit 甲款, 丙款 to 培训 pro rata",
    "limit 甲款, 丙款 to 培训 in order of 甲款, 丙款",
    "limit total to 100万 per 集团 pro rata",
    "budget 1000万 for 甲款",
    "budget 1000万 for 甲款, 丙款 pro rata rest by remainder",
    "budget 1000万 for 甲款, 乙款 pro rata",
    "budget 1000万 for 甲款 equally rest by remainder",
    "budget 1000万 for 甲款 in order of 评分 then pro rata",
    "budget 1000万 for 甲款 in order of 评分 desc, 投资",
    "budget 1000万 for 甲款, 丙款 in order of 甲款, 丙款 then pro rata",
    "budget 100万 for 甲款 per 区县 pro rata",
    "budget 10万 for 甲款 per 集团 pro rata",
    "budget 10万 for 甲款 per 集团 equally",
    "budget 1000万 for 甲款, 乙款 from 市级 pro rata",
    "budget 10万 for 甲款 from 市级 per 集团 pro rata",
]


def write(path: Path, rows: int):
    """Made-up recipients; one cell in twenty is blank."""
    chance = random.Random(rows)

    def cell(value) -> str:
        return "" if chance.random() < 0.05 else str(value)

    with path.open("w") as out:
        out.write("编号,区县,集团,投资,研发,培训,评分,失信\n")
        for at in range(rows):
            place, group = cell(chance.choice("甲乙丙丁")), cell(f"G{at // 3}")
            sums = [cell(chance.randrange(2_000_000)) for _ in range(3)]
            score, listed = cell(chance.randrange(101)), cell(chance.choice("是否"))
            out.write(",".join([f"E{at:08}", place, group, *sums, score, listed]) + "\n")


def seconds(command: list) -> float:
    """The shortest of some runs."""
    best = float("inf")
    for _ in range(RUNS):
        before = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        best = min(best, time.perf_counter() - before)
        if done.returncode:
            sys.exit(f"{command} failed:\n{done.stderr}")
    return best


def main():
    rows, times = [int(text) for text in sys.argv[1:]] + [10_000, 4][len(sys.argv) - 1 :]
    if "HUIQI" not in os.environ:
        subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=HERE.parent, check=True)
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = [folder / "few.csv", folder / "many.csv"]
        write(data[0], rows)
        write(data[1], rows * times)
        for award, step in [(award, "") for award in AWARDS] + [(USUAL, step) for step in STEPS]:
            policy, steps = folder / "policy.hq", f"settle {{ {step} }}" if step else ""
            policy.write_text(POLICY.replace("AWARD", award).replace("settle { STEP }", steps))
            few, many = [seconds([PROGRAM, "run", policy, "--in", "2024", "--data", path]) for path in data]
            print(f"{many / few:5.1f} times  {few:6.2f} s {many:6.2f} s  {step or award}", flush=True)
            if many / few > MOST * times:
                wrong.append(step or award)
    if wrong:
        sys.exit(f"grows faster than the recipients: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
