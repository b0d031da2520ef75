//! `compare`: two policies, or two versions of one, over the same records.

use std::path::PathBuf;

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::change::{Otherwise, by_clause, changes, comparable};
use super::figures::{Figures, yuan_of};
use super::session::Session;
use super::world::{Entered, World};
use crate::check::program::{ClauseDef, Program};
use crate::diagnostic::{Code, Diagnostic};
use crate::policies::Basis;
use crate::resolve::nearest;
use crate::syntax::tree::{Compared, Path};

/// A side of the comparison.
struct Side {
    name: String,
    /// A world of its own, where it is another file.
    other: Option<Otherwise>,
    figures: Figures,
}

impl Session {
    /// Who gets more and who less, and the sums of both.
    pub(super) fn compare(&mut self, sides: &[Compared]) -> Answer {
        let at = match sides.first() {
            Some(Compared::File(text)) => text.span,
            Some(Compared::Named(path)) => path.span,
            None => return Answer::default(),
        };
        if !self.has_records() {
            return self.no_records(at);
        }
        let made: Result<Vec<Side>, Answer> = sides.iter().map(|side| self.side(side)).collect();
        let mut made = match made {
            Ok(made) => made.into_iter(),
            Err(answer) => return answer,
        };
        let (first, second) = match (made.next(), made.next()) {
            (Some(first), Some(second)) => (first, second),
            (Some(second), None) => {
                let figures = Figures::clone(&self.figures());
                (Side { name: String::new(), other: None, figures }, second)
            }
            _ => return Answer::default(),
        };
        let title = |side: &Side| match side.name.as_str() {
            "" => Phrase::new("现在", "now"),
            name => Phrase::same(name),
        };
        let (a, b) = (title(&first), title(&second));
        let mut answer = Answer::default();
        let (before, after) = comparable((&first.figures, &second.figures), &mut answer);
        answer.parts.push(Part::Table(sums(&[(&a, &before), (&b, &after)])));
        answer.tell(format!("从 {} 到 {}：", a.zh, b.zh), format!("from {} to {}:", a.en, b.en));
        let changes = changes(&before, &after);
        self.tell_changes(&changes, (&before, &after), &mut answer);
        if first.other.is_some() || second.other.is_some() {
            let program = |side: &Side| {
                side.other
                    .as_ref()
                    .map_or_else(|| (*self.world.program).clone(), |other| (*other.world.program).clone())
            };
            let (one, two): (Program, Program) = (program(&first), program(&second));
            answer.parts.push(Part::Table(by_clause(((&one, &*before), (&two, &*after)), (&a, &b))));
        }
        self.name_some(&changes, &mut answer);
        answer
    }

    fn side(&mut self, compared: &Compared) -> Result<Side, Answer> {
        match compared {
            Compared::File(text) => {
                let path = PathBuf::from(text.text.as_str());
                let mut entered = Entered { files: vec![path], lines: Vec::new(), ..self.entered.clone() };
                // A value that is set here may belong to a rule that the other file does not have.
                let bare = Entered { basis: Basis { set: Vec::new(), ..entered.basis.clone() }, ..entered.clone() };
                let world =
                    World::of(&bare, &*self.surroundings).map_err(|(told, sources)| Answer::wrong(told, sources))?;
                entered.basis.set.retain(|(name, value)| {
                    let one = Basis { set: vec![(name.clone(), value.clone())], ..bare.basis.clone() };
                    world.policies.bindings(&one).is_ok()
                });
                let world =
                    World::of(&entered, &*self.surroundings).map_err(|(told, sources)| Answer::wrong(told, sources))?;
                let other = self.otherwise(&entered, world)?;
                let figures = other.figures.clone();
                Ok(Side { name: text.text.to_string(), other: Some(other), figures })
            }
            Compared::Named(path) => self.named_side(path),
        }
    }

    /// A policy or a clause of the session.
    fn named_side(&mut self, path: &Path) -> Result<Side, Answer> {
        let shown = path.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        let figures = self.figures();
        let program = self.program();
        let policy = program.policies.iter().position(|policy| policy.name == shown);
        let own = |clause: &ClauseDef| policy == Some(clause.policy.index());
        let wanted: Vec<bool> = match policy {
            Some(_) => program.clauses.iter().map(own).collect(),
            None => {
                let clause = self.clause_named(path).map_err(|answer| self.no_side(&shown, path, answer))?;
                (0..program.clauses.len()).map(|at| at == clause.index()).collect()
            }
        };
        let mut figures = Figures::clone(&figures);
        for one in &mut figures.types {
            one.clauses.retain(|column| wanted.get(column.clause.index()).copied().unwrap_or(false));
        }
        Ok(Side { name: shown, other: None, figures })
    }

    fn no_side(&self, shown: &str, path: &Path, answer: Answer) -> Answer {
        let program = self.program();
        let policies = program.policies.iter().map(|policy| policy.name.as_str());
        match nearest(shown, policies) {
            Some(near) => {
                let told = Diagnostic::new(Code::UnknownClause).at(path.span).with("clause", shown);
                self.wrong(vec![told.with("near", near)])
            }
            None => answer,
        }
    }
}

/// How many receive something on each side, and how much.
fn sums(sides: &[(&Phrase, &Figures)]) -> Table {
    let mut table = Table::new(vec![
        Column::text("", ""),
        Column::figures("得到户数", "receive"),
        Column::figures("合计（元）", "sum"),
        Column::figures("未定笔数", "open"),
    ]);
    for (name, figures) in sides {
        let (mut receive, mut sum, mut open) = (0_usize, 0_i128, 0_usize);
        for one in &figures.types {
            for row in 0..one.rows {
                let total = one.known_total(row);
                receive += usize::from(total > 0);
                sum += i128::from(total);
            }
            open += one.clauses.iter().map(|column| column.open.len()).sum::<usize>();
        }
        table.row(vec![
            Cell::Text((*name).clone()),
            Cell::count(receive),
            Cell::Money(yuan_of(sum)),
            Cell::count(open),
        ]);
    }
    table
}
