#!/usr/bin/env bash
# Runs the unit tests on another major version of Node, which comes as an npm package.
# Usage: npm run test:node -- <major version>
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: npm run test:node -- <major version of Node>" >&2
  exit 2
fi
package=$(node -p '`node-${process.platform}-${process.arch}`')
exec npx --yes --package="$package@$1" -- bash -c 'node --version && npm test'
