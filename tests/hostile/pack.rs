//! The pack of hostile data files: each leads to a named error at its place, within bounds
//! of memory and time, with the good rows counted and nothing half-written.
//!
//! `pack.toml` says what each file must lead to; `make.py` makes the files. The messages are
//! a snapshot, read like prose. `HUIQI_HOSTILE=/path/to/huiqi` runs another program over the
//! pack, `HUIQI_HOSTILE_SECONDS=2` with another bound of time.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::files::{none, root};

/// Kilobytes of address space that a run may take.
const MEMORY: &str = "1048576";
/// What a run may take of time without optimisation, beside others.
const SECONDS: u64 = 20;

#[derive(Deserialize)]
struct Pack {
    file: Vec<Entry>,
}

/// A file of the pack and what it must lead to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What is hostile about it.
    about: String,
    /// What `--data` names; `@` before a name stands for a file that is made for the run.
    data: Vec<String>,
    /// What else stands on the command line; `OUT` is the folder of the run.
    #[serde(default)]
    more: Vec<String>,
    /// The codes that are raised, each once.
    codes: Vec<String>,
    /// What the messages must name: file, row, column.
    #[serde(default)]
    place: Vec<String>,
    /// How many enterprises still count.
    #[serde(default)]
    good: usize,
    #[serde(default = "one")]
    exit: i32,
    /// It unpacks so much that only an optimised build is quick enough.
    #[serde(default)]
    heavy: bool,
    /// Blocks of 512 bytes that a file may have: a disk that fills up.
    room: Option<u32>,
    /// Rights do not bind the administrator.
    #[serde(default)]
    rights: bool,
}

fn one() -> i32 {
    1
}

fn pack() -> Vec<Entry> {
    let text = std::fs::read_to_string(root().join("tests/hostile/pack.toml")).unwrap();
    toml::from_str::<Pack>(&text).unwrap().file
}

/// The folder of the files that are made for the run.
fn made() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    let script = root().join("tests/hostile/make.py");
    let done = Command::new("python3").arg(script).arg("--large").arg(folder.join("files")).status();
    assert!(done.is_ok_and(|status| status.success()), "make.py needs Python 3");
    std::fs::copy(root().join("tests/hostile/policy.hq"), folder.join("policy.hq")).unwrap();
    folder.join("files")
}

/// What a run came to.
struct Ran {
    exit: Option<i32>,
    told: String,
    good: usize,
    took: Duration,
    /// What it left in its folder.
    left: Vec<String>,
}

fn run(entry: &Entry, made: &Path) -> Ran {
    let program = std::env::var("HUIQI_HOSTILE").unwrap_or_else(|_| env!("CARGO_BIN_EXE_huiqi").to_owned());
    let program = root().join(program);
    let seconds = std::env::var("HUIQI_HOSTILE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let is_made = entry.data.iter().chain(&entry.more).any(|name| name.contains('@'));
    let place = if is_made { made.to_owned() } else { root().join("tests/hostile/files") };
    let named = |text: &String| text.replace('@', "").replace("OUT", &out.display().to_string());
    let room = entry.room.map_or_else(String::new, |blocks| format!("trap '' XFSZ; ulimit -f {blocks}; "));
    let began = Instant::now();
    let mut child = Command::new("sh")
        .args(["-c", &format!("{room}ulimit -v {MEMORY}; exec \"$@\""), "sh"])
        .arg(&program)
        .args(["--lang", "zh", "run", "../policy.hq", "--in", "2024", "--format", "json", "--data"])
        .args(entry.data.iter().map(named))
        .args(entry.more.iter().map(named))
        .current_dir(place)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (out_of, told_of) = (whole(child.stdout.take().unwrap()), whole(child.stderr.take().unwrap()));
    let exit = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if began.elapsed() > Duration::from_secs(seconds) {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = began.elapsed();
    let keys: BTreeSet<String> = out_of
        .join()
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()?["key"].as_str().map(str::to_owned))
        .collect();
    let mut left: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    let told = told_of.join().unwrap().replace(&out.display().to_string(), "OUT");
    Ran { exit, told, good: keys.len(), took, left }
}

/// What comes through a pipe, read by a thread of its own so that it never fills up.
fn whole(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The codes in a text, each once.
fn codes(told: &str) -> BTreeSet<String> {
    told.match_indices("[HQ").filter_map(|(at, _)| told.get(at + 1..at + 7)).map(str::to_owned).collect()
}

fn faults(entry: &Entry, ran: &Ran) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{} ({}): {what}", entry.data.join(" "), entry.about));
        }
    };
    expect(ran.exit == Some(entry.exit), format!("exit {:?} after {:?}\n{}", ran.exit, ran.took, ran.told));
    let found = codes(&ran.told);
    expect(found == entry.codes.iter().cloned().collect(), format!("codes {found:?}\n{}", ran.told));
    expect(ran.good == entry.good, format!("{} count", ran.good));
    for place in &entry.place {
        expect(ran.told.contains(place), format!("does not name {place}\n{}", ran.told));
    }
    expect(!ran.told.contains("panicked"), "panics".to_owned());
    expect(ran.told.len() < 64 * 1024, format!("tells {} bytes", ran.told.len()));
    expect(!ran.told.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\0']), "passes control characters on".to_owned());
    expect(ran.left.is_empty(), format!("leaves {:?}", ran.left));
    faults
}

#[cfg(target_os = "linux")]
#[test]
fn every_hostile_file_is_told_and_nothing_is_left() {
    let made = made();
    let may_read_all = std::fs::read(made.join("no-right.csv")).is_ok();
    let entries: Vec<Entry> = pack().into_iter().filter(|entry| !(entry.rights && may_read_all)).collect();
    let heavy = std::env::var_os("HUIQI_HOSTILE").is_some() || !cfg!(debug_assertions);
    let next = AtomicUsize::new(0);
    // Two at once: the bound of time holds for each.
    let mut ran: Vec<(usize, Ran)> = std::thread::scope(|scope| {
        let work = || {
            let mut ran = Vec::new();
            loop {
                let at = next.fetch_add(1, Relaxed);
                let Some(entry) = entries.get(at) else { return ran };
                if heavy || !entry.heavy {
                    ran.push((at, run(entry, &made)));
                }
            }
        };
        let (one, other) = (scope.spawn(work), scope.spawn(work));
        [one.join().unwrap(), other.join().unwrap()].into_iter().flatten().collect()
    });
    ran.sort_by_key(|(at, _)| *at);
    none(&ran.iter().flat_map(|(at, ran)| faults(&entries[*at], ran)).collect::<Vec<_>>());
    let mut seen = String::new();
    for (at, ran) in ran.iter().filter(|(at, _)| !entries[*at].heavy && !entries[*at].rights) {
        let entry = &entries[*at];
        let told = ran.told.trim_end();
        // Of thousands of messages, the first are enough.
        let told = told.lines().take(40).map(str::trim_end).collect::<Vec<_>>().join("\n");
        let words = entry.data.iter().chain(&entry.more).cloned().collect::<Vec<_>>().join(" ");
        write!(seen, "———— {}：--data {words}，{} 户照算 ————\n{told}\n\n", entry.about, ran.good).unwrap();
    }
    let mut snapshots = insta::Settings::clone_current();
    snapshots.set_prepend_module_to_snapshot(false);
    snapshots.set_omit_expression(true);
    snapshots.set_snapshot_path(root().join("tests/hostile"));
    snapshots.bind(|| insta::assert_snapshot!("messages", seen));
}

#[test]
fn the_pack_is_what_its_script_makes() {
    let script = root().join("tests/hostile/make.py");
    let done = Command::new("python3").arg(script).arg("--check").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    let named: BTreeSet<String> = pack()
        .iter()
        .flat_map(|entry| &entry.data)
        .map(|name| name.rsplit('=').next().unwrap_or(name).split('#').next().unwrap_or(name).to_owned())
        .collect();
    let kept = std::fs::read_dir(root().join("tests/hostile/files")).unwrap();
    let kept = kept.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    none(&kept.filter(|name| !named.contains(name)).map(|name| format!("{name} is in no entry")).collect::<Vec<_>>());
    assert!(pack().len() >= 60);
}

/// Writes the two files of Parquet that the others are made of: `cargo test --test main parquet_of_the_pack -- --ignored`.
#[test]
#[ignore = "writes files that are kept"]
fn parquet_of_the_pack() {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["A1", "A2", "A3", "A4"]));
    let amounts: ArrayRef = Arc::new(Float64Array::from(vec![1e6, 2e6, f64::NAN, f64::INFINITY]));
    for (name, rows) in [("good.parquet", 2), ("nan.parquet", 4)] {
        let columns = [("代码", keys.slice(0, rows)), ("投资额", amounts.slice(0, rows))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = std::fs::File::create(root().join("tests/hostile/files").join(name)).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
}
