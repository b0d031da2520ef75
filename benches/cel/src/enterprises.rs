//! Made-up enterprises, the same ones in every run, as both engines read them.

use huiqi::check::program::{Program, RecordId};
use huiqi::record::{Record, from_json};
use huiqi::value::Period;
use serde_json::{Value as Json, json};

/// What is known of an enterprise; money in fen.
#[derive(Debug, Clone)]
pub struct Enterprise {
    pub district: &'static str,
    /// Not known of one in fifty.
    pub capex: Option<i64>,
    pub sales: i64,
    pub research: i64,
    pub equipment: i64,
    pub expanding: bool,
    pub large: bool,
    /// In tenths of a 吨标煤.
    pub saved: i64,
    /// Empty where there is none.
    pub green: &'static str,
    pub since: Option<(i64, i64, i64)>,
    pub started: Option<(i64, i64, i64)>,
}

/// Numbers that look random (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 20).unwrap_or(0) % end
    }

    /// An amount with fen below 10^`digits` fen, small ones as frequent as great ones.
    fn money(&mut self, digits: u32) -> i64 {
        let size = 10_i64.pow(6 + u32::try_from(self.below(i64::from(digits) - 6)).unwrap_or(0));
        size + self.below(9 * size)
    }

    fn day(&mut self) -> (i64, i64, i64) {
        (2022 + self.below(5), 1 + self.below(12), 1 + self.below(28))
    }
}

/// So many of them.
pub fn enterprises(count: usize) -> Vec<Enterprise> {
    let mut numbers = Numbers(2024);
    (0..count)
        .map(|_| {
            let green = ["", "", "", "市级", "省级", "国家级"][usize::try_from(numbers.below(6)).unwrap_or(0)];
            Enterprise {
                district: ["东湖区", "西湖区", "高新区"][usize::try_from(numbers.below(3)).unwrap_or(0)],
                capex: (numbers.below(50) > 0).then(|| numbers.money(12)),
                sales: numbers.money(13),
                research: numbers.money(10),
                equipment: numbers.money(11),
                expanding: numbers.below(2) == 0,
                large: numbers.below(2) == 0,
                saved: numbers.below(100_000),
                green,
                since: (!green.is_empty()).then(|| numbers.day()),
                started: (numbers.below(3) > 0).then(|| numbers.day()),
            }
        })
        .collect()
}

impl Enterprise {
    /// As a record of the program.
    pub fn record(&self, program: &Program, number: usize) -> Record {
        let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
        let mut object = json!({
            "id": format!("E{number}"),
            "district": self.district,
            "capex": self.capex.map_or(Json::Null, |capex| yuan(capex).into()),
            "sales": yuan(self.sales),
            "research": yuan(self.research),
            "equipment": yuan(self.equipment),
            "expanding": self.expanding,
            "large": self.large,
            "saved": format!("{}.{}", self.saved / 10, self.saved % 10),
            "green": if self.green.is_empty() { "无" } else { self.green },
        });
        // A date that is left out is known not to exist.
        for (name, day) in [("since", self.since), ("started", self.started)] {
            if let Some((year, month, day)) = day {
                object[name] = format!("{year}-{month:02}-{day:02}").into();
            }
        }
        let period = Period::parse("2024").expect("a year");
        from_json(program, RecordId(0), &object, period).expect("a record")
    }
}
