#!/usr/bin/env bash
# The yardstick, and the same policy in Huiqi, DuckDB, Polars and numpy: `benches/compare.sh [ROWS [RUNS]]`.
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-1000000}
runs=${2:-5}
python=benches/peers/environment/bin/python
[ -x "$python" ] || benches/peers/install.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Large columns on large pages, for all: with small ones the time is that of finding pages.
export GLIBC_TUNABLES=glibc.malloc.hugetlb=1
cargo build --quiet --release
cargo bench --quiet --bench columnar -- --parquet "$folder" "$rows" >"$folder/measures.jsonl"
"$python" benches/peers/compare.py "$folder" "$folder/measures.jsonl" --runs "$runs"
