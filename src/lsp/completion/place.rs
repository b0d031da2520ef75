//! What is due at the cursor, by the words before it.
//!
//! In: the words of the statement before the cursor. Out: a [`Place`]. Open brackets say in which block it is,
//! the last word what may follow.

use smol_str::SmolStr;

use crate::syntax::words::Word;

/// What stands around the cursor.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// Where a statement begins, in a block of this kind.
    Statement(Block),
    /// Behind a part of a clause that is complete.
    AfterOperand(Block),
    /// Where an operand is due.
    Operand,
    /// Where an operand is due, compared with this fact.
    Compared(SmolStr),
    /// Where a list is due.
    List,
    /// Where a type is due.
    Type,
    /// Where a clause is due.
    Clauses,
    /// Behind `A.`
    Member(SmolStr),
    /// Where a record type is due.
    Records,
    /// Where a unit is due.
    Units,
    /// Where a date of the record is due.
    Dates,
    /// Where the key of a row is due; the subject of the table.
    RowKey(SmolStr),
    /// Where a cell of a record is due.
    Cell(SmolStr),
    /// Where nothing can be proposed: a new name, a text.
    Nothing,
}

/// A block of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    File,
    Policy,
    Article,
    Clause,
    Record,
    Settle,
    Test,
}

/// An open bracket with what it opens.
#[derive(Debug, Clone)]
enum Open {
    Block(Block),
    Table(SmolStr),
    Row(SmolStr),
    Other,
}

/// The place behind some words; `prefix` bytes of what follows have been typed of the next one.
pub(super) fn place(words: &[Word], part: &str, prefix: usize) -> Place {
    let open = open_brackets(words);
    let block = open.iter().rev().find_map(|open| match open {
        Open::Block(block) => Some(*block),
        _ => None,
    });
    let block = block.unwrap_or(Block::File);
    let Some(last) = words.last() else { return Place::Statement(block) };
    let typed_from = part.len() - prefix;
    let new_line = part.get(last.end..typed_from).is_some_and(|between| between.contains('\n'));
    match (last.kind, open.last()) {
        ("," | "{" | ";", Some(Open::Table(subject))) => return Place::RowKey(subject.clone()),
        ("," | "{" | ";", Some(Open::Row(record))) => return Place::Cell(record.clone()),
        (_, Some(Open::Table(subject))) if new_line => return Place::RowKey(subject.clone()),
        (_, Some(Open::Row(record))) if new_line => return Place::Cell(record.clone()),
        (":", Some(Open::Row(_))) => return Place::Compared(name_before(words, words.len() - 1)),
        (":", Some(Open::Block(Block::Record))) => return Place::Type,
        (":", _) if words.len() > 2 && is_declaration(words) => return Place::Type,
        ("{" | ";", Some(Open::Block(block))) => return Place::Statement(*block),
        _ => {}
    }
    match last.kind {
        "." => Place::Member(name_before(words, words.len() - 1)),
        "of_list" | "list_of" | "to_record" | "给" | "given" | "over_all" => Place::Records,
        "to" if matches!(block, Block::Clause | Block::File) => Place::Records,
        "quantity_in" | "price_per" | "scale_in" => Place::Units,
        "dated" => Place::Dates,
        "for_each" | "over" | "any" | "every" | "count_of" => Place::List,
        "policy" | "article" | "clause" | "record" | "unit" | "let" | "parameter" | "test" | "title" | "text"
        | "commitment" | "issuer" | "lead" | "pending" | "use" | "document_number" => Place::Nothing,
        "highest_among" | "not_together" | "exclude" | "limit" | "overrides" | "with" | "outside_budget"
        | "paid_under" | "expect" => Place::Clauses,
        "for" if block == Block::Settle => Place::Clauses,
        "," if block == Block::Settle => Place::Clauses,
        "of" if block == Block::Settle => Place::Clauses,
        "=" | "!=" | ">=" | "<=" | ">" | "<" | "in" | "不超过" | "不低于" => {
            Place::Compared(name_before(words, words.len() - 1))
        }
        _ if new_line => Place::Statement(block),
        kind if ends_operand(kind) => Place::AfterOperand(block),
        _ => Place::Operand,
    }
}

/// Whether an operand, a type or a name may end with this word.
fn ends_operand(kind: &str) -> bool {
    matches!(
        kind,
        "NAME"
            | "NUMBER"
            | "DATE"
            | "TEXT"
            | ")"
            | "}"
            | "]"
            | "yes"
            | "no"
            | "none"
            | "or_more"
            | "or_less"
            | "once"
            | "each"
            | "cumulative"
            | "topping_up"
            | "money"
            | "bool"
            | "date"
            | "rate"
            | "key"
            | "per_year"
            | "per_quarter"
            | "is_none"
            | "is_not_none"
    )
}

/// Whether the words end with `let N :` or `parameter N :`.
fn is_declaration(words: &[Word]) -> bool {
    let mut back = words.iter().rev().skip(1);
    let head = back.find(|word| !matches!(word.kind, "NAME" | "/"));
    head.is_some_and(|word| matches!(word.kind, "let" | "parameter"))
}

fn name_before(words: &[Word], at: usize) -> SmolStr {
    let names = words.get(..at).unwrap_or(&[]).iter().rev();
    names.take(2).find(|word| word.kind == "NAME").map_or_else(SmolStr::default, |word| bare(word.text))
}

fn bare(name: &str) -> SmolStr {
    SmolStr::new(name.trim_matches(['「', '」']))
}

fn open_brackets(words: &[Word]) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::new();
    let mut head: Vec<&Word> = Vec::new();
    for word in words {
        match word.kind {
            "{" | "[" | "(" => {
                let opened = opened(word.kind, &head, open.last());
                open.push(opened);
                head.clear();
            }
            "}" | "]" | ")" => {
                open.pop();
                head.clear();
            }
            ";" => head.clear(),
            _ => head.push(word),
        }
    }
    open
}

/// What a bracket opens, by the words before it.
fn opened(bracket: &str, head: &[&Word], outer: Option<&Open>) -> Open {
    if bracket == "(" {
        return Open::Other;
    }
    if let Some(Open::Row(record)) = outer
        && bracket == "{"
        && head.is_empty()
    {
        return Open::Row(record.clone());
    }
    for (at, word) in head.iter().enumerate().rev() {
        let block = match word.kind {
            "policy" => Block::Policy,
            "article" | "ARTICLE" => Block::Article,
            "clause" | "CLAUSE" => Block::Clause,
            "record" => Block::Record,
            "settle" => Block::Settle,
            "test" => Block::Test,
            "given" => return Open::Row(head.get(at + 1).map_or_else(SmolStr::default, |word| bare(word.text))),
            "by" => return Open::Table(head.get(at + 1).map_or_else(SmolStr::default, |word| bare(word.text))),
            _ => continue,
        };
        return Open::Block(block);
    }
    Open::Other
}
