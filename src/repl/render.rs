//! Answers as text for a terminal, and as JSON for programs.
//!
//! Everything that is said of an answer is said here, in either language. Tables fit the
//! width that is given: what is too long in a text is cut, figures never are.

use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::answer::{Answer, Cell, Column, Histogram, Part, Plot, Table};
use crate::diagnostic::{Language, Renderer};
use crate::explain::words::{grouped, money};
use crate::value::Number;

/// How answers are shown.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The language.
    pub language: Language,
    /// Whether the terminal shows colours.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
}

/// What an answer says: the result, and beside it what is wrong or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The result.
    pub result: String,
    /// Diagnostics.
    pub beside: String,
}

/// Columns of the terminal that the bars of a histogram may take.
const BAR: usize = 40;
/// Lines of a plot.
const LINES: usize = 12;
/// Nothing in a table is cut shorter.
const LEAST: usize = 8;

impl Style {
    /// An answer as text.
    pub fn text(&self, answer: &Answer) -> Said {
        let mut said = Said::default();
        let mut line = |text: &str| {
            said.result.push_str(text.trim_end());
            said.result.push('\n');
        };
        for part in &answer.parts {
            match part {
                Part::Line(phrase) => line(phrase.pick(self.language)),
                Part::Heading(phrase) => line(&self.strong(phrase.pick(self.language))),
                Part::Table(table) => self.table(table).iter().for_each(|text| line(text)),
                Part::Histogram(histogram) => self.histogram(histogram).iter().for_each(|text| line(text)),
                Part::Plot(plot) => self.plot(plot).iter().for_each(|text| line(text)),
                Part::Diagnostics(told, sources) => {
                    let mut renderer = Renderer::new(self.language);
                    (renderer.color, renderer.width) = (self.color, self.width.max(40));
                    said.beside.push_str(&renderer.render(sources, told));
                }
            }
        }
        said
    }

    /// An answer as one JSON object.
    pub fn json(&self, answer: &Answer) -> Value {
        let parts = answer.parts.iter().map(|part| match part {
            Part::Line(phrase) | Part::Heading(phrase) => json!({ "text": phrase.pick(self.language) }),
            Part::Table(table) => self.json_table(table),
            Part::Histogram(histogram) => {
                let bars = histogram
                    .bars
                    .iter()
                    .map(|(label, count)| json!({ "range": label.pick(self.language), "count": count }));
                json!({ "histogram": histogram.title.pick(self.language), "bars": bars.collect::<Vec<_>>() })
            }
            Part::Plot(plot) => {
                let points = plot
                    .points
                    .iter()
                    .map(|(at, low, high)| json!([at.to_string(), low.to_yuan(), high.as_ref().map(Number::to_yuan)]));
                json!({ "plot": plot.title.pick(self.language), "points": points.collect::<Vec<_>>() })
            }
            Part::Diagnostics(told, sources) => {
                let text = Renderer::new(self.language).to_json(sources, told);
                let values = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
                let all: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|_| values.collect());
                json!({ "diagnostics": all })
            }
        });
        json!({ "ok": !answer.failed, "parts": parts.collect::<Vec<_>>() })
    }

    fn json_table(&self, table: &Table) -> Value {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.pick(self.language)).collect();
        let rows = table.rows.iter().map(|row| Value::Array(row.iter().map(|cell| self.json_cell(cell)).collect()));
        json!({ "columns": columns, "rows": rows.collect::<Vec<_>>(), "of": table.of })
    }

    fn json_cell(&self, cell: &Cell) -> Value {
        match cell {
            Cell::Blank | Cell::Unknown => Value::Null,
            Cell::None => json!("none"),
            Cell::Text(phrase) => json!(phrase.pick(self.language)),
            Cell::Money(amount) | Cell::Change(amount) => json!(amount.to_yuan()),
            Cell::Number(number) | Cell::Rate(number) => json!(number.to_string()),
            Cell::Count(count) => json!(count),
            Cell::Date(day) => json!(day.to_string()),
            Cell::Bool(yes) => json!(yes),
            Cell::Between(low, high) => json!([low.to_yuan(), high.as_ref().map(Number::to_yuan)]),
        }
    }

    /// A cell as text.
    pub fn cell(&self, cell: &Cell) -> String {
        match cell {
            Cell::Blank => String::new(),
            Cell::Text(phrase) => phrase.pick(self.language).to_owned(),
            Cell::Money(amount) => grouped(&amount.to_yuan()),
            Cell::Change(amount) => match amount.is_positive() {
                true => format!("+{}", grouped(&amount.to_yuan())),
                false => grouped(&amount.to_yuan()),
            },
            Cell::Number(number) => grouped(&shortened(number)),
            Cell::Count(count) => grouped(&count.to_string()),
            Cell::Rate(rate) => {
                rate.multiply(&Number::from_i64(100)).map_or_else(|_| rate.to_string(), |one| format!("{one}%"))
            }
            Cell::Date(day) => day.to_string(),
            Cell::Bool(true) => self.language.pick("是", "yes").to_owned(),
            Cell::Bool(false) => self.language.pick("否", "no").to_owned(),
            Cell::Between(low, Some(high)) => format!("{}–{}", grouped(&low.to_yuan()), grouped(&high.to_yuan())),
            Cell::Between(low, None) => {
                let low = grouped(&low.to_yuan());
                self.language.pick(format!("{low} 以上"), format!("{low} or more"))
            }
            Cell::None => self.language.pick("无", "none").to_owned(),
            Cell::Unknown => self.language.pick("未知", "unknown").to_owned(),
        }
    }

    fn strong(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn table(&self, table: &Table) -> Vec<String> {
        let heads: Vec<String> = table.columns.iter().map(|column| one_line(column.name.pick(self.language))).collect();
        let rows: Vec<Vec<String>> =
            table.rows.iter().map(|row| row.iter().map(|cell| one_line(&self.cell(cell))).collect()).collect();
        let widest = |at: usize| {
            let cells = rows.iter().filter_map(|row| row.get(at)).chain(heads.get(at));
            cells.map(|text| text.width()).max().unwrap_or(0)
        };
        let whole: Vec<usize> = (0..heads.len()).map(widest).collect();
        let mut widths = whole.clone();
        self.fit(&mut widths, &table.columns);
        if wide(&widths) > self.width {
            if let [row] = rows.as_slice() {
                return self.upright(&heads, row);
            }
            // In tables one below the other there is room for texts again.
            widths.iter_mut().zip(whole).for_each(|(width, whole)| *width = (*width).max(whole.min(self.width / 3)));
        }
        let mut out = Vec::new();
        for side in self.sides(&widths) {
            let laid = |cells: &[String]| {
                let cell = |at: &usize| {
                    let (text, width) =
                        (cells.get(*at).map_or("", String::as_str), widths.get(*at).copied().unwrap_or(0));
                    let text = cut(text, width);
                    let blank = " ".repeat(width.saturating_sub(text.width()));
                    let figures = table.columns.get(*at).is_some_and(|column| column.figures);
                    if figures { format!("{blank}{text}") } else { format!("{text}{blank}") }
                };
                format!("  {}", side.iter().map(cell).collect::<Vec<_>>().join("  "))
            };
            let own: Vec<usize> = side.iter().filter_map(|at| widths.get(*at).copied()).collect();
            out.extend([self.strong(&laid(&heads)), format!("  {}", "─".repeat(wide(&own).saturating_sub(2)))]);
            out.extend(rows.iter().map(|row| laid(row)));
        }
        out
    }

    /// One row that is too wide, a line a column.
    fn upright(&self, heads: &[String], row: &[String]) -> Vec<String> {
        let widest = |texts: &[String]| texts.iter().map(|text| text.width()).max().unwrap_or(0);
        let (names, values) = (widest(heads), widest(row));
        let line = |(head, value): (&String, &String)| {
            let (left, right) = (names.saturating_sub(head.width()), values.saturating_sub(value.width()));
            format!("  {head}{}  {}{value}", " ".repeat(left), " ".repeat(right))
        };
        heads.iter().zip(row).map(line).collect()
    }

    /// The columns that stand beside each other, one table below the other where they do not all fit; each begins with
    /// the first column, which tells the rows apart.
    fn sides(&self, widths: &[usize]) -> Vec<Vec<usize>> {
        let mut sides: Vec<Vec<usize>> = vec![Vec::new()];
        for at in 0..widths.len() {
            let Some(side) = sides.last_mut() else { break };
            let with: Vec<usize> = side.iter().chain([&at]).filter_map(|at| widths.get(*at).copied()).collect();
            if wide(&with) > self.width && side.len() > 1 {
                sides.push(vec![0, at]);
            } else {
                side.push(at);
            }
        }
        sides
    }

    /// Makes the columns fit the terminal: texts give way, the widest first.
    fn fit(&self, widths: &mut [usize], columns: &[Column]) {
        loop {
            let total = wide(widths);
            let texts =
                columns.iter().zip(widths.iter_mut()).filter(|(column, width)| !column.figures && **width > LEAST);
            let Some((_, widest)) = texts.max_by_key(|(_, width)| **width).filter(|_| total > self.width) else {
                return;
            };
            *widest = widest.saturating_sub(total - self.width).max(LEAST);
        }
    }

    fn histogram(&self, histogram: &Histogram) -> Vec<String> {
        let labels: Vec<&str> = histogram.bars.iter().map(|(label, _)| label.pick(self.language)).collect();
        let most = histogram.bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let widest = labels.iter().map(|label| label.width()).max().unwrap_or(0);
        let room = BAR.min(self.width.saturating_sub(widest + 14)).max(10);
        let mut out = vec![self.strong(histogram.title.pick(self.language))];
        for (label, (_, count)) in labels.iter().zip(&histogram.bars) {
            let blank = " ".repeat(widest.saturating_sub(label.width()));
            let eighths = usize::try_from(u128::from(*count) * (room as u128) * 8 / u128::from(most)).unwrap_or(0);
            // Something that is there is seen.
            let eighths = if *count > 0 { eighths.max(1) } else { 0 };
            out.push(format!("  {blank}{label}  {} {count}", bar(eighths)));
        }
        out
    }

    fn plot(&self, plot: &Plot) -> Vec<String> {
        let top = |point: &(Number, Number, Option<Number>)| {
            point.2.clone().unwrap_or_else(|| point.1.clone()).max(point.1.clone())
        };
        let most = plot.points.iter().map(top).max().unwrap_or_default();
        let levels = LINES * 8;
        let height = |amount: &Number| -> usize {
            if !most.is_positive() {
                return 0;
            }
            let scaled = amount.multiply(&Number::from_i64(levels as i64)).and_then(|amount| amount.divide(&most));
            let scaled = scaled.and_then(|scaled| scaled.round(crate::syntax::tree::RoundMode::HalfUp, &Number::ONE));
            scaled.ok().and_then(|scaled| scaled.to_i64()).and_then(|scaled| usize::try_from(scaled).ok()).unwrap_or(0)
        };
        let bars: Vec<(usize, usize)> =
            plot.points.iter().map(|point| (height(&point.1), height(&top(point)))).collect();
        let label = money(&most);
        let margin = label.width();
        let mut out = vec![self.strong(plot.title.pick(self.language))];
        for line in (0..LINES).rev() {
            let floor = line * 8;
            let cells: String = bars
                .iter()
                .map(|(low, high)| match (low.saturating_sub(floor).min(8), high.saturating_sub(floor).min(8)) {
                    (0, 0) => ' ',
                    (0, _) => '░',
                    (full, _) => EIGHTHS.get(full.saturating_sub(1)).copied().unwrap_or('█'),
                })
                .collect();
            let name = if line + 1 == LINES { label.clone() } else { " ".repeat(margin) };
            out.push(format!("  {name} │{cells}"));
        }
        out.push(format!("  {}0 └{}", " ".repeat(margin.saturating_sub(1)), "─".repeat(bars.len())));
        let shown = |number: Option<&Number>| {
            number.map_or_else(String::new, |number| if plot.money_across { money(number) } else { number.to_string() })
        };
        let (from, to) =
            (shown(plot.points.first().map(|point| &point.0)), shown(plot.points.last().map(|point| &point.0)));
        let name = plot.across.pick(self.language);
        let room = bars.len().saturating_sub(from.width() + to.width() + name.width());
        let (left, right) = (" ".repeat(room / 2), " ".repeat(room - room / 2));
        out.push(format!("  {} {from}{left}{name}{right}{to}", " ".repeat(margin + 1)));
        out
    }
}

/// How wide columns are beside each other, with the blanks before and between them.
fn wide(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len()
}

/// Blocks of one to eight eighths.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar of so many eighths of a column.
fn bar(eighths: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    format!("{}{}", "█".repeat(eighths / 8), PARTS.get(eighths % 8).copied().unwrap_or(""))
}

/// A number with no more than six places.
fn shortened(number: &Number) -> String {
    let unit = Number::from_digits("0.000001").unwrap_or(Number::ONE);
    number
        .round(crate::syntax::tree::RoundMode::HalfUp, &unit)
        .map_or_else(|_| number.to_string(), |one| one.to_string())
}

/// A text without line ends and tabs.
fn one_line(text: &str) -> String {
    if text.contains(|c: char| c.is_control()) {
        return text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    text.to_owned()
}

/// A text cut to a width, with a mark where something is left out.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::Phrase;

    fn style(width: usize) -> Style {
        Style { language: Language::Chinese, color: false, width }
    }

    #[test]
    fn columns_line_up_under_wide_characters() {
        let mut table = Table::new(vec![Column::text("名称", "name"), Column::figures("合计", "total")]);
        table.row(vec![Cell::same("南昌样例"), Cell::Money(Number::from_i64(1200))]);
        table.row(vec![Cell::same("A"), Cell::Money(Number::from_i64(5))]);
        let lines = style(80).table(&table);
        assert!(lines.iter().all(|line| line.trim_end().width() <= 20), "{lines:?}");
        assert!(lines.iter().skip(2).all(|line| line.width() == 20), "{lines:?}");
    }

    #[test]
    fn a_table_fits_the_terminal_and_figures_are_whole() {
        let mut table = Table::new(vec![Column::text("名称", "name"), Column::figures("合计", "total")]);
        table.row(vec![Cell::same("很长的名称".repeat(20)), Cell::Money(Number::from_i64(123_456_789))]);
        let lines = style(40).table(&table);
        assert!(lines.iter().all(|line| line.width() <= 40), "{lines:?}");
        assert!(lines.last().is_some_and(|line| line.ends_with("123,456,789.00")), "{lines:?}");
    }

    #[test]
    fn figures_that_do_not_fit_stand_below_each_other() {
        let figures = |count: i64| {
            let columns = (0..count).map(|at| Column::figures(format!("第{at}项"), format!("item {at}")));
            Table::new(std::iter::once(Column::text("名称", "name")).chain(columns).collect())
        };
        let row = |name: &str, count: i64| {
            let amounts = (0..count).map(|at| Cell::Money(Number::from_i64(12_345_678 * (at + 1))));
            std::iter::once(Cell::same(name)).chain(amounts).collect::<Vec<_>>()
        };
        let mut table = figures(6);
        table.row(row("甲", 6));
        let lines = style(60).table(&table);
        assert_eq!((lines.len(), lines.first().map(String::as_str)), (7, Some("  名称              甲")));
        table.row(row("乙", 6));
        let lines = style(60).table(&table);
        assert!(lines.iter().all(|line| line.width() <= 60), "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("  乙")).count(), 2, "{lines:?}");
        let all = lines.join("");
        assert!((1..=6).all(|at| all.contains(&grouped(&format!("{}.00", 12_345_678 * at)))), "{lines:?}");
        assert_eq!(style(200).table(&table).len(), 4);
    }

    #[test]
    fn what_is_there_is_seen_in_a_histogram() {
        let histogram = Histogram {
            title: Phrase::same("A"),
            bars: vec![(Phrase::same("0–1"), 1), (Phrase::same("1–2"), 100_000)],
        };
        let lines = style(80).histogram(&histogram);
        assert!(lines.get(1).is_some_and(|line| line.contains('▏')), "{lines:?}");
    }
}
