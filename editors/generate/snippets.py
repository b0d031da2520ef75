"""Snippets: every form of an award, and what stands around it, in both languages.

In: the templates below, whose keywords are written `<id>`, and the keyword table. Out:
huiqi.json of the VS Code extension. A snippet is offered for its keyword and for a short
Latin name, so that nobody has to switch the input method to begin.
"""

import json
import re

from keywords import keywords

# Name, what it is offered for, English and Chinese: description and text.
TEMPLATES = [
    ("flat", "award", "A fixed amount", "<award> ${1:20万}", "定额", "<award> ${1:20万元}"),
    ("rate", "award", "A rate of a base", "<award> ${1:5%} <of> ${2:base} <cap> ${3:800万}",
     "按比例", "<award> ${1:基数}的${2:5%}，<cap> ${3:800万元}"),
    ("price", "award", "A price for each unit", "<award> ${1:400元/吨标煤} <of> ${2:quantity} <cap> ${3:100万}",
     "按单价", "<award> ${1:数额}的${2:400元/吨标煤}，<cap> ${3:100万元}"),
    ("level", "award", "By level", "<award> <by> ${1:level} { ${2:国家级}: ${3:50万}, ${4:省级}: ${5:20万} }",
     "按等级", "<award> <by> ${1:等级} { ${2:国家级}：${3:50万元}，${4:省级}：${5:20万元} }"),
    ("bracket", "award", "By bracket, one amount for the whole",
     "<award> <by> ${1:fact} { >= ${2:2亿}: ${3:20万}, >= ${4:1亿}: ${5:10万} }",
     "按档", "<award> <by> ${1:事实} { <>=> ${2:2亿元}：${3:20万元}，<>=> ${4:1亿元}：${5:10万元} }"),
    ("marginal", "award", "Each slice at its own rate",
     "<award> <marginal> <by> ${1:fact} { >= ${2:1亿}: ${3:0.05%}, >= ${4:5亿}: ${5:0.08%} }",
     "超额累进", "<award> <marginal> <by> ${1:事实} { <>=> ${2:1亿元}：${3:0.05%}，<>=> ${4:5亿元}：${5:0.08%} }"),
    ("slab", "award", "The reached row's rate on the whole",
     "<award> <slab> <by> ${1:fact} { >= ${2:1亿}: ${3:0.05%}, >= ${4:5亿}: ${5:0.08%} }",
     "全额累进", "<award> <slab> <by> ${1:事实} { <>=> ${2:1亿元}：${3:0.05%}，<>=> ${4:5亿元}：${5:0.08%} }"),
    ("rates", "award", "A table of rates, of a base",
     "<award> <by> ${1:kind} { ${2:A}: ${3:40%}, ${4:B}: ${5:50%} } <of> ${6:base}",
     "分类按比例", "<award> ${6:基数}的<by> ${1:类别} { ${2:甲}：${3:40%}，${4:乙}：${5:50%} }"),
    ("items", "award", "For each item of a list",
     "<award> ${1:50万} <for_each> (${2:list} <where> ${3:condition}) <cap> ${4:100万}",
     "逐项", "<award> ${1:50万元} <for_each> （${2:清单} <where> ${3:条件}）<cap> ${4:100万元}"),
    ("match", "award", "Matching funds", "<match> ${1:1:1} ${2:award}", "配套", "<match> ${1:1:1} ${2:上级奖励}"),
    ("discretion", "award", "Up to an amount, at discretion", "<award> <up_to> ${1:300万}",
     "裁量", "<award> <up_to> ${1:300万元}"),
    ("open", "award", "What the document leaves open", '<award> <pending> "${1:rule}" <cap> ${2:100万}',
     "待定", "<award> <pending> “${1:办法}”，<cap> ${2:100万元}"),
    ("recover", "recover", "An amount due back", "<recover> ${1:amount} <when> ${2:condition}",
     "追回", "<recover> ${1:金额}，<when> ${2:条件}"),
    ("policy", "policy", "A policy document",
     '<policy> ${1:name} {\n  <title> "${2}"\n  <document_number> "${3}"\n  <issuer> ${4}\n  <issued> ${5:2024-01-01}\n'
     "  <in_force> ${6:2024-01-01}..${7:2025-12-31}\n}\n$0",
     "政策文件",
     "<policy> ${1:名称} {\n  <title> “${2}”\n  <document_number> “${3}”\n  <issuer> ${4}\n  <issued> ${5:2024年1月1日}\n"
     "  <in_force> ${6:2024年1月1日}—${7:2025年12月31日}\n}\n$0"),
    ("article", "article", "An article", '<article> "${1}" ${2:name} {\n  <lead> ${3}\n  $0\n}',
     "条", "第${1:二}条 ${2:名称} {\n  <lead> ${3}\n  $0\n}"),
    ("clause", "clause", "A clause", "<clause> ${1:name} {\n  <award> $0\n  <when> ${2:condition}\n}",
     "款", "<clause> ${1:名称} {\n  <award> $0\n  <when> ${2:条件}\n}"),
    ("record", "record", "A record", "<record> ${1:name} {\n  ${2:fact} : <money>\n  $0\n}",
     "登记表", "<record> ${1:名称} {\n  ${2:事实} ：<money>\n  $0\n}"),
    ("let", "let", "A derived fact", "<let> ${1:name} = $0", "派生事实", "<let> ${1:名称} = $0"),
    ("parameter", "parameter", "A parameter", "<parameter> ${1:name} : <rate> = ${2:5%}",
     "参数", "<parameter> ${1:名称} ：<rate> = ${2:5%}"),
    ("test", "test", "A worked case",
     '<test> "${1}" <in> ${2:2024} {\n  <given> ${3:record} { ${4:fact}: ${5} }\n  <expect> ${6:clause} = ${0:5万}\n}',
     "算例",
     "<test> “${1}” <in> ${2:2024} {\n  <given> ${3:企业} { ${4:事实}：${5} }\n  <expect> ${6:款} = ${0:5万元}\n}"),
    ("settle", "settle", "What happens between clauses", "<settle> {\n  <highest_among> ${1:A}, ${2:B}\n  $0\n}",
     "结算", "<settle> {\n  <highest_among> ${1:甲}、${2:乙}\n  $0\n}"),
    ("budget", "budget", "A budget and who bears a shortage", "<budget_of_year> <pro_rata>",
     "预算不足时按比例", "<budget_of_year> <pro_rata>"),
    ("limit", "limit", "A joint cap", "<limit> ${1:A}, ${2:B} <to> ${3:200万} <in_order_of> ${4:A}, ${5:B}",
     "合计限额", "<limit> ${1:甲}、${2:乙} <to> ${3:200万元} <in_order_of> ${4:甲}、${5:乙}"),
    ("select", "select", "Keep the best", "<select> <top> ${1:20} <of> ${2:clause} <by> ${3:key}",
     "择优", "<select> <top>${1:20} ${2:款} <by> ${3:依据}"),
]


def filled(template, chinese):
    """A template with its keywords in one language."""
    forms = {keyword.id: (keyword.zh if chinese else keyword.en)[0] for keyword in keywords() if keyword.zh and keyword.en}
    return re.sub(r"<(>=|[a-z_]+)>", lambda hit: forms[hit[1]], template)


def vscode():
    """The snippet file of the VS Code extension."""
    made = {}
    for name, keyword, english, text_en, chinese, text_zh in TEMPLATES:
        made[f"{name} (en)"] = {
            "prefix": [filled(f"<{keyword}>", False), name] if name != keyword else [name],
            "description": english,
            "body": filled(text_en, False).split("\n"),
        }
        made[f"{name} (zh)"] = {
            "prefix": [filled(f"<{keyword}>", True), f"{name}-zh"],
            "description": chinese,
            "body": filled(text_zh, True).split("\n"),
        }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def outline_keywords():
    """The keywords that the extension's outline knows, for the preview."""
    ids = ["policy", "article", "clause", "record", "settle", "test", "title", "document_number", "issuer", "lead", "text",
           "commitment"]
    known = {keyword.id: keyword for keyword in keywords()}
    return json.dumps([{"id": id, "forms": known[id].forms} for id in ids], ensure_ascii=False, indent=2) + "\n"
