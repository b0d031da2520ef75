//! Drawings as SVG, which browsers and office programs open.

use std::fmt::Write as _;

use super::answer::{Drawing, Histogram, Plot};
use crate::diagnostic::Language;
use crate::explain::words::money;
use crate::value::Number;

/// A value of the fact with the least and the most that is due.
type Point = (Number, Number, Option<Number>);

const WIDTH: i64 = 800;
const HEIGHT: i64 = 450;
/// Room for the labels: left, top, right, bottom.
const MARGIN: (i64, i64, i64, i64) = (110, 50, 20, 60);

/// A drawing as a text of SVG.
pub fn svg(drawing: &Drawing, language: Language) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    match drawing {
        Drawing::Plot(plot) => draw_plot(&mut out, plot, language),
        Drawing::Histogram(histogram) => draw_histogram(&mut out, histogram, language),
    }
    out.push_str("</svg>\n");
    out
}

fn text(out: &mut String, (x, y): (i64, i64), anchor: &str, text: &str) {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{escaped}</text>");
}

fn axes(out: &mut String, title: &str) {
    let (left, top, right, bottom) = MARGIN;
    let (x, y) = (left, HEIGHT - bottom);
    text(out, (WIDTH / 2, 30), "middle", title);
    let _ = writeln!(out, "<path d=\"M{x} {top}V{y}H{}\" fill=\"none\" stroke=\"#444\"/>", WIDTH - right);
}

/// A part of a length, to a tenth.
fn along(length: i64, part: &Number, whole: &Number) -> String {
    let scaled = part.multiply(&Number::from_i64(length)).and_then(|scaled| scaled.divide(whole));
    let tenth = Number::from_digits("0.1").unwrap_or(Number::ONE);
    let rounded = scaled.and_then(|scaled| scaled.round(crate::syntax::tree::RoundMode::HalfUp, &tenth));
    rounded.map_or_else(|_| "0".to_owned(), |rounded| rounded.to_string())
}

fn draw_plot(out: &mut String, plot: &Plot, language: Language) {
    axes(out, plot.title.pick(language));
    let (left, top, right, bottom) = MARGIN;
    let (wide, high) = (WIDTH - left - right, HEIGHT - top - bottom);
    let ends = plot.points.first().zip(plot.points.last());
    let Some((from, to)) = ends.map(|(first, last)| (first.0.clone(), last.0.clone())) else { return };
    let top_of = |point: &(Number, Number, Option<Number>)| point.2.clone().unwrap_or_else(|| point.1.clone());
    let most = plot.points.iter().map(top_of).max().unwrap_or_default();
    let width = to.subtract(&from).unwrap_or(Number::ONE);
    let place = |at: &Number, amount: &Number| {
        let x = along(wide, &at.subtract(&from).unwrap_or_default(), &width);
        let up = if most.is_positive() { along(high, amount, &most) } else { "0".to_owned() };
        format!("{x} -{up}")
    };
    let path = |amount: &dyn Fn(&Point) -> Number| {
        let points: Vec<String> = plot.points.iter().map(|point| place(&point.0, &amount(point))).collect();
        points.join("L")
    };
    let origin = format!("transform=\"translate({left} {})\"", HEIGHT - bottom);
    if plot.points.iter().any(|point| point.2.as_ref() != Some(&point.1)) {
        let _ = writeln!(
            out,
            "<path {origin} d=\"M{}\" fill=\"none\" stroke=\"#9bbcd8\" stroke-width=\"2\"/>",
            path(&top_of).replace("-0L", "0L")
        );
    }
    let _ = writeln!(
        out,
        "<path {origin} d=\"M{}\" fill=\"none\" stroke=\"#1f6fb2\" stroke-width=\"2.5\"/>",
        path(&|point| point.1.clone())
    );
    let shown = |number: &Number| if plot.money_across { money(number) } else { number.to_string() };
    text(out, (left - 8, top + 5), "end", &money(&most));
    text(out, (left - 8, HEIGHT - bottom), "end", "0");
    text(out, (left, HEIGHT - bottom + 20), "middle", &shown(&from));
    text(out, (WIDTH - right, HEIGHT - bottom + 20), "end", &shown(&to));
    text(out, (left + wide / 2, HEIGHT - 15), "middle", plot.across.pick(language));
}

fn draw_histogram(out: &mut String, histogram: &Histogram, language: Language) {
    axes(out, histogram.title.pick(language));
    let (left, top, right, bottom) = MARGIN;
    let (wide, high) = (WIDTH - left - right, HEIGHT - top - bottom);
    let most = histogram.bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let bars = i64::try_from(histogram.bars.len()).unwrap_or(1).max(1);
    for (at, (label, count)) in (0_i64..).zip(&histogram.bars) {
        let tall = i64::try_from(u128::from(*count) * u128::from(high.unsigned_abs()) / u128::from(most)).unwrap_or(0);
        let x = left + wide * at / bars + 2;
        let width = (wide / bars - 4).max(2);
        let y = HEIGHT - bottom - tall;
        let _ = writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{tall}\" fill=\"#1f6fb2\"/>");
        text(out, (x + width / 2, y - 5), "middle", &count.to_string());
        // Labels take turns on two lines, so that neighbours do not meet.
        text(out, (x + width / 2, HEIGHT - bottom + 20 + 18 * (at % 2)), "middle", label.pick(language));
    }
    text(out, (left - 8, top + 5), "end", &most.to_string());
}
