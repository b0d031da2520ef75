"""The same policy in Huiqi, DuckDB, Polars and numpy, beside the yardstick.

`compare.py FOLDER MEASURES` with the folder that `cargo bench --bench columnar -- --parquet FOLDER`
filled and the lines that it printed. Each peer is warmed up once and run several times: from
columns in memory, from Parquet to Parquet, from CSV to Parquet; every result is compared with the
yardstick's, row by row, to the fen. Each peer and number of threads has a process of its own.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from policy_sql import NAMES, query

MONEY = [
    "固定资产投资额", "设备投资额", "营业收入", "上年营业收入", "研发费用",
    "云服务费", "贷款利息", "培训费用", "上级补助", "技术合同额",
]  # fmt: skip
BOOLS = ["增资扩产", "规上企业", "高新技术企业", "失信企业"]
WORDS = {
    "绿色工厂": ["国家级", "省级", "市级", "无"],
    "智能制造等级": ["五级", "四级", "三级", "二级", "一级", "无"],
    "上云阶段": ["基础设施", "平台系统"],
    "产业": ["电子信息", "装备制造", "生物医药", "新材料", "其他产业"],
}
RESULTS = [*NAMES, "合计"]
STAGES = ["due", "settled"]


def timed(rows: int, runs: int, work):
    """Best, median and processor ns a row after a run to warm up, and what the last came to."""
    came = work()
    times, before = [], processor_time()
    for _ in range(runs):
        start = time.perf_counter()
        came = work()
        times.append((time.perf_counter() - start) * 1e9 / rows)
    processor = (processor_time() - before) * 1e9 / rows / runs
    return {"best": min(times), "median": statistics.median(times), "processor": processor}, came


def processor_time() -> float:
    """Of this process and of those that it started and waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def expected(folder: Path, stage: str):
    """The yardstick's results in fen, by column."""
    import polars as pl

    frame = pl.read_parquet(folder / f"yardstick-{stage}.parquet", columns=RESULTS)
    return {name: frame[name].to_physical().cast(pl.Int64).to_numpy() for name in RESULTS}


def differing(right: dict, came: dict) -> int:
    """How many rows differ in any column."""
    import numpy as np

    rows = np.zeros(len(right["合计"]), dtype=bool)
    for name in RESULTS:
        if len(came[name]) != len(rows):
            return max(len(came[name]), len(rows))
        rows |= right[name] != came[name]
    return int(rows.sum())


class DuckDb:
    """Decimals, in SQL."""

    def __init__(self, folder: Path, threads: int):
        import duckdb

        self.folder, self.base = folder, duckdb.connect()
        self.base.execute(f"SET threads = {threads}")
        parquet = f"read_parquet('{folder / 'enterprises.parquet'}')"
        types = {"编号": "VARCHAR"} | {name: "DECIMAL(18, 2)" for name in MONEY}
        types |= {name: "VARCHAR" for name in [*BOOLS, *WORDS]}
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        csv = f"read_csv('{folder / 'enterprises.csv'}', header = true, columns = {{{columns}}})"
        bools = ", ".join(f"{name} = '是' AS {name}" for name in BOOLS)
        self.sources = {"parquet": parquet, "csv": f"(SELECT * REPLACE ({bools}) FROM {csv})"}
        for name, words in WORDS.items():
            values = ", ".join(f"'{word}'" for word in words)
            self.base.execute(f"CREATE TYPE of_{name} AS ENUM ({values})")
        words = ", ".join(f"{name}::of_{name} AS {name}" for name in WORDS)
        self.base.execute(f"CREATE TABLE enterprises AS SELECT * EXCLUDE (编号) REPLACE ({words}) FROM {parquet}")

    def memory(self, stage: str):
        """Into a table."""
        self.base.execute(f"CREATE OR REPLACE TABLE results AS {query('enterprises', stage, key=False)}")
        return lambda: self._fen("results")

    def file(self, source: str, stage: str):
        """Into a Parquet file."""
        to = self.folder / "duckdb.parquet"
        self.base.execute(f"COPY ({query(self.sources[source], stage)}) TO '{to}' (FORMAT parquet, COMPRESSION snappy)")
        return lambda: self._fen(f"read_parquet('{to}')")

    def _fen(self, relation: str) -> dict:
        columns = ", ".join(f"CAST({name} * 100 AS BIGINT) AS {name}" for name in RESULTS)
        return self.base.execute(f"SELECT {columns} FROM {relation}").fetchnumpy()


class Polars:
    """Whole fen, lazily."""

    def __init__(self, folder: Path, threads: int):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars as pl
        import policy_polars

        self.pl, self.policy, self.folder = pl, policy_polars, folder
        self.frame = self._source("parquet").drop("编号").collect()

    def _source(self, source: str):
        """Money as fen, yes and no as such, words as an enumeration."""
        pl = self.pl
        if source == "parquet":
            frame = self.pl.scan_parquet(self.folder / "enterprises.parquet").drop("成立日期")
        else:
            types = {name: pl.Decimal(18, 2) for name in MONEY} | {name: pl.String for name in [*BOOLS, *WORDS]}
            frame = pl.scan_csv(self.folder / "enterprises.csv", schema_overrides=types)
            frame = frame.with_columns(pl.col(name) == "是" for name in BOOLS)
        fen = [pl.col(name).to_physical().cast(pl.Int64) for name in MONEY]
        return frame.with_columns(*fen, *(pl.col(name).cast(pl.Enum(words)) for name, words in WORDS.items()))

    def memory(self, stage: str):
        """Into a frame."""
        came = self.policy.run(self.frame.lazy(), stage, key=False).collect()
        return lambda: self._fen(came)

    def file(self, source: str, stage: str):
        """Into a Parquet file, in fen."""
        to = self.folder / "polars.parquet"
        self.policy.run(self._source(source), stage).sink_parquet(to, compression="snappy")
        return lambda: self._fen(self.pl.read_parquet(to))

    def _fen(self, frame) -> dict:
        return {name: frame[name].to_numpy() for name in RESULTS}


class NumPy:
    """Whole fen, array by array; Polars reads its file."""

    def __init__(self, folder: Path, threads: int):
        import policy_numpy

        polars = Polars(folder, threads)
        self.policy, pl = policy_numpy, polars.pl
        frame = polars.frame
        self.columns = {name: frame[name].fill_null(0).to_numpy() for name in MONEY}
        self.columns |= {name: frame[name].to_numpy() for name in BOOLS}
        self.columns |= {name: frame[name].to_physical().cast(pl.UInt8).to_numpy() for name in WORDS}

    def memory(self, stage: str):
        """Into arrays."""
        came = self.policy.run(self.columns, stage)
        return lambda: dict(zip(RESULTS, came))


class Huiqi:
    """The program, as anybody starts it: from the command line on, the report and all."""

    def __init__(self, folder: Path, threads: int):
        here = Path(__file__).resolve().parent
        self.folder, self.threads = folder, threads
        self.program = here.parents[1] / "target/release/huiqi"
        policy = (here.parent / "columnar/policy.hq").read_text()
        steps = re.compile(r"^  settle \{.*?^  \}\n", re.DOTALL | re.MULTILINE)
        (folder / "settled.hq").write_text(policy)
        (folder / "due.hq").write_text(steps.sub("", policy))

    def file(self, source: str, stage: str):
        """Into a Parquet file, a row an enterprise."""
        to = self.folder / "huiqi.parquet"
        command = [self.program, "run", self.folder / f"{stage}.hq", "--in", "2024", "--payments", to]
        command += ["--data", self.folder / f"enterprises.{source}", "--threads", str(self.threads)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return lambda: self._fen(to)

    def _fen(self, path: Path) -> dict:
        import polars as pl

        # In either language, the sum of what is settled is the third column.
        frame = pl.read_parquet(path)
        names = NAMES + [frame.columns[2]]
        return {name: frame[of].to_physical().cast(pl.Int64).to_numpy() for name, of in zip(RESULTS, names)}


PEERS = {"huiqi": Huiqi, "duckdb": DuckDb, "polars": Polars, "numpy": NumPy}


def measure(who: str, folder: Path, rows: int, threads: int, runs: int):
    """Prints a line of JSON a measurement."""
    peer = PEERS[who](folder, threads)
    for stage in STAGES:
        right = expected(folder, stage)
        works = {"memory": lambda: peer.memory(stage)} if hasattr(peer, "memory") else {}
        if hasattr(peer, "file"):
            works |= {source: lambda source=source: peer.file(source, stage) for source in ["parquet", "csv"]}
        for source, work in works.items():
            times, came = timed(rows, runs, work)
            line = {"who": who, "from": source, "stage": stage, "threads": threads, **times}
            print(json.dumps(line | {"differ": differing(right, came())}), flush=True)


def table(lines: list[dict], rows: int):
    """All measurements beside the yardstick's."""
    base = {(m["from"], m["stage"], m["threads"]): m for m in lines if m["who"] == "yardstick"}
    print(f"\n{rows} rows: ns a row, and times the yardstick's with as many threads")
    print(f"{'from':8} {'stage':8} {'threads':7} {'who':10} {'best':>9} {'median':>9} {'processor':>9}", end="")
    print(f" {'best':>7} {'processor':>9}  rows that differ")
    for m in sorted(lines, key=lambda m: (m["from"] != "memory", m["from"], m["stage"], m["threads"])):
        own = base[m["from"], m["stage"], m["threads"]]
        print(f"{m['from']:8} {m['stage']:8} {m['threads']:7} {m['who']:10}", end="")
        print(f" {m['best']:9.1f} {m['median']:9.1f} {m['processor']:9.1f}", end="")
        print(f" {m['best'] / own['best']:7.1f} {m['processor'] / own['processor']:9.1f}  {m.get('differ', 0)}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("measures", type=Path, help="lines of JSON that the yardstick printed")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--only", nargs=2, metavar=("WHO", "THREADS"))
    given = arguments.parse_args()
    lines = [json.loads(line) for line in given.measures.read_text().splitlines() if line.startswith("{")]
    rows = len(expected(given.folder, "due")["合计"])
    if given.only:
        who, threads = given.only
        return measure(who, given.folder, rows, int(threads), given.runs)
    for who, threads in [("huiqi", 1), ("huiqi", 2), ("duckdb", 1), ("duckdb", 2), ("polars", 1), ("polars", 2), ("numpy", 1)]:
        command = [sys.executable, __file__, str(given.folder), str(given.measures)]
        command += ["--runs", str(given.runs), "--only", who, str(threads)]
        print(f"{who}, {threads} threads", file=sys.stderr, flush=True)
        came = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        lines += [json.loads(line) for line in came.splitlines()]
    table(lines, rows)
    if wrong := [line for line in lines if line.get("differ")]:
        print(f"{len(wrong)} measurements have rows that differ", file=sys.stderr)


if __name__ == "__main__":
    main()
