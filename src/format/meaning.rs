//! Whether two trees mean the same.
//!
//! In: the tree of a text and the tree of its formatted form. Out: yes or no. Everything
//! that the trees hold is compared but places. Where keywords have been rewritten, a product
//! is also the same whichever way round 的 puts it, and a comparison word the same as its
//! sign; a file that says itself what its words include keeps them all.

use crate::syntax::tree::walk::each_expression;
use crate::syntax::tree::{Comment, Expr, ExprKind, File, Item, Operator, PropertyKind};

/// Whether two trees mean the same and have the same comments.
pub(super) fn same(before: &File, after: &File, rewritten: bool) -> bool {
    comments(&before.comments) == comments(&after.comments) && meaning(before, rewritten) == meaning(after, rewritten)
}

fn comments(comments: &[Comment]) -> Vec<(&str, bool)> {
    comments.iter().map(|comment| (comment.text.as_str(), comment.doc)).collect()
}

/// All of a tree but its places, as text.
fn meaning(file: &File, rewritten: bool) -> String {
    let mut items = file.items.clone();
    if rewritten {
        let words = !has_convention(&items);
        each_expression(&mut items, &mut |expr| plain(expr, words));
    }
    without_places(&format!("{items:?}"))
}

/// Whether a policy says what its comparison words include.
pub(super) fn has_convention(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Property(property) => matches!(property.kind, PropertyKind::Convention { .. }),
        Item::Policy(policy) => has_convention(&policy.items),
        Item::Article(article) => has_convention(&article.items),
        _ => false,
    })
}

/// Brings the ways to write one thing to one.
fn plain(expr: &mut Expr, words: bool) {
    match &mut expr.kind {
        ExprKind::Compare(_, comparison, _) if words => comparison.word = false,
        ExprKind::Chain(first, rest) if rest.iter().all(|(operator, _)| *operator == Operator::Of) => {
            let mut factors = Vec::new();
            flatten(std::mem::replace(&mut **first, poison(expr.span)), &mut factors);
            for (_, factor) in std::mem::take(rest) {
                flatten(factor, &mut factors);
            }
            let mut factors = factors.into_iter();
            if let Some(head) = factors.next() {
                **first = head;
            }
            rest.extend(factors.map(|factor| (Operator::Of, factor)));
        }
        _ => {}
    }
}

fn poison(span: crate::source::Span) -> Expr {
    Expr { kind: ExprKind::Poison, span }
}

/// The factors of a product by `of`; those within are flat already.
fn flatten(expr: Expr, factors: &mut Vec<Expr>) {
    match expr.kind {
        ExprKind::Chain(first, rest) if rest.iter().all(|(operator, _)| *operator == Operator::Of) => {
            factors.push(*first);
            factors.extend(rest.into_iter().map(|(_, factor)| factor));
        }
        kind => factors.push(Expr { kind, span: expr.span }),
    }
}

/// A tree as text without its places: `Span { file: FileId(0), start: 1, end: 2 }`.
fn without_places(text: &str) -> String {
    let mut out = String::with_capacity(text.len() / 2);
    let mut rest = text;
    while let Some((before, place)) = rest.split_once("Span { file: FileId(") {
        out.push_str(before);
        rest = place.split_once(" }").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}
