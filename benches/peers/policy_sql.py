"""The policy as one writes it in SQL for DuckDB: decimals, one query.

In: the name of a relation with the columns of the enterprises. Out: a query for the key, the
twelve amounts and their sum, before (due) or after (settled) the limit and the budget.
DuckDB's round is half away from zero, which for amounts of 0 and more is half up. A decimal
times a decimal keeps all places, so that every amount is exact until it is rounded; division
is of doubles, so shares are written as products, and the budget's as whole fen.
"""

NAMES = [
    "增资扩产奖励", "上云补助", "绿色工厂奖励", "上台阶奖励", "研发补助", "智能制造奖励",
    "重点企业奖励", "增长奖励", "设备补助", "贷款贴息", "培训补贴", "技术转移补助",
]  # fmt: skip
CLOUD = "上云补助"
LIMIT = 5_000_000
BUDGET = 100_000_000

# Yuan; each is rounded once, then kept in a column of money.
DUE = {
    "增资扩产奖励": "CASE WHEN 增资扩产 THEN least(round(固定资产投资额 * 0.05, 2), 8000000) ELSE 0 END",
    "上云补助": "least(round(云服务费 * CASE 上云阶段 WHEN '基础设施' THEN 0.30 ELSE 0.20 END, 2), 500000)",
    "绿色工厂奖励": "CASE 绿色工厂 WHEN '国家级' THEN 500000 WHEN '省级' THEN 200000 WHEN '市级' THEN 100000 ELSE 0 END",
    "上台阶奖励": "CASE WHEN 营业收入 >= 10000000000 THEN 2000000 WHEN 营业收入 >= 5000000000 THEN 1000000 "
    "WHEN 营业收入 >= 1000000000 THEN 500000 WHEN 营业收入 >= 100000000 THEN 100000 ELSE 0 END",
    "研发补助": "least(round(least(研发费用, 5000000) * 0.03 + least(greatest(研发费用 - 5000000, 0), 15000000) * 0.05 "
    "+ greatest(研发费用 - 20000000, 0) * 0.08, 2), 3000000)",
    "智能制造奖励": "CASE 智能制造等级 WHEN '五级' THEN 1000000 WHEN '四级' THEN 600000 WHEN '三级' THEN 300000 "
    "WHEN '二级' THEN 100000 WHEN '一级' THEN 30000 ELSE 0 END",
    "重点企业奖励": "CASE WHEN 高新技术企业 AND 规上企业 AND 产业 IN ('电子信息', '生物医药', '新材料') THEN 200000 ELSE 0 END",
    "增长奖励": "CASE WHEN 规上企业 AND 营业收入 >= 上年营业收入 * 1.1 "
    "THEN least(round((营业收入 - 上年营业收入) * 0.001, 2), 500000) ELSE 0 END",
    "设备补助": "least(round(greatest(设备投资额 * 0.1 - coalesce(上级补助, 0), 0), 2), 2000000)",
    "贷款贴息": "CASE WHEN 规上企业 OR 高新技术企业 THEN least(round(贷款利息 * 0.5, 2), 1000000) ELSE 0 END",
    "培训补贴": "CASE WHEN 培训费用 >= 5000 THEN least(round(培训费用 * 0.6, 2), 200000) ELSE 0 END",
    "技术转移补助": "least(round(coalesce(技术合同额, 0) * 0.02, 2), 300000)",
}


def query(source: str, stage: str, key: bool = True) -> str:
    """The query for a stage, with or without the key."""
    money, key = "DECIMAL(18, 2)", "编号, " if key else ""
    due = ",\n".join(f"CAST(CASE WHEN 失信企业 THEN 0 ELSE {DUE[name]} END AS {money}) AS {name}" for name in NAMES)
    total = f"CAST({' + '.join(NAMES)} AS {money}) AS 合计"
    steps = f"WITH due AS (SELECT {key}{due} FROM {source})"
    if stage == "due":
        return f"{steps} SELECT *, {total} FROM due"
    # In order: each gets what those before it leave of the limit.
    paid = []
    for at, name in enumerate(NAMES):
        before = " + ".join(NAMES[:at]) or "0"
        paid.append(f"CAST(least({name}, greatest({LIMIT} - ({before}), 0)) AS {money}) AS {name}")
    fen = f"CAST({CLOUD} * 100 AS HUGEINT)"
    drawn = f"(SELECT sum({fen}) FROM limited)"
    share = f"CAST(({fen} * {BUDGET * 100} // greatest({drawn}, {BUDGET * 100})) AS {money}) * 0.01"
    others = ", ".join(f"CAST({share} AS {money}) AS {CLOUD}" if name == CLOUD else name for name in NAMES)
    return (
        f"{steps}, limited AS (SELECT {key}{', '.join(paid)} FROM due), "
        f"paid AS (SELECT {key}{others} FROM limited) SELECT *, {total} FROM paid"
    )
