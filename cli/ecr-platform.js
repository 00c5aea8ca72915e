#!/usr/bin/env node
// Starts the commands transpiled, from wherever they are called: the types are checked by `npm run typecheck`.
process.env.TS_NODE_PROJECT ??= require("node:path").join(__dirname, "../tsconfig.json");
// The SDK of the day runs on Node 20; that a later one will not is nothing to tell at every call.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
require("ts-node/register/transpile-only");
require("./main");
