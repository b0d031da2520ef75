//! A drawing as shapes on a sheet: what SVG and PNG are made of.
//!
//! In: a [`Drawing`], which is data. Out: lines, areas and texts at their places, in tenths
//! of a point from the left upper corner. Amounts stay exact until they become places.

use super::answer::{Drawing, Histogram, Phrase, Plot};
use crate::diagnostic::Language;
use crate::explain::words::money;
use crate::syntax::tree::RoundMode;
use crate::value::Number;

/// The width of the sheet.
pub const WIDTH: i64 = 8000;
/// Its height.
pub const HEIGHT: i64 = 4500;
/// The height of letters.
pub const LETTERS: i64 = 140;

/// Red, green and blue.
pub type Color = [u8; 3];

/// A shape at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A line through points.
    Line {
        /// Where it turns.
        points: Vec<(i64, i64)>,
        /// How thick it is.
        width: i64,
        /// Its colour.
        color: Color,
    },
    /// A filled rectangle.
    Area {
        /// Its left upper corner.
        at: (i64, i64),
        /// Its width and height.
        size: (i64, i64),
        /// Its colour.
        color: Color,
    },
    /// A text.
    Text {
        /// Where its base line begins, has its middle, or ends.
        at: (i64, i64),
        /// Which of these.
        anchor: Anchor,
        /// What it says.
        text: String,
    },
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Behind its place.
    Start,
    /// Over it.
    Middle,
    /// Before it.
    End,
}

/// Room for the labels.
const LEFT: i64 = 1100;
const TOP: i64 = 600;
const RIGHT: i64 = 300;
const BOTTOM: i64 = 700;
const WIDE: i64 = WIDTH - LEFT - RIGHT;
const HIGH: i64 = HEIGHT - TOP - BOTTOM;
/// The line at which nothing is due.
const GROUND: i64 = HEIGHT - BOTTOM;

const INK: Color = [0x44, 0x44, 0x44];
const GRID: Color = [0xe4, 0xe4, 0xe4];
const STRONG: Color = [0x1f, 0x6f, 0xb2];
const PALE: Color = [0x9b, 0xbc, 0xd8];

/// The shapes of a drawing, those behind first.
pub fn shapes(drawing: &Drawing, language: Language) -> Vec<Shape> {
    let mut sheet = Sheet { shapes: Vec::new(), language };
    match drawing {
        Drawing::Plot(plot) => sheet.plot(plot),
        Drawing::Histogram(histogram) => sheet.histogram(histogram),
    }
    sheet.shapes
}

struct Sheet {
    shapes: Vec<Shape>,
    language: Language,
}

impl Sheet {
    fn line(&mut self, points: Vec<(i64, i64)>, width: i64, color: Color) {
        self.shapes.push(Shape::Line { points, width, color });
    }

    fn text(&mut self, at: (i64, i64), anchor: Anchor, text: impl Into<String>) {
        self.shapes.push(Shape::Text { at, anchor, text: text.into() });
    }

    fn title(&mut self, title: &Phrase) {
        self.text((WIDTH / 2, 320), Anchor::Middle, title.pick(self.language));
    }

    fn axes(&mut self) {
        self.line(vec![(LEFT, TOP), (LEFT, GROUND), (WIDTH - RIGHT, GROUND)], 10, INK);
    }

    fn plot(&mut self, plot: &Plot) {
        self.title(&plot.title);
        let (Some(first), Some(last)) = (plot.points.first(), plot.points.last()) else { return self.axes() };
        let (from, to) = (first.0.clone(), last.0.clone());
        let most = plot.points.iter().map(most_of).max().unwrap_or_default();
        let ticks = ticks(&Number::ZERO, &most);
        let top = ticks.last().cloned().unwrap_or_default().max(most);
        let up = |amount: &Number| GROUND.saturating_sub(along(HIGH, amount, &top));
        for tick in &ticks {
            let y = up(tick);
            self.line(vec![(LEFT, y), (WIDTH - RIGHT, y)], 6, GRID);
            self.text((LEFT - 80, y + 50), Anchor::End, money(tick));
        }
        let width = to.subtract(&from).unwrap_or(Number::ONE);
        let right = |at: &Number| LEFT + along(WIDE, &at.subtract(&from).unwrap_or_default(), &width);
        for tick in self::ticks(&from, &to).iter().filter(|tick| **tick >= from && **tick <= to) {
            let x = right(tick);
            self.line(vec![(x, GROUND), (x, GROUND + 50)], 10, INK);
            let shown = if plot.money_across { money(tick) } else { tick.to_string() };
            self.text((x, GROUND + 220), Anchor::Middle, shown);
        }
        self.axes();
        let line = |amount: &dyn Fn(&Point) -> Number| {
            plot.points.iter().map(|point| (right(&point.0), up(&amount(point)))).collect::<Vec<_>>()
        };
        if plot.points.iter().any(|point| point.2.as_ref() != Some(&point.1)) {
            self.line(line(&most_of), 25, PALE);
            let legend = self.language.pick("深色：至少；浅色：至多", "dark: at least; pale: at most");
            self.text((WIDTH - RIGHT, 530), Anchor::End, legend);
        }
        self.line(line(&|point| point.1.clone()), 25, STRONG);
        self.text((LEFT + WIDE / 2, HEIGHT - 170), Anchor::Middle, plot.across.pick(self.language));
    }

    fn histogram(&mut self, histogram: &Histogram) {
        self.title(&histogram.title);
        let most = histogram.bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let bars = i64::try_from(histogram.bars.len()).unwrap_or(1).max(1);
        for (at, (label, count)) in (0_i64..).zip(&histogram.bars) {
            let part = u128::from(*count) * u128::from(HIGH.unsigned_abs()) / u128::from(most);
            let tall = i64::try_from(part).unwrap_or(0);
            let from = LEFT + WIDE * at / bars;
            let width = (WIDE / bars - 40).max(20);
            let (at_left, middle) = (from + 20, from + 20 + width / 2);
            self.shapes.push(Shape::Area { at: (at_left, GROUND - tall), size: (width, tall), color: STRONG });
            self.text((middle, GROUND - tall - 50), Anchor::Middle, count.to_string());
            // Labels take turns on two lines, so that neighbours do not meet.
            let below = GROUND + 220 + 200 * (at % 2);
            self.text((middle, below), Anchor::Middle, label.pick(self.language));
        }
        self.axes();
    }
}

/// A value of the fact with the least and the most that is due.
type Point = (Number, Number, Option<Number>);

fn most_of(point: &Point) -> Number {
    point.2.clone().unwrap_or_else(|| point.1.clone()).max(point.1.clone())
}

/// A part of a length.
fn along(length: i64, part: &Number, whole: &Number) -> i64 {
    let scaled = part.multiply(&Number::from_i64(length)).and_then(|scaled| scaled.divide(whole));
    let rounded = scaled.and_then(|scaled| scaled.round(RoundMode::HalfUp, &Number::ONE));
    rounded.ok().and_then(|rounded| rounded.to_i64()).unwrap_or(0).clamp(-length, length * 2)
}

/// Round values from the one below the least to the one above the most, some four to ten.
fn ticks(from: &Number, to: &Number) -> Vec<Number> {
    const MOST: i64 = 12;
    let Some(step) = to.subtract(from).ok().and_then(|width| step(&width)) else { return Vec::new() };
    let steps = |end: &Number| {
        let whole = end.divide(&step).and_then(|steps| steps.round(RoundMode::Down, &Number::ONE));
        whole.ok().and_then(|whole| whole.to_i64())
    };
    let (Some(first), Some(last)) = (steps(from), steps(to)) else { return Vec::new() };
    let ticks = (first..=last.saturating_add(1)).take(usize::try_from(MOST).unwrap_or_default());
    let ticks = ticks.filter_map(|at| step.multiply(&Number::from_i64(at)).ok());
    let mut out: Vec<Number> = ticks.collect();
    // The one above is not needed where the last is the end itself.
    if out.len() > 1 && out.iter().rev().nth(1).is_some_and(|last| last >= to) {
        out.pop();
    }
    out
}

/// The least of 1, 2, 5, 10, 20, … and their parts of which six reach over a width.
fn step(width: &Number) -> Option<Number> {
    let sixth = width.divide(&Number::from_i64(6)).ok().filter(Number::is_positive)?;
    let mut power = Number::from_digits("0.000001")?;
    for _ in 0..24 {
        for times in [1, 2, 5] {
            let step = power.multiply(&Number::from_i64(times)).ok()?;
            if step >= sixth {
                return Some(step);
            }
        }
        power = power.multiply(&Number::from_i64(10)).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: i64, to: i64) -> Vec<String> {
        ticks(&Number::from_i64(from), &Number::from_i64(to)).iter().map(Number::to_string).collect()
    }

    #[test]
    fn ticks_are_round_and_reach_over_both_ends() {
        assert_eq!(shown(0, 800), ["0", "200", "400", "600", "800"]);
        assert_eq!(shown(0, 801), ["0", "200", "400", "600", "800", "1000"]);
        assert_eq!(shown(7, 31), ["5", "10", "15", "20", "25", "30", "35"]);
        assert_eq!(shown(0, 1), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(shown(3, 3), [""; 0]);
    }

    #[test]
    fn a_plot_stays_on_its_sheet_and_tells_open_amounts_apart() {
        let number = Number::from_i64;
        let point = |at: i64, low: i64, high: Option<i64>| (number(at), number(low), high.map(number));
        let plot = Plot {
            title: Phrase::new("图", "plot"),
            points: vec![point(0, 0, Some(0)), point(10, 300, Some(500)), point(20, 300, None)],
            ..Plot::default()
        };
        let shapes = shapes(&Drawing::Plot(plot), Language::Chinese);
        let on_sheet = |(x, y): (i64, i64)| (0..=WIDTH).contains(&x) && (0..=HEIGHT).contains(&y);
        for shape in &shapes {
            match shape {
                Shape::Line { points, .. } => assert!(points.iter().copied().all(on_sheet), "{shape:?}"),
                Shape::Area { at, .. } | Shape::Text { at, .. } => assert!(on_sheet(*at), "{shape:?}"),
            }
        }
        let lines = shapes.iter().filter(|shape| matches!(shape, Shape::Line { width: 25, .. })).count();
        assert_eq!(lines, 2, "the least and the most");
    }
}
