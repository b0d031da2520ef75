"""The policy as expressions of Polars, on whole fen.

In: a frame with the columns of the enterprises, money in fen. Out: a lazy frame with the key,
the twelve amounts and their sum in fen. Whole fen because rounding its decimals is not half up
to the fen everywhere; a share is `(fen * part + half) // whole`.
"""

import polars as pl

from policy_sql import BUDGET, CLOUD, LIMIT, NAMES

WAN = 1_000_000


def share(fen: pl.Expr, part: pl.Expr | int, whole: int) -> pl.Expr:
    """Half up."""
    return (fen * part + whole // 2) // whole


def table(of: str, rows: dict[str, int]) -> pl.Expr:
    """A sum by a word, in 万元."""
    chain = pl
    for word, sum_of in rows.items():
        chain = chain.when(pl.col(of) == word).then(pl.lit(sum_of * WAN, dtype=pl.Int64))
    return chain.otherwise(pl.lit(0, dtype=pl.Int64))


def brackets(of: str, rows: list[tuple[int, int]]) -> pl.Expr:
    """A sum by the least that a fact must reach, greatest first, both in 万元."""
    chain = pl
    for least, sum_of in rows:
        chain = chain.when(pl.col(of) >= least * WAN).then(pl.lit(sum_of * WAN, dtype=pl.Int64))
    return chain.otherwise(pl.lit(0, dtype=pl.Int64))


def gated(condition: pl.Expr, amount: pl.Expr | int) -> pl.Expr:
    """0 where the condition does not hold."""
    amount = pl.lit(amount, dtype=pl.Int64) if isinstance(amount, int) else amount
    return pl.when(condition).then(amount).otherwise(pl.lit(0, dtype=pl.Int64))


def cap(amount: pl.Expr, wan: int) -> pl.Expr:
    """No more than so many 万元."""
    return pl.min_horizontal(amount, pl.lit(wan * WAN, dtype=pl.Int64))


def due() -> list[pl.Expr]:
    """What each clause comes to."""
    col = pl.col
    research = col("研发费用")
    above = lambda wan: pl.max_horizontal(research - wan * WAN, pl.lit(0, dtype=pl.Int64))  # noqa: E731
    rest = col("设备投资额") - 10 * col("上级补助").fill_null(0)
    rate = pl.when(col("上云阶段") == "基础设施").then(pl.lit(30, dtype=pl.Int64)).otherwise(pl.lit(20, dtype=pl.Int64))
    key = col("产业").is_in(["电子信息", "生物医药", "新材料"])
    amounts = [
        gated(col("增资扩产"), cap(share(col("固定资产投资额"), 5, 100), 800)),
        cap(share(col("云服务费"), rate, 100), 50),
        table("绿色工厂", {"国家级": 50, "省级": 20, "市级": 10}),
        brackets("营业收入", [(1_000_000, 200), (500_000, 100), (100_000, 50), (10_000, 10)]),
        cap(share(3 * research + 2 * above(500) + 3 * above(2_000), 1, 100), 300),
        table("智能制造等级", {"五级": 100, "四级": 60, "三级": 30, "二级": 10, "一级": 3}),
        gated(col("高新技术企业") & col("规上企业") & key, 20 * WAN),
        gated(
            col("规上企业") & (10 * col("营业收入") >= 11 * col("上年营业收入")),
            cap(share(col("营业收入") - col("上年营业收入"), 1, 1000), 50),
        ),
        cap(share(pl.max_horizontal(rest, pl.lit(0, dtype=pl.Int64)), 1, 10), 200),
        gated(col("规上企业") | col("高新技术企业"), cap(share(col("贷款利息"), 50, 100), 100)),
        gated(col("培训费用") >= WAN // 2, cap(share(col("培训费用"), 60, 100), 20)),
        cap(share(col("技术合同额").fill_null(0), 2, 100), 30),
    ]
    return [gated(~col("失信企业"), amount).alias(name) for name, amount in zip(NAMES, amounts)]


def run(frame: pl.LazyFrame, stage: str, key: bool = True) -> pl.LazyFrame:
    """The amounts of a stage, with or without the key."""
    total = pl.sum_horizontal(NAMES).alias("合计")
    keys = ["编号"] if key else []
    amounts = frame.select(*keys, *due())
    if stage == "due":
        return amounts.with_columns(total)
    paid = []
    for at, name in enumerate(NAMES):
        before = pl.sum_horizontal(NAMES[:at]) if at else pl.lit(0, dtype=pl.Int64)
        left = pl.max_horizontal(LIMIT * 100 - before, pl.lit(0, dtype=pl.Int64))
        paid.append(pl.min_horizontal(pl.col(name), left).alias(name))
    cloud = pl.col(CLOUD).cast(pl.Int128)
    drawn = pl.max_horizontal(cloud.sum(), pl.lit(BUDGET * 100, dtype=pl.Int128))
    shared = (cloud * (BUDGET * 100) // drawn).cast(pl.Int64).alias(CLOUD)
    return amounts.select(*keys, *paid).with_columns(shared).with_columns(total)
