//! The tour: what is told, and what is typed, step by step.
//!
//! Each step says what it is for and gives the line; whoever takes the tour types it, or
//! lets it be typed. It leaves a policy of one's own over the sample city.

use super::answer::Phrase;

/// A step of the tour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is for.
    pub told: Phrase,
    /// What is typed.
    pub typed: Phrase,
}

/// What is told, then what is typed; each in Chinese and English.
const STEPS: [[&str; 4]; 12] = [
    [
        "先要有企业。样例城市有二百户，全是编造的，随程序带着。",
        "First there must be enterprises. The sample city has two hundred, all made up; it comes with the program.",
        "载入 样例",
        "load sample",
    ],
    [
        "写一条条款，像文件里那样写。写完当即算出：多少户得到，合计多少，多少户到了封顶，谁还缺事实。",
        "Write a clause as a document would. It is evaluated at once: how many receive something, how much in all, how many reach the cap, who lacks facts.",
        "奖补 固定资产投资额的5%，最高800万，当 增资扩产",
        "award 5% of capex cap 800万 when 增资扩产",
    ],
    [
        "钱到了哪里？按任何一项事实汇总。",
        "Where does the money go? Sum it by any fact.",
        "求和 合计, 个数 按 区县 前 5",
        "sum total, count by 区县 top 5",
    ],
    [
        "谁得的最多？",
        "Who gets most?",
        "列出 名称, 区县, 固定资产投资额, 合计 排序按 合计 降序 前 5",
        "show 名称, 区县, capex, total sort by total desc top 5",
    ],
    [
        "企业来问为什么是这个数：一步一步说给它听。",
        "An enterprise asks why: step by step.",
        "为何 award 用于 \"91360100SAMPLE0001\"",
        "why award for \"91360100SAMPLE0001\"",
    ],
    [
        "又有人问为什么没有它。",
        "Another asks why not.",
        "为何没有 award 用于 \"91360100SAMPLE0007\"",
        "why not award for \"91360100SAMPLE0007\"",
    ],
    [
        "领导问：提到8%，封顶一千万，要多花多少？谁多谁少？现在的条款不会变。",
        "What would 8% with a cap of ten million cost, and who would gain? The clause itself stays as it is.",
        "假如 award { 奖补 固定资产投资额的8%，最高1000万，当 增资扩产 }",
        "what if award { award 8% of capex cap 1000万 when 增资扩产 }",
    ],
    [
        "财政只有一个亿：封顶定多高才够？",
        "There are only a hundred million: which cap keeps within them?",
        "求解 award 的 封顶 控制在 1亿",
        "solve cap of award within 1亿",
    ],
    [
        "画出来看：一户的奖补随投资额怎样变。",
        "Draw it: the award of one enterprise over its investment.",
        "绘图 award 于 固定资产投资额 0..3亿",
        "plot award over capex 0..3亿",
    ],
    ["试写的那一条可以撤去了。", "What was tried can be taken back.", "撤去 award", "forget award"],
    [
        "现在写成自己的政策：起个名，定下封顶，只给规上企业，预算留些余地：有一户还缺事实。",
        "Now make it a policy of your own: a name, the cap that was found, only for enterprises above scale, and a budget with room for the one that lacks a fact.",
        "政策 试点办法 {\n  款 增资扩产奖 { 奖补 固定资产投资额的5% 最高400万 当 增资扩产 且 规上企业 }\n  结算 { 预算 1.2亿 按比例 }\n}",
        "policy 试点办法 {\n  clause 增资扩产奖 { award 5% of capex cap 400万 when 增资扩产 and 规上企业 }\n  settle { budget 1.2亿 pro rata }\n}",
    ],
    [
        "存成文件，就是一份可以检查、测试、运行的政策。`帮助` 列出其余能说的话。",
        "Saved to a file it can be checked, tested and run. `help` lists what else can be said.",
        "保存 \"试点办法.hq\"",
        "save \"试点办法.hq\"",
    ],
];

/// The steps.
pub fn tour() -> Vec<Step> {
    let step = |[told_zh, told_en, zh, en]: [&str; 4]| Step {
        told: Phrase::new(told_zh, told_en),
        typed: Phrase::new(zh, en),
    };
    STEPS.map(step).to_vec()
}
