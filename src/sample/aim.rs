//! Records steered to where a clause begins and ends.
//!
//! In: a record drawn by chance. Out: one of which the conditions of a clause hold, or all but
//! one, or that stands at an edge of its amount. Facts are changed one by one and the evaluator
//! is asked each time, so that conditions of several facts are met and missed like any other.
//! What cannot be reached so (other recipients, the history, open rules) is left to chance.

use super::asked::{Asked, DEEPEST, Gates};
use super::draw::{Drawing, Serial};
use super::edge::{Slot, get, halve, put, slot_of, steps_of, value_of};
use super::profile::{Drawn, Profile};
use super::random::Random;
use crate::check::program::{ExprId, FactDef, FactId, Node, RecordId, Type};
use crate::eval::{Truth, all_children, check_record, holds};
use crate::record::{Cell, Record};
use crate::syntax::tree::AggregateKind;
use crate::value::Value;

/// The way from the recipient to a record in its lists.
type Path = Vec<(FactId, usize)>;

/// A fact that may be changed.
struct Pivot {
    path: Path,
    slot: Slot,
}

/// A record while it is steered.
pub(super) struct Aim<'d, 's> {
    pub drawing: &'d Drawing<'s>,
    pub random: Random,
    pub root: RecordId,
    pub record: Record,
    pub serial: Serial,
    pub size: i64,
}

impl Aim<'_, '_> {
    /// Steers the record, mostly.
    pub fn take(&mut self) {
        const STEERED: u32 = 650;
        let drawing = self.drawing;
        let Some(form) = drawing.form(self.root) else { return };
        if !self.random.happens(STEERED) {
            return;
        }
        let Some(gates) = self.random.one_of(&form.gates) else { return };
        self.meet(gates);
        match self.random.below(4) {
            0 => {
                if let Some(condition) = self.random.one_of(&gates.conditions).copied() {
                    self.steer(gates.clause.into(), condition, &Path::new(), false, 0);
                }
            }
            1 | 2 => {
                let asked: Vec<&Asked> = form.asked.iter().filter(|one| one.clause == Some(gates.clause)).collect();
                if let Some(asked) = self.random.one_of(&asked).copied() {
                    let wanted = self.random.happens(500);
                    self.turn_to(asked, wanted);
                }
            }
            _ => {}
        }
    }

    fn meet(&mut self, gates: &Gates) {
        // What one condition needs may have broken another.
        for _ in 0..2 {
            for condition in &gates.conditions {
                self.steer(gates.clause.into(), *condition, &Path::new(), true, 0);
            }
        }
    }

    fn turn_to(&mut self, asked: &Asked, wanted: bool) {
        let mut path = Path::new();
        for list in &asked.lists {
            match self.reach(asked.clause, *list, &path, 0) {
                Some(item) => path = item,
                None => return,
            }
        }
        self.steer(asked.clause, asked.condition, &path, wanted, 0);
    }

    /// Mends facts that break a check; what cannot be mended is left unknown.
    pub fn keep_checks(&mut self) {
        let mut paths = vec![(self.root, Path::new())];
        let mut at = 0;
        while let Some((id, path)) = paths.get(at).cloned() {
            at = at.saturating_add(1);
            let Some(form) = self.drawing.form(id) else { continue };
            for (list, item) in &form.lists {
                let count = self.at(&path).and_then(|record| record.cells.get(list.index())).map_or(0, items);
                paths.extend((0..count).map(|place| (*item, longer(&path, *list, place))));
            }
            for again in [true, false] {
                if !form.checked {
                    break;
                }
                let Some(record) = self.at(&path) else { break };
                for failed in check_record(&self.drawing.context, id, record) {
                    if again {
                        self.steer(None, failed.check, &path, true, 0);
                    } else if let Some(cell) = self.at_mut(&path).and_then(|r| r.cells.get_mut(failed.fact.index())) {
                        *cell = Cell::Unknown;
                    }
                }
            }
        }
    }

    fn at(&self, path: &[(FactId, usize)]) -> Option<&Record> {
        path.iter().try_fold(&self.record, |record, (list, at)| match record.cells.get(list.index())? {
            Cell::List(items) => items.get(*at),
            _ => None,
        })
    }

    fn at_mut(&mut self, path: &[(FactId, usize)]) -> Option<&mut Record> {
        path.iter().try_fold(&mut self.record, |record, (list, at)| match record.cells.get_mut(list.index())? {
            Cell::List(items) => items.get_mut(*at),
            _ => None,
        })
    }

    /// The type of the record at the end of a path.
    fn type_at(&self, path: &[(FactId, usize)]) -> Option<RecordId> {
        let program = self.drawing.context.program;
        path.iter().try_fold(self.root, |owner, (list, _)| super::plan::item_of(program, owner, *list))
    }

    /// Whether a condition holds; none where that is open.
    fn holds(&self, clause: Clause, condition: ExprId, path: &[(FactId, usize)]) -> Option<bool> {
        let mut scope = Vec::with_capacity(path.len().saturating_add(1));
        for length in 0..=path.len() {
            let part = path.get(..length)?;
            scope.push((self.type_at(part)?, self.at(part)?));
        }
        match holds(&self.drawing.context, clause, &scope, condition) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Open(_) => None,
        }
    }

    /// Changes the record so that a condition is as wanted; whether it is.
    fn steer(&mut self, clause: Clause, id: ExprId, path: &Path, wanted: bool, depth: usize) -> bool {
        let program = self.drawing.context.program;
        let Some(expr) = program.exprs.get(id.index()).filter(|_| depth < DEEPEST) else { return false };
        let depth = depth.saturating_add(1);
        match (&expr.node, wanted) {
            (Node::Not(part), _) => self.steer(clause, *part, path, !wanted, depth),
            (Node::And(parts), true) | (Node::Or(parts), false) => {
                let each: Vec<bool> = parts.iter().map(|part| self.steer(clause, *part, path, wanted, depth)).collect();
                each.into_iter().all(|done| done)
            }
            (Node::And(parts), false) | (Node::Or(parts), true) => {
                let start = self.random.place(parts.len());
                let (before, after) = parts.split_at_checked(start).unwrap_or((parts, &[]));
                after.iter().chain(before).any(|part| self.steer(clause, *part, path, wanted, depth))
            }
            (Node::Let { up, id }, _) => match (program.lets.get(id.index()), outward(path, *up)) {
                (Some(def), Some(path)) => self.steer(clause, def.value, &path, wanted, depth),
                _ => false,
            },
            (Node::Aggregate { kind: AggregateKind::Any, list, condition: Some(condition), .. }, true) => {
                let item = self.reach(clause, *list, path, depth);
                item.is_some_and(|item| self.steer(clause, *condition, &item, true, depth))
            }
            (Node::Aggregate { kind: AggregateKind::Any, list, condition: Some(condition), .. }, false) => {
                self.leave(clause, *list, *condition, path, depth)
            }
            (Node::Aggregate { kind: AggregateKind::Every, list, condition: Some(condition), .. }, false) => {
                let item = self.reach(clause, *list, path, depth);
                item.is_some_and(|item| self.steer(clause, *condition, &item, false, depth))
            }
            _ => self.atom(clause, id, path, wanted, depth),
        }
    }

    /// An item of a list, made where there is none, of which the list's conditions hold.
    fn reach(&mut self, clause: Clause, list: ExprId, path: &Path, depth: usize) -> Option<Path> {
        let program = self.drawing.context.program;
        let node = &program.exprs.get(list.index()).filter(|_| depth < DEEPEST)?.node;
        let depth = depth.saturating_add(1);
        match node {
            Node::Items { up, fact, .. } => {
                let owner = outward(path, *up)?;
                let count = items(self.at(&owner)?.cells.get(fact.index())?);
                if count == 0 {
                    self.push_item(&owner, *fact)?;
                }
                let place = self.random.place(count.max(1));
                Some(longer(&owner, *fact, place))
            }
            Node::Where(inner, condition) => {
                let item = self.reach(clause, *inner, path, depth)?;
                self.steer(clause, *condition, &item, true, depth);
                Some(item)
            }
            Node::Top { list, .. } => self.reach(clause, *list, path, depth),
            Node::Let { up, id } => {
                let value = program.lets.get(id.index())?.value;
                self.reach(clause, value, &outward(path, *up)?, depth)
            }
            _ => None,
        }
    }

    fn push_item(&mut self, owner: &Path, list: FactId) -> Option<()> {
        let id = self.type_at(owner)?;
        let drawing = self.drawing;
        let (_, item) = *drawing.form(id)?.lists.iter().find(|(of, _)| *of == list)?;
        let mut serial = self.serial.clone();
        let mut above = self.root;
        for (of, at) in owner {
            serial = drawing.inner(above, &serial, *of, *at as u64);
            above = super::plan::item_of(drawing.context.program, above, *of)?;
        }
        let serial = drawing.inner(above, &serial, list, 0);
        let new = drawing.drawn(item, &serial, &mut self.random, self.size, owner.len());
        *self.at_mut(owner)?.cells.get_mut(list.index())? = Cell::List(vec![new]);
        Some(())
    }

    /// Makes a condition fail for every item of a list.
    fn leave(&mut self, clause: Clause, list: ExprId, condition: ExprId, path: &Path, depth: usize) -> bool {
        let program = self.drawing.context.program;
        let mut conditions = vec![condition];
        let mut base = list;
        let (owner, fact) = loop {
            match program.exprs.get(base.index()).map(|expr| &expr.node) {
                Some(Node::Where(inner, condition)) => {
                    conditions.push(*condition);
                    base = *inner;
                }
                Some(Node::Top { list, .. }) => base = *list,
                Some(Node::Items { up, fact, .. }) => match outward(path, *up) {
                    Some(owner) => break (owner, *fact),
                    None => return false,
                },
                _ => return false,
            }
        };
        let Some(cell) = self.at_mut(&owner).and_then(|record| record.cells.get_mut(fact.index())) else {
            return false;
        };
        if let ([_], true) = (conditions.as_slice(), is_constant(program, condition)) {
            *cell = Cell::List(Vec::new());
            return true;
        }
        let places: Vec<Path> = (0..items(cell)).map(|at| longer(&owner, fact, at)).collect();
        let start = self.random.place(conditions.len());
        conditions.rotate_left(start);
        places.iter().all(|item| {
            let met = conditions.iter().all(|one| self.holds(clause, *one, item) == Some(true));
            !met || conditions.iter().any(|one| self.steer(clause, *one, item, false, depth))
        })
    }

    /// A condition that is none of several.
    fn atom(&mut self, clause: Clause, id: ExprId, path: &Path, wanted: bool, depth: usize) -> bool {
        const LEFT: u32 = 300;
        const TURNED: usize = 6;
        if self.holds(clause, id, path) == Some(wanted) && self.random.happens(LEFT) {
            return true;
        }
        let mut pivots = Vec::new();
        self.pivots(clause, id, path, &mut pivots, depth);
        if pivots.is_empty() {
            return self.holds(clause, id, path) == Some(wanted);
        }
        let node = self.drawing.context.program.exprs.get(id.index()).map(|expr| &expr.node);
        let asks_none = matches!(node, Some(Node::IsNone(_)));
        if wanted && !asks_none {
            pivots.iter().for_each(|pivot| self.fill(pivot));
        }
        let start = self.random.place(pivots.len());
        pivots.rotate_left(start);
        let several = pivots.len() > 1;
        let asked = (clause, id, path);
        pivots.iter().take(TURNED).any(|pivot| self.turn(asked, pivot, wanted, several))
    }

    /// The facts that a condition looks at, in the recipient and in an item of each list.
    fn pivots(&mut self, clause: Clause, id: ExprId, path: &Path, found: &mut Vec<Pivot>, depth: usize) {
        let context = &self.drawing.context;
        let Some(expr) = context.program.exprs.get(id.index()).filter(|_| depth < DEEPEST) else { return };
        let depth = depth.saturating_add(1);
        if let Some((up, slot)) = slot_of(context.program, &self.drawing.sampler.periods, context.period, &expr.node) {
            let known = self.drawing.form(slot.record).is_some_and(|form| form.places.contains_key(&slot));
            let new = |path: &Path| !found.iter().any(|pivot| pivot.slot == slot && pivot.path == *path);
            if let Some(path) = outward(path, up).filter(|path| known && new(path)) {
                found.push(Pivot { path, slot });
            }
            return;
        }
        match &expr.node {
            Node::Let { up, id } => {
                let value = context.program.lets.get(id.index()).map(|def| def.value);
                if let (Some(value), Some(path)) = (value, outward(path, *up)) {
                    self.pivots(clause, value, &path, found, depth);
                }
            }
            Node::Aggregate { list, value, condition, .. } => {
                if let Some(item) = self.reach(clause, *list, path, depth) {
                    value.iter().chain(condition).for_each(|id| self.pivots(clause, *id, &item, found, depth));
                }
            }
            Node::OverPeriods { record, up, fact, .. } => {
                let (drawing, fact) = (self.drawing, *fact);
                let slots = drawing.form(*record).into_iter().flat_map(|form| &form.drawn);
                let slots = slots.map(|drawn| drawn.slot).filter(|slot| slot.fact == fact);
                if let Some(path) = outward(path, *up) {
                    found.extend(slots.map(|slot| Pivot { path: path.clone(), slot }));
                }
            }
            node => {
                all_children(node, &mut |child, inner| {
                    if inner == 0 {
                        self.pivots(clause, child, path, found, depth);
                    }
                    true
                });
            }
        }
    }

    fn drawn_of(&self, slot: &Slot) -> Option<(&Drawn, &FactDef)> {
        let form = self.drawing.form(slot.record)?;
        let drawn = form.drawn.get(*form.places.get(slot)?)?;
        Some((drawn, self.drawing.def(slot.record)?.facts.get(slot.fact.index())?))
    }

    /// Gives a fact a value where it has none.
    fn fill(&mut self, pivot: &Pivot) {
        let value = self.at(&pivot.path).and_then(|record| get(record, &pivot.slot));
        if !matches!(value, None | Some(Value::None)) {
            return;
        }
        let mut random = self.random.clone();
        let new =
            self.drawn_of(&pivot.slot).and_then(|(drawn, fact)| drawn.profile.draw_some(&mut random, fact, self.size));
        self.random = random;
        self.set(pivot, new);
    }

    fn set(&mut self, pivot: &Pivot, value: Option<Value>) {
        let Some(record) = self.at_mut(&pivot.path) else { return };
        put(record, &pivot.slot, value);
        let mut random = self.random.clone();
        let drawing = self.drawing;
        if let Some(record) = self.at_mut(&pivot.path) {
            drawing.date_levels(pivot.slot.record, record, &mut random);
        }
        self.random = random;
    }

    /// Changes one fact so that a condition is as wanted; whether it is.
    fn turn(
        &mut self,
        (clause, id, path): (Clause, ExprId, &Path),
        pivot: &Pivot,
        wanted: bool,
        several: bool,
    ) -> bool {
        let old = self.at(&pivot.path).and_then(|record| get(record, &pivot.slot)).cloned();
        let (tries, far) = self.tries(pivot);
        let mut other = None;
        for (at, value) in tries.into_iter().enumerate() {
            self.set(pivot, Some(value.clone()));
            if self.holds(clause, id, path) != Some(wanted) {
                other = Some(value);
                continue;
            }
            if at >= far || (several && self.random.happens(700)) {
                self.narrow((clause, id, path), pivot, (&value, other.as_ref().or(old.as_ref())), wanted);
            }
            return true;
        }
        self.set(pivot, old);
        false
    }

    /// Values to try, and where those begin that only show the way.
    fn tries(&mut self, pivot: &Pivot) -> (Vec<Value>, usize) {
        const EDGES: usize = 24;
        const DRAWN: usize = 6;
        const FAR: i64 = 1_000_000_000_000_000;
        let mut random = self.random.clone();
        let mut tries = Vec::new();
        let mut far = 0;
        if let Some((drawn, fact)) = self.drawn_of(&pivot.slot) {
            let mut edges = drawn.profile.edges(fact);
            let start = random.place(edges.len());
            edges.rotate_left(start);
            edges.truncate(EDGES);
            tries.extend(edges);
            tries.extend((0..DRAWN).filter_map(|_| drawn.profile.draw(&mut random, fact, self.size)));
            if !matches!(fact.kind, Type::Bool | Type::Number(_)) {
                tries.push(Value::None);
            }
            far = tries.len();
            if let Profile::Number { lowest, highest, .. } = &drawn.profile {
                let ends = [*lowest, FAR.min(*highest)];
                tries.extend(ends.into_iter().filter_map(|steps| value_of(fact, steps)));
            }
        }
        self.random = random;
        (tries, far)
    }

    /// Moves a value to where the condition turns.
    fn narrow(
        &mut self,
        (clause, id, path): (Clause, ExprId, &Path),
        pivot: &Pivot,
        (met, missed): (&Value, Option<&Value>),
        wanted: bool,
    ) {
        let Some((_, fact)) = self.drawn_of(&pivot.slot) else { return };
        let fact = fact.clone();
        let ends = steps_of(&fact, met).zip(missed.and_then(|value| steps_of(&fact, value)));
        let Some((met, missed)) = ends.filter(|(met, missed)| met != missed) else { return };
        let mut answer = |steps: i64| {
            self.set(pivot, value_of(&fact, steps));
            self.holds(clause, id, path).map(|held| held == wanted)
        };
        let (low, high) = halve((met.min(missed), met < missed), met.max(missed), &mut answer);
        let steps = if met < missed { low } else { high };
        self.set(pivot, value_of(&fact, steps));
        if self.holds(clause, id, path) != Some(wanted) {
            self.set(pivot, value_of(&fact, met));
        }
    }
}

/// The clause that asks.
type Clause = Option<crate::check::program::ClauseId>;

fn outward(path: &Path, up: u8) -> Option<Path> {
    let length = path.len().checked_sub(usize::from(up))?;
    Some(path.iter().take(length).copied().collect())
}

fn longer(path: &Path, list: FactId, at: usize) -> Path {
    let mut longer = path.clone();
    longer.push((list, at));
    longer
}

fn items(cell: &Cell) -> usize {
    match cell {
        Cell::List(items) => items.len(),
        _ => 0,
    }
}

fn is_constant(program: &crate::check::program::Program, id: ExprId) -> bool {
    program.exprs.get(id.index()).is_some_and(|expr| matches!(expr.node, Node::Value(_)))
}
