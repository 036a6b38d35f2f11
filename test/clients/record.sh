#!/usr/bin/env bash
# Records the real clients anew, into build/recorded or the folder given, and
# prints their books against the log of the provider stand-in. The versions are
# pinned by the package-lock.json of each folder. Without Node 20 or newer and
# npm it prints from the committed recordings. To renew those:
#   test/clients/record.sh testdata/recorded
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
mkdir -p build
if command -v node >/dev/null && command -v npm >/dev/null; then
  folder=${1:-build/recorded}
  for packages in . ai5 ai7 anthropic-0137; do
    (cd "$here/$packages" && npm ci --no-progress --silent)
  done
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$here" && node record.mjs "$OLDPWD/$folder" 2>/dev/null) || { echo "a client could not be recorded: run 'node record.mjs FOLDER' in test/clients" >&2; exit 1; }
  echo "recorded anew with Node $(node --version):"
else
  [ "${CI:-}" = true ] && { echo "make clients needs Node and npm" >&2; exit 1; }
  folder=testdata/recorded
  echo "NOT RECORDED ANEW: Node or npm is missing. What follows is from the committed recordings." >&2
fi
table=$PWD/build/clients.txt
rm -f "$table"
rc=0
SPANLEDGER_RECORDED="$PWD/$folder" SPANLEDGER_CLIENTS_TABLE="$table" \
  go test -count=1 -run '^TestRealClientsBooksEqualTheProvidersLog$' ./processor/genaienricherprocessor > build/clients.log 2>&1 || rc=$?
cat "$table" || cat build/clients.log
[ "$rc" = 0 ] || { echo "books differ from the provider's log beyond the listed deviations: see build/clients.log" >&2; exit "$rc"; }
