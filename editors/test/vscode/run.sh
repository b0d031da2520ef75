#!/usr/bin/env bash
# The extension in a real VS Code: installs the package into code-server, and Chromium opens
# a policy there. Run install.sh and ../../vscode/package.sh first, and build `huiqi`.
# Screenshots go to the folder given (by default editors/.tools/vscode/shots); what was seen
# is printed, one line a check.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$(cd .. && pwd)
tools=$PWD/.tools/vscode
shots=${1:-$tools/shots}
port=${HUIQI_PORT:-8377}
huiqi=${HUIQI:-$root/target/debug/huiqi}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$shots/logs"; cp -r "$work/user/logs" "$shots/logs" 2>/dev/null || true; rm -rf "$work"' EXIT

mkdir -p "$shots" "$work/user/User" "$work/user/Machine" "$work/folder"
cp "$root/policies/vocabulary.hq" "$work/folder/"
cp -r "$root/policies/龙南技改" "$work/folder/"
: >"$work/folder/空白.hq"
lsp=false
# A program without the server tells so at once; the server waits for its client.
if timeout 3 "$huiqi" lsp </dev/null >/dev/null 2>&1; then lsp=true; fi
cat >"$work/user/User/settings.json" <<SETTINGS
{
  "huiqi.path": "$huiqi", "huiqi.server.enabled": $lsp, "huiqi.language": "zh",
  "security.workspace.trust.enabled": false, "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off",
  "editor.fontFamily": "Noto Sans Mono CJK SC", "editor.minimap.enabled": false, "update.mode": "none",
  "workbench.colorTheme": "Default Light Modern", "extensions.autoUpdate": false, "editor.accessibilitySupport": "off"
}
SETTINGS
# The program is a setting of the machine, which a browser does not bring along.
cp "$work/user/User/settings.json" "$work/user/Machine/settings.json"

entry=$tools/node_modules/code-server/out/node/entry.js
common=(--config "$work/config.yaml" --user-data-dir "$work/user" --extensions-dir "$work/extensions" --disable-telemetry --disable-update-check)
node "$entry" "${common[@]}" --install-extension vscode/huiqi.vsix
node "$entry" "${common[@]}" --auth none --bind-addr "127.0.0.1:$port" "$work/folder" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 60); do
  curl --silent --fail --noproxy '*' --output /dev/null "http://127.0.0.1:$port/healthz" && break
  sleep 1
done
HUIQI_LSP=$lsp NODE_PATH=$tools/node_modules node test/vscode/drive.js "http://127.0.0.1:$port/?folder=$work/folder" "$work/folder" "$shots" ||
  { tail -20 "$work/server.log"; exit 1; }
