#!/usr/bin/env bash
# Puts a plan into one comment of the open pull request whose head is the given commit, and keeps it up to date.
# Usage: comment.sh <head commit> <file>; needs gh with GH_TOKEN, and GITHUB_REPOSITORY.
set -euo pipefail
head=$1
file=$2
marker='<!-- ecr-platform offline plan -->'

# The event names no pull request of a fork, and the fork is not asked which it is.
number=$(gh api --paginate "repos/$GITHUB_REPOSITORY/pulls?state=open&per_page=100" \
  --jq ".[] | select(.head.sha == \"$head\") | .number" | head -n 1)
if [ -z "$number" ]; then
  echo "no open pull request has the head $head: nothing to comment"
  exit 0
fi

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
  echo "$marker"
  # The text comes from the fork: it mentions nobody, and fits a comment.
  head -c 60000 "$file" | sed 's/@/@\xe2\x80\x8b/g'
} >"$body"

comment=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | head -n 1)
if [ -n "$comment" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" -F "body=@$body" --silent
  echo "updated comment $comment of pull request $number"
else
  gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" -F "body=@$body" --silent
  echo "commented on pull request $number"
fi
