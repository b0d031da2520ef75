//! Whole forms to begin with: each award form, and the blocks around it, in both languages.

use crate::diagnostic::Language;

/// Where a form may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// An award: in a clause, an article, a policy or a file.
    Award,
    /// A clause, in an article, a policy or a file.
    Clause,
    /// A block of a file or a policy.
    Block,
}

/// A form with places to fill in, as editors take them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snippet {
    /// Where it begins.
    pub begins: Begins,
    /// The language of its keywords.
    pub language: Language,
    /// What is typed to find it.
    pub label: &'static str,
    /// The form.
    pub body: &'static str,
    /// What it pays, in Chinese and English.
    pub help: (&'static str, &'static str),
}

const fn snippet(
    begins: Begins,
    language: Language,
    label: &'static str,
    body: &'static str,
    help: (&'static str, &'static str),
) -> Snippet {
    Snippet { begins, language, label, body, help }
}

const FLAT: (&str, &str) = ("一笔定额", "a flat sum");
const RATE: (&str, &str) = ("按比例，有封顶", "a rate of a base, with a cap");
const PRICE: (&str, &str) = ("每单位多少元", "a price of a quantity");
const LEVEL: (&str, &str) = ("按等级", "by level");
const BRACKET: (&str, &str) = ("分档，达到一档给一个数", "by bracket, one amount for the whole");
const MARGINAL: (&str, &str) = ("超额累进，每段各按本段比例", "each slice at its own rate");
const SLAB: (&str, &str) = ("全额累进，全部按达到的那一档比例", "the reached row's rate on the whole");
const EACH: (&str, &str) = ("逐项计算后相加", "summed over a list");
const MATCH: (&str, &str) = ("按另一笔奖励配套", "matching funds");
const DISCRETION: (&str, &str) = ("所写的是上限，可以裁量", "at discretion, up to an amount");
const PENDING: (&str, &str) = ("本文件没有定，封顶已知", "left open by the document, with a known bound");
const TABLE_RATE: (&str, &str) = ("按类别定比例，乘以基数", "a table of rates, of a base");
const RECOVER: (&str, &str) = ("应当追回的资金", "an amount due back");
const CLAUSE: (&str, &str) = ("一款", "a clause");
const ARTICLE: (&str, &str) = ("一条", "an article");
const POLICY: (&str, &str) = ("一份政策", "a policy");
const RECORD: (&str, &str) = ("一张登记表", "a record");
const TEST: (&str, &str) = ("一个算例", "a test");
const SETTLE: (&str, &str) = ("条款之间和预算的规则", "rules between clauses, budgets");

use Begins::{Award, Block, Clause};
use Language::{Chinese, English};

/// All forms.
pub(super) const SNIPPETS: [Snippet; 38] = [
    snippet(Award, English, "award", "award ${1:20万} when ${2:condition}", FLAT),
    snippet(Award, Chinese, "奖补", "奖补 ${1:20万元}，当 ${2:条件}", FLAT),
    snippet(Award, English, "award rate", "award ${1:5}% of ${2:base} cap ${3:800万} when ${4:condition}", RATE),
    snippet(Award, Chinese, "奖补 比例", "奖补 ${1:投资额}的${2:5}%，最高${3:800万元}，当 ${4:条件}", RATE),
    snippet(Award, English, "award price", "award ${1:400}元/${2:unit} of ${3:quantity} cap ${4:100万}", PRICE),
    snippet(Award, Chinese, "奖补 单价", "奖补 ${1:节能量}的${2:400}元/${3:吨标煤}，最高${4:100万元}", PRICE),
    snippet(
        Award,
        English,
        "award by level",
        "award by ${1:level} { ${2:国家级}: ${3:50万}, ${4:省级}: ${5:20万}, otherwise: 0 } when newly ${1:level}",
        LEVEL,
    ),
    snippet(
        Award,
        Chinese,
        "奖补 按等级",
        "奖补 按 ${1:等级} { ${2:国家级}: ${3:50万元}, ${4:省级}: ${5:20万元}, 其余: 0 }，当 新获 ${1:等级}",
        LEVEL,
    ),
    snippet(
        Award,
        English,
        "award by bracket",
        "award by ${1:amount} {\n  >= ${2:2亿}: ${3:20万}\n  >= ${4:1亿}: ${5:10万}\n}",
        BRACKET,
    ),
    snippet(
        Award,
        Chinese,
        "奖补 分档",
        "奖补 按 ${1:订单额} {\n  >= ${2:2亿元}: ${3:20万元}\n  >= ${4:1亿元}: ${5:10万元}\n}",
        BRACKET,
    ),
    snippet(
        Award,
        English,
        "award marginal",
        "award marginal by ${1:sales} { >= ${2:1亿}: ${3:0.05}%, >= ${4:5亿}: ${5:0.08}% } cap ${6:200万}",
        MARGINAL,
    ),
    snippet(
        Award,
        Chinese,
        "奖补 超额累进",
        "奖补 超额累进 按 ${1:销售收入} { >= ${2:1亿元}: ${3:0.05}%, >= ${4:5亿元}: ${5:0.08}% }，最高${6:200万元}",
        MARGINAL,
    ),
    snippet(
        Award,
        English,
        "award slab",
        "award slab by ${1:sales} { >= ${2:1亿}: ${3:0.05}%, >= ${4:5亿}: ${5:0.08}% } cap ${6:200万}",
        SLAB,
    ),
    snippet(
        Award,
        Chinese,
        "奖补 全额累进",
        "奖补 全额累进 按 ${1:销售收入} { >= ${2:1亿元}: ${3:0.05}%, >= ${4:5亿元}: ${5:0.08}% }，最高${6:200万元}",
        SLAB,
    ),
    snippet(
        Award,
        English,
        "award table of rates",
        "award by ${1:kind} { ${2:A}: ${3:40}%, ${4:B}: ${5:50}% } of ${6:base} cap ${7:5万}",
        TABLE_RATE,
    ),
    snippet(
        Award,
        Chinese,
        "奖补 分类比例",
        "奖补 ${1:实际支付金额}的按 ${2:类别} { ${3:甲}: ${4:40}%, ${5:乙}: ${6:50}% }，最高${7:5万元}",
        TABLE_RATE,
    ),
    snippet(
        Award,
        English,
        "award for each",
        "award ${1:50万} for each (${2:list} where ${3:condition}) cap ${4:100万}",
        EACH,
    ),
    snippet(Award, Chinese, "奖补 逐个", "奖补 ${1:50万元} 每个 (${2:清单} 其中 ${3:条件})，最高${4:100万元}", EACH),
    snippet(Award, English, "award match", "award match ${1:1}:${2:1} ${3:other} cap ${4:100万}", MATCH),
    snippet(Award, Chinese, "奖补 配套", "奖补 配套 ${1:1}:${2:1} ${3:上级奖励}，最高${4:100万元}", MATCH),
    snippet(Award, English, "award up to", "award up to ${1:300万} when ${2:condition}", DISCRETION),
    snippet(Award, Chinese, "奖补 至多", "奖补 至多${1:300万元}，当 ${2:条件}", DISCRETION),
    snippet(Award, English, "award pending", "award pending \"${1:what is left open}\" cap ${2:100万}", PENDING),
    snippet(Award, Chinese, "奖补 待定", "奖补 待定 \"${1:哪一项没有定}\"，最高${2:100万元}", PENDING),
    snippet(Award, English, "recover", "recover ${1:amount} when ${2:condition}", RECOVER),
    snippet(Award, Chinese, "追回", "追回 ${1:金额}，当 ${2:条件}", RECOVER),
    snippet(
        Clause,
        English,
        "clause",
        "clause ${1:name} {\n  award ${2:5}% of ${3:base} cap ${4:100万}\n  when ${5:condition}\n}",
        CLAUSE,
    ),
    snippet(
        Clause,
        Chinese,
        "款",
        "款 ${1:名称} {\n  奖补 ${2:投资额}的${3:5}%，最高${4:100万元}\n  当 ${5:条件}\n}",
        CLAUSE,
    ),
    snippet(
        Block,
        English,
        "article",
        "article \"${1:一}\" ${2:name} {\n  lead ${3:市工信局}\n  text \"${4:wording}\"\n  clause ${5:name} { award ${6:20万} when ${7:condition} }\n}",
        ARTICLE,
    ),
    snippet(
        Block,
        Chinese,
        "条",
        "条 \"${1:一}\" ${2:名称} {\n  牵头 ${3:市工信局}\n  原文 \"${4:本条的写法}\"\n  款 ${5:名称} { 奖补 ${6:20万元}，当 ${7:条件} }\n}",
        ARTICLE,
    ),
    snippet(
        Block,
        English,
        "policy",
        "policy ${1:name} {\n  title \"${2:title}\"\n  in force ${3:2024-01-01}..${4:2026-12-31}\n}",
        POLICY,
    ),
    snippet(
        Block,
        Chinese,
        "政策",
        "政策 ${1:名称} {\n  标题 \"${2:标题}\"\n  有效期 ${3:2024-01-01}..${4:2026-12-31}\n}",
        POLICY,
    ),
    snippet(
        Block,
        English,
        "record",
        "record ${1:企业} / ${2:enterprise} {\n  ${3:统一社会信用代码} / ${4:id} : text key\n  ${5:投资额} / ${6:capex} : money where >= 0\n}",
        RECORD,
    ),
    snippet(
        Block,
        Chinese,
        "登记表",
        "登记表 ${1:企业} {\n  ${2:统一社会信用代码} : 文字 主键\n  ${3:投资额} : 金额 其中 >= 0\n}",
        RECORD,
    ),
    snippet(
        Block,
        English,
        "test",
        "test \"${1:at the cap}\" in ${2:2024} {\n  given ${3:企业} { ${4:fact}: ${5:value} }\n  expect ${6:clause} = ${7:100万}\n}",
        TEST,
    ),
    snippet(
        Block,
        Chinese,
        "算例",
        "算例 \"${1:正好封顶}\" 在 ${2:2024} {\n  已知 ${3:企业} { ${4:事实}: ${5:值} }\n  应为 ${6:条款} = ${7:100万元}\n}",
        TEST,
    ),
    snippet(
        Block,
        English,
        "settle",
        "settle {\n  highest among ${1:A}, ${2:B}\n  budget ${3:1亿} pro rata\n}",
        SETTLE,
    ),
    snippet(Block, Chinese, "结算", "结算 {\n  就高 ${1:甲}, ${2:乙}\n  预算 ${3:1亿} 按比例\n}", SETTLE),
];
