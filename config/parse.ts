import type { Advice } from "../documents/values";
import { crossChecks } from "./checks";
import { REPOSITORY_DEFAULTS } from "./defaults";
import { diagnostic, valueAt, type Diagnostic } from "./diagnostics";
import { adviceOf, reservedKeys } from "./issues";
import { wellFormed, type Salvaged } from "./salvage";
import { stackConfigSchema } from "./json-schema";
import { stackConfig } from "./schema";
import { resolve, type Settings, type Surroundings } from "./settings";
import { withTeamFiles, type TeamFileText } from "./team-files";

/** What a stack's config came to: its settings where nothing is wrong, and everything there is to say. */
export interface Parsed {
  /** Undefined where a diagnostic is an error. */
  settings: Settings | undefined;
  /** Errors and warnings, in the order of the stack file's parts. */
  diagnostics: Diagnostic[];
  /** A diagnostic about one of the config's keys, for what only several stacks show. */
  diagnose: (severity: Diagnostic["severity"], key: string, advice: Advice) => Diagnostic;
}

/** Whether a key is another one, or lies below it. */
function within(inner: string, outer: string): boolean {
  return inner === outer || /^[.[]/.test(inner.startsWith(outer) ? inner.slice(outer.length) : "");
}

/** What the boundary gets besides the project's own keys. */
export type Around = Surroundings & {
  allowedAccountIds: unknown;
  /** Reads the team files that globs match. Default none. */
  readFiles?: (globs: readonly string[]) => TeamFileText[];
};

/** Words of a text that may be paths of list elements, such as `teams[0].services[1]`. */
const PATHS = /[\w.[\]]+/g;

/**
 * Checks a stack's config and resolves it into settings. Pure, and never throws: whatever the input, what
 * is wrong with it comes back as diagnostics, all in one report.
 * @param written the project's own keys, by name without the namespace
 * @param around the project, the stack, the `aws:` namespace and the team files
 */
export function parseStack(written: unknown, around: Around): Parsed {
  const { raw, problems, placed } = withTeamFiles(written, around);
  const aws = {
    "aws:region": around.region === "" ? undefined : around.region,
    "aws:allowedAccountIds": around.allowedAccountIds,
  };
  const diagnosticAt = (
    severity: Diagnostic["severity"],
    key: string,
    advice: Advice,
    usual?: unknown,
  ): Diagnostic => {
    const value = valueAt(Object.hasOwn(aws, key) ? aws : raw, key);
    return diagnostic({
      severity,
      key,
      value,
      ...(value === undefined ? { default: usual } : {}),
      ...advice,
    });
  };
  const strict = stackConfig.safeParse(raw);
  const seen = new Set<string>();
  const malformed = [
    ...reservedKeys(raw),
    ...(strict.success ? [] : adviceOf(raw, strict.error.issues, stackConfigSchema())),
  ]
    // What is of the wrong kind is not reported as too long as well.
    .filter(({ key }) => !seen.has(key) && seen.add(key))
    .map(({ key, ...advice }) => diagnosticAt("error", key, advice));
  const usable: Salvaged | undefined = strict.success
    ? { config: strict.data, restore: (key) => key }
    : wellFormed(raw);
  const diagnose: Parsed["diagnose"] = (severity, key, { rule, fix }) => {
    const restore = usable?.restore ?? ((same: string) => same);
    return diagnosticAt(
      severity,
      restore(key),
      { rule: rule.replace(PATHS, restore), fix },
      valueAt(usable?.config, key) ?? valueAt({ repositories: REPOSITORY_DEFAULTS }, key),
    );
  };
  const parsed = (found: readonly Diagnostic[], settings?: Settings): Parsed => {
    const diagnostics = [...found.map(placed), ...problems];
    return {
      settings: diagnostics.some(({ severity }) => severity === "error") ? undefined : settings,
      diagnostics,
      diagnose: (...finding) => placed(diagnose(...finding)),
    };
  };
  if (usable === undefined) {
    return parsed(malformed);
  }
  const settings = resolve(usable.config, around);
  // What was left out or replaced has been reported already, so its consequences are not reported.
  const consequence = (key: string) =>
    malformed.some((reported) => within(reported.key, key) || within(key, reported.key)) ||
    (/^aws:allowedAccountIds$|\.credentialArn$/.test(key) &&
      malformed.some((reported) => reported.key === "accountId"));
  const compared = crossChecks({
    config: usable.config,
    settings,
    allowedAccountIds: around.allowedAccountIds,
  })
    .map(({ severity, key, ...advice }) => diagnose(severity, key, advice))
    .filter(({ key }) => !consequence(key));
  return parsed([...malformed, ...compared], settings);
}
