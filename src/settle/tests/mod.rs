//! Tests of settlement.
