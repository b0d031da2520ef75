#!/usr/bin/env python3
"""Random policies over random records: the program against an evaluator in exact fractions.

    python3 tests/differential/soak.py --seed 1 --policies 1000 --rows 60 --huiqi target/debug/huiqi

Every policy has a seed of its own, which is printed with whatever differs:
`--seed S --policies 1` runs that one again. A case that differs is cut down and left in a folder
(policy.hq, data, command.txt, expected.txt). Exit code 1 if anything differed.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import compare
from policies import Generator
from records import Records
from shrink import shrunk
from text import policy_text


def draw(seed, rows):
    """The case of a seed."""
    rng = random.Random(seed)
    history = rng.random() < 0.3
    language = rng.choice(["en", "zh", "mixed"])
    settled = rng.random() < 0.3
    policy = Generator(rng).policy(language, history, settled)
    drawer = Records(policy, rng, 0 if settled else rng.choice([0, 0.02, 0.1, 0.3]))
    records = drawer.all(rows)
    payments = drawer.history(records) if history and rng.random() < 0.9 else None
    return compare.Case(policy, records, payments, drawer, seed)


def judged(case, huiqi, engines, folder, samples):
    """(what differs, whether the program refused the policy)."""
    outputs = {}
    for engine in engines:
        lines, messages = compare.run(huiqi, engine, case, folder, random.Random(case.seed))
        if lines is None and "panicked" in messages:
            return [("", "", f"engine {engine}: " + messages[messages.index("panicked") :][:2000])], False
        if lines is None:
            return [("", "", "refused: " + errors(messages))], True
        outputs[engine] = lines
    found = compare.differences(case, outputs[engines[0]], samples, random.Random(case.seed))
    for engine in engines[1:]:
        if outputs[engine] != outputs[engines[0]]:
            found.append(("", "", f"the engines {engines[0]} and {engine} differ"))
    return found, False


def errors(messages):
    """The errors among the messages, each with its line."""
    blocks = [block for block in messages.split("\n\n\n") if "error[" in block]
    return "\n".join(block[block.index("error[") :][:900] for block in blocks) or messages[:900]


def main():
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", type=int, default=100)
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=0, help="stop after so many minutes")
    parser.add_argument("--samples", type=int, default=3, help="completions drawn for each record with unknown facts")
    parser.add_argument("--huiqi", default="target/debug/huiqi")
    parser.add_argument("--engines", help="such as row,batch; by default all that the program has")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "huiqi-differential", help="where cases that differ are left")
    parser.add_argument("--most", type=int, default=5, help="stop after so many that differ")
    given = parser.parse_args()
    huiqi = str(Path(given.huiqi).resolve())
    engines = given.engines.split(",") if given.engines else compare.engines_of(huiqi)
    started, failed, refused, done = time.monotonic(), [], [], 0
    print(f"seeds from {given.seed}, {given.rows} rows, engines: {', '.join(engine or 'the only one' for engine in engines)}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(given.seed, given.seed + given.policies):
            if given.minutes and time.monotonic() - started > given.minutes * 60:
                break
            case = draw(seed, given.rows)
            found, no = judged(case, huiqi, engines, Path(scratch), given.samples)
            done += 1
            if done % 500 == 0:
                print(f"{done} policies, {len(failed)} differ, {time.monotonic() - started:.0f} s", flush=True)
            if not found:
                continue
            (refused if no else failed).append(seed)
            report(case, found, no, given, huiqi, engines)
            if len(failed) + len(refused) >= given.most:
                break
    print(f"{done} policies (seeds {given.seed} to {given.seed + done - 1}): {len(failed)} differ, {len(refused)} were refused")
    return 1 if failed or refused else 0


def report(case, found, refused, given, huiqi, engines):
    """Cuts the case down, leaves it in a folder, and says what differs."""
    folder = given.keep / str(case.seed)
    def still(smaller):
        again, no = judged(smaller, huiqi, engines, folder, given.samples)
        return again if no == refused else []

    small, again = (case, found) if refused else shrunk(case, found, still)
    still(small)
    lines = [f"{key} {clause}: {words}" for key, clause, words in again[:20]]
    (folder / "expected.txt").write_text(f"seed {case.seed}\n" + "\n".join(lines) + "\n", "utf-8")
    print(f"--- seed {case.seed}: {folder}")
    print("\n".join(lines[:4])[:2500])
    if len(small.records) <= 3 and not refused:
        print(policy_text(small.policy), flush=True)


if __name__ == "__main__":
    sys.exit(main())
