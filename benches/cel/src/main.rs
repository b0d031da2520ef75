//! A dozen clauses over a few thousand made-up enterprises, through cel and through the
//! row engine without and with a full trace, in turns within one run; amounts must agree.
//!
//! `cargo run --release --manifest-path benches/cel/Cargo.toml`; fails where the row engine
//! is not twice as fast as cel without trace, or slower than cel with it.

mod clauses;
mod enterprises;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cel::common::types::{CelBool, CelInt, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Env, Value};
use enterprises::Enterprise;
use huiqi::Policies;
use huiqi::check::program::RecordId;
use huiqi::eval::{Context, Inputs, RecipientResult, Tracing, evaluate_into};
use huiqi::record::Record;
use huiqi::value::{Date, Number, Period};

const ENTERPRISES: usize = 3_000;
const ROUNDS: usize = 40;

/// An enterprise as cel reads it: values made beforehand and lent, the quickest way that it has.
struct Variables {
    district: CelString<'static>,
    capex: Result<CelInt, CelNull>,
    sales: CelInt,
    research: CelInt,
    equipment: CelInt,
    expanding: CelBool,
    large: CelBool,
    saved: CelInt,
    green: CelString<'static>,
    since: CelInt,
    started: CelInt,
}

impl Variables {
    fn new(of: &Enterprise) -> Self {
        let day = |day: Option<(i64, i64, i64)>| CelInt::from(day.map_or(0, |(year, month, day)| year * 10_000 + month * 100 + day));
        Variables {
            district: CelString::from(of.district),
            capex: of.capex.map(CelInt::from).ok_or(CelNull),
            sales: of.sales.into(),
            research: of.research.into(),
            equipment: of.equipment.into(),
            expanding: of.expanding.into(),
            large: of.large.into(),
            saved: of.saved.into(),
            green: CelString::from(of.green),
            since: day(of.since),
            started: day(of.started),
        }
    }
}

impl VariableResolver for Variables {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let value: &dyn Val = match name {
            "district" => &self.district,
            "capex" => match &self.capex {
                Ok(capex) => capex,
                Err(null) => null,
            },
            "sales" => &self.sales,
            "research" => &self.research,
            "equipment" => &self.equipment,
            "expanding" => &self.expanding,
            "large" => &self.large,
            "saved" => &self.saved,
            "green" => &self.green,
            "since" => &self.since,
            "started" => &self.started,
            _ => return None,
        };
        Some(CowVal::Borrowed(value))
    }
}

/// The amounts of all clauses for all enterprises in fen; none where one is open.
type Amounts = Vec<Option<i64>>;

fn through_cel(programs: &[cel::Program], contexts: &[cel::Context], amounts: &mut Amounts) {
    amounts.clear();
    for context in contexts {
        for program in programs {
            amounts.push(match program.execute(context) {
                Ok(Value::Int(fen)) => Some(fen),
                Ok(Value::Null) => None,
                other => panic!("cel: {other:?}"),
            });
        }
    }
}

fn through_huiqi(context: &Context, records: &[Record], result: &mut RecipientResult) {
    for record in records {
        evaluate_into(context, RecordId(0), black_box(record), result);
        black_box(&result);
    }
}

/// The amounts of the row engine, for comparison.
fn amounts(context: &Context, records: &[Record]) -> Amounts {
    let hundred = Number::from_i64(100);
    let fen = |amount: &Number| amount.multiply(&hundred).ok().and_then(|fen| fen.to_i64()).expect("whole fen");
    let mut result = RecipientResult::default();
    let mut all = Amounts::new();
    for record in records {
        evaluate_into(context, RecordId(0), record, &mut result);
        all.extend(result.clauses.iter().map(|clause| clause.amount.as_ref().map(fen)));
    }
    all
}

fn timed(best: &mut Duration, run: impl FnOnce()) {
    let start = Instant::now();
    run();
    *best = start.elapsed().min(*best);
}

fn main() -> ExitCode {
    let enterprises = enterprises::enterprises(ENTERPRISES);

    let variables: Vec<Variables> = enterprises.iter().map(Variables::new).collect();
    let env = Arc::new(Env::stdlib());
    let programs = clauses::EXPRESSIONS.map(|text| env.compile(&text.replace("fen", "000000")).expect("an expression"));
    let contexts: Vec<cel::Context> = variables
        .iter()
        .map(|variables| {
            let mut context = cel::Context::with_env(Arc::clone(&env));
            context.set_variable_resolver(variables);
            context
        })
        .collect();

    let policies = Policies::from_text(clauses::POLICY);
    assert!(!policies.has_errors(), "{}", policies.render(huiqi::diagnostic::Language::English));
    let (period, date) = (Period::parse("2024").expect("a year"), Date::new(2024, 12, 31).expect("a day"));
    let records: Vec<Record> =
        enterprises.iter().enumerate().map(|(number, enterprise)| enterprise.record(policies.program(), number)).collect();
    let [off, on] = [Tracing::Off, Tracing::On]
        .map(|tracing| Context::new(policies.program(), period, date, Inputs { tracing, ..Inputs::default() }));

    let mut by_cel = Amounts::new();
    through_cel(&programs, &contexts, &mut by_cel);
    for context in [&off, &on] {
        let by_huiqi = amounts(context, &records);
        assert_eq!(by_cel.len(), by_huiqi.len());
        for (at, pair) in by_cel.iter().zip(&by_huiqi).enumerate() {
            assert_eq!(pair.0, pair.1, "clause {} of {:?}", at % 12 + 1, enterprises[at / 12]);
        }
    }
    let open = by_cel.iter().filter(|amount| amount.is_none()).count();
    println!("{ENTERPRISES} enterprises, {} clauses: all {} amounts agree, {open} of them open", programs.len(), by_cel.len());

    let mut best = [Duration::MAX; 3];
    let mut result = RecipientResult::default();
    for _ in 0..ROUNDS {
        let [cel, without, with] = &mut best;
        timed(cel, || through_cel(&programs, &contexts, &mut by_cel));
        timed(without, || through_huiqi(&off, &records, &mut result));
        timed(with, || through_huiqi(&on, &records, &mut result));
    }
    let [cel, without, with] = best.map(|time| time.as_secs_f64() * 1e9 / ENTERPRISES as f64);
    println!("best of {ROUNDS} rounds, ns per enterprise:");
    println!("  cel                  {cel:8.0}");
    println!("  huiqi, without trace {without:8.0}   {:.2} times as fast", cel / without);
    println!("  huiqi, with trace    {with:8.0}   {:.2} times as fast", cel / with);
    if cel / without >= 2.0 && cel / with >= 1.0 {
        ExitCode::SUCCESS
    } else {
        println!("missed: 2 times as fast without trace, 1 with");
        ExitCode::FAILURE
    }
}
