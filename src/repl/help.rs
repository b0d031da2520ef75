//! `help`: what can be said; what a clause, a fact or a keyword means.

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::session::Session;
use crate::check::describe;
use crate::diagnostic::{Argument, Code, Diagnostic, Language, explain};
use crate::resolve::nearest;
use crate::syntax::keywords;
use crate::syntax::tree::Text;

/// What can be asked: Chinese, English, and what it tells in both.
const QUESTIONS: [[&str; 4]; 23] = [
    ["载入 样例", "load sample", "样例城市，用来试写", "the sample city, to try things on"],
    [
        "载入 \"企业.xlsx\"",
        "load \"企业.xlsx\"",
        "读入数据：xlsx、csv、json、parquet",
        "reads records: xlsx, csv, json, parquet",
    ],
    ["引用 \"政策.hq\"", "use \"policy.hq\"", "读入政策文件", "reads a policy file"],
    [
        "奖补 固定资产投资额的5% 最高800万",
        "award 5% of capex cap 800万",
        "写一条条款，当即算出",
        "a clause, evaluated at once",
    ],
    ["款 增资扩产 { 奖补 … }", "clause 增资扩产 { award … }", "有名称的条款", "a clause with a name"],
    ["令 大户 = 营业收入 >= 1亿", "let 大户 = 营业收入 >= 1亿", "推算一项事实", "derives a fact"],
    ["设定 评价期 = 2024", "set period = 2024", "评价期、决定日、参数等", "the period, the day, parameters and more"],
    ["合计", "total", "一个表达式：看它在全体中的分布", "an expression: how it is spread over all"],
    [
        "列出 名称, 合计 排序按 合计 降序 前 10",
        "show 名称, total sort by total desc top 10",
        "列出企业",
        "lists recipients",
    ],
    [
        "求和 合计 按 区县",
        "sum total by 区县",
        "分组汇总；还有 个数、平均、中位数",
        "sums by a fact; also count, average, median",
    ],
    ["为何 增资扩产 用于 \"主键\"", "why 增资扩产 for \"KEY\"", "金额怎么来的", "how an amount came about"],
    [
        "为何没有 增资扩产 用于 \"主键\"",
        "why not 增资扩产 for \"KEY\"",
        "差哪一项，差多少",
        "which condition fails, by how much",
    ],
    ["为何没有 增资扩产", "why not 增资扩产", "哪一项条件挡住的最多", "which condition keeps out most"],
    [
        "假如 增资扩产 { 奖补 … }",
        "what if 增资扩产 { award … }",
        "换一种写法：谁多谁少",
        "another wording: who gains, who loses",
    ],
    ["比较 \"旧版.hq\"", "compare \"old.hq\"", "两份政策，同一批数据", "two policies over the same records"],
    [
        "求解 增资扩产 的 封顶 控制在 5000万",
        "solve cap of 增资扩产 within 5000万",
        "封顶定多高不超总额",
        "which cap keeps within the sum",
    ],
    [
        "绘图 增资扩产 于 固定资产投资额 0..3亿",
        "plot 增资扩产 over capex 0..3亿",
        "金额随事实的变化",
        "an amount over a fact",
    ],
    [
        "绘图 合计 到 \"图.png\"",
        "plot total to \"out.png\"",
        "分布图；写成文件：png、svg",
        "a distribution; into a file: png, svg",
    ],
    ["撤去 增资扩产", "forget 增资扩产", "撤去在这里写下的条款、事实", "takes back what was declared here"],
    [
        "导出 \"结果.xlsx\"",
        "export \"result.xlsx\"",
        "写出上一张表：xlsx、csv、parquet、md",
        "writes the last table: xlsx, csv, parquet, md",
    ],
    [
        "保存 \"会话.hqs\"，重放 \"会话.hqs\"",
        "save \"s.hqs\", replay \"s.hqs\"",
        "保存、重做本次会话",
        "keeps the session, carries it out again",
    ],
    ["导览", "tour", "五分钟上手", "five minutes to begin with"],
    ["退出", "quit", "离开", "leaves the prompt"],
];

impl Session {
    /// What can be said, or what a word means.
    pub(super) fn help(&self, word: Option<&Text>) -> Answer {
        let Some(word) = word else { return questions() };
        let text = word.text.trim();
        self.of_clause(text)
            .or_else(|| self.of_fact(text))
            .or_else(|| of_keyword(text))
            .or_else(|| of_code(text))
            .unwrap_or_else(|| self.of_nothing(word))
    }

    fn of_clause(&self, name: &str) -> Option<Answer> {
        let program = self.program();
        let both = self.words(program);
        let clauses: Vec<_> = program.clauses.iter().filter(|clause| clause.name == name).collect();
        let mut answer = Answer::default();
        for clause in &clauses {
            let policy = program.policies.get(clause.policy.index());
            let article = clause.article.and_then(|at| policy?.articles.get(at));
            let place = [
                policy.map(|policy| policy.name.as_str()),
                article.map(|article| article.name.as_str()),
                Some(clause.name.as_str()),
            ];
            let place: Vec<&str> = place.into_iter().flatten().filter(|part| !part.is_empty()).collect();
            answer.head(place.join(" / "), place.join(" / "));
            answer.parts.push(Part::Line(both.phrase(|words| words.sentence(clause))));
            let text = clause.text.as_ref().or(article.and_then(|article| article.text.as_ref()));
            if let Some((text, _)) = text {
                answer.tell(format!("原文：{text}"), format!("text: {text}"));
            }
            let typed = both.sources.text(clause.span).to_owned();
            answer.tell(typed.as_str(), typed.as_str());
        }
        (!clauses.is_empty()).then_some(answer)
    }

    fn of_fact(&self, name: &str) -> Option<Answer> {
        let program = self.program();
        let mut answer = Answer::default();
        for record in &program.records {
            let own =
                record.facts.iter().filter(|fact| fact.name == name || fact.aliases.iter().any(|alias| alias == name));
            for fact in own {
                let kind = phrase(describe(program, &fact.kind));
                let (owner, name) = (&record.name, &fact.name);
                answer.tell(format!("{owner}的{name}：{}", kind.zh), format!("{name} of {owner}: {}", kind.en));
                if !fact.aliases.is_empty() {
                    let aliases = fact.aliases.join("、");
                    answer.tell(format!("也写作 {aliases}"), format!("also called {aliases}"));
                }
                if !fact.doc.is_empty() {
                    answer.tell(fact.doc.clone(), fact.doc.clone());
                }
            }
        }
        for derived in program.lets.iter().filter(|derived| derived.name == name) {
            let shown = self.words(program).phrase(|words| words.expr(derived.value));
            answer.tell(format!("{name} = {}", shown.zh), format!("{name} = {}", shown.en));
        }
        (!answer.parts.is_empty()).then_some(answer)
    }

    fn of_nothing(&self, word: &Text) -> Answer {
        let program = self.program();
        let clauses = program.clauses.iter().map(|clause| clause.name.as_str());
        let facts = program.records.iter().flat_map(|record| record.facts.iter().map(|fact| fact.name.as_str()));
        let words = keywords().iter().flat_map(|keyword| keyword.forms());
        let near = nearest(&word.text, clauses.chain(facts).chain(words)).map(str::to_owned);
        let told = Diagnostic::new(Code::UnknownName).at(word.span).with("name", &word.text);
        self.wrong(vec![told.with_some("near", near)])
    }
}

fn questions() -> Answer {
    let mut table = Table::new(vec![Column::text("写", "write"), Column::text("得到", "to get")]);
    for [zh, en, tells_zh, tells_en] in QUESTIONS {
        table.row(vec![Cell::Text(Phrase::new(zh, en)), Cell::Text(Phrase::new(tells_zh, tells_en))]);
    }
    let mut answer = Answer { parts: vec![Part::Table(table)], ..Answer::default() };
    answer.tell(
        "中英文的词可以混写。`帮助 条款名`、`帮助 事实名`、`帮助 关键词` 说得更细；`导览` 用五分钟带你写一份政策",
        "words of both languages may be mixed. `help NAME` tells of a clause, a fact or a keyword; `tour` takes five minutes",
    );
    answer
}

fn of_keyword(text: &str) -> Option<Answer> {
    let lower = text.to_lowercase();
    let mut answer = Answer::default();
    for keyword in keywords().iter().filter(|keyword| keyword.forms().any(|form| form == lower)) {
        let (zh, en) = (keyword.zh.join("、"), keyword.en.join(", "));
        let forms = [zh, en].into_iter().filter(|forms| !forms.is_empty()).collect::<Vec<_>>().join(" / ");
        answer.tell(format!("{forms}：{}", keyword.help_zh), format!("{forms}: {}", keyword.help_en));
    }
    (!answer.parts.is_empty()).then_some(answer)
}

fn of_code(text: &str) -> Option<Answer> {
    let code = Code::from_text(text)?;
    let page = |language| explain(code, language).trim_end().to_owned();
    Some(Answer::line(page(Language::Chinese), page(Language::English)))
}

fn phrase(argument: Argument) -> Phrase {
    match argument {
        Argument::Plain(text) => Phrase::same(text),
        Argument::Phrase { zh, en } => Phrase { zh, en },
    }
}
