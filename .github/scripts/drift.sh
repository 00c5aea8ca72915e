#!/usr/bin/env bash
# Looks for drift of a stack. With drift, opens an issue or updates the one that is open; without, closes it.
# Usage: drift.sh <stack>; needs pulumi logged in, gh with GH_TOKEN, and GITHUB_REPOSITORY.
set -euo pipefail
stack=$1
title="Drift in $stack"
out=$(mktemp)
trap 'rm -f "$out" "$out.body"' EXIT

status=0
pulumi refresh --preview-only --expect-no-changes --diff --stack "$stack" --non-interactive --color never \
  >"$out" 2>&1 || status=$?
cat "$out"
number=$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --search "in:title \"$title\"" \
  --json number,title --jq ".[] | select(.title == \"$title\") | .number" | head -n 1)

if [ "$status" -eq 0 ]; then
  if [ -n "$number" ]; then
    gh issue close "$number" --repo "$GITHUB_REPOSITORY" --comment "The drift is gone."
  fi
  exit 0
fi
if ! grep -Eq "no changes were expected (for [a-z ]+ )?but changes were proposed" "$out"; then
  echo "the refresh itself failed; that is no drift" >&2
  exit "$status"
fi

{
  echo "What AWS has differs from the state of \`$stack\`. Either undo the change in AWS (\`pulumi up\` does), or take"
  echo "it into the program and run \`pulumi refresh\`."
  echo
  echo '```text'
  # Backticks would end the block.
  head -c 60000 "$out" | sed 's/```/'"'''"'/g'
  echo '```'
} >"$out.body"
if [ -n "$number" ]; then
  gh issue edit "$number" --repo "$GITHUB_REPOSITORY" --body-file "$out.body"
else
  gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --body-file "$out.body"
fi
