#!/usr/bin/env bash
# Installs a real VS Code for the test beside this file: code-server and playwright-core from
# npm, Chromium, ripgrep and fonts from Debian. Takes some ten minutes and 1.5 GB under
# editors/.tools. Nothing is fetched from elsewhere: what code-server's own install scripts
# would download (ripgrep) is taken from Debian, and its native modules are built here.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$PWD/.tools/vscode
mkdir -p "$tools"

if ! command -v chromium rg >/dev/null || ! fc-list | grep -q "Noto.*CJK"; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium ripgrep fonts-noto-cjk fontconfig build-essential python3 \
    libkrb5-dev
fi

cd "$tools"
[ -f package.json ] || echo '{ "private": true }' >package.json
# The last version for Node 20.
npm install --ignore-scripts --no-audit --no-fund --loglevel=error code-server@4.100.3 playwright-core@1 node-gyp@11
export PATH=$tools/node_modules/.bin:$PATH npm_config_node_gyp=$tools/node_modules/node-gyp/bin/node-gyp.js
server=$tools/node_modules/code-server
cd "$server/lib/vscode"
npm install --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error
npm rebuild --foreground-scripts --dangerously-allow-all-scripts --loglevel=error @vscode/spdlog node-pty native-watchdog kerberos
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
(cd extensions && npm install --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error)
cd "$tools" && npm rebuild --foreground-scripts --dangerously-allow-all-scripts --loglevel=error argon2
node "$server/out/node/entry.js" --config "$tools/config.yaml" --version
