//! Drawings as PNG.
//!
//! Letters are those of a Chinese font of this machine. Where there is none, they are those
//! of GNU Unifont, which comes with the program: coarse, and readable everywhere.

use tiny_skia::{FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};
use ttf_parser::{Face, OutlineBuilder};

use crate::diagnostic::Language;
use crate::repl::{Anchor, Color, Drawing, HEIGHT, LETTERS, Shape, WIDTH, shapes};

/// Pixels of a point: sharp on paper too.
const PIXELS: f32 = 2.0;
/// The fonts in which Chinese is written on office machines, the plain ones first.
const FONTS: [&str; 22] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "思源黑体",
    "Microsoft YaHei",
    "微软雅黑",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimHei",
    "黑体",
    "Noto Serif CJK SC",
    "SimSun",
    "宋体",
    "Songti SC",
    "STSong",
    "AR PL UMing CN",
];

/// A drawing as the bytes of a PNG; none where there is no memory for it.
pub(super) fn png(drawing: &Drawing, language: Language) -> Option<Vec<u8>> {
    let mut fonts = fontdb::Database::new();
    fonts.load_system_fonts();
    let families: Vec<fontdb::Family<'_>> = FONTS.iter().map(|name| fontdb::Family::Name(name)).collect();
    let found = fonts.query(&fontdb::Query { families: &families, ..fontdb::Query::default() });
    let drawn = found.and_then(|id| {
        fonts.with_face_data(id, |data, index| {
            let face = Face::parse(data, index).ok().filter(|face| face.glyph_index('奖').is_some())?;
            painted(drawing, language, Some(&face))
        })
    });
    drawn.flatten().or_else(|| painted(drawing, language, None))
}

fn painted(drawing: &Drawing, language: Language, face: Option<&Face<'_>>) -> Option<Vec<u8>> {
    let pixels = |tenths: i64| u32::try_from(tenths / 10 * 2).ok();
    let mut map = Pixmap::new(pixels(WIDTH)?, pixels(HEIGHT)?)?;
    map.fill(tiny_skia::Color::WHITE);
    let letters = Letters { face, size: place(LETTERS) };
    for shape in shapes(drawing, language) {
        match shape {
            Shape::Line { points, width, color } => {
                let mut path = PathBuilder::new();
                for (at, (x, y)) in points.iter().enumerate() {
                    let (x, y) = (place(*x), place(*y));
                    if at == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
                }
                let stroke = Stroke { width: place(width), line_join: LineJoin::Round, ..Stroke::default() };
                if let Some(path) = path.finish() {
                    map.stroke_path(&path, &paint(color), &stroke, Transform::identity(), None);
                }
            }
            Shape::Area { at: (x, y), size: (width, height), color } => {
                if let Some(area) = Rect::from_xywh(place(x), place(y), place(width), place(height)) {
                    map.fill_rect(area, &paint(color), Transform::identity(), None);
                }
            }
            Shape::Text { at: (x, y), anchor, text } => {
                let wide = letters.width(&text);
                let from = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => wide / 2.0,
                    Anchor::End => wide,
                };
                letters.write(&mut map, (place(x) - from, place(y)), &text);
            }
        }
    }
    map.encode_png().ok()
}

/// Tenths of a point in pixels; there are few enough for a float to hold each.
#[allow(clippy::cast_precision_loss, reason = "places on a sheet of some thousand")]
fn place(tenths: i64) -> f32 {
    tenths as f32 / 10.0 * PIXELS
}

fn paint(color: Color) -> Paint<'static> {
    let [red, green, blue] = color;
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

/// Letters of a font, or of the one that comes with the program.
struct Letters<'f> {
    face: Option<&'f Face<'f>>,
    /// In pixels.
    size: f32,
}

/// The height of a letter that comes with the program, in its own dots, and how far it stands above the base line.
const DOTS: usize = 16;
const ABOVE: f32 = 14.0;

impl Letters<'_> {
    /// How wide a text is.
    fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.letter(c, (0.0, 0.0)).1).sum()
    }

    /// Writes a text from a place on.
    fn write(&self, map: &mut Pixmap, (mut x, y): (f32, f32), text: &str) {
        for c in text.chars() {
            let (path, wide) = self.letter(c, (x, y));
            if let Some(path) = path {
                map.fill_path(&path, &paint([0x22; 3]), FillRule::Winding, Transform::identity(), None);
            }
            x += wide;
        }
    }

    /// A letter at a place, and how wide it is.
    fn letter(&self, c: char, at: (f32, f32)) -> (Option<Path>, f32) {
        let own = self.face.and_then(|face| Some((face, face.glyph_index(c)?)));
        let Some((face, glyph)) = own else { return dotted(c, at) };
        let scale = self.size / f32::from(face.units_per_em());
        let mut outline = Outline { path: PathBuilder::new(), at, scale };
        face.outline_glyph(glyph, &mut outline);
        let wide = face.glyph_hor_advance(glyph).map_or(self.size, |wide| f32::from(wide) * scale);
        (outline.path.finish(), wide)
    }
}

/// A letter that comes with the program, dot by dot: a dot is a whole number of pixels, so that it is sharp.
fn dotted(c: char, (x, y): (f32, f32)) -> (Option<Path>, f32) {
    let Some(glyph) = unifont::get_glyph(c).or_else(|| unifont::get_glyph('□')) else { return (None, 0.0) };
    let mut path = PathBuilder::new();
    let (left, top) = (x.round(), y.round() - ABOVE * PIXELS);
    let mut down = 0.0;
    for row in 0..DOTS {
        let mut right = 0.0;
        for column in 0..glyph.get_width() {
            if glyph.get_pixel(column, row)
                && let Some(dot) = Rect::from_xywh(left + right, top + down, PIXELS, PIXELS)
            {
                path.push_rect(dot);
            }
            right += PIXELS;
        }
        down += PIXELS;
    }
    let wide = if glyph.is_fullwidth() { 16.0 } else { 8.0 };
    (path.finish(), wide * PIXELS)
}

/// The outline of a letter, from the units of its font to pixels.
struct Outline {
    path: PathBuilder,
    at: (f32, f32),
    scale: f32,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.at.0 + x * self.scale, self.at.1 - y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::{Histogram, Phrase};

    #[test]
    fn every_letter_of_a_picture_is_drawn_without_any_font() {
        let letters = Letters { face: None, size: 28.0 };
        for c in "增资扩产奖 的分布（户）：0.5亿元–800万元，award over 固定资产投资额".chars()
        {
            let (path, wide) = letters.letter(c, (10.0, 100.0));
            assert!(wide > 0.0, "{c}");
            assert_eq!(path.is_some(), c != ' ', "{c}");
        }
        assert!(letters.width("奖补") > letters.width("ab"));
    }

    #[test]
    fn a_picture_with_and_without_a_font_is_a_png_with_ink_on_it() {
        let bars = vec![(Phrase::same("0元–100万元"), 3), (Phrase::same("100万元–200万元"), 5)];
        let drawing = Drawing::Histogram(Histogram { title: Phrase::new("奖补的分布（户）", "award"), bars });
        for bytes in [png(&drawing, Language::Chinese), painted(&drawing, Language::English, None)] {
            let map = Pixmap::decode_png(&bytes.unwrap()).unwrap();
            assert_eq!((map.width(), map.height()), (1600, 900));
            let blue = map.pixels().iter().filter(|pixel| (pixel.red(), pixel.blue()) == (0x1f, 0xb2)).count();
            let dark = map.pixels().iter().filter(|pixel| pixel.blue() < 0x50).count();
            assert!(blue > 100_000 && dark > 1_000, "{blue} {dark}");
        }
    }
}
