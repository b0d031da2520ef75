//! Made-up data: read back without a word, the same bytes from the same seed, whole files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const POLICIES: [(&str, &str); 6] = [
    ("policies/南昌先进制造业/policy.hq", "2024"),
    ("policies/南昌稳生产/policy.hq", "2023Q3"),
    ("policies/南昌两项政策/policy.hq", "2023"),
    ("policies/龙南技改/policy.hq", "2024"),
    ("policies/萍乡智能制造/policy.hq", "2023"),
    ("policies/武进2024/policy.hq", "2024"),
];

fn huiqi(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", "zh"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.strip_prefix(folder).expect("inside").to_owned(), std::fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

/// What a run says, without the lines that name files, and columns that a table of its own lacks.
fn amounts(output: &Output) -> String {
    let of_files = |line: &&str| !line.contains(" 行（") && !line.contains("没有这些列：");
    text(&output.stdout).lines().filter(of_files).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_policy_reads_its_made_up_data_back() {
    for (policy, period) in POLICIES {
        let mut came_to = Vec::new();
        for format in FORMATS {
            let folder = tempfile::tempdir().expect("a folder");
            let data = folder.path().join("样例");
            let data = data.to_str().expect("a path");
            let made = ["sample", policy, "--in", period, "--rows", "150", "--seed", "7", "--unknown", "2%"];
            let made = huiqi(&[&made[..], &["--output", data, "--as", format]].concat());
            assert_eq!(made.status.code(), Some(0), "{policy}: {}", text(&made.stderr));
            let run = huiqi(&["run", policy, "--in", period, "--data", data]);
            assert_eq!(run.status.code(), Some(0), "{policy} from {format}: {}", text(&run.stderr));
            let said = text(&run.stderr);
            assert!(
                said.lines().all(|line| line.is_empty() || line.starts_with("政策有")),
                "{policy} {format}: {said}"
            );
            came_to.push(amounts(&run));
        }
        assert!(came_to.iter().all(|one| *one == came_to[0]), "{policy}: every format says the same");
    }
}

const FORMATS: [&str; 3] = ["csv", "jsonl", "parquet"];

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = |name: &str, seed: &str| {
        let path = folder.path().join(name);
        let output = path.to_str().expect("a path");
        let (policy, period) = POLICIES[3];
        let format = if name.len() > "甲".len() { "parquet" } else { "csv" };
        let made = ["sample", policy, "--in", period, "--rows", "60", "--seed", seed, "--output", output];
        let made = huiqi(&[&made[..], &["--as", format]].concat());
        assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
        files(&path)
    };
    let one = made("甲", "3");
    assert_eq!(one.len(), 3);
    assert_eq!(one, made("乙", "3"));
    assert_ne!(one, made("丙", "4"));
    assert_eq!(made("甲甲", "3"), made("乙乙", "3"));
}

#[test]
fn one_file_is_written_where_one_is_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("甲.hq");
    std::fs::write(&policy, "award 5% of capex cap 800万 when 增资扩产").expect("the policy");
    let policy = policy.to_str().expect("a path");
    let output = folder.path().join("企业.csv");
    let output = output.to_str().expect("a path");
    let made = huiqi(&["sample", policy, "--in", "2024", "--rows", "50", "--output", output]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let run = huiqi(&["run", policy, "--in", "2024", "--data", output]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));

    let made = huiqi(&["sample", POLICIES[3].0, "--in", "2024", "--output", output]);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made.stderr).contains("需要 3 个文件"), "{}", text(&made.stderr));
}

#[test]
fn other_data_in_the_folder_is_not_mixed_in() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("发票.csv"), "金额\n1\n").expect("a file");
    let output = folder.path().to_str().expect("a path");
    let made = huiqi(&["sample", POLICIES[3].0, "--in", "2024", "--output", output]);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made.stderr).contains("发票.csv"), "{}", text(&made.stderr));
    assert_eq!(files(folder.path()).len(), 1);

    let share = huiqi(&["sample", POLICIES[3].0, "--in", "2024", "--output", "nowhere", "--unknown", "2"]);
    assert_eq!(share.status.code(), Some(2));
    assert!(!Path::new("nowhere").exists());
}
