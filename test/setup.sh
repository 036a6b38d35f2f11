#!/usr/bin/env bash
# Gets what some tests need beyond Go, into build/tools and nowhere else:
# promtool, unpacked from Debian's package without installing it. Where that
# cannot be had the tests that want it skip loudly, and fail with CI=true.
set -uo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/build/tools
command -v promtool >/dev/null && exit 0
[ -x "$tools/promtool" ] && exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "test/setup.sh: no promtool and no Debian packages here; its checks will be skipped" >&2
  exit 0
fi
mkdir -p "$tools/deb" && cd "$tools/deb" || exit 0
apt-get download prometheus >/dev/null 2>&1 ||
  { [ "$(id -u)" = 0 ] && apt-get update >/dev/null 2>&1 && apt-get download prometheus >/dev/null 2>&1; } ||
  { echo "test/setup.sh: promtool cannot be had; its checks will be skipped" >&2; exit 0; }
dpkg -x prometheus_*.deb . && mv usr/bin/promtool "$tools/promtool" && rm -rf "$tools/deb"
