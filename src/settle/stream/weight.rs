//! How much a claim takes of what a line is looked for in.

use std::cmp::Ordering;

use super::claim::{ByGroup, Claims};
use super::digit::{Digit, sized, stand};
use super::line::Sum;
use crate::settle::parts::Parts;

/// Who stands at the line of its turn; all do where a group has no line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'s> {
    pub(super) turns: &'s [Digit],
    pub(super) lines: &'s ByGroup<Vec<u64>>,
}

/// What a claim takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Weight<'s> {
    /// A place.
    One,
    /// Its amount.
    Amount,
    /// Its amount, where it stands at the line of its turn.
    AmountAt(Turn<'s>),
    /// What it may get of the rest, all to the largest or a unit each; its share it has already.
    Rest(Turn<'s>, &'s ByGroup<Parts>, bool),
}

/// The weights of claims; 0 where one does not compete.
#[derive(Debug, Default)]
pub(super) struct Weights {
    weights: Vec<i64>,
    count: usize,
    digits: Vec<u64>,
    standing: Vec<Ordering>,
}

impl Weights {
    /// Of each claim.
    pub(super) fn each(&self) -> &[i64] {
        self.weights.get(..self.count).unwrap_or(&[])
    }
}

impl<'s> Weight<'s> {
    /// What parts a group gets, where that matters.
    pub(super) fn parts(&self, group: i64) -> Option<&'s Parts> {
        match self {
            Weight::Rest(_, parts, _) => parts.get(&group),
            _ => None,
        }
    }

    /// The inputs that it reads.
    pub(super) fn inputs(&self) -> impl Iterator<Item = usize> {
        let turns = match self {
            Weight::AmountAt(turn) | Weight::Rest(turn, ..) => turn.turns,
            Weight::One | Weight::Amount => &[],
        };
        turns.iter().filter_map(Digit::input)
    }

    /// Sets the weights to those of claims of a group; returns what they have already.
    pub(super) fn of(&self, group: i64, claims: &Claims<'_>, weights: &mut Weights) -> i128 {
        let Weights { weights, count, digits, standing } = weights;
        *count = claims.len();
        let out = sized(weights, claims.len(), 0);
        match self {
            Weight::One => out.fill(1),
            Weight::Amount | Weight::AmountAt(_) => out.copy_from_slice(claims.amounts),
            Weight::Rest(..) => match self.parts(group) {
                Some(parts) => parts.shares(claims.amounts, out),
                None => out.fill(0),
            },
        }
        if let Weight::AmountAt(turn) | Weight::Rest(turn, ..) = self
            && let Some(line) = turn.lines.get(&group)
        {
            stand(claims, (turn.turns, line), None, digits, standing);
            for (weight, standing) in out.iter_mut().zip(standing) {
                *weight = if standing.is_eq() { *weight } else { -1 };
            }
        }
        let Weight::Rest(_, _, to_largest) = self else { return 0 };
        let already = Sum::of(out.iter().map(|share| (*share).max(0))).weight;
        if let Some(parts) = self.parts(group) {
            for (weight, amount) in out.iter_mut().zip(claims.amounts) {
                let share = *weight;
                *weight = if share < 0 { 0 } else { parts.most(*amount, share, *to_largest) };
            }
        }
        already
    }
}
