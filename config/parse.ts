import type { Advice } from "../documents/values";
import { crossChecks } from "./checks";
import { REPOSITORY_DEFAULTS } from "./defaults";
import { regionProblem } from "./formats";
import { diagnostic, valueAt, withAncestors, type Diagnostic } from "./diagnostics";
import { problemsOf, type Found } from "./issues";
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

/** What the boundary gets besides the project's own keys. */
export type Around = Surroundings & {
  allowedAccountIds: unknown;
  /** Reads the team files that globs match. Default none. */
  readFiles?: (globs: readonly string[]) => TeamFileText[];
};

/** Words of a text that may be paths of list elements, such as `teams[0].services[1]`. */
const PATHS = /[\w.[\]]+/g;

/** Words of a text that are keys: `teams[0].services[1]`, `organizationId` and `aws:region`, and no plain words. */
const KEYS = /\baws:region\b|\b[a-z]+(?:[A-Z]\w*|(?:\[\d+\])*\.[\w.[\]]*\w)/g;

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
  const region = regionProblem(around.region);
  const found: Found[] = [
    ...problemsOf(raw, strict.error?.issues ?? [], stackConfigSchema()),
    ...(region === undefined ? [] : [{ key: "aws:region", ...region }]),
  ];
  const malformed = found.map(({ key, rule, fix }) => diagnosticAt("error", key, { rule, fix }));
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
  // What was left out or replaced has been reported already, so its consequences are not reported: what is said of it, and
  // what names it as the reason.
  const reported = new Set(
    found.flatMap(({ key, meant }) =>
      meant === undefined || valueAt(raw, meant) !== undefined ? [key] : [key, meant],
    ),
  );
  const above = new Set([...reported].flatMap(withAncestors));
  const isConsequence = ({ key, rule, fix }: Diagnostic, from: string[]) =>
    [key, ...from, ...(`${rule} ${fix}`.match(KEYS) ?? [])].some(
      (name) => above.has(name) || withAncestors(name).some((one) => reported.has(one)),
    );
  const compared = crossChecks({
    config: usable.config,
    settings,
    allowedAccountIds: around.allowedAccountIds,
  }).flatMap(({ severity, key, from, ...advice }) => {
    const one = diagnose(severity, key, advice);
    return isConsequence(one, from === undefined ? [] : [usable.restore(from)]) ? [] : [one];
  });
  return parsed([...malformed, ...compared], settings);
}
