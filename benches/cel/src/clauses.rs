//! The same dozen clauses twice: in the language, and as expressions of cel.
//!
//! In cel money is an integer in fen, a day the integer 20240131, energy in tenths of a
//! 吨标煤, and null a fact that is not known: exact, and the quickest that cel offers. A fact
//! that does not exist is the text or number for none. Amounts are rounded half up to the
//! fen, as the language does by itself; a clause that waits for a fact is null. Caps, tiers
//! and the lower of three are worked out by hand into choices: `min` and `max` would be
//! functions of our own, and read better, but calling them takes cel about a quarter longer.

/// The clauses.
pub const POLICY: &str = "
unit 吨标煤 / tce
record 企业 {
  id        : text key
  district  : one of 东湖区, 西湖区, 高新区
  capex     : money where >= 0
  sales     : money
  research  : money where >= 0
  equipment : money where >= 0
  expanding : bool
  large     : bool
  saved     : quantity in 吨标煤
  green     : level of 国家级 > 省级 > 市级 dated since
  since     : date = none
  started   : date = none
}

award 5% of capex cap 800万 when expanding and sales > 2000万
award by green { 国家级: 50万, 省级: 20万, otherwise: 0 }
award by sales { >= 2亿: 20万, >= 1亿: 10万, >= 5000万: 5万 }
award marginal by sales { >= 1亿: 0.05%, >= 5亿: 0.08%, >= 10亿: 0.1% }
award 20万 when large and district in (东湖区, 西湖区)
award 400元/吨标煤 of saved cap 200万
award 10% of equipment less 5万 cap 100万 when equipment >= 500万
award min(3% of equipment, 2% of sales, 50万) unless district = 高新区
award slab by capex { >= 1亿: 3%, >= 5000万: 2% } cap 500万
award 8% of (research - 100万) cap 300万 when research > 100万
award 50万 when started in 2023-01-01..2025-12-31
award 30万 when newly green or capex >= 2亿
";

/// The same in cel; `fen` stands behind a number of 万元.
pub const EXPRESSIONS: [&str; 12] = [
    "expanding && sales > 2000fen ? (capex == null ? null : (capex >= 16000fen ? 800fen : (capex * 5 + 50) / 100)) : 0",
    "green == '国家级' ? 50fen : green == '省级' ? 20fen : 0",
    "sales >= 20000fen ? 20fen : sales >= 10000fen ? 10fen : sales >= 5000fen ? 5fen : 0",
    "sales <= 10000fen ? 0 : sales <= 50000fen ? ((sales - 10000fen) * 5 + 5000) / 10000 : sales <= 100000fen ? (40000fen * 5 + (sales - 50000fen) * 8 + 5000) / 10000 : (40000fen * 5 + 50000fen * 8 + (sales - 100000fen) * 10 + 5000) / 10000",
    "large && district in ['东湖区', '西湖区'] ? 20fen : 0",
    "saved >= 50000 ? 200fen : saved * 4000",
    "equipment >= 500fen ? (equipment >= 1050fen ? 100fen : (equipment + 5) / 10 - 5fen) : 0",
    "district != '高新区' ? (equipment * 3 <= sales * 2 ? (equipment * 3 <= 5000fen ? (equipment * 3 + 50) / 100 : 50fen) : (sales * 2 <= 5000fen ? (sales * 2 + 50) / 100 : 50fen)) : 0",
    "capex == null ? null : capex >= 10000fen ? (capex >= 16666666667 ? 500fen : (capex * 3 + 50) / 100) : capex >= 5000fen ? (capex * 2 + 50) / 100 : 0",
    "research > 100fen ? (research >= 3850fen ? 300fen : ((research - 100fen) * 8 + 50) / 100) : 0",
    "started >= 20230101 && started <= 20251231 ? 50fen : 0",
    "green != '' && since >= 20240101 && since <= 20241231 ? 30fen : (capex == null ? null : (capex >= 20000fen ? 30fen : 0))",
];
