// Which folder may import which: docs/architecture.md draws it, `npm run lint` holds it.
const ALLOWED = {
  aws: [],
  documents: ["aws"],
  config: ["documents", "aws"],
  components: ["config", "documents", "aws"],
  images: ["documents", "aws"],
  functions: ["images", "documents", "aws"],
  policies: [],
  plan: ["images", "config", "documents", "aws", "policies"],
  cli: ["plan", "images", "config", "documents", "aws"],
  "index[.]ts": ["components", "config", "documents", "aws", "outputs[.]ts"],
  "outputs[.]ts": [],
};
const OURS = [...Object.keys(ALLOWED), "tests", "preflight", "bench", "scripts"];
/** What people, Pulumi, Lambda or another process starts. */
const PROGRAMS =
  "^(index|functions/(clean-up|metrics)|policies/index|plan/worker)[.]ts$|^cli/ecr-platform[.]js$";
const under = (parts) => `^(${parts.join("|")})(/|$)`;

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(ALLOWED).map(([part, allowed]) => ({
      name: `${part.replace("[.]", ".")} imports only ${allowed.join(", ").replace("[.]", ".") || "itself"}`,
      severity: "error",
      from: { path: under([part]) },
      to: {
        path: under(OURS),
        pathNot: under([part, ...allowed]),
      },
    })),
    {
      name: "components take settings: of config they import only types",
      severity: "error",
      from: { path: under(["components"]) },
      to: { path: under(["config"]), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "aws and documents are facts and pure functions: no resources, no API, no files",
      severity: "error",
      from: { path: under(["aws", "documents"]) },
      to: { path: "node_modules/@(pulumi|aws-sdk)/|^(fs|http|https|net|child_process)$" },
    },
    {
      name: "only tests and the bench import tests, or @cloud-copilot, which is AGPL-3.0",
      severity: "error",
      from: { pathNot: under(["tests", "bench"]) },
      to: { path: "^tests/|(^|/)@cloud-copilot/" },
    },
    { name: "no import leads back to its own file", severity: "error", from: {}, to: { circular: true } },
    {
      name: "what no program reaches is removed, or imported by its list: index.ts, cli/main.ts, policies/rules.ts",
      severity: "error",
      from: { path: PROGRAMS },
      to: { path: under(Object.keys(ALLOWED)), pathNot: PROGRAMS, reachable: false },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(bin|[.]engine|[.]emulator)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
