//! Tests of settlement: the rules of a shortage one by one, the laws of money over random
//! populations, models that reckon in whole fen, and what is said of a reduction. Cases written in the language stand under
//! tests/cases/settle.

mod again;
mod laws;
mod models;
mod open;
mod payments;
mod population;
mod shortage;
mod stream;
mod told;
mod words;
