#!/usr/bin/env node
// Starts the commands transpiled, from wherever they are called: the types are checked by `npm run typecheck`.
const path = require("node:path");
// Node 22 and later keep the compiled code of all modules from one start to the next.
require("node:module").enableCompileCache?.(path.join(__dirname, "../node_modules/.cache/ecr-platform/node"));
// The SDK of the day runs on Node 20; that a later one will not is nothing to tell at every call.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
require("./typescript");
require("./main");
