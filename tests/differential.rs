//! A short run of the differential test: random policies over random records, the program's
//! amounts against those of an evaluator in exact fractions. `tests/differential/soak.py` is
//! the long one.

use std::path::Path;
use std::process::Command;

#[test]
fn random_policies_pay_what_exact_fractions_pay() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("differential");
    let output = Command::new("python3")
        .arg(root.join("tests/differential/soak.py"))
        .args(["--seed", "1", "--policies", "40", "--rows", "20", "--huiqi", env!("CARGO_BIN_EXE_huiqi")])
        .arg("--keep")
        .arg(kept)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3, which the differential test needs, starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
