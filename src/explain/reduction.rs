//! What settlement took away, in words: the step, the reason with its figures, before and after.

use super::words::{Words, money};
use crate::check::program::ClauseId;
use crate::settle::{Borne, Higher, Pool, Range, Reason, Reduction, Source};
use crate::value::Number;

impl Words<'_> {
    /// What a settlement step took away.
    pub fn reduction(&self, reduction: &Reduction) -> String {
        let source = match reduction.source {
            Source::Step(step) => self.step(step),
            Source::Overrides(policy, at) => self.overriding(policy, at),
            Source::Payers => self.pick("出资", "who pays").to_owned(),
            Source::Data => self.pick("数据检查", "data check").to_owned(),
        };
        let reason = self.reason(&reduction.reason);
        let (before, after) = (self.answer(&reduction.before), self.answer(&reduction.after));
        self.pick(format!("{source}：{reason}，{before} → {after}"), format!("{source}: {reason}, {before} → {after}"))
    }

    /// An `overrides` as it is written.
    fn overriding(&self, policy: crate::check::program::PolicyId, at: usize) -> String {
        let named = self.program.policies.get(policy.index()).and_then(|policy| policy.overrides.get(at));
        let typed = named.map_or("", |named| self.sources.text(named.span)).trim().to_owned();
        self.pick(format!("优先于 {typed}"), format!("overrides {typed}"))
    }

    /// What a step leaves unsaid.
    pub fn unsaid(&self, step: usize) -> &'static str {
        use crate::check::program::{ShortageRuleDef, StepKindDef};
        let (zh, en) = match self.program.settle.get(step).map(|step| &step.kind) {
            Some(StepKindDef::Select { .. }) => ("压线并列的取谁", "who is taken of those tied at the line"),
            Some(StepKindDef::HighestAmong(..)) => ("同样高的归谁", "which is kept of those equally high"),
            Some(
                StepKindDef::Limit { shortage: Some(shortage), .. }
                | StepKindDef::Budget { shortage: Some(shortage), .. },
            ) if matches!(shortage.rule, ShortageRuleDef::ByKeys(_) | ShortageRuleDef::ByClauses(_)) => {
                ("并列的怎样分", "how those tied share what is left")
            }
            _ => ("不够时由谁承担", "who bears the shortage"),
        };
        self.pick(zh, en)
    }

    fn clause_name(&self, id: ClauseId) -> String {
        self.program.clauses.get(id.index()).map_or_else(String::new, |clause| clause.name.to_string())
    }

    fn reason(&self, reason: &Reason) -> String {
        let name = |id: &ClauseId| self.clause_name(*id);
        match reason {
            Reason::Higher(higher) => self.higher(higher),
            Reason::PerhapsHigher(other) => {
                self.pick(format!("「{}」可能更高", name(other)), format!("{} may give more", name(other)))
            }
            Reason::EquallyHigh => self.pick(
                "同组另有一户同样高，没有写明归谁".into(),
                "another of the group has as much, and nothing says who takes it".into(),
            ),
            Reason::NotTogether(other) => self.pick(
                format!("不能与「{}」并得，合计最多的搭配留下的是它", name(other)),
                format!("not together with {}, which the set that pays most keeps", name(other)),
            ),
            Reason::PerhapsNotTogether(other) => self.pick(
                format!("不能与「{}」并得，留哪一款未定", name(other)),
                format!("not together with {}; which pays more is open", name(other)),
            ),
            Reason::Excluded => self.pick("符合排除条件".into(), "the condition for leaving it out holds".into()),
            Reason::Modified => self.pick("按此计算".into(), "as written".into()),
            Reason::NotSelected { rank, count, tied } if *tied > 0 => self.pick(
                format!("第{rank}名有{tied}个并列，只取{count}个，并列的都不取"),
                format!("{tied} are tied for rank {rank}, {count} are taken, and none of those tied"),
            ),
            Reason::NotSelected { rank, count, .. } => {
                self.pick(format!("排第{rank}，只取{count}个"), format!("ranked {rank}, and {count} are taken"))
            }
            Reason::PerhapsSelected { count, rank: Some(rank), tied } if *tied > 1 => self.pick(
                format!("第{rank}名有{tied}个并列，只取{count}个，没有写明取谁"),
                format!("{tied} are tied for rank {rank}, {count} are taken, and nothing says which of those tied"),
            ),
            Reason::PerhapsSelected { count, .. } => self
                .pick(format!("是否在前{count}个之内未定"), format!("whether it is among the first {count} is open")),
            Reason::Shortage { pool, how, share } => self.shortage(pool, how, share.as_ref()),
            Reason::NoBudget => {
                self.pick("没有评价期的预算".into(), "there is no budget of the evaluated period".into())
            }
            Reason::Overridden(policy) => {
                let policy = self.policy(*policy);
                self.pick(format!("两份政策都给时以「{policy}」为准"), format!("where both would pay, {policy} holds"))
            }
            Reason::Unfunded => self.pick("各出资方都已到上限".into(), "every payer is at its cap".into()),
            Reason::DataError => self.pick(
                "记录有错，改正以前不付".into(),
                "the record is in error and is paid nothing until mended".into(),
            ),
        }
    }

    /// Which one is higher, whose it is where it is another's, and how much it gives.
    fn higher(&self, higher: &Higher) -> String {
        let (clause, amount) = (self.clause_name(higher.clause), self.range(&higher.amount));
        let (whose_zh, whose_en) = match &higher.recipient {
            Some(key) => (format!("{key} 的"), format!("{key}’s ")),
            None => (String::new(), String::new()),
        };
        if higher.equal {
            return self.pick(
                format!("{whose_zh}「{clause}」一样高（{amount}），写在前面"),
                format!("{whose_en}{clause} gives as much ({amount}) and stands first"),
            );
        }
        self.pick(
            format!("{whose_zh}「{clause}」更高（{amount}）"),
            format!("{whose_en}{clause} gives more ({amount})"),
        )
    }

    fn shortage(&self, pool: &Pool, how: &Borne, share: Option<&(Range, Range)>) -> String {
        let (room, wanted) = (self.range(&pool.room), self.range(&pool.wanted));
        let payer = pool.payer.as_deref().unwrap_or_default();
        let what = match (pool.budget, payer) {
            (false, _) => match &pool.paid {
                Some(paid) => self.pick(
                    format!("合计{wanted}，以前已发{}，限额还剩{room}", self.range(paid)),
                    format!("together {wanted}, {} was paid before, {room} of the limit is left", self.range(paid)),
                ),
                None => {
                    self.pick(format!("合计{wanted}，限额{room}"), format!("together {wanted}, the limit is {room}"))
                }
            },
            (true, "") => {
                self.pick(format!("合计{wanted}，预算{room}"), format!("together {wanted}, the budget is {room}"))
            }
            (true, payer) => self.pick(
                format!("{payer}合计负担{wanted}，预算{room}"),
                format!("{payer} would pay {wanted}, its budget is {room}"),
            ),
        };
        let mut said = what;
        said.extend(self.borne(how).map(|how| self.pick(format!("，{how}"), format!(", {how}"))));
        if let Some((before, after)) = share {
            let (before, after) = (self.range(before), self.range(after));
            said += &self
                .pick(format!("，{payer}负担的{before}减为{after}"), format!(", its part of {before} becomes {after}"));
        }
        said
    }

    /// How a shortage is borne; nothing where one bears it alone.
    fn borne(&self, how: &Borne) -> Option<String> {
        Some(match how {
            Borne::Alone => return None,
            Borne::Factor(factor) => {
                let percent = percent(factor);
                self.pick(format!("同比例折到{percent}"), format!("all by the factor {percent}"))
            }
            Borne::Part(part) => {
                self.pick(format!("至多各减{}", money(part)), format!("each less at most {}", money(part)))
            }
            Borne::InTurn { left, wanted, how } => {
                let (left, wanted) = (self.range(left), self.range(wanted));
                let how = match (how.is_undecided(), self.borne(how)) {
                    (true, _) => self.pick("没有写明并列的怎样分", "nothing says how those tied share it").to_owned(),
                    (false, how) => how?,
                };
                self.pick(
                    format!("轮到时还剩{left}，并列的合计{wanted}，{how}"),
                    format!("{left} was left when its turn came, those tied ask for {wanted}, {how}"),
                )
            }
            Borne::Left(left) => {
                let left = self.range(left);
                self.pick(format!("轮到时还剩{left}"), format!("{left} was left when its turn came"))
            }
            Borne::Open => self.pick("折多少未定".into(), "how much is cut is open".into()),
            Borne::Undecided => self.pick("没有写明由谁承担".into(), "nothing says who bears the shortage".into()),
        })
    }

    fn range(&self, range: &Range) -> String {
        match range.known() {
            Some(amount) => money(amount),
            None => self.interval(&crate::eval::Interval::new(Some(range.low.clone()), range.high.clone())),
        }
    }
}

/// A factor as a percentage with at most four places.
fn percent(factor: &Number) -> String {
    let places = Number::from_digits("0.0001").unwrap_or(Number::ONE);
    let hundred = factor.multiply(&Number::from_i64(100)).unwrap_or_else(|_| factor.clone());
    match hundred.round(crate::syntax::tree::RoundMode::HalfUp, &places) {
        Ok(shown) if shown == hundred => format!("{shown}%"),
        Ok(shown) => format!("≈{shown}%"),
        Err(_) => String::new(),
    }
}
