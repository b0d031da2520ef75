//! Sessions over the sample city: by columns and row by row alike, and nothing changed by what fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::render::Style;
use super::{Answer, Opening, Records, Session, Surroundings};
use crate::diagnostic::{Diagnostic, Language};
use crate::eval::Tracing;
use crate::policies::{Basis, Engine, Policies};
use crate::progress::Progress;
use crate::record::{Input, load_watched};

/// A machine on which, once it is told so, the next load is stopped while it is under way.
#[derive(Default)]
struct Machine(Arc<AtomicBool>);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Surroundings for Machine {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn root(&self, _: &[PathBuf]) -> PathBuf {
        root()
    }

    fn load(
        &self,
        policies: &Policies,
        named: &[String],
        basis: &Basis,
        progress: &Arc<Progress>,
    ) -> Result<Records, Vec<Diagnostic>> {
        let inputs: Vec<Input> = named.iter().map(|path| Input { path: path.into(), ..Input::default() }).collect();
        if self.0.swap(false, Relaxed) {
            progress.stop();
        }
        Ok(Records::new(load_watched(policies.program(), &inputs, basis.period, progress, false), Vec::new(), false))
    }

    fn sample(&self) -> std::io::Result<(PathBuf, Vec<String>)> {
        let city = root().join("policies/sample");
        let data = ["企业.csv", "企业-荣誉.csv", "项目.csv"].map(|name| city.join(name).display().to_string());
        Ok((root().join("policies/vocabulary.hq"), data.to_vec()))
    }
}

fn session(files: &[&str]) -> Session {
    let files = files.iter().map(|file| root().join(file)).collect();
    let basis = Basis::of("2024").unwrap();
    let opening = Opening { files, data: Vec::new(), basis, period_given: true, progress: Arc::default() };
    Session::new(Box::new(Machine::default()), opening).unwrap_or_else(|_| panic!("the session begins")).0
}

fn said(answer: &Answer) -> String {
    let said = Style { language: Language::Chinese, color: false, width: 200 }.text(answer);
    said.result + &said.beside
}

/// What is asked of both ways of computing.
const QUESTIONS: [&str; 12] = [
    "sum total, count by 区县",
    "sum total by 区县 where total > 0",
    "show 统一社会信用代码, total where total > 0 sort by total desc top 10",
    "show 统一社会信用代码 where 固定资产投资额 >= 1亿 or not 增资扩产 top 500",
    "show 统一社会信用代码, 固定资产投资额 where 固定资产投资额 >= 1亿 and total > 10万 sort by total, 固定资产投资额 desc top 7",
    "average total, median total, max total by 规上企业",
    "count by 增资扩产 where 区县 = \"进贤县\"",
    "sum 固定资产投资额 by 增资扩产",
    "what if 甲 { award 8% of 固定资产投资额 cap 900万 when 规上企业 }",
    "why not 甲",
    "solve cap of 甲 within 1亿",
    "plot total where total > 0",
];

#[test]
fn by_columns_and_row_by_row_everything_comes_to_the_same() {
    let settlements = [
        "",
        "settle { highest among 甲, 乙 }",
        "settle { highest among 甲, 乙  budget 500亿 pro rata }",
        "settle { highest among 甲, 乙  limit total to 300万元 in order of 甲, 乙, 丙  budget 3000万 pro rata }",
        "settle { select top 20 of 甲 by 固定资产投资额 ties all  budget 1000万 for 乙 in order of 固定资产投资额 desc then pro rata }",
    ];
    for settlement in settlements {
        let mut session = session(&[]);
        let lines = [
            "load sample",
            "clause 甲 { award 5% of 固定资产投资额 cap 800万 when 增资扩产 and 固定资产投资额 >= 100万 }",
            "clause 乙 { award by 固定资产投资额 { >= 1亿: 50万, >= 5000万: 20万, >= 100万: 5万 } when 规上企业 }",
            "clause 丙 { award 10万 when 工业企业 unless 增资扩产 }",
        ];
        for line in lines.iter().chain([&settlement]) {
            let answer = session.run(line);
            assert!(!answer.failed, "{line}: {}", said(&answer));
        }
        for question in QUESTIONS {
            session.run("set engine = batch");
            let by_columns = said(&session.run(question));
            session.run("set engine = row");
            let by_rows = said(&session.run(question));
            assert_eq!(by_columns, by_rows, "{question} under {settlement}");
            assert!(!by_rows.contains("HQ"), "{question}: {by_rows}");
        }
    }
}

#[test]
fn figures_are_the_same_for_every_policy_of_the_project() {
    for policy in ["南昌先进制造业", "南昌稳生产", "龙南技改", "萍乡智能制造", "武进2024"] {
        let mut session = session(&[&format!("policies/{policy}/policy.hq")]);
        assert!(!session.run("load sample").failed);
        let by_columns = said(&session.run("show 统一社会信用代码, total sort by total desc top 500"));
        session.run("set engine = row");
        let by_rows = said(&session.run("show 统一社会信用代码, total sort by total desc top 500"));
        assert_eq!(by_columns, by_rows, "{policy}");
    }
}

#[test]
fn a_line_that_fails_changes_nothing() {
    let mut session = session(&[]);
    session.run("load sample");
    session.run("clause 甲 { award 5% of 固定资产投资额 cap 800万 when 增资扩产 }");
    let before = said(&session.run("sum total by 区县"));
    for line in [
        "clause 甲 { award 5% of 固定资产 }",
        "clause 甲 { award 5% }",
        "load \"没有.csv\"",
        "load \"policies/vocabulary.hq\"",
        "use \"没有.hq\"",
        "set period = 下个月",
        "set 甲乙 = 3",
        "what if 甲 { award 5% of 投资 }",
        "settle { highest among 甲, 没有 }",
        "record 企业 { 统一社会信用代码 : money }",
        "policy 甲 { clause 乙 { award 5% } }",
        "show 没有",
        "award",
        "}",
        "“",
    ] {
        let answer = session.run(line);
        assert!(answer.failed, "{line}: {}", said(&answer));
        assert_eq!(said(&session.run("sum total by 区县")), before, "after {line}");
    }
}

#[test]
fn later_declarations_take_the_place_of_earlier_ones() {
    let mut session = session(&[]);
    session.run("load sample");
    session.run("award 1万 when 规上企业");
    let one = said(&session.run("sum total"));
    session.run("award 2万 when 规上企业");
    let two = said(&session.run("sum total"));
    assert_ne!(one, two, "a bare award takes the place of the one before");
    session.run("clause 甲 { award 1万 when 规上企业 }");
    session.run("award 0元");
    assert_eq!(said(&session.run("sum total")), one);
}

#[test]
fn a_clause_of_a_file_is_worded_anew_and_the_file_stays() {
    let mut session = session(&["policies/南昌先进制造业/policy.hq"]);
    session.run("load sample");
    let count = session.policies().program().clauses.len();
    let answer = session.run("clause 增资扩产 { award 1万 when 增资扩产 }");
    assert!(!answer.failed, "{}", said(&answer));
    assert_eq!(session.policies().program().clauses.len(), count, "no second clause of that name");
    let said = said(&session.run("help 增资扩产"));
    assert!(said.contains("award 1万"), "{said}");
}

#[test]
fn a_question_that_is_stopped_answers_nothing_and_the_next_one_does() {
    let mut session = session(&[]);
    session.run("load sample");
    session.run("clause 甲 { award 5% of 固定资产投资额 when 增资扩产 }");
    let progress = Arc::clone(session.progress());
    let stopping = std::thread::spawn(move || {
        for _ in 0..200 {
            progress.stop();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    });
    session.run("set engine = row");
    let stopped = session.run("sum total by 区县");
    stopping.join().unwrap();
    assert!(stopped.failed, "{}", said(&stopped));
    let answer = session.run("sum total by 区县");
    assert!(!answer.failed && said(&answer).contains("进贤县"), "{}", said(&answer));
}

#[test]
fn why_tells_the_same_of_one_as_a_settlement_of_all_in_memory() {
    let settlements = [
        "",
        "settle { highest among 甲, 乙  limit total to 300万元 in order of 甲, 乙, 丙 }",
        "settle { highest among 甲, 乙  times 80% for 丙  budget 1000万 pro rata  nothing below 1万 }",
        "settle { budget 500万 for 甲 pro rata rest by remainder  budget 5亿 }",
        "settle { select top 20 of 甲 by 固定资产投资额 ties none  budget 500万 pro rata }",
    ];
    let open = [
        "clause 甲 { award 5% of 固定资产投资额 cap 800万 when 增资扩产 }",
        "clause 乙 { award 30万 when 规上企业 }",
        "clause 丙 { award 1% of 营业收入 cap 60万 when 营业收入 is none or 规上企业 }",
    ];
    let known = [
        "clause 甲 { award 31.37万 when 增资扩产 }",
        "clause 乙 { award 20万 when 增资扩产 }",
        "clause 丙 { award 7.77万 when not 增资扩产 }",
    ];
    let mut told = 0;
    for (turn, settlement) in settlements.into_iter().enumerate() {
        let mut session = session(&[]);
        session.run("load sample");
        let clauses = if turn < 2 { open } else { known };
        assert!(clauses.iter().all(|clause| !session.run(clause).failed));
        assert!(!session.run(settlement).failed);
        let (world, records) = (&session.world, &session.records);
        let context = world.context(&world.program, records, None, Tracing::Off, None);
        let quick = super::settled::one(&context, records, (world.program.clauses[0].recipient, 0), &|| false);
        assert_eq!(quick.is_some(), turn < 4, "the rank in a selection is told in memory only");
        let keys = session.keys("", 1000);
        assert!(keys.len() > 100);
        // Each settlement for some, all together for everybody.
        for key in keys.iter().skip(turn).step_by(settlements.len()) {
            session.run("set engine = batch");
            let alone = session.run(&format!("why for \"{key}\""));
            // No clause gives to other types of records.
            if alone.failed {
                continue;
            }
            let alone = said(&alone);
            session.run("set engine = row");
            assert_eq!(said(&session.run(&format!("why for \"{key}\""))), alone, "{settlement}");
            told += usize::from(alone.contains("同比例折到"));
        }
    }
    assert!(told > 5, "some are cut by a budget: {told}");
}

#[test]
fn a_load_that_is_stopped_leaves_what_was_loaded_before() {
    let machine = Machine::default();
    let stop = Arc::clone(&machine.0);
    let opening = Opening {
        files: Vec::new(),
        data: Vec::new(),
        basis: Basis::of("2024").unwrap(),
        period_given: true,
        progress: Arc::default(),
    };
    let mut session = Session::new(Box::new(machine), opening).unwrap_or_else(|_| panic!("the session begins")).0;
    session.run("load sample");
    session.run("clause 甲 { award 5% of 固定资产投资额 when 增资扩产 }");
    let before = said(&session.run("sum total, count by 区县"));
    for line in ["load \"企业.csv\"", "record 乙 { 名称 : text }", "set period = 2023"] {
        stop.store(true, Relaxed);
        let stopped = session.run(line);
        assert!(stopped.failed && said(&stopped).trim() == "已停止", "{line}: {}", said(&stopped));
        assert!(!stop.load(Relaxed), "{line} reads the files again");
        assert_eq!(said(&session.run("sum total, count by 区县")), before, "{line}");
    }
    assert_eq!(session.run("set").table().unwrap().rows[0][1], super::Cell::same("2024"));
}

#[test]
fn a_settlement_in_memory_is_stopped_between_its_records_and_its_steps() {
    let mut session = session(&[]);
    session.run("load sample");
    session.run("clause 甲 { award 5% of 固定资产投资额 when 增资扩产 }");
    session.run("settle { budget 3000万 pro rata }");
    let world = &session.world;
    let settled = |progress: &Progress| {
        let context = world.context(&world.program, &session.records, None, Tracing::Off, Some(progress));
        let population = &session.records.loaded.population;
        [Engine::Row, Engine::Batch].map(|engine| {
            let settling = Policies::settle_all(&context, population, engine);
            (settling.recipients.len(), settling.settlement.pools.len())
        })
    };
    let progress = Progress::default();
    let all = settled(&progress);
    assert!(all.iter().all(|(recipients, pools)| *recipients > 0 && *pools == 1));
    progress.stop();
    assert_eq!(settled(&progress), [(0, 0); 2]);
}

#[test]
fn lines_that_were_carried_out_are_kept_and_no_others() {
    let mut session = session(&[]);
    for line in ["load sample", "award 5% of", "# a note", "award 1万 when 规上企业", "save \"x.hqs\"", "sum total"]
    {
        session.run(line);
    }
    assert_eq!(session.lines(), ["load sample", "award 1万 when 规上企业", "sum total"]);
}
