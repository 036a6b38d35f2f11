#!/usr/bin/env bash
# Records the real clients again. Needs Node 20 or newer and npm; the versions
# are pinned in package.json and package-lock.json.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "SKIPPED: make clients needs Node and npm; the committed recordings are used by the tests" >&2
  [ "${CI:-}" = true ] && exit 1
  exit 0
fi
npm ci --no-progress --silent
node record.mjs "$@"
