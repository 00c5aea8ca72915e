import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { pythonIn } from "../scripts/python";
import type { Finding } from "./exceptions";
import type { Template } from "./template";

/** The Python environment that `npm run preflight:setup` makes. */
export const CHECKOV_FOLDER = path.join(__dirname, ".venv");

const check = z.object({
  check_id: z.string(),
  check_name: z.string(),
  file_path: z.string(),
  resource: z.string(),
});
const report = z.object({
  results: z.object({
    passed_checks: z.array(check),
    failed_checks: z.array(check),
    parsing_errors: z.array(z.string()),
  }),
});

/** What checkov says of templates, each by the key under which it was given. */
export interface CheckovResult {
  /** Ids of the policies that looked at a resource. */
  ran: Set<string>;
  failed: Map<string, Finding[]>;
}

/**
 * Holds templates to checkov's policies, offline.
 * @throws Error where checkov did not read one of them
 */
export function checkov(templates: ReadonlyMap<string, Template>): CheckovResult {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-preflight-"));
  try {
    const keys = [...templates.keys()];
    keys.forEach((key, i) => {
      fs.writeFileSync(path.join(folder, `${i}.json`), JSON.stringify(templates.get(key)));
    });
    const { stdout, stderr, error } = spawnSync(
      pythonIn(CHECKOV_FOLDER),
      // prettier-ignore
      ["-m", "checkov.main", "--directory", folder, "--framework", "cloudformation", "--output", "json", "--compact", "--skip-download"],
      { encoding: "utf8", maxBuffer: 1 << 30 },
    );
    if (error !== undefined) {
      throw error;
    }
    const parsed = report.safeParse(json(stdout));
    if (!parsed.success) {
      throw new Error(`checkov gave no report: ${stderr || stdout.slice(0, 500)}`);
    }
    const { passed_checks, failed_checks, parsing_errors } = parsed.data.results;
    if (parsing_errors.length > 0) {
      throw new Error(`checkov could not read ${parsing_errors.join(", ")}`);
    }
    const keyOf = (file: string) => keys[Number(path.basename(file, ".json"))] ?? "";
    const failed = new Map<string, Finding[]>(keys.map((key) => [key, []]));
    for (const { check_id, check_name, file_path, resource } of failed_checks) {
      const id = resource.split(".").at(-1) ?? "";
      failed.get(keyOf(file_path))?.push({ rule: check_id, id, path: "", message: check_name });
    }
    return { ran: new Set([...passed_checks, ...failed_checks].map(({ check_id }) => check_id)), failed };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
