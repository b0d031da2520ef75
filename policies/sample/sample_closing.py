"""Whom the closing rules of the documents concern, and what becomes of the amounts.

In: the firms and projects. Out: the files of `收口/`, which let every closing rule bite, and the second
half of `cases.md`: `RUNS`. A test runs the command of each and compares every row. The amounts were worked out by hand from the data files, with fractions,
before they were compared with what the program prints. `OPEN` is an amount that a document leaves open.
"""

import io
from collections import namedtuple

import sample_tables as tables
from sample_cells import WAN, csv, fen_of

Run = namedtuple("Run", "title note command rows")
Row = namedtuple("Row", "rule place at clause before after how")
OPEN = "未定"


def data(*folders):
    return "--data " + " ".join(f"policies/sample/{folder}".rstrip("/") for folder in ("", *folders))


MANUFACTURING = Run(
    "南昌先进制造业：年度预算按比例折算，同类就高",
    "2024 年全市补齐以后，市级应负担 196797461.68 元，假定的预算是 1 亿元，折算系数约 0.50813663。只折市级的六成，县区的四成不折。",
    f"run policies/sample/收口/南昌先进制造业.hq {data('南昌先进制造业', '收口/南昌先进制造业')} --in 2024",
    [
        Row("年度预算", "南昌", 2, "增资扩产", "8000000.00", "5639055.84", "县区 320 万元，市级 480 万元折成 2439055.84 元"),
        Row("年度预算", "南昌", 19, "技改", "5000000.00", "3524409.90", "县区 200 万元，市级 300 万元折成 1524409.90 元"),
        Row("年度预算", "南昌", 12, "首次升规", "200000.00", "101627.32", "第四条由市级全担，20 万元全折"),
        Row("不占预算", "南昌", 12, "升规县区配套", "50000.00", "50000.00", "县区付款，不折"),
        Row("尾差", "南昌", 24, "智慧工厂", "0.01", "0.00", "一分归市级，折后不到一分，余数留存"),
        Row("就高", "南昌", 10, "绿色工厂", "200000.00", "0.00", "供应链 50 万元更高"),
        Row("就高", "南昌", 10, "绿色供应链", "500000.00", "352440.99", "留下以后再折算"),
    ],
)
STEADY = "policies/sample/收口/南昌稳生产.hq"
ORDERS = Run(
    "南昌稳生产：订单奖励的 500 万元",
    "补充的订单使应发合计 615 万元。文件没有写超出时怎样分，所以全都未定；别的款不受影响。",
    f"run {STEADY} {data('南昌稳生产', '收口/南昌稳生产')} --in 2023Q3",
    [
        Row("总额", "南昌", 27, "订单奖励", "50000.00", OPEN, "谁少拿，文件没有写"),
        Row("总额", "南昌", 29, "订单奖励", "100000.00", OPEN, "同上"),
        Row("总额", "南昌", 36, "增产奖励", "100000.00", "100000.00", "1 亿元 × 0.1%，不在这个总额里"),
    ],
)
POOL = Run(
    "南昌稳生产：全文的 1 亿元",
    "比例假定得很高，应发合计超过 1 亿元；同样没有分配规则。",
    f"run {STEADY} {data('南昌稳生产')} policies/sample/收口/南昌稳生产/企业-补齐.csv --in 2023Q3 "
    "--set 增产一档比例=3% --set 增产二档比例=3% --set 增产三档比例=3% "
    "--set 新建一档比例=9% --set 新建二档比例=9% --set 新建三档比例=9% "
    "--set 技改一档比例=40% --set 技改二档比例=40% --set 技改三档比例=40%",
    [
        Row("总额", "南昌", 36, "增产奖励", "2000000.00", OPEN, "1 亿元 × 3%，封顶 200 万元；谁少拿，文件没有写"),
        Row("总额", "南昌", 29, "订单奖励", "100000.00", OPEN, "也在 1 亿元之内"),
    ],
)
LONGNAN = Run(
    "龙南技改：当年地方实得的总限，一比一配套，标识解析的 500 万元",
    "补充的企业使标识解析应发合计超过 500 万元，文件没有写怎样分。",
    f"run policies/龙南技改 {data('龙南技改', '收口/龙南技改')} --in 2024",
    [
        Row("总限", "龙南", 17, "两化贯标", "200000.00", "200000.00", "实得 15 万元加 5 万元，正好够"),
        Row("总限", "龙南", 18, "两化贯标", "200000.00", "199999.99", "实得少一分"),
        Row("总限", "龙南", 19, "两化贯标", "200000.00", "0.00", "没有实得"),
        Row("总限", "龙南", 23, "服务型制造", "30000.00", OPEN, "两项共 23 万元，实得 22 万元，先减哪一项没有写"),
        Row("配套", "龙南", 20, "智能制造", "500000.00", "500000.00", "赣州奖励 50 万元，一比一"),
        Row("资金池", "龙南", 14, "标识解析", "200000.00", OPEN, "谁少拿，文件没有写"),
    ],
)
PINGXIANG = Run(
    "萍乡智能制造：差别化系数",
    "技改投入都是 1200 万元，比例假定 8%，D 类的系数假定一半。",
    f"run policies/sample/收口/萍乡智能制造.hq {data('萍乡智能制造')} --in 2024",
    [
        Row("D 类", "萍乡", 7, "技改投入", "960000.00", "480000.00", "D 类按原来的系数"),
        Row("非 D 类", "萍乡", 8, "技改投入", "960000.00", "960000.00", "没有参加评价，按 100%"),
        Row("非 D 类", "萍乡", 9, "技改投入", "960000.00", "960000.00", "A 类按 100%"),
    ],
)
WUJIN = Run(
    "武进2024：每年 20 个、15 个，一个项目一款，一事一议",
    "智改数转 28 个项目争 20 个，第 20 名三个并列；节能技改 18 个争 15 个，第 15 名两个并列。",
    f"run policies/武进2024 {data('武进2024')} --in 2024",
    [
        Row("前 20", "武进", 39, "智改数转", "208560.00", "208560.00", "第 19 名"),
        Row("前 20 并列", "武进", 40, "智改数转", "500000.00", OPEN, "并列第 20 名，取谁没有写"),
        Row("前 20 之外", "武进", 27, "智改数转", "426117.00", "241715.00", "另一个项目第 23 名，184402 元没有了"),
        Row("前 15", "武进", 37, "节能技改", "128692.00", "128692.00", "第 14 名"),
        Row("前 15 并列", "武进", 38, "节能技改", "54992.00", OPEN, "并列第 15 名"),
        Row("前 15 之外", "武进", 40, "节能技改", "200000.00", "0.00", "第 17 名"),
        Row("一个项目一款", "武进", 11, "节能技改", "160000.00", "0.00", "同一项目走智改数转，30 万元"),
        Row("一个项目一款", "武进", 11, "智改数转", "300000.00", "300000.00", "600 万元的 5%"),
        Row("一事一议", "武进", 21, "绿色工厂认定", "1000000.00", "0.00", "协议里已扶持标杆示范"),
    ],
)
TOGETHER = Run(
    "南昌两项政策：跨文件的结算",
    "预算假定得够用。设计中心的新旧两版是编造的，共用 200 万元，先申报的先得。",
    f"run policies/sample/收口/南昌两项政策.hq {data('南昌先进制造业', '南昌稳生产', '南昌两项政策', '收口/南昌两项政策')} --in 2023",
    [
        Row("跨文件就高", "其他", 5, "增资扩产", "500000.00", "0.00", "新建设备 90 万元更高"),
        Row("跨文件就高", "其他", 5, "新建项目投资奖励", "900000.00", "900000.00", "3000 万元 × 3%"),
        Row("跨文件就高", "其他", 6, "新建项目投资奖励", "900000.00", "0.00", "扩产 200 万元更高"),
        Row("自行选择", "其他", 7, "增资扩产", "2000000.00", "0.00", "企业选了稳生产"),
        Row("自行选择", "其他", 7, "新建项目投资奖励", "900000.00", "900000.00", "选的这一边照付"),
        Row("不重复", "其他", 8, "增产奖励", "900000.00", "0.00", "升规 20 万元加扩产 80 万元，合计多"),
        Row("不重复", "其他", 9, "首次升规", "200000.00", "0.00", "增产 200 万元，比 100 万元多"),
        Row("以后发的为准", "其他", 10, "技改项目投资奖励", "800000.00", "0.00", "先进制造业的技改 100 万元为准"),
        Row("新旧两版", "其他", 13, "设计中心奖励", "1000000.00", "1000000.00", "新版，9 月 1 日最先申报"),
        Row("新旧两版", "其他", 11, "设计中心奖励", "300000.00", "300000.00", "旧版，9 月 2 日"),
        Row("新旧两版", "其他", 12, "设计中心奖励", "400000.00", "400000.00", "新版，9 月 3 日"),
        Row("资金用完", "其他", 14, "设计中心奖励", "800000.00", "300000.00", "旧版，9 月 4 日，只剩 30 万元"),
    ],
)
RUNS = [MANUFACTURING, ORDERS, POOL, LONGNAN, PINGXIANG, WUJIN, TOGETHER]


def places(firms):
    """Finds a firm by its place and number."""
    by_place = {firm["_at"]: firm for firm in firms}
    return lambda place, at: by_place[place, at]


def mended(firms, facts):
    """What the firms that forgot cells of these facts filled in when they were asked."""
    rows = []
    for firm in firms:
        forgotten = {fact: text for fact, text in firm.get("_forgotten", {}).items() if fact in facts and text}
        forgotten |= tables.MENDED.get(firm["_at"], {})
        forgotten = {fact: text for fact, text in forgotten.items() if fact in facts and fact not in tables.DEFAULTED}
        if forgotten:
            rows.append({"统一社会信用代码": firm["统一社会信用代码"]} | forgotten)
    return csv(rows, ["统一社会信用代码"] + [fact for fact in facts if any(fact in row for row in rows)])


def mended_projects(projects):
    """The answers that projects left open."""
    rows = [{**project, "符合产业政策": "是"} for project in projects if project["符合产业政策"] == ""]
    return csv(rows, ["统一社会信用代码", "编号", "符合产业政策"])


def more_nodes(firms):
    """So many more firms of Longnan that joined a node that the pool of 500万 does not suffice."""
    able = [f for f in firms if f["_at"][0] == "龙南" and f["接入二级节点"] == "" and f["_at"] not in tables.QUIET
            and f["工业企业"] == "是" and f["增值税地方实得 2024"] and fen_of(f["增值税地方实得 2024"]) >= 20 * WAN]
    return [{"统一社会信用代码": firm["统一社会信用代码"], "接入二级节点": "是", "二级节点验收合格": "是", "标识解析投资额": "1500000.00"}
            for firm in able]


def more_orders(firms):
    """So many more great orders that the pool of 500万 does not suffice."""
    at_place = places(firms)
    # The last of them left open whether another order was carried out; this one settles it.
    chosen = [at_place("南昌", at) for at in range(5, 20)] + [at_place("武进", 19)]
    return [{"统一社会信用代码": firm["统一社会信用代码"], "金额": "260000000.00", "签订日期": "2023-08-31", "已落地": "是"} for firm in chosen]


def table(firms):
    """Whom the closing rules concern, run by run."""
    at_place, out = places(firms), io.StringIO()
    out.write("\n# 收口的规则落在谁身上\n\n")
    out.write("各份文件的总额、名额、就高、限额，在样例城市里各落在哪一户，前后是多少元。每一节的命令在仓库的根目录运行；\n")
    out.write("「算出」是一款自己算完的金额，「结算后」是结算以后的金额，「未定」是文件没有写明、由语言如实报出的。\n\n")
    out.write("Which firm each closing rule concerns, before and after; 未定 is what a document leaves open.\n")
    for run in RUNS:
        out.write(f"\n## {run.title}\n\n{run.note}\n\n```sh\nhuiqi {run.command}\n```\n\n")
        out.write("| 规则 | 统一社会信用代码 | 条款 | 算出 | 结算后 | 怎样算 |\n|---|---|---|---|---|---|\n")
        for row in run.rows:
            key = at_place(row.place, row.at)["统一社会信用代码"]
            out.write(f"| {row.rule} | {key} | {row.clause} | {row.before} | {row.after} | {row.how} |\n")
    return out.getvalue()
