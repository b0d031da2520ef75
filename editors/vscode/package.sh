#!/usr/bin/env bash
# Packages the extension: editors/vscode/huiqi.vsix. Installs the node modules that it needs.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --loglevel=error
npm run --silent package
# What must be in it is in it.
python3 - <<'CHECK'
import sys, zipfile
names = set(zipfile.ZipFile("huiqi.vsix").namelist())
needed = ["package.json", "dist/extension.js", "syntaxes/huiqi.tmLanguage.json",
          "language-configuration.json", "images/icon.png", "package.nls.zh-cn.json"]
missing = [name for name in needed if f"extension/{name}" not in names]
if missing:
    sys.exit(f"huiqi.vsix lacks {', '.join(missing)}")
print(f"huiqi.vsix has {len(names)} files")
CHECK
