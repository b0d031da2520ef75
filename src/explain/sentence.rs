//! A clause as one plain sentence, in either language, as a drafter would read it aloud.

use super::words::Words;
use crate::check::program::*;

impl Words<'_> {
    /// The clause as a sentence.
    pub fn sentence(&self, clause: &ClauseDef) -> String {
        let conditions = self.gates(clause);
        let award = self.award(clause);
        let modifiers: Vec<String> = clause.modifiers.iter().map(|modifier| self.modifier(modifier)).collect();
        let recipient = self.record(clause.recipient);
        if self.language == crate::diagnostic::Language::English {
            let mut text = format!("For {recipient}");
            if !conditions.is_empty() {
                text += &format!(", {}", conditions.join(" and "));
            }
            text += &format!(": {award}");
            for modifier in modifiers {
                text += &format!(", {modifier}");
            }
            return text + ".";
        }
        let mut text = format!("对{recipient}");
        if !conditions.is_empty() {
            text += &format!("，{}的", conditions.join("，且"));
        }
        text += &format!("，{award}");
        for modifier in modifiers {
            text += &format!("，{modifier}");
        }
        text + "。"
    }

    fn gates(&self, clause: &ClauseDef) -> Vec<String> {
        let gate = |gate: &GateDef| match &gate.kind {
            GateKindDef::When(c) => self.pick(self.expr(*c), format!("when {}", self.expr(*c))),
            GateKindDef::Unless(c) => {
                self.pick(format!("不属于“{}”", self.expr(*c)), format!("unless {}", self.expr(*c)))
            }
            GateKindDef::During { range, by } => {
                let range = self.expr(*range);
                match by {
                    Some(by) => {
                        let by = self.expr(*by);
                        self.pick(format!("{by}在{range}内"), format!("with {by} in {range}"))
                    }
                    None => self.pick(format!("在{range}期间"), format!("during {range}")),
                }
            }
        };
        clause.gates.iter().map(gate).collect()
    }

    fn award(&self, clause: &ClauseDef) -> String {
        let amount = self.expr(clause.amount);
        let verb = match (clause.recover, clause.up_to) {
            (true, _) => self.pick("追回", "recover "),
            (false, true) => self.pick("给予至多", "award up to "),
            (false, false) => self.pick("给予", "award "),
        };
        match clause.for_each {
            None => format!("{verb}{amount}"),
            Some((list, _)) => {
                let list = self.expr(list);
                self.pick(format!("对每个（{list}），{verb}{amount}"), format!("{verb}{amount} for each {list}"))
            }
        }
    }

    /// A modifier in words.
    pub fn modifier(&self, modifier: &ModifierDef) -> String {
        let each = if modifier.each { self.pick("每项", " each") } else { "" };
        let cumulative = if modifier.cumulative { self.pick("累计", " cumulatively") } else { "" };
        let of = |zh: &str, en: &str, id: &ExprId| {
            let amount = self.expr(*id);
            self.pick(format!("{each}{cumulative}{zh}{amount}"), format!("{en} {amount}{each}{cumulative}"))
        };
        let text = match &modifier.kind {
            ModifierKindDef::Cap(e) => of("最高", "at most", e),
            ModifierKindDef::Floor(e) => of("不低于", "at least", e),
            ModifierKindDef::Times(e) => of("乘以", "times", e),
            ModifierKindDef::Less(e) => of("扣除", "less", e),
            ModifierKindDef::NothingBelow(e) => of("起付线", "nothing below", e),
            ModifierKindDef::Round(..) => self.pick("取整".into(), "rounded".into()),
            ModifierKindDef::ToppingUp { on_paid: false } => {
                self.pick("晋档补差".into(), "less the standard already awarded".into())
            }
            ModifierKindDef::ToppingUp { on_paid: true } => {
                self.pick("晋档补差（按已发）".into(), "less what was already paid".into())
            }
            ModifierKindDef::Once => self.pick(format!("{each}仅奖励一次"), format!("once only{each}")),
        };
        if modifier.with.is_empty() {
            return text;
        }
        let name = |other: &ClauseRef| match other.policy.as_str() {
            "" => other.name.to_string(),
            policy => format!("{policy}.{}", other.name),
        };
        let names = modifier.with.iter().map(name).collect::<Vec<_>>().join("、");
        self.pick(format!("{text}（连同{names}）"), format!("{text} (together with {names})"))
    }
}
