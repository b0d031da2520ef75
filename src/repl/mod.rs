//! The prompt: an analyst's questions over loaded records.
//!
//! In: lines of text. Out: an [`Answer`], which is data; [`render`] makes text of it in
//! either language, and nothing here prints or knows a terminal. A [`Session`] keeps what
//! was entered and loaded. A line is a statement of the language, a question, or an
//! expression; one that fails changes nothing. What a question says is in
//! `grammar/prompt.pest`; what it comes to, in the module of its name.

mod answer;
mod change;
mod columns;
mod compare;
mod complete;
mod drawing;
mod enter;
mod figures;
mod help;
mod hint;
mod infer;
mod load;
mod measure;
mod names;
mod option;
mod plot;
pub mod render;
mod rows;
mod session;
mod settled;
mod show;
mod solve;
mod spread;
mod statement;
mod summary;
mod svg;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;
mod tour;
mod why;
mod why_not;
mod words;
mod world;

pub use answer::{Answer, Cell, Column, Drawing, Histogram, Part, Phrase, Plot, Table, Wish};
pub use complete::{Offer, Offered, complete};
pub use drawing::{Anchor, Color, HEIGHT, LETTERS, Shape, WIDTH, shapes};
pub use hint::form;
pub use names::{Keys, Names};
pub use session::{Opening, Session};
pub use statement::{blocks, halves, is_whole, statements};
pub use svg::svg;
pub use tour::{Step, tour};
pub use world::{Records, Surroundings};
