"""The policy on arrays of numpy, whole fen.

In: arrays by column, money in fen as int64, words as codes, blanks as 0. Out: the twelve
amounts and their sum. One array operation after another over all rows, as one writes it.
"""

import numpy as np

from policy_sql import BUDGET, LIMIT

WAN = 1_000_000


def share(fen, part, whole):
    """Half up."""
    return (fen * part + whole // 2) // whole


def due(c) -> list[np.ndarray]:
    """What each clause comes to."""
    eligible = ~c["失信企业"]
    revenue, before, research = c["营业收入"], c["上年营业收入"], c["研发费用"]
    large, high_tech = c["规上企业"], c["高新技术企业"]
    sums = lambda *wan: np.array(wan, dtype=np.int64) * WAN  # noqa: E731
    least = sums(10_000, 100_000, 500_000, 1_000_000)
    amounts = [
        np.where(c["增资扩产"], np.minimum(share(c["固定资产投资额"], 5, 100), 800 * WAN), 0),
        np.minimum(share(c["云服务费"], np.array([30, 20])[c["上云阶段"]], 100), 50 * WAN),
        sums(50, 20, 10, 0)[c["绿色工厂"]],
        sums(0, 10, 50, 100, 200)[np.searchsorted(least, revenue, side="right")],
        np.minimum(
            share(
                3 * research + 2 * np.maximum(research - 500 * WAN, 0) + 3 * np.maximum(research - 2_000 * WAN, 0), 1, 100
            ),
            300 * WAN,
        ),
        sums(100, 60, 30, 10, 3, 0)[c["智能制造等级"]],
        np.where(high_tech & large & np.array([True, False, True, True, False])[c["产业"]], 20 * WAN, 0),
        np.where(large & (10 * revenue >= 11 * before), np.minimum(share(revenue - before, 1, 1000), 50 * WAN), 0),
        np.minimum(share(np.maximum(c["设备投资额"] - 10 * c["上级补助"], 0), 1, 10), 200 * WAN),
        np.where(large | high_tech, np.minimum(share(c["贷款利息"], 50, 100), 100 * WAN), 0),
        np.where(c["培训费用"] >= WAN // 2, np.minimum(share(c["培训费用"], 60, 100), 20 * WAN), 0),
        np.minimum(share(c["技术合同额"], 2, 100), 30 * WAN),
    ]
    return [np.where(eligible, amount, 0) for amount in amounts]


def run(columns, stage: str) -> list[np.ndarray]:
    """The amounts of a stage and their sum."""
    amounts = due(columns)
    if stage == "settled":
        left = np.full(len(amounts[0]), LIMIT * 100, dtype=np.int64)
        for at, amount in enumerate(amounts):
            amounts[at] = np.minimum(amount, left)
            left -= amounts[at]
        budget, drawn = BUDGET * 100, int(amounts[1].sum())
        if drawn > budget:
            # amount x budget outgrows 64 bits only above 9.2e8 fen; caps keep amounts at 5e7.
            amounts[1] = amounts[1] * budget // drawn
    return [*amounts, np.sum(amounts, axis=0)]
