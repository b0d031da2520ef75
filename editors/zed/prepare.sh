#!/usr/bin/env bash
# Makes the folder that Zed installs as a dev extension, naming this checkout's grammar.
set -euo pipefail
cd "$(dirname "$0")"
repository=$(git rev-parse --show-toplevel)
revision=$(git rev-parse HEAD)
rm -rf extension
mkdir extension
cp -r Cargo.toml src languages extension/
sed -e "s|REPOSITORY|file://$repository|" -e "s|REVISION|$revision|" extension.toml >extension/extension.toml
echo "Zed: install $PWD/extension as a dev extension"
