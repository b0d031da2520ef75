//! Tests of settlement: the rules of a shortage one by one, and the laws of money over
//! random populations. Cases written in the language stand under tests/cases/settle.

mod laws;
mod population;
mod shortage;
mod words;
