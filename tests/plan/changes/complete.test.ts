import assert from "node:assert/strict";
import type { Settings } from "../../../config/settings";
import { parseConfig, settingsOf } from "../../../config/load";
import { settingsStatements } from "../../../plan/changes/changes";
import { readStackConfig } from "../../../plan/stack-file";
import { ROOT } from "../../support/project";

/** Settings whose change no words are about: the resources that differ show it. */
const ONLY_IN_RESOURCES = [
  // Names of things, which replace them, and tags.
  /^(place|stack|environment|prefix|tags)\b/,
  /^teams\.\d+\.(tags|githubRoles\.\d+\.name)\b/,
  /^teams\.\d+\.repositories\.\d+\.(service|arn|url|tags|encryption\.keyArn)\b/,
  // Repositories that ECR creates by itself from now on; the templates show it.
  /^defaults\.(encryption|immutableTags|mutableTagFilters|lifecycle|cleanUp)\b/,
  // Only with another mode of the same group.
  /^defaults\.sharing\.(outsideOrganization|lambda|pushPrincipals)\b/,
  /^(findings\.topicArn|audit\.trailArn)$/,
  /^findings\.(slack|microsoftTeams)\.\d+\.(workspaceId|channelId|tenantId|teamId)$/,
  /^network\.(existing|vpc\.routeTableIds)\b/,
  /^registry\.pullThroughCache\.\d+\.credentialArn$/,
  /^costs\.(emails|actualThresholds|forecastThresholds)\b/,
  /^operations\.(logRetentionDays|tracing|dashboard|alarms\.(pullsPerSecond|imagesPerRepository))$/,
  /^teams\.\d+\.storageAlarm$/,
];

/** Another value of the same kind, with which the settings still have their shape. */
function another(value: unknown): unknown {
  switch (typeof value) {
    case "boolean":
      return !value;
    case "number":
      return value + 1;
    case "string":
      return `${value}-other`;
    default:
      return Array.isArray(value) ? value.slice(1) : undefined;
  }
}

/** Each leaf and each list with elements, by its path. */
function* paths(value: unknown, path: string[] = []): Generator<string[]> {
  if (Array.isArray(value) && value.length > 0 && path.length > 0) {
    yield path;
  }
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      yield* paths(inner, [...path, key]);
    }
  } else if (value !== undefined) {
    yield path;
  }
}

function changed(settings: Settings, path: string[]): Settings {
  const copy = structuredClone(settings);
  const owner = path.slice(0, -1).reduce<any>((at, key) => at[key], copy);
  owner[path.at(-1)!] = another(owner[path.at(-1)!]);
  return copy;
}

describe("words about a change of the config", () => {
  it("leave out no setting that is not listed here", () => {
    // A setting may have no effect in one of the stacks.
    const spoken = new Map<string, boolean>();
    for (const stack of ["dev", "prod"]) {
      const settings = settingsOf(stack, parseConfig(readStackConfig(ROOT, stack)));
      for (const path of paths(settings)) {
        const key = path.map((part) => (/^\d+$/.test(part) ? "0" : part)).join(".");
        const said = () => settingsStatements(settings, changed(settings, path)).length > 0;
        spoken.set(key, spoken.get(key) === true || said());
      }
    }
    assert.deepEqual(
      [...spoken].flatMap(([key, said]) =>
        said || ONLY_IN_RESOURCES.some((pattern) => pattern.test(key)) ? [] : [key],
      ),
      [],
      "say in plan/changes/ what a change of these means, or list them above",
    );
    assert.ok(spoken.size > 100);
  });
});
