#!/usr/bin/env bash
# Helix, and Emacs and Neovim with versions newer than Debian 12 has: from Debian 13, in a folder of its own that
# debootstrap makes under editors/.tools (1.5 GB, some five minutes; root). Build `huiqi` first.
set -euo pipefail
cd "$(dirname "$0")/.."
system=$PWD/.tools/debian-13
huiqi=${HUIQI:-$PWD/../target/debug/huiqi}

if [ ! -x "$system/usr/bin/hx" ]; then
  command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; }
  debootstrap --variant=minbase --include=ca-certificates trixie "$system" >/dev/null
  cp -n /etc/apt/apt.conf.d/* "$system/etc/apt/apt.conf.d/" 2>/dev/null || true
  chroot "$system" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive chroot "$system" apt-get install -y -qq --no-install-recommends \
    hx emacs-nox neovim gcc libc6-dev tmux python3-minimal libpython3-stdlib >/dev/null
fi
rm -rf "$system/huiqi"
mkdir -p "$system/huiqi/editors"
cp -r emacs helix neovim vim tree-sitter-huiqi test "$system/huiqi/editors/"
cp -r ../policies "$system/huiqi/"
cp "$huiqi" "$system/usr/local/bin/huiqi"
cat >"$system/huiqi/checks.sh" <<'CHECKS'
set -euo pipefail
cd /huiqi/editors
HOME=$(mktemp -d)
export HOME LC_ALL=C.UTF-8
echo "$(emacs --version | head -1): tree-sitter"
bash emacs/build.sh "$HOME/parser"
HUIQI_PARSER=$HOME/parser HUIQI_POLICIES=/huiqi/policies timeout 300 \
  emacs -Q --batch -L emacs -l test/emacs-tree-sitter.el -f ert-run-tests-batch-and-exit
HUIQI_POLICIES=/huiqi/policies timeout 300 emacs -Q --batch -L emacs -l test/emacs.el -f ert-run-tests-batch-and-exit
bash neovim/build.sh
HUIQI_POLICY=$HOME/甲.hq timeout 60 nvim --headless -i NONE -u NONE --cmd "set runtimepath^=$PWD/vim,$PWD/neovim" \
  --cmd "filetype plugin on" --cmd "runtime! plugin/huiqi.lua" -S test/neovim.lua
hx --version
bash helix/install.sh
hx --health huiqi
timeout 300 python3 test/helix.py
CHECKS
# The mounts are seen by these commands only, and end with them.
unshare --mount bash -c "mount -t proc proc '$system/proc' && mount --rbind /dev '$system/dev' && exec chroot '$system' bash /huiqi/checks.sh"
