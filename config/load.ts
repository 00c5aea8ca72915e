import * as pulumi from "@pulumi/pulumi";
import { parseStack, type Parsed } from "./parse";
import { inDigits } from "../aws/limits";
import { ConfigError, diagnostic, formatDiagnostics, type Diagnostic } from "./diagnostics";
import { stackConfigSchema } from "./json-schema";
import type { Settings } from "./settings";
import { nearest } from "./suggest";
import { readTeamFiles, withTeamFiles, type TeamFileText } from "./team-files";

/** A value as Pulumi hands it over, always text, in the type that the schema wants at that key. */
function typed(key: string, text: string): unknown {
  if (stackConfigSchema().properties?.[key]?.type === "string") {
    // Pulumi.yaml's defaults cannot be absent, so empty text stands for it.
    return text === "" ? undefined : text;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The keys of one namespace of a config, without their prefix. */
function namespaceOf(config: Record<string, string>, namespace: string): Record<string, string> {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/** A stack's config as Pulumi hands it to a program. */
export interface StackToRun {
  project: string;
  stack: string;
  /** Texts by namespaced key. */
  config: Record<string, string>;
  /** What is wrong with how the stack's file is written, which only its text shows. Default nothing. */
  misread?: readonly Diagnostic[];
  /** The project's folder, below which team files are. Default the process's, as in a program that Pulumi runs. */
  directory?: string;
  /** Reads the team files that globs match. Default those in the folder. */
  readFiles?: (globs: readonly string[]) => TeamFileText[];
}

/**
 * The most that Linux takes in one environment variable, with its name and the zero at its end: MAX_ARG_STRLEN of
 * https://man7.org/linux/man-pages/man2/execve.2.html
 */
const MAX_VARIABLE = 131_072;

/** JSON as Pulumi's own encoder writes it, which escapes more: https://pkg.go.dev/encoding/json#HTMLEscape */
function asGoWrites(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The problem of a config that is too large for any program: the language host starts it with the whole config in one
 * environment variable, `PULUMI_CONFIG`. https://github.com/pulumi/pulumi/issues/8680
 */
function tooLarge({ project, config }: StackToRun): Diagnostic[] {
  const size = (text: string) =>
    Buffer.byteLength(asGoWrites(JSON.stringify(/^[[{]/.test(text) ? asGoWrites(text) : text)));
  const texts = Object.entries(config).map(([key, text]) => ({ key, bytes: size(text) }));
  const bytes = texts.reduce((sum, one) => sum + size(one.key.replace(":", ":config:")) + one.bytes + 2, 1);
  const most = MAX_VARIABLE - "PULUMI_CONFIG=\0".length;
  const [largest] = texts.sort((a, b) => b.bytes - a.bytes);
  if (bytes <= most || largest === undefined) {
    return [];
  }
  return [
    diagnostic({
      severity: "error",
      key: largest.key.replace(`${project}:`, ""),
      value: `${inDigits(largest.bytes)} bytes`,
      rule: `the stack's config takes ${inDigits(bytes)} bytes, and Pulumi can pass at most ${inDigits(most)} to a program: it is one environment variable (Linux: MAX_ARG_STRLEN)`,
      fix:
        largest.key === `${project}:teams`
          ? "move teams to files of their own: docs/team-files.md"
          : "shorten its lists, or move teams to files of their own: docs/team-files.md",
    }),
  ];
}

/** Keys of this project whose prefix is mistyped. Other prefixes are those of providers. */
function mistyped({ project, config }: StackToRun): Diagnostic[] {
  return Object.keys(config).flatMap((key): Diagnostic[] => {
    const [prefix = "", name = ""] = key.split(":", 2);
    const near = prefix.toLowerCase().replaceAll("_", "-");
    const known = Object.hasOwn(stackConfigSchema().properties ?? {}, name);
    return known && prefix !== project && nearest(near, [project]) !== undefined
      ? [
          diagnostic({
            severity: "error",
            key,
            // Pulumi hands secrets over in plain text.
            value: "[not read]",
            rule: "the prefix of this project's keys is its name, so nothing reads this one",
            fix: `write ${project}:${name}`,
          }),
        ]
      : [];
  });
}

/**
 * Checks a stack's config before Pulumi runs it, with the team files that it names. Never throws: what is wrong comes
 * back as diagnostics.
 */
export function parseConfig(toRun: StackToRun): Parsed {
  const parsed = parseTexts(toRun);
  const { misread = [] } = toRun;
  const errors = [...misread, ...tooLarge(toRun)];
  const others = parsed.diagnostics.filter(({ key, file }) =>
    misread.every((one) => one.key !== key || file !== undefined),
  );
  return errors.length === 0
    ? parsed
    : { ...parsed, settings: undefined, diagnostics: [...others, ...errors] };
}

/** The project's own keys, without their prefix. */
export function ownKeys({ project, config }: StackToRun): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(namespaceOf(config, project))
      .map(([key, text]): [string, unknown] => [key, typed(key, text)])
      .filter(([, value]) => value !== undefined),
  );
}

/** A stack's config with the teams of its team files in `teams`: what a program can be given that must not read the files. */
export function withTeamsInside(toRun: StackToRun): Record<string, string> {
  const { project, stack, config, readFiles } = toRun;
  const { teamsFrom, teams } = withTeamFiles(ownKeys(toRun), { stack, readFiles }).raw as Record<
    string,
    unknown
  >;
  if (teamsFrom === undefined) {
    return config;
  }
  const { [`${project}:teamsFrom`]: _, ...others } = config;
  return { ...others, [`${project}:teams`]: JSON.stringify(teams ?? []) };
}

function parseTexts(toRun: StackToRun): Parsed {
  const { project, stack, config, directory = process.cwd() } = toRun;
  const aws = namespaceOf(config, "aws");
  const parsed = parseStack(ownKeys(toRun), {
    project,
    stack,
    region: aws.region ?? "",
    allowedAccountIds:
      aws.allowedAccountIds === undefined ? undefined : typed("allowedAccountIds", aws.allowedAccountIds),
    readFiles: toRun.readFiles ?? ((globs) => readTeamFiles(directory, globs)),
  });
  const errors = mistyped(toRun);
  if (errors.length === 0) {
    return parsed;
  }
  // A key that is missing because its prefix is mistyped is not missing as well.
  const others = parsed.diagnostics.filter(
    ({ key, value }) => value !== undefined || errors.every((one) => one.key.split(":")[1] !== key),
  );
  return { ...parsed, settings: undefined, diagnostics: [...errors, ...others] };
}

/**
 * The settings of a config that was checked.
 * @throws ConfigError with every error
 */
export function settingsOf(stack: string, { settings, diagnostics }: Parsed): Settings {
  if (settings === undefined) {
    throw new ConfigError(
      stack,
      diagnostics.filter(({ severity }) => severity === "error"),
    );
  }
  return settings;
}

/**
 * Reads the running stack's config: the only place that does. Warnings are logged.
 * @throws ConfigError with every problem, before any resource is declared
 */
export function loadSettings(): Settings {
  const stack = pulumi.getStack();
  const parsed = parseTexts({
    project: pulumi.getProject(),
    stack,
    config: pulumi.runtime.allConfig(),
  });
  const settings = settingsOf(stack, parsed);
  for (const warning of parsed.diagnostics) {
    void pulumi.log.warn(`Pulumi.${stack}.yaml, warning:\n${formatDiagnostics([warning])}`);
  }
  return settings;
}
