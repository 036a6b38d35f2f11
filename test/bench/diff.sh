#!/usr/bin/env bash
# Runs the benchmark of another revision and of this one in turn and prints
# both: REV's, this one's, REV's, this one's. A ratio that moved in both pairs
# has moved; one that moved in one is noise.
#
#   test/bench/diff.sh [REV]     (default: main, or HEAD~1 where that is HEAD)
set -euo pipefail
cd "$(dirname "$0")/../.."
rev=${1:-main}
if [ $# -eq 0 ] && [ "$(git rev-parse main)" = "$(git rev-parse HEAD)" ]; then
  rev=HEAD~1
fi
base=$PWD/build/bench-base
git worktree remove --force "$base" 2>/dev/null || true
git worktree add --quiet --detach "$base" "$rev"
trap 'git worktree remove --force "$base"' EXIT
(cd "$base/test" && go build -o "$base/bench.bin" ./bench)
(cd test && go build -o ../build/bench ./bench)
name=$(git describe --always "$rev")
for pair in 1 2; do
  echo "== $name, run $pair of 2"
  (cd "$base/test" && "$base/bench.bin")
  echo "== this, run $pair of 2"
  (cd test && ../build/bench)
done
