//! From the checked program to a plan over columns.
//!
//! In: the clauses of a record type, and a table of records with what they ask of it. Out:
//! a [`Plan`] of instructions. An expression becomes whole numbers over a fixed divisor, a
//! day, a condition or a value of an enumeration, each with where it is open: there the row
//! engine is asked for the whole clause, which is always right. What no kernel computes, or
//! what may leave the range in which lanes are exact, is asked of the row engine as a
//! column. An aggregate over a list is a column too, made by a plan of its own over the table
//! of items; so is what the history says of each recipient. Of a clause that cannot be asked
//! piece by piece the plan has the conditions, and the row engine is asked where they hold.

mod clause;
mod condition;
mod first;
mod history;
mod items;
mod masks;
mod number;
mod owner;
mod periods;
mod plan;
mod registers;
mod table;

use std::collections::HashMap;
use std::sync::Arc;

use super::column::{Cells, Column, Form, YES};
use super::operation::{Byte, Number, Operation, Tail};
use super::results::Kept;
use super::run::keep;
use super::table::{Asked, Table};
use crate::check::program::{ClauseId, Expr, ExprId, Node, Type};
use crate::eval::{Answer, Context, days, evaluate_expression};
use crate::value::{Period, Value};
pub(super) use items::ItemAmounts;
pub use plan::Plan;

/// Expressions nested deeper are left to the row engine.
const DEEPEST: usize = 100;

/// What an expression is compiled to.
#[derive(Debug, Clone)]
enum Compiled {
    Number(Amount),
    /// A day number; not a number where there is no day.
    Day(Number, Byte),
    Flag(Flag),
    /// A value of an enumeration, or [`super::column::NO_CODE`], and where it is open.
    Code(Byte, Byte),
    /// A period, the same for all.
    Period(Period),
    /// Surely none.
    Nothing,
    /// A value that has no column, as a text; or of which the row engine must be asked clause by clause.
    Other,
}

/// A number: whole numbers over one divisor, in these bounds, where it is open and where it is none.
#[derive(Debug, Clone, Copy)]
struct Amount {
    at: Number,
    divisor: i128,
    low: i128,
    high: i128,
    open: Byte,
    none: Byte,
}

/// Where a condition surely holds, and where it is open; nowhere both.
#[derive(Debug, Clone, Copy)]
struct Flag {
    yes: Byte,
    open: Byte,
}

/// Nowhere.
const NEVER: Byte = Byte::Constant(0);
/// Everywhere.
const ALWAYS: Byte = Byte::Constant(YES);

/// What a plan does, in order.
#[derive(Debug, Clone)]
pub(super) enum Instruction {
    Compute(Operation),
    Keep(Keep),
    Pay(Due),
}

/// Keeps what is worked out for every row, at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    Number(usize, Number),
    Byte(usize, Byte),
}

/// What a clause pays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// Its place among the clauses of the record type.
    pub(super) clause: usize,
    /// What is due before the tail.
    pub(super) amount: Number,
    /// What makes it whole fen.
    pub(super) tail: Tail,
    /// Where it applies.
    pub(super) applies: Byte,
    /// Where it may be in force.
    pub(super) in_force: Byte,
    /// Where the row engine is asked.
    pub(super) open: Byte,
    /// Where the row engine is asked for the status, the amount being 0.
    pub(super) unsure: Byte,
    /// At discretion.
    pub(super) up_to: bool,
    /// Due back.
    pub(super) recover: bool,
}

struct Compiler<'c, 'p: 'r, 't, 'r> {
    context: &'c Context<'p>,
    table: &'t mut Table<'r>,
    /// The rows to which the items of the table belong, where it is one of items.
    outer: Option<&'t mut Table<'r>>,
    instructions: Vec<Instruction>,
    numbers: usize,
    bytes: usize,
    /// What was compiled before.
    known: HashMap<ExprId, Compiled>,
    /// The same, where it depends on the clause.
    of_clause: HashMap<ExprId, Compiled>,
    clause: Option<ClauseId>,
    /// Whether something was compiled that depends on the clause.
    asked_clause: bool,
    depth: usize,
    items: Vec<ItemAmounts>,
    /// The order in which items are told, once a `top` has put them in another.
    order: Option<Vec<u32>>,
}

impl<'c, 'p, 't, 'r> Compiler<'c, 'p, 't, 'r> {
    fn new(context: &'c Context<'p>, table: &'t mut Table<'r>) -> Self {
        Compiler {
            context,
            table,
            outer: None,
            instructions: Vec::new(),
            numbers: 0,
            bytes: 0,
            known: HashMap::new(),
            of_clause: HashMap::new(),
            clause: None,
            asked_clause: false,
            depth: 0,
            items: Vec::new(),
            order: None,
        }
    }

    fn expr(&self, id: ExprId) -> Option<&'p Expr> {
        self.context.program.exprs.get(id.index())
    }

    /// An expression over the recipient.
    fn compiled(&mut self, id: ExprId) -> Compiled {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        if let Some(known) = self.of_clause.get(&id) {
            self.asked_clause = true;
            return known.clone();
        }
        if self.depth >= DEEPEST {
            return Compiled::Other;
        }
        let before = std::mem::take(&mut self.asked_clause);
        self.depth = self.depth.saturating_add(1);
        let direct = self.direct(id);
        let compiled = direct.or_else(|| self.asked_of_rows(id)).unwrap_or(Compiled::Other);
        self.depth = self.depth.saturating_sub(1);
        let asked = std::mem::replace(&mut self.asked_clause, before);
        if asked || self.context.expr_depends_on_clause(id) {
            self.asked_clause = true;
            self.of_clause.insert(id, compiled.clone());
        } else {
            self.known.insert(id, compiled.clone());
        }
        compiled
    }

    /// By kernels; none where there is none for it.
    fn direct(&mut self, id: ExprId) -> Option<Compiled> {
        let expr = self.expr(id)?;
        if self.context.is_same_for_all(id) && !matches!(expr.kind, Type::List(_) | Type::Text | Type::Duration) {
            return self.constant(id);
        }
        match &expr.node {
            Node::Fact { up: 0, fact, .. } => self.column(Asked::Fact(*fact, None), &expr.kind),
            Node::Fact { up: 1, fact, .. } => self.fact_of_owner((*fact, None), &expr.kind),
            Node::FactIn { up, fact, period, .. } if self.context.is_same_for_all(*period) => {
                let period = evaluate_expression(self.context, None, *period);
                let period = period.known().and_then(days::as_period)?;
                match up {
                    0 => self.column(Asked::Fact(*fact, Some(period)), &expr.kind),
                    1 => self.fact_of_owner((*fact, Some(period)), &expr.kind),
                    _ => None,
                }
            }
            Node::Let { up: 1, id } => self.of_owner(self.context.program.lets.get(id.index())?.value),
            Node::PaidUnder(_) => self.paid_under(id, &expr.kind),
            Node::Aggregate { .. } => self.aggregate(id, expr),
            Node::OverPeriods { .. } => self.over_periods(expr),
            Node::Let { up: 0, id } => {
                let value = self.context.program.lets.get(id.index())?.value;
                Some(self.compiled(value)).filter(|compiled| !matches!(compiled, Compiled::Other))
            }
            Node::Sum(terms) => self.sum(terms),
            Node::Product(factors) => self.product(factors),
            Node::Negate(a) => self.negated(*a),
            Node::Min(parts) => self.extreme(parts, true),
            Node::Max(parts) => self.extreme(parts, false),
            Node::Round(mode, a, unit) => self.rounded(*a, *mode, unit),
            Node::OrElse(parts) => self.or_else(parts),
            Node::Table(table) => self.of_table(table, &expr.kind),
            Node::Compare(..)
            | Node::And(_)
            | Node::Or(_)
            | Node::Not(_)
            | Node::InList(..)
            | Node::InRange(..)
            | Node::IsNone(_)
            | Node::Newly { .. } => self.condition(expr).map(Compiled::Flag),
            _ => None,
        }
    }

    /// As a column that the row engine fills.
    fn asked_of_rows(&mut self, id: ExprId) -> Option<Compiled> {
        let asked = Asked::Value(id, self.asking(id)?);
        self.column(asked, &self.expr(id)?.kind)
    }

    /// The clause that asks, where an expression depends on it; nothing where none does.
    fn asking(&self, id: ExprId) -> Option<Option<ClauseId>> {
        if self.context.expr_depends_on_clause(id) { self.clause.map(Some) } else { Some(None) }
    }

    fn form(&self, kind: &Type) -> Option<Form> {
        let values = match kind {
            Type::Code(id) => self.context.program.enums.get(id.index()).map_or(0, |def| def.values.len()),
            _ => 0,
        };
        Form::of(kind, values)
    }

    fn column(&mut self, asked: Asked, kind: &Type) -> Option<Compiled> {
        let form = self.form(kind)?;
        read(self.table.ask(self.context, asked, form))
    }

    /// Carries out what was compiled so far and keeps numbers and bytes of every row; nothing compiled before is
    /// there after it.
    fn kept(&mut self, numbers: &[Number], bytes: &[Byte]) -> Kept {
        let numbers_kept = numbers.iter().enumerate().map(|(place, at)| Keep::Number(place, *at));
        let bytes_kept = bytes.iter().enumerate().map(|(place, at)| Keep::Byte(place, *at));
        self.instructions.extend(numbers_kept.chain(bytes_kept).map(Instruction::Keep));
        let (instructions, registers) = registers::assign(std::mem::take(&mut self.instructions));
        self.known.clear();
        self.of_clause.clear();
        keep((&instructions, registers), self.table, (numbers.len(), bytes.len()))
    }

    /// What is the same for all.
    fn constant(&self, id: ExprId) -> Option<Compiled> {
        let value = match evaluate_expression(self.context, None, id) {
            Answer::Known(value) => value,
            Answer::Open(_) => return self.open_everywhere(id),
        };
        Some(match value {
            Value::None => Compiled::Nothing,
            Value::Bool(yes) => Compiled::Flag(Flag { yes: if yes { ALWAYS } else { NEVER }, open: NEVER }),
            Value::Number(number) => {
                let (numerator, divisor) = number.to_ratio()?;
                Compiled::Number(number::constant(numerator, divisor)?)
            }
            Value::Date(day) => Compiled::Day(Number::Constant(f64::from(day.day_number())), NEVER),
            Value::Code(code) => {
                let code = u8::try_from(code).ok().filter(|code| *code != super::column::NO_CODE)?;
                Compiled::Code(Byte::Constant(code), NEVER)
            }
            Value::Period(period) => Compiled::Period(period),
            Value::Text(_) | Value::Duration(_) => return None,
        })
    }

    /// A rule that is pending, or a parameter that nothing sets.
    fn open_everywhere(&self, id: ExprId) -> Option<Compiled> {
        Some(match self.expr(id)?.kind {
            Type::Number(_) => Compiled::Number(Amount { open: ALWAYS, ..number::constant(0, 1)? }),
            Type::Bool => Compiled::Flag(Flag { yes: NEVER, open: ALWAYS }),
            Type::Date => Compiled::Day(Number::Constant(0.0), ALWAYS),
            Type::Code(_) => Compiled::Code(Byte::Constant(0), ALWAYS),
            _ => return None,
        })
    }

    /// A number to compute with: of one that is none the row engine is asked.
    fn amount(&mut self, id: ExprId) -> Option<Amount> {
        match self.compiled(id) {
            Compiled::Number(amount) => Some(self.there(amount)),
            _ => None,
        }
    }

    fn there(&mut self, amount: Amount) -> Amount {
        Amount { open: self.either(amount.open, amount.none), none: NEVER, ..amount }
    }
}

/// A column as operations read it; nothing where they could not be exact.
fn read((place, column): (usize, Arc<Column>)) -> Option<Compiled> {
    let open = if column.gaps.is_some() { Byte::Gaps(place) } else { NEVER };
    Some(match column.cells {
        Cells::Numbers(_) => Compiled::Number(number::exact(Amount {
            at: Number::Column(place),
            divisor: i128::from(column.divisor),
            low: i128::from(super::operation::whole(column.range.0)),
            high: i128::from(super::operation::whole(column.range.1)),
            open,
            none: if column.nones.is_some() { Byte::Nones(place) } else { NEVER },
        })?),
        Cells::Days(_) => Compiled::Day(Number::Column(place), open),
        Cells::Flags(_) => Compiled::Flag(Flag { yes: Byte::Column(place), open }),
        Cells::Codes(_) => Compiled::Code(Byte::Column(place), open),
    })
}
