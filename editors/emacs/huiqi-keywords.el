;;; huiqi-keywords.el --- Keywords of Huiqi  -*- lexical-binding: t; coding: utf-8 -*-

;;; Commentary:
;; Written by editors/generate from grammar/keywords.toml; do not edit.
;; Each form with its class, and when it is a keyword: `always', `alone' (may be a name
;; before a colon), `operand' (an operand must follow), `text' (a quoted text must
;; follow), `type' (behind a colon only), or the words that must follow.

;;; Code:

(defconst huiqi-keywords
  '(
    ("topping up on paid" (modifier . always))
    ("budget of year" (settle . alone))
    ("in order of" (settle . operand))
    ("is not none" (operator . always))
    ("not in force" (test . alone))
    ("rest by remainder" (settle . alone))
    ("rest to largest" (settle . alone))
    ("then pro rata" (settle . alone))
    ("days from" (function . operand))
    ("eligible when" (property . operand))
    ("for each" (award . always))
    ("funded by" (award . always))
    ("half up" (modifier . alone))
    ("highest among" (settle . operand))
    ("in force" (property . amount))
    ("is none" (operator . always))
    ("level of" (type . type))
    ("list of" (type . type))
    ("lump sum" (award . alone))
    ("months from" (function . operand))
    ("not eligible" (test . alone))
    ("not together" (settle . operand))
    ("nothing below" (modifier . always))
    ("one of" (type . type))
    ("or else" (operator . always))
    ("or less" (modifier . always))
    ("or more" (modifier . always))
    ("outside budget" (award . always))
    ("over all" (operator . always))
    ("paid under" (function . operand))
    ("per quarter" (type . alone))
    ("per year" (type . alone))
    ("price per" (type . type))
    ("pro rata" (settle . alone))
    ("quantity in" (type . type))
    ("rest stays" (settle . alone))
    ("the rest" (award . alone))
    ("then by" (settle . operand))
    ("then equally" (settle . alone))
    ("ties all" (settle . alone))
    ("ties by" (settle . operand))
    ("ties none" (settle . alone))
    ("topping up" (modifier . always))
    ("up to" (modifier . operand))
    ("year of" (function . operand))
    ("years from" (function . operand))
    ("于 全体" (operator . always))
    ("天数 自" (function . operand))
    ("年数 自" (function . operand))
    ("月数 自" (function . operand))
    ("and" (operator . always) (operator . alone))
    ("any" (function . always))
    ("article" (declaration . operand))
    ("asc" (function . alone))
    ("average" (function . operand))
    ("award" (award . amount))
    ("between" (operator . always))
    ("bind" (declaration . operand))
    ("bool" (type . type))
    ("budget" (property . amount))
    ("by" (operator . always))
    ("cap" (modifier . always))
    ("clause" (declaration . operand))
    ("commitment" (property . text))
    ("convention" (property . operand))
    ("count" (function . operand) (type . type))
    ("cumulative" (modifier . alone))
    ("date" (type . type))
    ("dated" (type . operand))
    ("desc" (function . alone))
    ("down" (modifier . alone))
    ("during" (conditional . always))
    ("each" (operator . alone))
    ("equally" (settle . alone))
    ("every" (function . always))
    ("exact" (test . alone))
    ("exclude" (settle . operand))
    ("excluded" (modifier . alone))
    ("expect" (test . operand))
    ("floor" (modifier . always))
    ("for" (operator . always))
    ("from" (operator . operand))
    ("given" (test . operand))
    ("has" (operator . alone))
    ("history" (predeclared . always))
    ("in" (operator . always) (operator . operand))
    ("included" (modifier . alone))
    ("issued" (property . operand))
    ("issuer" (property . operand))
    ("key" (type . alone))
    ("lead" (property . operand))
    ("less" (modifier . always))
    ("let" (declaration . operand))
    ("limit" (settle . operand))
    ("marginal" (conditional . ("by" "按" "按照")))
    ("match" (award . number))
    ("max" (function . operand))
    ("min" (function . operand))
    ("money" (type . type))
    ("newly" (function . always))
    ("no" (constant . always))
    ("none" (constant . always))
    ("not" (operator . always))
    ("number" (property . text) (type . type))
    ("of" (operator . always))
    ("on" (operator . always) (operator . operand))
    ("once" (modifier . always))
    ("or" (operator . always))
    ("otherwise" (conditional . always))
    ("over" (operator . always))
    ("overrides" (property . operand))
    ("paid" (predeclared . always))
    ("parameter" (declaration . operand))
    ("pending" (constant . always))
    ("per" (operator . always))
    ("period" (predeclared . always))
    ("policy" (declaration . operand))
    ("rank" (function . operand))
    ("rate" (type . type))
    ("record" (declaration . operand))
    ("recover" (award . amount))
    ("round" (modifier . always))
    ("select" (settle . operand))
    ("settle" (declaration . operand))
    ("slab" (conditional . ("by" "按" "按照")))
    ("standard" (predeclared . always))
    ("sum" (function . always))
    ("test" (declaration . text))
    ("text" (property . text) (type . type))
    ("times" (modifier . always))
    ("title" (property . text))
    ("to" (operator . always))
    ("today" (predeclared . always))
    ("top" (function . operand))
    ("total" (settle . ("to" "到")))
    ("unit" (declaration . operand))
    ("unknown" (test . alone))
    ("unless" (conditional . always))
    ("up" (modifier . alone))
    ("use" (declaration . text))
    ("when" (conditional . always))
    ("where" (operator . always))
    ("with" (operator . operand))
    ("year" (predeclared . always))
    ("yes" (constant . always))
    ("一次性" (award . alone))
    ("不为空" (operator . always))
    ("不低于" (modifier . always) (modifier . alone))
    ("不占预算" (award . always))
    ("不含" (modifier . alone))
    ("不在有效期" (test . alone))
    ("不少于" (modifier . alone))
    ("不得同享" (settle . operand))
    ("不早于" (modifier . alone))
    ("不是" (operator . always))
    ("不晚于" (modifier . alone))
    ("不符合条件" (test . alone))
    ("不等于" (modifier . alone))
    ("不超过" (modifier . operand) (modifier . always) (modifier . alone))
    ("不足" (modifier . alone))
    ("不高于" (modifier . alone))
    ("与" (operator . alone))
    ("且" (operator . always))
    ("个数" (function . operand))
    ("为空" (operator . always))
    ("主体" (declaration . operand))
    ("主键" (type . alone))
    ("乘以" (modifier . always))
    ("于" (operator . always))
    ("于全体" (operator . always))
    ("仅奖励一次" (modifier . always))
    ("今日" (predeclared . always))
    ("介于" (operator . always))
    ("令" (declaration . operand))
    ("以上" (modifier . always))
    ("以下" (modifier . always))
    ("以内" (modifier . always))
    ("任一" (function . always))
    ("优先于" (property . operand))
    ("低于" (modifier . alone))
    ("余数归最大" (settle . alone))
    ("余数按最大余数" (settle . alone))
    ("余数留存" (settle . alone))
    ("依次按" (settle . operand))
    ("保底" (modifier . always))
    ("全额累进" (conditional . ("by" "按" "按照")))
    ("其中" (operator . always))
    ("其他情形" (conditional . always))
    ("其余" (conditional . always))
    ("其余部分" (award . alone))
    ("再平均分摊" (settle . alone))
    ("再按" (settle . operand))
    ("再按比例" (settle . alone))
    ("决定日" (operator . operand))
    ("减去" (modifier . always))
    ("凡" (function . always))
    ("列表" (type . type))
    ("到" (operator . always))
    ("前" (function . operand))
    ("办法" (declaration . operand))
    ("升序" (function . alone))
    ("单价" (type . type))
    ("单位" (operator . operand))
    ("单户最高" (modifier . always))
    ("单项最高" (modifier . always))
    ("印发日期" (property . operand))
    ("历史" (predeclared . always))
    ("原文" (property . text))
    ("参数" (declaration . operand))
    ("及以上" (modifier . always))
    ("及以下" (modifier . always))
    ("发文日期" (property . operand))
    ("发文机关" (property . operand))
    ("发生于" (conditional . always))
    ("取值" (type . type))
    ("取整" (modifier . always))
    ("合计" (settle . ("to" "到")))
    ("同时" (operator . always))
    ("向上" (modifier . alone))
    ("向下" (modifier . alone))
    ("否" (constant . always))
    ("含" (modifier . alone))
    ("四舍五入" (modifier . alone))
    ("在" (operator . always))
    ("均" (operator . alone))
    ("大于" (modifier . alone))
    ("天数自" (function . operand))
    ("奖励" (award . amount))
    ("奖补" (award . amount))
    ("孰低" (function . operand))
    ("孰高" (function . operand))
    ("定义" (declaration . operand))
    ("封顶" (modifier . always))
    ("小于" (modifier . alone))
    ("就高" (settle . operand))
    ("属于" (operator . always))
    ("已发于" (function . operand))
    ("已发放" (predeclared . always))
    ("已知" (test . operand))
    ("平均" (function . operand))
    ("平均分摊" (settle . alone))
    ("年份取" (function . operand))
    ("年数自" (function . operand))
    ("并且" (operator . always))
    ("并列全取" (settle . alone))
    ("并列全舍" (settle . alone))
    ("并列按" (settle . operand))
    ("应为" (test . operand))
    ("引用" (declaration . text))
    ("当" (conditional . always))
    ("当年预算" (settle . alone))
    ("待定" (constant . always))
    ("或" (operator . always))
    ("或者" (operator . always))
    ("扣除" (modifier . always))
    ("择优" (settle . operand))
    ("按" (operator . always))
    ("按比例" (settle . alone))
    ("按照" (operator . always))
    ("排名" (function . operand))
    ("排除" (settle . operand))
    ("措施" (declaration . operand))
    ("政策" (declaration . operand))
    ("数值" (type . type))
    ("数量" (type . type))
    ("文号" (property . text))
    ("文字" (type . type))
    ("新获" (function . always))
    ("新认定" (function . always))
    ("无" (constant . always))
    ("日期" (type . type))
    ("日期见" (type . operand))
    ("早于" (modifier . alone))
    ("时点" (operator . always))
    ("明确" (declaration . operand))
    ("是" (constant . always))
    ("是否" (type . type))
    ("晋档补差" (modifier . always))
    ("晋档补差按已发" (modifier . always))
    ("晚于" (modifier . alone))
    ("最低" (modifier . always))
    ("最大" (function . operand))
    ("最小" (function . operand))
    ("最高" (modifier . operand) (modifier . always))
    ("最高不超过" (modifier . operand) (modifier . always))
    ("月数自" (function . operand))
    ("有效期" (property . amount))
    ("服务承诺" (property . text))
    ("未知" (test . alone))
    ("本年" (predeclared . always))
    ("条" (declaration . operand))
    ("条款" (declaration . operand))
    ("来自" (operator . operand))
    ("标准" (predeclared . always))
    ("标题" (property . text))
    ("款" (declaration . operand))
    ("每" (operator . always))
    ("每个" (award . always))
    ("每个最高" (modifier . always))
    ("每季度" (type . alone))
    ("每家" (award . always))
    ("每家最高" (modifier . always))
    ("每年" (type . alone))
    ("每户最高" (modifier . always))
    ("每项" (operator . alone))
    ("每项最高" (modifier . always))
    ("比例" (type . type))
    ("比率" (type . type))
    ("求和" (function . always))
    ("测试" (declaration . text))
    ("牵头" (property . operand))
    ("用于" (operator . always))
    ("申报条件" (property . operand))
    ("登记表" (declaration . operand))
    ("的" (operator . always))
    ("确定" (test . alone))
    ("等于" (modifier . alone))
    ("等级" (type . type))
    ("算例" (declaration . text))
    ("累计" (modifier . alone))
    ("累计不超过" (modifier . always))
    ("累计最高" (modifier . always))
    ("约定" (property . operand))
    ("结算" (declaration . operand))
    ("给" (operator . always))
    ("自" (operator . operand))
    ("至" (modifier . alone))
    ("至多" (modifier . operand) (modifier . alone))
    ("至少" (modifier . alone))
    ("若无则" (operator . always))
    ("补助" (award . amount))
    ("补贴" (award . amount))
    ("计数" (type . type))
    ("计量单位" (declaration . operand))
    ("评价期" (predeclared . always))
    ("责任单位" (property . operand))
    ("资助" (award . amount))
    ("资金来源" (award . always))
    ("起付" (modifier . always))
    ("超过" (modifier . alone))
    ("超额累进" (conditional . ("by" "按" "按照")))
    ("达到" (modifier . alone))
    ("连同" (operator . operand))
    ("追回" (award . amount))
    ("逐个" (award . always))
    ("配套" (award . number))
    ("金额" (type . type))
    ("降序" (function . alone))
    ("限额" (settle . operand))
    ("除非" (conditional . always))
    ("非" (operator . always))
    ("预算" (property . amount))
    ("高于" (modifier . alone))
    )
  "Forms of the keywords, with classes and conditions.")

(defconst huiqi-no-operands
  '(
    "and"
    "between"
    "cap"
    "during"
    "floor"
    "for"
    "for each"
    "funded by"
    "in"
    "is none"
    "is not none"
    "less"
    "nothing below"
    "of"
    "on"
    "once"
    "or"
    "or else"
    "outside budget"
    "over"
    "over all"
    "per"
    "times"
    "to"
    "topping up"
    "topping up on paid"
    "unless"
    "when"
    "where"
    "不为空"
    "不低于"
    "不占预算"
    "不超过"
    "且"
    "为空"
    "乘以"
    "于"
    "于 全体"
    "于全体"
    "仅奖励一次"
    "介于"
    "保底"
    "其中"
    "减去"
    "到"
    "单户最高"
    "单项最高"
    "发生于"
    "同时"
    "在"
    "封顶"
    "属于"
    "并且"
    "当"
    "或"
    "或者"
    "扣除"
    "时点"
    "晋档补差"
    "晋档补差按已发"
    "最低"
    "最高"
    "最高不超过"
    "每"
    "每个"
    "每个最高"
    "每家"
    "每家最高"
    "每户最高"
    "每项最高"
    "用于"
    "的"
    "累计不超过"
    "累计最高"
    "给"
    "若无则"
    "资金来源"
    "起付"
    "逐个"
    "除非"
    )
  "Forms that no operand begins with.")

(provide 'huiqi-keywords)
;;; huiqi-keywords.el ends here
