//! `huiqi read`: each clause as a plain sentence, beside the drafter's own text.

use super::Outcome;
use super::arguments::{Format, Read};
use super::console::Console;
use super::project;
use crate::check::program::{ClauseDef, PayerDef, PolicyDef, StepDef};
use crate::explain::words::Words;

pub(super) fn run(console: &mut Console, options: &Read) -> Outcome {
    let policies = match project::open(console, &options.files) {
        Ok(policies) => policies,
        Err(outcome) => return outcome,
    };
    let program = policies.program();
    let words = Words { program, sources: policies.sources(), language: console.language };
    for (at, policy) in program.policies.iter().enumerate() {
        let clauses: Vec<&ClauseDef> = program.clauses.iter().filter(|clause| clause.policy.index() == at).collect();
        if options.format == Format::Json {
            clauses.iter().for_each(|clause| console.line(json(&words, policy, clause)));
        } else {
            document(console, &words, policy, &clauses);
        }
    }
    if options.format != Format::Json && program.policies.len() > 1 {
        derived(console, &words);
        together(console, &words);
    }
    Outcome::Done
}

/// The policy article by article.
fn document(console: &Console, words: &Words, policy: &PolicyDef, clauses: &[&ClauseDef]) {
    if !policy.name.is_empty() {
        let title = policy.title.as_ref().unwrap_or(&policy.name);
        console.line(console.strong(title));
    }
    for line in terms(words, policy) {
        console.line(format!("  {line}"));
    }
    let sentence = |clause: &&ClauseDef| {
        console.line(format!("  {}  {}", console.strong(&clause.name), words.sentence(clause)));
        if !clause.funding.is_empty() {
            console.line(format!("    {}", payers(words, &clause.funding)));
        }
        if clause.outside_budget {
            console.line(format!("    {}", console.pick("不占预算", "outside the budget")));
        }
        if let Some((text, _)) = &clause.text {
            console.line(format!("    {}{text}", console.pick("原文：", "text: ")));
        }
    };
    clauses.iter().filter(|clause| clause.article.is_none()).for_each(sentence);
    for (number, article) in policy.articles.iter().enumerate() {
        console.line("");
        let heading = match (article.number.is_empty(), console.language) {
            (true, _) => article.name.to_string(),
            (false, _) => format!("{}  {}", article.number, article.name),
        };
        console.line(console.strong(&heading));
        if let Some((text, _)) = &article.text {
            console.line(format!("  {}{text}", console.pick("原文：", "text: ")));
        }
        if !article.funding.is_empty() {
            console.line(format!("  {}", payers(words, &article.funding)));
        }
        if !article.lead.is_empty() {
            console.line(format!(
                "  {}{}",
                console.pick("牵头：", "lead: "),
                article.lead.join(console.pick("、", ", "))
            ));
        }
        clauses.iter().filter(|clause| clause.article == Some(number)).for_each(sentence);
        for commitment in &article.commitments {
            console.line(format!("  {}{commitment}", console.pick("服务承诺：", "commitment: ")));
        }
    }
    if words.program.policies.len() == 1 {
        derived(console, words);
    }
    settlement(console, words, policy);
    console.line("");
}

/// When the policy is in force, for whom, and with what money.
fn terms(words: &Words, policy: &PolicyDef) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(force) = &policy.force {
        let range = words.expr(force.range);
        let by = force.by.first().map(|(_, by)| words.expr(*by));
        out.push(match by {
            Some(by) => words.pick(format!("有效期：{range}，以{by}为准"), format!("in force: {range}, by {by}")),
            None => words.pick(format!("有效期：{range}"), format!("in force: {range}")),
        });
    }
    if let Some((_, condition)) = policy.eligible.first() {
        let condition = words.expr(*condition);
        out.push(words.pick(format!("申报条件：{condition}"), format!("eligible when {condition}")));
    }
    if !policy.funding.is_empty() {
        out.push(payers(words, &policy.funding));
    }
    for (period, amount) in &policy.budgets {
        let amount = words.expr(*amount);
        out.push(match period {
            Some(period) => words.pick(format!("预算（{period}）：{amount}"), format!("budget of {period}: {amount}")),
            None => words.pick(format!("预算：{amount}"), format!("budget: {amount}")),
        });
    }
    out
}

/// Who pays which share.
fn payers(words: &Words, payers: &[PayerDef]) -> String {
    let one = |payer: &PayerDef| {
        let share =
            payer.share.map_or_else(|| words.pick("其余部分", "the rest").to_owned(), |share| words.expr(share));
        let cap = payer
            .cap
            .map(|cap| words.pick(format!("（最高{}）", words.expr(cap)), format!(" (at most {})", words.expr(cap))));
        format!("{} {share}{}", payer.name, cap.unwrap_or_default())
    };
    let list = payers.iter().map(one).collect::<Vec<_>>().join(words.pick("、", ", "));
    words.pick(format!("资金来源：{list}"), format!("funded by {list}"))
}

/// The derived facts, which clauses name.
fn derived(console: &Console, words: &Words) {
    let lets = &words.program.lets;
    if lets.is_empty() {
        return;
    }
    console.line("");
    console.line(console.strong(console.pick("其中", "where")));
    for def in lets {
        console.line(format!("  {} = {}", words.named(&def.name, &def.aliases), words.expr(def.value)));
    }
}

/// The steps of settlement, in order, as they are written.
fn settlement(console: &Console, words: &Words, policy: &PolicyDef) {
    let own = |step: &&StepDef| {
        step.policy.and_then(|id| words.program.policies.get(id.index())).is_some_and(|p| p.name == policy.name)
    };
    let steps: Vec<&StepDef> = words.program.settle.iter().filter(own).collect();
    if steps.is_empty() {
        return;
    }
    console.line("");
    console.line(console.strong(console.pick("结算，依次", "settlement, in order")));
    for (number, step) in steps.iter().enumerate() {
        let typed = words.sources.text(step.span).split_whitespace().collect::<Vec<_>>().join(" ");
        console.line(format!("  {}. {typed}", number + 1));
    }
}

/// What several policies settle between them, and where their own steps stand in it.
fn together(console: &Console, words: &Words) {
    let settle = &words.program.settle;
    if settle.iter().all(|step| step.policy.is_some()) {
        return;
    }
    console.line("");
    console
        .line(console.strong(console.pick("几份政策一起结算，依次", "settlement of the policies together, in order")));
    for (number, steps) in settle.chunk_by(|a, b| a.policy.is_some() && a.policy == b.policy).enumerate() {
        let Some(step) = steps.first() else { continue };
        let policy = step.policy.and_then(|id| words.program.policies.get(id.index()));
        let text = match policy {
            Some(policy) => {
                console.pick(format!("{}的结算", policy.name), format!("the settlement of {}", policy.name))
            }
            None => words.sources.text(step.span).split_whitespace().collect::<Vec<_>>().join(" "),
        };
        console.line(format!("  {}. {text}", number + 1));
    }
}

fn json(words: &Words, policy: &PolicyDef, clause: &ClauseDef) -> String {
    let article = clause.article.and_then(|at| policy.articles.get(at));
    let text = clause.text.as_ref().or(article.and_then(|article| article.text.as_ref()));
    let value = serde_json::json!({
        "policy": policy.name,
        "article": article.map(|article| article.number.as_str()),
        "clause": clause.name,
        "sentence": words.sentence(clause),
        "text": text.map(|(text, _)| text.as_str()),
    });
    value.to_string()
}
