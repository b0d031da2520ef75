//! Keywords from one language into the other.
//!
//! In: a text that the grammar accepts. Out: the same text with the keywords of one
//! language, each by what it means in its place: 不超过 is `up to`, `cap` or `<=`. Products are turned
//! round: `5% of capex` is capex的5%. Names, signs and words that are of that language
//! already stay as they are typed.

use crate::diagnostic::Language;
use crate::syntax::Keyword;
use crate::syntax::words::{Node, Rule, Word, Words, meaning, narrow, words};

/// Rewrites the keywords of a text; with `keep_words`, those that compare stay.
pub(super) fn rewrite(text: &str, language: Language, keep_words: bool) -> String {
    let words = words(text);
    let rewriter = Rewriter { text, words: &words, language, keep_words };
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for node in &words.nodes {
        out.push_str(rewriter.gap(end, node.from));
        out.push_str(&rewriter.node(node));
        end = node.to;
    }
    let rest = end.checked_sub(1).and_then(|last| words.words.get(last)).map_or(0, |word| word.end);
    out.push_str(text.get(rest..).unwrap_or(""));
    out
}

/// A child of a node, or a word of its own.
#[derive(Clone, Copy)]
struct Atom<'n> {
    from: usize,
    to: usize,
    node: Option<&'n Node>,
}

impl Atom<'_> {
    fn is(&self, rules: &[Rule]) -> bool {
        self.node.is_some_and(|node| rules.contains(&node.rule))
    }
}

const POSTFIXES: [Rule; 3] = [Rule::field, Rule::attribute, Rule::at_date];
const OPERATORS: [Rule; 5] = [Rule::arith_op, Rule::condition_op, Rule::arith_of, Rule::logic_op, Rule::open_op];
const SIGNS: [Rule; 3] = [Rule::prefix, Rule::sign, Rule::range_op];
/// What may stand behind 的 as a rate, and needs no parentheses.
const RATES: [Rule; 4] = [Rule::number, Rule::table, Rule::paren, Rule::pending];
/// What 的 may follow.
const BASES: [Rule; 4] = [Rule::plain_name, Rule::plain_soft_name, Rule::paren, Rule::number];
/// Where an operand may be followed by operators.
const CHAINS: [Rule; 6] =
    [Rule::condition, Rule::open_condition, Rule::arith, Rule::plain_arith, Rule::matched, Rule::value_tail];

struct Rewriter<'t> {
    text: &'t str,
    words: &'t Words<'t>,
    language: Language,
    keep_words: bool,
}

impl<'t> Rewriter<'t> {
    fn word(&self, at: usize) -> Option<&'t Word<'t>> {
        self.words.words.get(at)
    }

    /// What stands between two words, `after` being the number of the second.
    fn gap(&self, before: usize, after: usize) -> &'t str {
        let from = before.checked_sub(1).and_then(|last| self.word(last)).map_or(0, |word| word.end);
        let to = self.word(after).map_or(self.text.len(), |word| word.start);
        self.text.get(from..to).unwrap_or("")
    }

    /// The children of a node and the words between them.
    fn atoms<'n>(&self, node: &'n Node) -> Vec<Atom<'n>> {
        let mut atoms = Vec::new();
        let mut at = node.from;
        let alone = |at| Atom { from: at, to: at + 1, node: None };
        for child in node.children.iter().filter(|child| child.to > child.from) {
            atoms.extend((at..child.from).map(alone));
            atoms.push(Atom { from: child.from, to: child.to, node: Some(child) });
            at = child.to;
        }
        atoms.extend((at..node.to).map(alone));
        atoms
    }

    fn node(&self, node: &Node) -> String {
        let atoms = self.atoms(node);
        let mut out = String::new();
        let mut at = 0;
        let mut between = false;
        while let Some(atom) = atoms.get(at) {
            if at > 0 {
                out.push_str(self.gap(atom.from, atom.from));
            }
            let turned = match self.language {
                Language::Chinese => self.behind_base(&atoms, at),
                Language::English => self.before_base(node, &atoms, at),
            };
            if let Some((text, next)) = turned {
                out.push_str(&text);
                at = next;
                continue;
            }
            // The `and` of `between A and B` is a word of its own in Chinese.
            let kind = self.word(atom.to.saturating_sub(1)).map_or("", |word| word.kind);
            if between && atom.is(&[Rule::logic_op]) && kind == "and" {
                between = false;
                out.push_str(self.language.pick(" 与 ", " and "));
            } else {
                if atom.is(&OPERATORS) {
                    between = kind == "between" || between && kind != "between_and";
                }
                out.push_str(&self.atom(node, atom, &atoms, at));
            }
            at += 1;
        }
        out
    }

    fn atom(&self, parent: &Node, atom: &Atom, atoms: &[Atom], at: usize) -> String {
        let Some(node) = atom.node else { return self.keyword(parent, atom.from, None) };
        let mut text = match node.children.as_slice() {
            [] => {
                let next = atoms.get(at + 1).and_then(|next| next.node).map(|next| next.rule);
                let mut text = String::new();
                for word in node.from..node.to {
                    if word > node.from {
                        text.push_str(self.gap(word, word));
                    }
                    text.push_str(&self.keyword(node, word, next));
                }
                text
            }
            _ => self.node(node),
        };
        // 单项最高 and 累计最高 are `cap … each` and `cap … cumulative`.
        if parent.rule == Rule::modifier && self.language == Language::English && node.rule == Rule::arith {
            let tail = match self.word(parent.from).map_or("", |word| word.kind) {
                "cap_each" => " each",
                "cap_cumulative" => " cumulative",
                _ => "",
            };
            text.push_str(tail);
        }
        text
    }

    /// A word in the other language, with blanks around it where it changes.
    fn keyword(&self, node: &Node, at: usize, next: Option<Rule>) -> String {
        let Some(word) = self.word(at) else { return String::new() };
        if word.kind == "," && matches!(node.rule, Rule::clause | Rule::bare_clause) {
            return self.language.pick("，", ", ").to_owned();
        }
        match self.form(word, node, next) {
            Some(form) => format!(" {form} "),
            None => word.text.to_owned(),
        }
    }

    /// The form of a word in the other language; nothing where it stays.
    fn form(&self, word: &Word, node: &Node, next: Option<Rule>) -> Option<&'static str> {
        let keyword = meaning(word, node.rule, node.is_call())?;
        let typed = narrow(word.text).to_lowercase();
        let typed = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        let own = self.language.pick(&keyword.zh, &keyword.en);
        if own.contains(&typed) || self.keep_words && compares(keyword) {
            return None;
        }
        Some(match (keyword.id.as_str(), self.language) {
            // What is a product stands behind its base, and is turned round elsewhere.
            ("of", _) if OPERATORS.contains(&node.rule) => return None,
            ("up_to", Language::Chinese) if node.rule == Rule::rounding => "向上 到",
            ("in", Language::Chinese) if next != Some(Rule::paren) => "在",
            ("cap_each" | "cap_cumulative", Language::English) => "cap",
            _ => own.first()?,
        })
    }

    /// Where an operand with what is glued to it ends.
    fn operand_end(&self, atoms: &[Atom], at: usize) -> Option<usize> {
        let first = atoms.get(at)?;
        if first.node.is_none() || first.is(&OPERATORS) || first.is(&SIGNS) || first.is(&POSTFIXES) {
            return None;
        }
        Some(at + 1 + atoms.iter().skip(at + 1).take_while(|atom| atom.is(&POSTFIXES)).count())
    }

    fn is_operator(&self, atom: Option<&Atom>, kind: &str) -> bool {
        atom.is_some_and(|atom| {
            atom.is(&OPERATORS) && self.word(atom.to.saturating_sub(1)).is_some_and(|word| word.kind == kind)
        })
    }

    fn has_comment(&self, from: usize, to: usize) -> bool {
        let start = self.word(from).map_or(0, |word| word.start);
        let end = self.word(to.saturating_sub(1)).map_or(0, |word| word.end);
        self.words.comments.iter().any(|comment| (start..end).contains(&(comment.span.start as usize)))
    }

    fn atoms_text(&self, atoms: &[Atom]) -> String {
        let mut text = String::new();
        for (at, atom) in atoms.iter().enumerate() {
            if let Some(node) = atom.node {
                if at > 0 {
                    text.push_str(self.gap(atom.from, atom.from));
                }
                text.push_str(&self.atom(node, atom, atoms, at));
            }
        }
        text
    }

    /// `a of b of c` as c的（b）的（a）: its text, and the atom behind it.
    fn behind_base(&self, atoms: &[Atom], at: usize) -> Option<(String, usize)> {
        let mut factors = vec![(at, self.operand_end(atoms, at)?)];
        let mut end = factors.first()?.1;
        while self.is_operator(atoms.get(end), "of") {
            let next = end + 1;
            end = self.operand_end(atoms, next)?;
            factors.push((next, end));
        }
        let before = at.checked_sub(1).and_then(|before| atoms.get(before));
        let (first, last) = (atoms.get(at)?, atoms.get(end - 1)?);
        let signed = before.is_some_and(|before| before.is(&SIGNS));
        if factors.len() < 2
            || signed
            || self.is_operator(atoms.get(end), "in")
            || self.has_comment(first.from, last.to)
        {
            return None;
        }
        let (from, to) = factors.pop()?;
        let base = atoms.get(from..to)?;
        let simple =
            base.first().is_some_and(|base| base.is(&BASES)) && !base.iter().any(|atom| atom.is(&[Rule::at_date]));
        let mut text = self.atoms_text(base);
        if !simple {
            text = format!("({text})");
        }
        for (from, to) in factors.into_iter().rev() {
            let rate = atoms.get(from..to)?;
            let bare = rate.len() == 1 && rate.first().is_some_and(|rate| rate.is(&RATES));
            let rate = self.atoms_text(rate);
            text.push_str(&if bare { format!("的{rate}") } else { format!("的({rate})") });
        }
        Some((text, end))
    }

    /// capex的5% as `5% of capex`, 项目的投资额 as `项目.投资额`: its text, and the atom behind it.
    fn before_base(&self, parent: &Node, atoms: &[Atom], at: usize) -> Option<(String, usize)> {
        let end = self.operand_end(atoms, at)?;
        let (base, glued) = atoms.get(at..end)?.split_first()?;
        let last = glued.last()?;
        if !glued.iter().any(|atom| atom.is(&[Rule::attribute])) || self.has_comment(base.from, last.to) {
            return None;
        }
        let mut text = self.atoms_text(std::slice::from_ref(base));
        let mut product = false;
        for postfix in glued {
            let node = postfix.node?;
            let whole = if product { format!("({text})") } else { text.clone() };
            (text, product) = match (node.rule, node.children.first()) {
                (Rule::at_date, _) => (format!("{whole} {}", self.node(node)), false),
                (Rule::attribute, Some(rate)) if rate.rule != Rule::name => {
                    (format!("{} of {text}", self.child(node, rate)), true)
                }
                (_, Some(name)) => (format!("{whole}.{}", self.child(node, name)), false),
                _ => return None,
            };
        }
        let before = at.checked_sub(1).and_then(|before| atoms.get(before));
        let signed = before.is_some_and(|before| before.is(&SIGNS) && !before.is(&[Rule::range_op]));
        if product && (signed || self.is_operator(atoms.get(end), "in") || !CHAINS.contains(&parent.rule)) {
            text = format!("({text})");
        }
        Some((text, end))
    }

    /// A child alone; a name loses the parentheses that only 的 asks for.
    fn child(&self, parent: &Node, child: &Node) -> String {
        if let (Rule::paren, [Node { rule: Rule::condition, children, .. }]) = (child.rule, child.children.as_slice())
            && let [name] = children.as_slice()
            && matches!(name.rule, Rule::plain_name | Rule::plain_soft_name)
        {
            return self.node(name);
        }
        let atom = Atom { from: child.from, to: child.to, node: Some(child) };
        self.atom(parent, &atom, &[atom], 0)
    }
}

/// Whether a policy may say for itself what a word includes.
fn compares(keyword: &Keyword) -> bool {
    matches!(keyword.id.as_str(), "or_more" | "or_less" | ">=" | "<=" | ">" | "<" | "=" | "!=")
}
