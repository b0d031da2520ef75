"""Makes the sample city: data files that every policy of this folder can be run over.

In: nothing but the seed and the tables of `sample_tables.py`. Out: the CSV and JSON files
beside this script, byte for byte the same on every run. Run it from anywhere:

    python3 policies/sample/make_sample.py           # writes the files
    python3 policies/sample/make_sample.py --check   # writes nothing; fails if a file differs

The idea: first random firms, skewed as real ones are; then `sample_tables.py` puts chosen
firms exactly at, a fen below and a fen above the thresholds of the clauses. Every cell has
a generator of its own, seeded by the key and the column, so that a new column leaves the
others as they are. Money is whole fen in integers; no float is used anywhere.
"""

import io
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random

import sample_closing as closing
import sample_tables as tables
from sample_cells import NONE, WAN, csv, fen_of, grouped, in_wan, iso, percent, slashed, written, yuan

SEED = "huiqi-sample-1"
HERE = Path(__file__).resolve().parent
YES, NO = "是", "否"


# ── Chance, without floats ──────────────────────────────────────────────

def chance(*what):
    """The generator of one cell."""
    return Random("/".join([SEED, *map(str, what)]))


def happens(rng, per_mille):
    """True so many times in a thousand."""
    return rng.randrange(1000) < per_mille


def pick(rng, weighted):
    """One of `(weight, value)` pairs."""
    at = rng.randrange(sum(weight for weight, _ in weighted))
    for weight, value in weighted:
        at -= weight
        if at < 0:
            return value
    raise AssertionError("weights are positive")


def between(rng, low, high):
    """A day from `low` to `high`, both included."""
    return low + timedelta(days=rng.randrange((high - low).days + 1))


def amount(rng, band):
    """Fen within a band of 元."""
    low, high = band
    return rng.randrange(low * 100, high * 100)


def share(fen, rng, low, high):
    """A part of an amount, from `low` to `high` thousandths."""
    return fen * rng.randrange(low, high) // 1000


# ── Firms ───────────────────────────────────────────────────────────────

def make_firms():
    """All firms as facts by name; `_` marks what is no fact."""
    firms = []
    brands = [a + b for a in tables.BRAND_FIRST for b in tables.BRAND_SECOND]
    chance("brands").shuffle(brands)
    for place, (sites, count) in tables.PLACES.items():
        for at in range(1, count + 1):
            town, code, districts = sites[at % len(sites)]
            number = len(firms) + 1
            key = f"91{code}SAMPLE{number:04d}"
            industry, area, product = tables.INDUSTRIES[place][at % len(tables.INDUSTRIES[place])]
            firm = {
                "_at": (place, at), "_size": tables.SIZE_OF.get((place, at)) or pick(chance(key, "size"), tables.SIZES), "_product": product,
                "_town": code,
                "统一社会信用代码": key,
                "名称": f"{town.rstrip('市区')}样例{brands[number]}{product}有限公司",
                "区县": districts[chance(key, "district").randrange(len(districts))],
                "注册地": town, "所属行业": industry, "产业领域": area,
            }
            fill_scale(firm, key)
            fill_honours(firm, key)
            fill_documents(firm, key)
            if place == "武进":
                fill_wujin(firm, key)
            firms.append(firm)
    forget_some(firms)
    for case in tables.FIRM_CASES:
        find(firms, case.place, case.at).update(case.facts)
    return firms


def find(firms, place, at):
    return next(firm for firm in firms if firm["_at"] == (place, at))


def fill_scale(firm, key):
    """What the registers say: who the firm is, and how big."""
    rng = chance(key, "scale")
    size = firm["_size"]
    founded = between(rng, date(1996, 1, 1), date(2018, 12, 31))
    if happens(rng, 300) and firm["_at"] not in tables.SIZE_OF:
        founded = between(rng, date(2019, 1, 1), date(2023, 12, 31))
    above = size != "微型" and happens(rng, 960)
    since = founded + timedelta(days=400)
    first = between(rng, since, max(since, date(2023, 11, 30)))
    if happens(rng, 220):
        first = between(rng, max(since, date(2023, 12, 1)), date(2025, 6, 30))
    revenue = {2024: amount(rng, tables.REVENUE[size])}
    revenue[2023] = share(revenue[2024], rng, 780, 1120)
    revenue[2022] = share(revenue[2023], rng, 780, 1150)
    group = pick(chance(key, "group"), [(85, "")] + [(3, name) for name in tables.GROUPS])
    firm.update({
        "独立法人": YES if happens(rng, 975) else NO, "成立日期": iso(founded),
        "迁出日期": iso(between(rng, date(2023, 3, 1), date(2025, 3, 1))) if happens(rng, 12) else "",
        "所属集团": group if size != "微型" else "",
        "一事一议": YES if size in ("大型", "特大型") and happens(rng, 250) else "",
        "规上企业": YES if above else NO, "首次升规日期": iso(first) if above else NONE,
        "首次上报报表日期": iso(first + timedelta(days=31)) if above else NONE,
    })
    for year, fen in revenue.items():
        firm[f"营业收入 {year}"] = yuan(fen)
    for year in (2023, 2024):
        output = share(revenue[year], rng, 940, 1130)
        firm[f"工业总产值 {year}"] = firm[f"产销额 {year}"] = yuan(output)
    expanding = size != "微型" and happens(rng, 160)
    firm["增资扩产"] = YES if expanding else ""
    firm["固定资产投资额"] = yuan(share(revenue[2024], rng, 80, 600) // WAN * WAN) if expanding else "0.00"
    fill_quarter(firm, rng, founded, revenue[2023])


def fill_quarter(firm, rng, founded, revenue):
    """The taxable sales of the third quarter of 2023 and of a year before."""
    sales = share(revenue, rng, 215, 310)
    firm["三季度应税销售收入"] = yuan(sales)
    firm["上年同期应税销售收入"] = yuan(share(sales, rng, 820, 1160)) if founded < date(2022, 7, 1) else NONE


def fill_honours(firm, key):
    """Every honour: its level, and the day of it where there is one."""
    weight = tables.HONOUR_WEIGHT[firm["_size"]]
    for fact, dated, levels in tables.HONOURS + tables.OWN_HONOURS:
        rng = chance(key, fact)
        found = NONE
        for level, per_mille in levels:
            if happens(rng, per_mille * weight // 10):
                found = level
                break
        firm[fact] = found
        firm[dated] = iso(honour_day(rng)) if found != NONE else ""


def honour_day(rng):
    year = pick(rng, [(8, 2021), (12, 2022), (20, 2023), (50, 2024), (10, 2025)])
    return between(rng, date(year, 1, 1), date(year, 12, 31) if year < 2025 else date(2025, 6, 30))


def fill_documents(firm, key):
    """The facts that only one or two documents ask for."""
    rng = chance(key, "documents")
    place = firm["_at"][0]
    size = firm["_size"]
    factory = size != "微型" and happens(rng, 110)
    firm.update({"现有企业": YES if firm["成立日期"] < "2023-01-01" else NO,
                 "智慧工厂": YES if factory else "", "工业企业": NO if happens(rng, 25) else YES})
    model = place in ("龙南", "其他") and size != "微型" and happens(rng, 120)
    firm.update({"赣州智能制造示范": YES if model else "", "赣州智能制造标杆": YES if model and happens(rng, 300) else ""})
    firm["赣州市奖励 2024"] = yuan(rng.randrange(5, 51) * WAN) if model else "0.00"
    joined = place == "龙南" and happens(rng, 300)
    firm["接入二级节点"] = YES if joined else ""
    firm["二级节点验收合格"] = (YES if happens(rng, 850) else NO) if joined else ""
    firm["标识解析投资额"] = yuan(rng.randrange(20, 180) * WAN) if joined else ""
    for year in (2023, 2024):
        revenue = fen_of(firm[f"营业收入 {year}"])
        firm[f"增值税地方实得 {year}"] = yuan(share(revenue, rng, 4, 15))
        firm[f"企业所得税地方实得 {year}"] = yuan(share(revenue, rng, 1, 9))
        own = size != "微型" and happens(rng, 400)
        firm[f"技改设备完成投资额 {year}"] = yuan(share(revenue, rng, 10, 120) // WAN * WAN if own else 0)
    listed = size in ("大型", "特大型") and happens(rng, 300)
    firm["上市交易所"] = pick(rng, [(3, "上交所"), (4, "深交所"), (2, "北交所"), (1, "其他交易所")]) if listed else NONE
    firm["上市日期"] = iso(between(rng, date(2018, 1, 1), date(2024, 12, 31))) if listed else ""
    for fact in ("武器装备备案日期", "承制资格取得日期", "保密资质取得日期"):
        firm[fact] = iso(between(rng, date(2022, 1, 1), date(2024, 12, 31))) if size != "微型" and happens(rng, 40) else ""
    grade = pick(rng, [(15, "A类"), (40, "B类"), (25, "C类"), (8, "D类"), (12, NONE)])
    firm["同类奖补自选"] = ""
    applied = between(chance(key, "设计中心申报日期"), date(2023, 9, 5), date(2023, 9, 30))
    firm["设计中心申报日期"] = iso(applied) if firm["工业设计中心"] != NONE else ""
    firm["四论评价"] = grade if firm["规上企业"] == YES else NONE


def fill_wujin(firm, key):
    """The facts of the Wujin document."""
    rng = chance(key, "wujin")
    peak = share(fen_of(firm["产销额 2023"]), rng, 1000, 1200)
    moved = happens(rng, 60)
    firm.update({
        "制造业企业": NO if firm["工业企业"] == NO or happens(rng, 30) else YES, "公共机构": "",
        "应报上级未报": YES if happens(rng, 25) else "",
        "往年产销峰值": yuan(peak) if firm["成立日期"] < "2023-06-30" else NONE,
        "新增长点企业": YES if firm["_size"] in ("大型", "特大型") and happens(rng, 500) else "",
        "新招引": YES if moved else "",
        "注册地变更日期": iso(between(rng, date(2024, 1, 1), date(2024, 12, 31))) if moved else NONE,
    })
    for fact in ("融合试点获评日期", "工业互联网试点获评日期", "促进中心创建日期", "技术创新示范认定日期"):
        has = firm["_size"] not in ("微型", "小型") and happens(rng, 60)
        firm[fact] = iso(between(rng, date(2023, 1, 1), date(2024, 12, 31))) if has else NONE
    for fact, honour, most in tables.UPPER_PAID:
        level = firm.get(honour, NONE)
        firm[fact] = yuan(rng.randrange(1, most) * WAN) if level != NONE and happens(rng, 250) else ""


def forget_some(firms):
    """Every eighth firm or so, no chosen one, has left cells blank that it should have filled in."""
    chosen = {(case.place, case.at) for case in tables.FIRM_CASES}
    for firm in firms:
        key = firm["统一社会信用代码"]
        if firm["_at"] in chosen or not happens(chance(key, "careless"), 230):
            continue
        for fact in list(firm):
            if fact in tables.NEVER_BLANK or fact.startswith("_"):
                continue
            if happens(chance(key, fact, "blank"), 200):
                firm.setdefault("_forgotten", {})[fact] = firm[fact]
                firm[fact] = ""


# ── Lists ───────────────────────────────────────────────────────────────

def make_projects(firms):
    """Projects: the chosen ones, then random ones of the other firms."""
    projects = []
    chosen = {(case.place, case.at) for case in tables.PROJECT_CASES}
    for firm in firms:
        for case in tables.PROJECT_CASES:
            if (case.place, case.at) == firm["_at"]:
                projects.append(blank_project(firm, projects) | case.facts)
        if firm["_at"][0] == "武进" and firm["_at"][1] >= tables.SCORED_FROM:
            scored_projects(firm, projects)
            continue
        if firm["_at"] in chosen | tables.QUIET:
            continue
        rng = chance(firm["统一社会信用代码"], "projects")
        for _ in range(pick(rng, tables.PROJECT_COUNTS[firm["_size"]])):
            projects.append(random_project(firm, projects, rng))
    return projects


def blank_project(firm, projects):
    """A project of which everything is known and nothing special."""
    number = len(projects) + 1
    return {
        "统一社会信用代码": firm["统一社会信用代码"], "_firm": firm, "编号": f"S2024-{firm['_town']}-{number:04d}",
        "名称": f"样例{firm['_product']}改造{number}期", "建设性质": "技术改造", "计划投资额": "8000000.00",
        "完成投资额": "8000000.00", "设备投资额": "4000000.00", "符合产业政策": YES, "竣工日期": NONE,
        "年度设备发票额": "0.00", "列入国家统计库": YES, "期内投资进度": "10.0%", "总体投资进度": "10.0%",
        "期内设备投资": "0.00", "揭榜挂帅立项日期": "",
    }


def random_project(firm, projects, rng):
    project = blank_project(firm, projects)
    nature = pick(rng, [(20, "新建"), (15, "扩建"), (65, "技术改造")])
    plan = amount(rng, pick(rng, tables.PROJECT_BANDS[firm["_size"]])) // WAN * WAN
    done = share(plan, rng, 350, 1040)
    equipment = share(done, rng, 380, 720)
    finished = between(rng, date(2022, 3, 1), date(2025, 3, 31)) if happens(rng, 600) else None
    overall = rng.randrange(80, 420)
    project.update({
        "名称": f"样例{firm['_product']}{tables.PROJECT_WORDS[nature]}{len(projects) + 1}期", "建设性质": nature,
        "计划投资额": yuan(plan), "完成投资额": yuan(done), "设备投资额": yuan(equipment),
        "符合产业政策": pick(rng, [(93, YES), (5, NO), (2, "")]), "竣工日期": iso(finished) if finished else NONE,
        "年度设备发票额": yuan(share(equipment, rng, 200, 950)) if happens(rng, 750) else "0.00",
        "列入国家统计库": YES if plan >= 500 * WAN and happens(rng, 900) else NO,
        "总体投资进度": percent(overall), "期内投资进度": percent(max(0, overall + rng.randrange(-90, 110))),
        "期内设备投资": yuan(share(equipment, rng, 50, 450)) if happens(rng, 500) else "0.00",
    })
    if firm["_at"][0] == "萍乡" and happens(rng, 120):
        project["揭榜挂帅立项日期"] = iso(between(rng, date(2023, 6, 1), date(2024, 12, 31)))
    return project


def scored_projects(firm, projects):
    """The upgrades of Wujin that are chosen by score: more good ones than places, with a tie at the line."""
    at = firm["_at"][1] - tables.SCORED_FROM
    firm.update({"独立法人": YES, "制造业企业": YES, "应报上级未报": "", "一事一议": ""})
    for place in range(at, tables.DIGITAL_COUNT, tables.SCORED_FIRMS):
        project = blank_project(firm, projects)
        rng = chance(project["编号"], "digital")
        invested = rng.randrange(510, 2600) * WAN if place != 10 else 490 * WAN
        score = 985 - 17 * (15 if place in (16, 17) else place)
        project.update({"名称": project["名称"].replace("改造", "智能化改造"), "计划投资额": yuan(invested), "完成投资额": yuan(invested),
                        "智改数转网联": YES, "改造提升投资额": yuan(invested), "智改评审得分": f"{score // 10}.{score % 10}",
                        "智能化信息化投入": yuan(share(invested, rng, 250, 600)), "上级智改数转已得": yuan(8 * WAN) if place == 23 else ""})
        projects.append(project)
    for place in range(at, tables.ENERGY_COUNT, tables.SCORED_FIRMS):
        project = blank_project(firm, projects)
        rng = chance(project["编号"], "energy")
        new, saved, third = happens(rng, 300), rng.randrange(6000, 60000), rng.randrange(90000, 200000)
        saved = 4500 if place == 9 else saved
        day = date(2023, 11, 20) if place == 4 else between(rng, date(2024, 1, 1), date(2024, 12, 31))
        score = 960 - 15 * (13 if place == 14 else place)
        project.update({"名称": project["名称"].replace("改造", "节能改造"), "节能改造": "" if new else YES, "新增一级能效设备": YES if new else "",
                        "竣工日期": iso(day), "节能量": yuan(saved), "三级能效年耗能": yuan(third) if new else "",
                        "一级能效年耗能": yuan(third - saved) if new else "", "节能评审得分": f"{score // 10}.{score % 10}"})
        projects.append(project)


def make_orders(firms):
    """Orders of the summer of 2023 and around it."""
    orders = []
    chosen = {(case.place, case.at) for case in tables.ORDER_CASES}
    for firm in firms:
        key = firm["统一社会信用代码"]
        for case in tables.ORDER_CASES:
            if (case.place, case.at) == firm["_at"]:
                orders.append({"统一社会信用代码": key} | case.facts)
        if firm["_at"] in chosen | tables.QUIET:
            continue
        rng = chance(key, "orders")
        for _ in range(pick(rng, tables.ORDER_COUNTS[firm["_size"]])):
            orders.append({"统一社会信用代码": key, "金额": yuan(amount(rng, tables.ORDER_AMOUNT[firm["_size"]]) // 10000 * 10000),
                           "签订日期": iso(between(rng, date(2023, 5, 1), date(2023, 12, 31))),
                           "已落地": pick(rng, [(80, YES), (17, NO), (3, "")])})
    return orders


def make_products(firms):
    """Products, with the catalogues and first sets that they are in."""
    products = []
    for firm in firms:
        key = firm["统一社会信用代码"]
        rng = chance(key, "products")
        count = 0 if firm["_at"] in tables.QUIET else pick(rng, [(55, 0), (33, 1), (12, 2)])
        cases = [case for case in tables.PRODUCT_CASES if (case.place, case.at) == firm["_at"]]
        for case in cases + [None] * (0 if cases else count):
            listed = pick(rng, [(84, NONE), (9, "省级"), (7, "国家级")])
            first_set = pick(rng, [(80, NONE), (8, "市级"), (7, "苏锡常"), (5, "省级")]) if firm["_at"][0] == "武进" else NONE
            insured = first_set != NONE and happens(rng, 500)
            product = {
                "统一社会信用代码": key, "_firm": firm, "名称": f"样例牌{firm['_product']} YL-{len(products) + 1:04d}",
                "首批次目录": listed, "首批次列入日期": iso(honour_day(rng)) if listed != NONE else "",
                "首台套": first_set, "首台套认定日期": iso(honour_day(rng)) if first_set != NONE else NONE,
                "列入推荐目录": YES if insured else "", "首张订单投保": YES if insured else "",
                "首单年度保费": yuan(rng.randrange(4, 90) * WAN) if insured else "0.00",
                "上级首台套已得": "", "上级保险已得": "",
            }
            products.append(product | (case.facts if case else {}))
    return products


def make_invoices(firms):
    """The invoices of smart factories."""
    invoices = []
    for firm in firms:
        key = firm["统一社会信用代码"]
        cases = [case for case in tables.INVOICE_CASES if (case.place, case.at) == firm["_at"]]
        if cases:
            invoices += [{"统一社会信用代码": key} | case.facts for case in cases]
        elif firm["智慧工厂"] == YES:
            rng = chance(key, "invoices")
            for _ in range(rng.randrange(2, 6)):
                invoices.append({"统一社会信用代码": key, "金额": yuan(amount(rng, tables.INVOICE_AMOUNT[firm["_size"]])),
                                 "开票日期": iso(between(rng, date(2023, 11, 1), date(2025, 3, 31)))})
    return invoices


def make_cloud(firms):
    """What firms paid for the cloud."""
    rows = []
    for firm in firms:
        key = firm["统一社会信用代码"]
        cases = [case.facts for case in tables.CLOUD_CASES if (case.place, case.at) == firm["_at"]]
        rng = chance(key, "cloud")
        count = 0 if cases or firm["_at"] in tables.QUIET or firm["_at"][0] != "龙南" else pick(rng, [(50, 0), (25, 1), (15, 2), (10, 3)])
        cases += [{"上云类别": pick(rng, [(1, kind) for kind in tables.CLOUD_KINDS]), "实际支付金额": yuan(amount(rng, (3000, 90000))),
                   "付款日期": iso(between(rng, date(2023, 6, 1), date(2024, 12, 31)))} for _ in range(count)]
        rows += [{"统一社会信用代码": key, "凭证号": f"YL-P{len(rows) + at + 1:05d}"} | case for at, case in enumerate(cases)]
    return rows


def make_platforms(firms):
    """Innovation platforms of the firms of Pingxiang."""
    rows = []
    for firm in firms:
        rng = chance(firm["统一社会信用代码"], "platforms")
        if firm["_at"][0] != "萍乡" or firm["_size"] == "微型":
            continue
        for _ in range(pick(rng, [(60, 0), (30, 1), (10, 2)])):
            level = pick(rng, [(50, "市级"), (40, "省级"), (10, "国家级")])
            rows.append({"统一社会信用代码": firm["统一社会信用代码"], "名称": f"样例{firm['_product']}技术中心{len(rows) + 1}号",
                         "级别": level, "首次获评日期": iso(between(rng, date(2022, 1, 1), date(2024, 12, 31)))})
    return rows


def make_titles(firms):
    """Efficiency titles of the firms of Wujin."""
    rows = []
    for firm in firms:
        rng = chance(firm["统一社会信用代码"], "titles")
        if firm["_at"][0] == "武进" and firm["_size"] != "微型" and happens(rng, 170):
            for _ in range(rng.randrange(1, 3)):
                rows.append({"统一社会信用代码": firm["统一社会信用代码"], "称号": pick(rng, [(1, t) for t in tables.TITLES]),
                             "列入日期": iso(between(rng, date(2023, 9, 1), date(2024, 12, 31)))})
    return rows


def case_rows(firms, cases):
    """Rows that are all chosen."""
    return [{"统一社会信用代码": find(firms, case.place, case.at)["统一社会信用代码"]} | case.facts for case in cases]


def make_history(firms, projects):
    """Earlier payments; the item of a case is the number of the firm's project, counted from 0."""
    rows = []
    for case in tables.HISTORY_CASES:
        firm = find(firms, case.place, case.at)
        row = {"受益人": firm["统一社会信用代码"]} | case.facts
        if isinstance(row["项"], int):
            row["项"] = [p["编号"] for p in projects if p["_firm"] is firm][row["项"]]
        rows.append(row)
    return sorted(rows, key=lambda row: (row["日期"], row["受益人"]))


def honours_of(honours):
    return [column for fact, dated, _ in honours for column in (fact, dated)]


# ── Files ───────────────────────────────────────────────────────────────

def make_all():
    """Every file by its name."""
    firms = make_firms()
    projects, orders, products = make_projects(firms), make_orders(firms), make_products(firms)
    invoices, history = make_invoices(firms), make_history(firms, projects)
    firm, project, product = "统一社会信用代码", ["统一社会信用代码", "编号"], ["统一社会信用代码", "名称"]
    wujin = [row for row in firms if row["_at"][0] == "武进"]
    honours = [c for fact, dated, _ in tables.HONOURS for c in (fact, (dated, dated, slashed))]
    own = {name: [c for fact, dated, _ in tables.OWN_HONOURS if fact in facts for c in (fact, dated)]
           for name, facts in tables.OWN_HONOURS_OF.items()}
    outputs = [(f"工业总产值 {year}（万元）", f"工业总产值 {year}", in_wan) for year in (2023, 2024)]
    manufacturing = tables.MANUFACTURING_FACTS + honours_of(tables.HONOURS) + own["南昌先进制造业"]
    wan = [(f"{fact}（万元）", fact, in_wan) for fact in ("计划投资额", "完成投资额", "设备投资额")]
    return {
        "企业.csv": csv(firms, tables.FIRM_COLUMNS + outputs + ["增资扩产", "固定资产投资额"], "utf-8-sig", "\r\n"),
        "企业-荣誉.csv": csv(firms, [firm, "名称"] + honours, "gb18030", "\r\n"),
        "订单.csv": csv(orders, [firm, ("金额", "金额", grouped), "签订日期", "已落地"]),
        "项目.csv": csv(projects, project + ["名称", "建设性质"] + wan + ["符合产业政策", "竣工日期"]),
        "产品.csv": csv(products, product),
        "承办单位.csv": csv([{"名称": name} for name in tables.ORGANISERS], ["名称"]),
        "引入企业.csv": csv(tables.NEWCOMERS, ["承办单位", "名称", "外地", "已落地", "已纳统"]),
        "县区.csv": csv([{"名称": name} for name in sorted({row["区县"] for row in firms if row["区县"]})], ["名称"]),
        "历史.csv": csv(history, tables.HISTORY_COLUMNS),
        "南昌先进制造业/企业.csv": csv(firms, [firm, "现有企业"] + own["南昌先进制造业"] + ["智慧工厂"]),
        "南昌先进制造业/项目.csv": csv(projects, project + ["年度设备发票额"]),
        "南昌先进制造业/产品.csv": csv(products, product + ["首批次目录", "首批次列入日期"]),
        "南昌先进制造业/发票.csv": csv(invoices, [firm, "金额", "开票日期"]),
        "南昌稳生产/企业.csv": csv(firms, [firm, "三季度应税销售收入", "上年同期应税销售收入"]),
        "南昌稳生产/项目.csv": csv(projects, project + ["期内投资进度", "总体投资进度", "期内设备投资"]),
        "南昌两项政策/企业.csv": csv(firms, [firm, "同类奖补自选", "设计中心申报日期"]),
        "龙南技改/企业.csv": csv(firms, [firm] + tables.LONGNAN_COLUMNS),
        "龙南技改/项目.csv": csv(projects, project + ["列入国家统计库"]),
        "龙南技改/上云支出.csv": csv(make_cloud(firms), [firm, "凭证号", "上云类别", "实际支付金额", "付款日期"]),
        "萍乡智能制造/企业.csv": csv(firms, [firm] + tables.PINGXIANG_COLUMNS[:4] + own["萍乡智能制造"] + tables.PINGXIANG_COLUMNS[4:]),
        "萍乡智能制造/项目.csv": csv([p for p in projects if p["揭榜挂帅立项日期"]], project + ["揭榜挂帅立项日期"]),
        "萍乡智能制造/创新平台.csv": csv(make_platforms(firms), [firm, "名称", "级别", "首次获评日期"]),
        "武进2024/企业.csv": csv(wujin, [firm] + tables.WUJIN_COLUMNS + own["武进2024"] + [fact for fact, _, _ in tables.UPPER_PAID]),
        "武进2024/项目.csv": csv([p for p in projects if p["_firm"] in wujin], project + tables.WUJIN_PROJECT),
        "武进2024/产品.csv": csv([p for p in products if p["_firm"] in wujin], product + tables.WUJIN_PRODUCT),
        "武进2024/节能环保称号.csv": csv(make_titles(firms), [firm, "称号", "列入日期"]),
        "武进2024/一事一议事项.csv": csv(case_rows(firms, tables.DEAL_CASES), [firm, "类别"]),
        "收口/南昌先进制造业/企业-补齐.csv": closing.mended(firms, manufacturing),
        "收口/南昌先进制造业/项目-补齐.csv": closing.mended_projects(projects),
        "收口/南昌两项政策/企业-补齐.csv": closing.mended(firms, manufacturing + tables.QUARTER_FACTS + ["设计中心申报日期"]),
        "收口/南昌两项政策/项目-补齐.csv": closing.mended_projects(projects),
        "收口/南昌稳生产/订单-收口.csv": csv(closing.more_orders(firms), [firm, ("金额", "金额", grouped), "签订日期", "已落地"]),
        "收口/南昌稳生产/企业-补齐.csv": closing.mended(firms, tables.QUARTER_FACTS),
        "收口/龙南技改/企业-收口.csv": csv(closing.more_nodes(firms), [firm, "接入二级节点", "二级节点验收合格", "标识解析投资额"]),
        "json/city.json": nested(firms, orders, projects, products, invoices, history),
        "faulty/企业.csv": tables.FAULTY_FIRMS.encode("utf-8-sig"),
        "faulty/订单.csv": tables.FAULTY_ORDERS.encode(),
        "cases.md": case_table(firms),
    }


def nested(firms, orders, projects, products, invoices, history):
    """A dozen firms of Nanchang as one JSON object, with their lists inside; null is unknown."""
    chosen = [firm for firm in firms if firm["_at"] in tables.NESTED]
    keys = {firm["统一社会信用代码"] for firm in chosen}
    plain = [c if isinstance(c, str) else c[1] for c in tables.FIRM_COLUMNS]
    honours = [fact for honour in tables.HONOURS for fact in honour[:2]]
    own = [f for fact, dated, _ in tables.OWN_HONOURS if fact in tables.OWN_HONOURS_OF["南昌先进制造业"] for f in (fact, dated)]
    facts = plain + ["工业总产值 2023", "工业总产值 2024", "增资扩产", "固定资产投资额"] + honours + ["现有企业", "智慧工厂"] + own

    def items(rows, firm, columns):
        mine = [row for row in rows if row["统一社会信用代码"] == firm["统一社会信用代码"]]
        return [as_object(row, columns) for row in mine]

    objects = []
    for firm in chosen:
        record = as_object(firm, facts)
        record["订单"] = items(orders, firm, ["金额", "签订日期", "已落地"])
        record["项目"] = items(projects, firm, tables.PROJECT_COLUMNS + ["年度设备发票额"])
        record["产品"] = items(products, firm, ["名称", "首批次目录", "首批次列入日期"])
        record["智慧工厂发票"] = items(invoices, firm, ["金额", "开票日期"])
        objects.append(record)
    organisers = [{"名称": name, "引入企业": [as_object(row, ["名称", "外地", "已落地", "已纳统"])
                                          for row in tables.NEWCOMERS if row["承办单位"] == name]}
                  for name in tables.ORGANISERS[:2]]
    paid = [as_object(row, tables.HISTORY_COLUMNS) for row in history if row["受益人"] in keys]
    city = {"企业": objects, "承办单位": organisers, "历史": paid}
    return (json.dumps(city, ensure_ascii=False, indent=2) + "\n").encode()


def as_object(row, facts):
    """The facts of a row; those by year in an object of their own, those that have a default left out where blank."""
    record = {}
    for fact in facts:
        value = written(row, fact)
        if value == "" and (fact in tables.DEFAULTED or fact.endswith("日期")):
            continue
        value = {"": None, YES: True, NO: False}.get(value, value)
        name, _, year = fact.partition(" ")
        if year:
            record.setdefault(name, {})[year] = value
        else:
            record[fact] = value
    return record


def case_table(firms):
    """What is special about which firm, as a page."""
    out = io.StringIO()
    out.write("# 压线的企业与记录\n\n由 `make_sample.py` 生成。金额都是元；「少一分」「多一分」指与界线相差 0.01 元。\n\n")
    out.write("Generated by `make_sample.py`: which record stands at which threshold.\n\n")
    out.write("| 统一社会信用代码 | 政策 | 所在的表 | 情形 |\n|---|---|---|---|\n")
    kinds = [("企业", tables.FIRM_CASES), ("项目", tables.PROJECT_CASES), ("订单", tables.ORDER_CASES),
             ("产品", tables.PRODUCT_CASES), ("发票", tables.INVOICE_CASES), ("上云支出", tables.CLOUD_CASES),
             ("一事一议事项", tables.DEAL_CASES), ("历史", tables.HISTORY_CASES)]
    for kind, cases in kinds:
        for case in cases:
            out.write(f"| {find(firms, case.place, case.at)['统一社会信用代码']} | {case.policy} | {kind} | {case.what} |\n")
    out.write(closing.table(firms))
    return out.getvalue().encode()


def main():
    check = sys.argv[1:] == ["--check"]
    different = []
    for name, content in make_all().items():
        path = HERE / name
        if path.exists() and path.read_bytes() == content:
            continue
        different.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    print("\n".join(different) or "nothing to do")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
