//! Habits of documents that the language writes otherwise, each with the turned form.
//!
//! In: where the grammar gave up. Out: a diagnostic that says why, for the slips that the
//! list of what could stand there would not explain; nothing for all others.

use super::super::keyword::{is_name, keywords};
use super::glue::names_scope_of_cap;
use super::why::Reader;
use crate::diagnostic::{Argument, Code, Diagnostic};

impl Reader<'_> {
    /// What a drafter probably meant by a known habit.
    pub(super) fn hint(&self) -> Option<Diagnostic> {
        self.each_before_amount()
            .or_else(|| self.scope_as_amount())
            .or_else(|| self.scope_behind_amount())
            .or_else(|| self.lump_sum_before_award())
            .or_else(|| self.cap_of_a_row())
            .or_else(|| self.count_of_a_selection())
            .or_else(|| self.call_over_a_list())
    }

    fn reason(&self, at: usize, reason: Argument, fix: Option<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(Code::UnexpectedText).at(self.place(at)).with_some("found", self.found(at));
        diagnostic.with("reason", reason).with_some("fix", fix)
    }

    /// The text of the tokens `from..to`.
    fn text(&self, from: usize, to: usize) -> Option<&str> {
        let (first, last) = (self.token(from)?, self.token(to.checked_sub(1)?)?);
        self.scan.text.get(first.start as usize..last.end as usize)
    }

    /// One past the last token of the line on which a token stands.
    fn end_of_line(&self, at: usize) -> usize {
        (at + 1..self.to).find(|&next| self.token(next).is_none_or(|token| token.begins_line)).unwrap_or(self.to)
    }

    /// Whether a token stands where an award has its amount.
    fn is_amount_of_award(&self, at: usize) -> bool {
        let before = self.kind_before(at);
        let award = if matches!(before, "lump_sum" | "up_to" | "至多" | "最高" | "不超过") { self.kind_before(at.saturating_sub(1)) } else { before };
        matches!(award, "award" | "recover")
    }

    /// `奖补 每个 人员 3000元`: for whom stands behind the amount.
    fn each_before_amount(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        if self.kind(at) != "for_each" || !self.is_amount_of_award(at) {
            return None;
        }
        Some(self.reason(at, each_reason(), self.turned_each(at)))
    }

    /// The award with its list behind the amount: `奖补 3000元 每个 人员`.
    fn turned_each(&self, at: usize) -> Option<String> {
        let award = at.checked_sub(1)?;
        let after_list = self.after_list(at + 1)?;
        let line = self.end_of_line(at);
        let ends = |next: &usize| matches!(self.kind(*next), "," | ";" | "}" | "cap" | "最高" | "不超过" | "floor" | "when" | "unless" | "cap_each");
        let end = (after_list..line).find(ends).unwrap_or(line);
        let amount = self.text(after_list, end)?;
        matches!(self.kind(after_list), "NUMBER" | "NAME" | "(").then_some(())?;
        Some(format!("{} {amount} {}", self.found(award)?, self.text(at, after_list)?))
    }

    /// One past a list: a name, or what stands in parentheses.
    fn after_list(&self, at: usize) -> Option<usize> {
        if self.kind(at) != "(" {
            return is_name(self.kind(at)).then_some(at + 1);
        }
        let mut depth = 0_usize;
        for next in at..self.to {
            match self.kind(next) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(next + 1);
            }
        }
        None
    }

    /// `奖补 每人 3000元`, `奖补 每年 10万元`: words of scope where the amount is due.
    fn scope_as_amount(&self) -> Option<Diagnostic> {
        let at = self.failure.at.checked_sub(1).filter(|at| *at >= self.from)?;
        if !self.is_amount_of_award(at) || !matches!(self.kind(self.failure.at), "NUMBER" | "NAME") {
            return None;
        }
        let line = self.end_of_line(at);
        if matches!(self.kind(at), "per_year" | "per_quarter") {
            let fix = format!("{} {}", self.found(at.checked_sub(1)?)?, self.text(at + 1, line)?);
            return Some(self.reason(at, period_reason(), Some(fix)));
        }
        let word = self.found(at)?;
        (self.kind(at) == "NAME" && word.starts_with('每')).then(|| self.reason(at, each_reason(), None))
    }

    /// `奖补 3000元 每人`, `奖补 10万元 每年`
    fn scope_behind_amount(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        let awards = (self.from..at).any(|before| matches!(self.kind(before), "award" | "recover"));
        if !awards {
            return None;
        }
        if matches!(self.kind(at), "per_year" | "per_quarter") {
            return Some(self.reason(at, period_reason(), None));
        }
        let is_each = |at: &usize| self.kind(*at) == "NAME" && self.found(*at).is_some_and(|word| word.starts_with('每') && !names_scope_of_cap(word));
        let at = [Some(at), at.checked_sub(1)].into_iter().flatten().filter(|at| *at >= self.from).find(is_each)?;
        Some(self.reason(at, each_reason(), None))
    }

    /// `一次性奖励 20万元`
    fn lump_sum_before_award(&self) -> Option<Diagnostic> {
        let is_first = |at: &usize| *at == self.from || self.token(*at).is_some_and(|token| token.begins_line) || self.kind_before(*at) == "{";
        let at = self.failure.at;
        let at = [Some(at), at.checked_sub(1)].into_iter().flatten().filter(|at| *at >= self.from).find(is_first)?;
        let word = self.found(at).filter(|_| self.kind(at) == "NAME")?;
        let form = |id: &str, word: &str| keywords().get(id).is_some_and(|keyword| keyword.zh.iter().any(|form| form == word));
        let lump_sum = keywords().get("lump_sum")?.zh.iter().find(|form| word.starts_with(form.as_str()))?;
        let award = word.get(lump_sum.len()..)?;
        if !form("award", award) {
            return None;
        }
        let reason = Argument::phrase("`一次性` 写在奖补这个词的后面", "`lump sum` stands behind the award word");
        Some(self.reason(at, reason, Some(format!("{award} {lump_sum}"))))
    }

    /// `其余: 至多 3万`: a cap or discretion belongs to the whole award.
    fn cap_of_a_row(&self) -> Option<Diagnostic> {
        let fault = self.failure.at;
        let caps = ["up_to", "cap", "cap_each", "cap_cumulative", "floor", "最高", "不超过", "至多", "最高不超过", "不低于"];
        // `up to 3万` is read as a name first, so the fault may lie behind it.
        let at = (self.from..=fault).rev().take(3).find(|&at| caps.contains(&self.kind(at)))?;
        if !self.is_in_table(at) || (at != fault && self.kind_before(at) != ":") {
            return None;
        }
        let word = self.found(at)?;
        if self.kind_before(at) == ":" {
            let zh = format!("`{word}` 管整笔奖补，不能只管表中的一行：把这一行另写成一款");
            let en = format!("`{word}` is about the whole award and not about one row: make this row a clause of its own");
            return Some(self.reason(at, Argument::phrase(zh, en), None));
        }
        let zh = format!("`{word}` 管整笔奖补，写在表的后面；只管一行时，这一行写成 `孰低(甲, 乙)`");
        let en = format!("`{word}` acts on the whole award and stands behind the table; for one row alone write `min(a, b)` in it");
        Some(self.reason(at, Argument::phrase(zh, en), None))
    }

    /// Whether a token stands in the braces of a table.
    fn is_in_table(&self, at: usize) -> bool {
        let Some(open) = self.opening(at, "{", "}") else { return false };
        let heads = (self.from..open).rev().take_while(|&before| !matches!(self.kind(before), "{" | "}" | "award" | ";"));
        heads.into_iter().any(|before| self.kind(before) == "by")
    }

    /// The bracket that is open at a token.
    fn opening(&self, at: usize, open: &str, close: &str) -> Option<usize> {
        let mut depth = 0_usize;
        for before in (self.from..at).rev() {
            let kind = self.kind(before);
            if kind == close {
                depth += 1;
            } else if kind == open {
                if depth == 0 {
                    return Some(before);
                }
                depth -= 1;
            }
        }
        None
    }

    /// `择优 不超过10个 A`: how many is `前10`, and by what must be said.
    fn count_of_a_selection(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        if self.kind_before(at) != "select" || self.kind(at) == "top" {
            return None;
        }
        let line = self.end_of_line(at);
        let number = (at..line).find(|&next| self.kind(next) == "NUMBER");
        let chinese = !self.found(at.checked_sub(1)?)?.is_ascii();
        let reason = Argument::phrase("择优要写明取前几名、按什么排名", "a selection says how many are taken and by what they are ranked");
        let fix = number.and_then(|number| {
            let digits: String = self.found(number)?.chars().take_while(char::is_ascii_digit).collect();
            let from = if matches!(self.kind(number + 1), "of" | "的") { number + 2 } else { number + 1 };
            let rest = self.text(from, line).unwrap_or("…");
            let ranked = (from..line).any(|next| self.kind(next) == "by");
            Some(match (chinese, ranked) {
                (true, true) => format!("择优 前{digits} {rest}"),
                (true, false) => format!("择优 前{digits} {rest} 按 …"),
                (false, true) => format!("select top {digits} of {rest}"),
                (false, false) => format!("select top {digits} of {rest} by …"),
            })
        });
        Some(self.reason(at, reason, fix))
    }

    /// `孰低(a, b) 于 L`, `最小(a, b)`, `孰低(a)`: a call compares its arguments, an aggregate folds a list.
    fn call_over_a_list(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        let inside = match self.kind(at) {
            ")" | "," => at,
            _ => at.checked_sub(1).filter(|&before| matches!(self.kind(before), ")" | ","))?,
        };
        let open = self.opening(inside, "(", ")")?;
        let word = open.checked_sub(1).filter(|word| *word >= self.from)?;
        let smaller = match self.kind(word) {
            "min" | "lesser" | "smallest" => true,
            "max" | "greater" | "largest" => false,
            _ => return None,
        };
        let is_comma = |next: &usize| self.kind(*next) == "," && self.opening(*next, "(", ")") == Some(open);
        let several = (open..=inside).any(|next| is_comma(&next));
        let aggregate = matches!(self.kind(word), "smallest" | "largest");
        let lone_call = !several && matches!(self.kind(at), ")") && self.failure.expected.contains(",");
        let reported = several || lone_call || (inside != at && self.failure.expected.contains("over"));
        // What else fails behind a sound call has nothing to do with it.
        let sound = several && !aggregate && !matches!(self.kind(at), "over" | "over_all");
        if !reported || sound {
            return None;
        }
        let (call, list, min) = if smaller { ("孰低", "最小", "min") } else { ("孰高", "最大", "max") };
        let zh = format!("`{call}(甲, 乙)` 比较括号里的两个以上的数，后面不接 `于`；一个清单里取，写 `{list} 甲 于 清单`");
        let en = format!("`{min}(a, b)` compares two or more values and takes no `over`; over a list it is `{min} a over L`");
        let fix = if aggregate && several { self.after_list(open) } else { None };
        let fix = fix.and_then(|end| Some(format!("{call}{}", self.text(open, end)?)));
        Some(self.reason(if fix.is_some() { word } else { at }, Argument::phrase(zh, en), fix))
    }
}

fn each_reason() -> Argument {
    Argument::phrase(
        "`每个 …` 写在金额之后，后面是清单的名称；每个申报主体本来就各算各的，不用写",
        "`for each …` stands behind the amount and is followed by a list; every recipient is computed apart without it",
    )
}

fn period_reason() -> Argument {
    Argument::phrase("不用写“每年”：各款的数额本来就是一个评价期的", "the amount of a clause is for one evaluated period without `per year`")
}
