//! Drawings as SVG, which browsers and office programs open.

use std::fmt::Write as _;

use super::answer::Drawing;
use super::drawing::{Anchor, Color, HEIGHT, LETTERS, Shape, WIDTH, shapes};
use crate::diagnostic::Language;

/// A drawing as a text of SVG.
pub fn svg(drawing: &Drawing, language: Language) -> String {
    let (width, height, letters) = (points(WIDTH), points(HEIGHT), points(LETTERS));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif\" font-size=\"{letters}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for shape in shapes(drawing, language) {
        let _ = match shape {
            Shape::Line { points: line, width, color } => {
                let line: Vec<String> = line.iter().map(|(x, y)| format!("{} {}", points(*x), points(*y))).collect();
                let (line, width, color) = (line.join("L"), points(width), hex(color));
                writeln!(out, "<path d=\"M{line}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"/>")
            }
            Shape::Area { at: (x, y), size: (width, height), color } => {
                let [x, y, width, height] = [x, y, width, height].map(points);
                let color = hex(color);
                writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\"/>")
            }
            Shape::Text { at: (x, y), anchor, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let [x, y] = [x, y].map(points);
                writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>")
            }
        };
    }
    out.push_str("</svg>\n");
    out
}

/// Tenths of a point in points.
fn points(tenths: i64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{}", tenths / 10, rest.abs()),
    }
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
