import * as fs from "node:fs";
import type { Command } from "commander";
import { checkStacks } from "../../config/checks/stacks";
import { email, regionName, slug } from "../../config/formats";
import { parseConfig, settingsOf } from "../../config/load";
import { unexplain } from "../../documents/values";
import { AUTO_PRODUCTION } from "../../config/settings";
import { formatDiagnostics, keyPath } from "../../config/diagnostics";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { reportOf } from "../../plan/report";
import { usd } from "../../plan/words";
import { runProgram } from "../../plan/run";
import { readStackConfig, stackFile, stacksOf } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { ask, consents, requireConsent, type WriteOptions } from "../ask";
import { stackOption } from "../options";
import { print, withProgress } from "../output";
import { replaceFiles } from "../replace-files";
import { StackEditor } from "../stack-editor";
import type { Path } from "../yaml-text";

interface NewEnvOptions extends WriteOptions {
  from: string;
  account?: string;
  region?: string;
  contact?: string;
}

/** A value that was left out or has to be looked at, with the reason. */
interface Note {
  key: string;
  why: string;
}

const REGION: Path = ["config", "aws:region"];
const ACCOUNT_ID = /^\d{12}$/;

/** What only the stack has that a file was made for, with the reason to leave it out. */
function ofOneStack(editor: StackEditor): [Path, string][] {
  return [
    [["encryptionsalt"], "secrets are encrypted for one stack"],
    [["secretsprovider"], "secrets are encrypted for one stack"],
    [["encryptedkey"], "secrets are encrypted for one stack"],
    [editor.path("environment"), "the environment is the new stack's name"],
    [editor.path("network", "existing"), "ids of the other account"],
    [editor.path("network", "allowedSecurityGroups"), "ids of the other account"],
    [editor.path("network", "allowedPrefixLists"), "ids of the other account"],
  ];
}

/** A path as the config's reports write it. */
function keyOf({ project }: StackEditor, path: Path): string {
  return keyPath(path[0] === "config" ? path.slice(1) : path).replace(`${project}:`, "");
}

function isSecret(value: unknown): boolean {
  return value !== null && typeof value === "object" && Object.keys(value).join() === "secure";
}

/** Each value in data with its path, the outer before the inner. */
function* valuesIn(data: unknown, path: Path = []): Generator<[Path, unknown]> {
  yield [path, data];
  if (data !== null && typeof data === "object") {
    for (const [key, inner] of Object.entries(data)) {
      yield* valuesIn(inner, [...path, Array.isArray(data) ? Number(key) : key]);
    }
  }
}

/** Removes encrypted values, each with the list's element that would lack it. */
function removeSecrets(editor: StackEditor): Note[] {
  const { yaml } = editor;
  const secrets = [...valuesIn(yaml.get([]))].flatMap(([path, value]) => (isSecret(value) ? [path] : []));
  const removed = new Set<string>();
  // From the end, so that no index moves.
  for (const path of [...secrets].reverse()) {
    const element = path.slice(0, path.findLastIndex((part) => typeof part === "number") + 1);
    const whole = element.length === 0 ? path : element;
    if (!removed.has(whole.join())) {
      removed.add(whole.join());
      yaml.remove(whole);
    }
  }
  return secrets.map((path) => ({
    key: keyOf(editor, path),
    why: "a secret, encrypted for one stack; set it with pulumi config set --secret",
  }));
}

/** Makes another environment's file of a stack's: account and region in every value, without what only the first has. */
function retarget(
  editor: StackEditor,
  from: { account: string; region: string },
  to: { account: string; region: string; contact: string | undefined },
): Note[] {
  const { yaml } = editor;
  const left: Note[] = [];
  const leaveOut = (path: Path, why: string) => {
    if (yaml.get(path) !== undefined) {
      yaml.remove(path);
      left.push({ key: keyOf(editor, path), why });
    }
  };
  left.push(...removeSecrets(editor));
  const vpc = yaml.get(editor.path("network", "vpc"));
  if (vpc !== undefined && (vpc as { cidr?: string }).cidr === undefined) {
    leaveOut(
      editor.path("network"),
      "a VPC of the other account; see docs/getting-started.md, Bringing the network",
    );
  }
  for (const [path, why] of ofOneStack(editor)) {
    leaveOut(path, why);
  }
  yaml.replaceInValues((text) =>
    text
      .replaceAll(from.account || to.account, to.account)
      .replaceAll(`:${from.region || to.region}:`, `:${to.region}:`),
  );
  // Account and region may come from Pulumi.yaml: then the file gets them, behind its first key.
  const first = Object.keys(yaml.get(["config"]) ?? {})[0];
  yaml.set(REGION, to.region, first);
  yaml.set(editor.path("accountId"), to.account, first);
  if (to.contact !== undefined) {
    yaml.set(editor.path("contact"), to.contact, first);
  }
  return left;
}

/** What was copied and may not be right: values, and comments that name a stack. */
function toCheck(
  editor: StackEditor,
  stacks: readonly string[],
  to: { account: string; from: string },
): Note[] {
  const { yaml } = editor;
  const whyOf = (path: Path, value: unknown): string | undefined => {
    const key = path.at(-1);
    if (value === true && key === "forceDelete") {
      return "destroying a repository deletes its images";
    }
    if (value === "delete" && key === "mode") {
      return "clean-up deletes; begin with dry-run";
    }
    if (typeof value !== "string") {
      return undefined;
    }
    if (value.startsWith("arn:")) {
      return value.includes(`:${to.account}:`)
        ? `was made from the ARN in ${to.from}, and has to exist`
        : `an ARN of another account, as in ${to.from}`;
    }
    return email.safeParse(value).success ? `a mail address, as in ${to.from}` : undefined;
  };
  const values = [...valuesIn(yaml.get([]))].flatMap(([path, value]) => {
    const why = whyOf(path, value);
    return why === undefined ? [] : [{ key: `${keyOf(editor, path)} = ${String(value)}`, why }];
  });
  const names = new RegExp(`#.*\\b(${stacks.join("|")})\\b.*`);
  const comments = yaml.text.split(/\r?\n/).flatMap((line, i) => {
    const [comment] = names.exec(line) ?? [];
    return comment === undefined ? [] : [{ key: `line ${i + 1}: ${comment}`, why: "a comment" }];
  });
  return [...values, ...comments];
}

/** `new-env`: a stack file for a new environment, made of one that there is. */
export function configure(command: Command, directory: string): void {
  command
    .argument("<name>", "the environment, and its stack")
    .addOption(stackOption(directory, "the stack to begin with", "--from <stack>"))
    .option("--account <id>", "the AWS account, twelve digits")
    .option("--region <name>", "the region. Default that of --from")
    .option("--contact <mail>", "the registry's owners. Default those of --from")
    .option("--dry-run", "only show what would be written")
    .option("-y, --yes", "write without asking")
    .option("--json", "print JSON")
    .action((name: string, options: NewEnvOptions) => newEnv(directory, name, options));
}

/** @throws UserError where a value is not in its format */
function hold(value: string, format: typeof slug): void {
  const checked = format.safeParse(value);
  if (!checked.success) {
    const { rule, fix } = unexplain(checked.error.issues[0]?.message ?? "");
    throw new UserError(`${value}: ${rule}`, fix);
  }
}

async function newEnv(directory: string, name: string, options: NewEnvOptions): Promise<void> {
  requireConsent(options);
  hold(name, slug);
  if (fs.existsSync(stackFile(directory, name))) {
    throw new UserError(`Pulumi.${name}.yaml exists already`, "edit it, or choose another name");
  }
  const editor = new StackEditor(directory, name, { from: options.from });
  const { yaml } = editor;
  const answers = await ask<"account">(
    options.account === undefined
      ? {
          account: {
            flag: "--account",
            message: "AWS account, twelve digits",
            validate: (answer) => ACCOUNT_ID.test(answer) || "exactly twelve digits",
          },
        }
      : {},
  );
  const account = options.account ?? answers.account ?? "";
  if (!ACCOUNT_ID.test(account)) {
    throw new UserError(
      `${account} is not an account's id: it has exactly twelve digits`,
      "copy it from the account, with its zeros",
    );
  }
  const { project, config } = editor.toRunBefore();
  const from = { account: config[`${project}:accountId`] ?? "", region: config["aws:region"] ?? "" };
  const region = options.region ?? from.region;
  hold(region, regionName);
  if (options.contact !== undefined) {
    hold(options.contact, email);
  }

  const left = retarget(editor, from, { account, region, contact: options.contact });
  const others = stacksOf(directory).map((stack) => parseConfig(readStackConfig(directory, stack)));
  const parsed = () => parseConfig(editor.toRun());
  const source = parseConfig({ ...editor.toRunBefore(), stack: options.from }).settings;
  // A copy of a production stack is one, whatever its name; a copy of another is not, where auto does not decide.
  const auto = AUTO_PRODUCTION.get(name);
  if (source !== undefined && (source.production ? auto !== true : auto === undefined)) {
    yaml.set(
      editor.path("production"),
      source.production ? "yes" : "no",
      String(editor.path("accountId").at(-1)),
    );
  }
  const settings = settingsOf(name, parsed());
  const { diagnose } = parsed();
  const between = checkStacks([...others.flatMap((one) => one.settings ?? []), settings])
    .filter(({ stack }) => stack === name)
    .map(({ key, ...advice }) => diagnose("error", key, advice));
  if (between.length > 0) {
    throw new UserError(
      `${name} cannot be in account ${account} beside the stack that is there:\n${formatDiagnostics(between)}`,
      `name another --account; to share this one, copy Pulumi.${options.from}.yaml by hand and change these keys`,
    );
  }
  const check = toCheck(editor, stacksOf(directory), { account, from: options.from });

  const {
    total,
    cost,
    warnings,
    protected: kept,
  } = await withProgress("planning", async (progress) => {
    progress(0, 1);
    return reportOf(await runProgram(directory, editor.toRun()), DEFAULT_ASSUMPTIONS);
  });
  if (options.json !== true) {
    print(false, undefined, () =>
      [
        `Pulumi.${name}.yaml: account ${settings.place.accountId}, ${settings.place.region}, ${total} resources, ${kept.length} of them protected, about ${usd(cost.total)} a month`,
        ...(settings.production ? ["  production  what holds data is protected and retained"] : []),
        ...left.map(({ key, why }) => `  left out    ${key}: ${why}`),
        ...check.map(({ key, why }) => `  check       ${key}: ${why}`),
        `  check       teams, sharing, and what clean-up looks at: as in ${options.from}`,
        ...warnings.map((warning) => `  warning     ${warning}`),
      ].join("\n"),
    );
  }
  const write = await consents(`Write Pulumi.${name}.yaml?`, options);
  if (write) {
    await replaceFiles(editor.replacements());
  }
  print(
    options.json,
    {
      stack: name,
      file: write ? editor.file : null,
      production: settings.production,
      leftOut: left,
      check,
      resources: total,
      protected: kept.length,
      usdPerMonth: cost.total,
      warnings,
    },
    () =>
      write
        ? [
            `wrote Pulumi.${name}.yaml. Next: go through what is to be checked, add ${name} to the stacks in .github/workflows/, then`,
            ...(settings.production && AUTO_PRODUCTION.get(settings.environment) !== true
              ? [
                  `  add ${settings.environment} to the environments of production-protected in the policy pack's config (docs/policies.md)`,
                ]
              : []),
            `  npx --offline ecr-platform plan --stack ${name}`,
            `  npx --offline ecr-platform doctor --stack ${name}`,
            `  pulumi stack init ${name}`,
          ].join("\n")
        : "nothing was written",
  );
}
