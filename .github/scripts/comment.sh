#!/usr/bin/env bash
# Puts a plan into one comment of the open pull request whose head is the given commit, and keeps it up to date; labels
# the pull request with the plan's risks.
# Usage: comment.sh <head commit> <file>; needs gh with GH_TOKEN, jq, and GITHUB_REPOSITORY.
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
# The text may come from a fork: it mentions nobody. A plan fits a comment, and what is not a plan is cut.
jq --raw-input --slurp --join-output --arg marker "$marker" '
  $marker + "\n" + gsub("@"; "@\u200b")
  | if length > 65000 then .[0:64900] + "\n\n> [!CAUTION]\n> This is not the whole text: it is longer than a comment may be." else . end
' "$file" >"$body"

comment=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | head -n 1)
if [ -n "$comment" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" -F "body=@$body" --silent
  echo "updated comment $comment of pull request $number"
else
  gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" -F "body=@$body" --silent
  echo "commented on pull request $number"
fi

# The plan names its risks in its first line. No other label is touched.
risks=$(sed -n '1s/^<!-- risks: \(.*\)-->$/\1/p' "$file")
labels=$(gh api "repos/$GITHUB_REPOSITORY/issues/$number/labels?per_page=100" --jq '.[].name')
for risk in deletes access protection scanning cost; do
  has=$(grep -cx "risk: $risk" <<<"$labels" || true)
  case " $risks " in
  *" $risk "*)
    [ "$has" != 0 ] || gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/labels" -f "labels[]=risk: $risk" --silent
    ;;
  *)
    [ "$has" = 0 ] || gh api --method DELETE "repos/$GITHUB_REPOSITORY/issues/$number/labels/risk:%20$risk" --silent
    ;;
  esac
done
