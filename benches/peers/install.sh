#!/usr/bin/env bash
# Installs the peers beside their script, at the versions that the figures are of.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv environment
environment/bin/python -m pip install --quiet duckdb==2.0.0 numpy==2.4.6 polars==2.1.0
environment/bin/python -c 'import duckdb, numpy, polars; print("duckdb", duckdb.__version__, "numpy", numpy.__version__, "polars", polars.__version__)'
