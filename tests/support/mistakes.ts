import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { formatDiagnostics, type Diagnostic } from "../../config/diagnostics";
import { parseConfig } from "../../config/load";
import { readStackConfig } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";

/** Keys of a sound stack file, as YAML. */
const SOUND: Record<string, string> = {
  "aws:region": "eu-west-1",
  "aws:allowedAccountIds": '["111122223333"]',
  accountId: '"111122223333"',
  contact: "platform@acme.example",
  findings: "{ subscriptions: [{ protocol: email, endpoint: platform@acme.example }] }",
  teams: "[{ name: payments, contact: payments@acme.example, services: [{ name: api }] }]",
};

/** A mistake in a stack file, and what is reported. */
export interface Mistake {
  /** What somebody wrote. */
  mistake: string;
  /** Keys of the stack's config, as YAML. They replace those of a sound stack. */
  yaml: string;
  /** Keys beside `config`, as YAML. */
  outside?: string;
  /** Default dev. */
  stack?: string;
  /** Each problem as `key = value | rule | fix`. Default none. */
  says?: string[];
}

/** A stack file's diagnostics, or why it cannot be read. */
export function checked({
  yaml,
  outside = "",
  stack = "dev",
}: Omit<Mistake, "mistake" | "says">): Diagnostic[] | UserError {
  const written = [...yaml.matchAll(/^([\w-]+(?::\w+)?):(?=\s|$)/gm)].map(([, key]) => key);
  const lines = [
    ...Object.entries(SOUND).flatMap(([key, value]) => (written.includes(key) ? [] : [`${key}: ${value}`])),
    ...yaml.split("\n"),
  ];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-mistakes-"));
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: ecr-platform\nruntime: nodejs\n");
  try {
    const text = ["config:", ...lines.map((line) => `  ${line}`), outside].join("\n");
    return parseConfig(readStackConfig(folder, stack, text)).diagnostics;
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What is reported of a stack file: each problem as `key = value | rule | fix`. */
export function reportOf(file: Parameters<typeof checked>[0]): string[] {
  const result = checked(file);
  return result instanceof UserError
    ? [`${result.problem} | ${result.fix}`]
    : result.map((one) =>
        formatDiagnostics([one])
          .trim()
          .replace(/\n {4}(?:rule|fix): +/g, " | "),
      );
}

/** One test per mistake: the whole report is as expected. */
export function mistakes(title: string, rows: readonly Mistake[]): void {
  describe(title, () => {
    for (const { mistake, says = [], ...file } of rows) {
      it(mistake, () => assert.deepEqual(reportOf(file), says));
    }
  });
}
