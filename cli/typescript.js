// Loads TypeScript as JavaScript: swc's output of each file is kept in node_modules/.cache, by the digest of what it
// was made of. ts-node would do the same, but it loads the compiler of TypeScript and transpiles everything again at
// each start (docs/performance.md).
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const OPTIONS = {
  jsc: { target: "es2022", parser: { syntax: "typescript" } },
  module: { type: "commonjs" },
  sourceMaps: "inline",
  swcrc: false,
};
const SETTINGS = JSON.stringify([OPTIONS, require("@swc/core/package.json").version]);
const FOLDER = path.join(__dirname, "../node_modules/.cache/ecr-platform/swc");

function transpiled(filename) {
  const source = fs.readFileSync(filename, "utf8");
  const digest = createHash("sha256")
    .update(JSON.stringify([SETTINGS, filename, source]))
    .digest("hex");
  const kept = path.join(FOLDER, `${digest}.js`);
  try {
    return fs.readFileSync(kept, "utf8");
  } catch {
    // Not transpiled yet.
  }
  const { code } = require("@swc/core").transformSync(source, { ...OPTIONS, filename });
  try {
    const temporary = `${kept}.${process.pid}`;
    fs.mkdirSync(FOLDER, { recursive: true });
    fs.writeFileSync(temporary, code);
    fs.renameSync(temporary, kept);
  } catch {
    // A folder that cannot be written to costs the next start time, and nothing else.
  }
  return code;
}

require.extensions[".ts"] = (module, filename) => module._compile(transpiled(filename), filename);

// Errors name the lines of the sources.
process.setSourceMapsEnabled(true);

// Pulumi's SDK loads these two at once, but uses them only to serialize functions, which no command does. That is a
// third of its time to load; so they wait until something of theirs is used.
const WHEN_USED = ["typescript", "@npmcli/arborist"];
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (!WHEN_USED.includes(request) || !/@pulumi.pulumi/.test(parent?.filename)) {
    return load.call(this, request, parent, ...rest);
  }
  return new Proxy({}, { get: (_, name) => name === "__esModule" || load(request, parent, ...rest)[name] });
};
