#!/usr/bin/env bash
# Continuous integration, the same everywhere: .ci/run runs every group of steps, pull-request.yml one group per job.
# Prints a line for each step, the output of those that fail, and the totals of the tests at the end.
# Usage: ci.sh [group]...
set -uo pipefail
cd "$(dirname "$0")/.."
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
: >"$logs/tests"
failed=0

step() {
  local command=$1 start=$SECONDS
  if bash -c "$command" >"$logs/out" 2>&1 </dev/null; then
    echo "ok     $((SECONDS - start))s  $command"
  else
    echo "FAILED $((SECONDS - start))s  $command"
    tail -n 200 "$logs/out"
    failed=1
  fi
}

# A step whose tests count in the totals.
tests() {
  step "$1"
  cat "$logs/out" >>"$logs/tests"
}

plan() {
  step "npm run plan"
  step "npm run plan -- --all --json"
}
lint() {
  step "npm run typecheck"
  step "npm run lint"
  step "npm run lint:workflows"
}
unit() {
  tests "npm test"
}
other-nodes() {
  tests "npm run test:node -- 22"
  tests "npm run test:node -- 24"
}
bench() {
  step "npm run bench -- 10"
}
preflight() {
  step "npm run preflight:setup"
  step "npm run preflight"
  tests "npm run test:preflight"
}
api() {
  step "npm run api:setup"
  tests "npm run test:api"
}
engine() {
  step "npm run engine:setup"
  tests "npm run test:engine"
}
groups=(plan lint unit other-nodes bench preflight api engine)

for group in "$@"; do
  if [[ " ${groups[*]} " != *" $group "* ]]; then
    echo "no group of steps is named $group; there are: ${groups[*]}" >&2
    exit 2
  fi
done
step "npm ci"
for group in "${@:-${groups[@]}}"; do
  "$group"
done

# The sum of mocha's totals of one kind.
total() {
  sed -nE "s/^ *([0-9]+) $1.*/\\1/p" "$logs/tests" | awk '{ sum += $1 } END { print sum + 0 }'
}
echo "$(total passing) passed, $(total failing) failed, $(total pending) skipped"
exit "$failed"
