import assert from "node:assert/strict";
import type { Command } from "commander";
import { matchesGlob } from "../../aws/globs";
import { quantity } from "../../aws/quantity";
import type { RepositorySettings } from "../../config/settings";
import { selectsAny } from "../../documents/clean-up-request";
import { lifecyclePolicy, type LifecycleRule } from "../../documents/lifecycle";
import { evaluateLifecycle, rulingRule, type Outcome } from "../../documents/lifecycle-evaluation";
import { ecrClient } from "../../images/clients";
import { imagesOf, type RegistryImage } from "../../images/registry";
import { table } from "../../plan/table";
import { awsContextOf, contextOf, repositoriesOf, withAwsOptions, type AwsOptions } from "../context";
import { numberOption } from "../options";
import { print, shortDigest, tagsInWords } from "../output";

interface ExplainOptions extends AwsOptions {
  tag: string[];
  images?: boolean;
  limit?: number;
}

/** Rows of a table unless a flag says otherwise. */
const ROWS = 50;

/** `explain`: what happens to the images of a repository, by the stack's config. */
export function configure(command: Command, directory: string): void {
  withAwsOptions(
    command
      .argument("<repository>", "its name, or <team>/<service>")
      .option("--tag <tag...>", "say what happens to images with these tags", [])
      .option("--images", "say it of the images in the registry: needs credentials")
      .addOption(
        numberOption(
          "--limit <images>",
          `show at most this many images; 0 shows all. Default ${ROWS}, with --json all`,
          { whole: true, example: ROWS },
        ),
      ),
    directory,
  ).action(async (name: string, options: ExplainOptions) => {
    const context =
      options.images === true ? await awsContextOf(directory, options) : contextOf(directory, options);
    const [repository] = repositoriesOf(context.settings, { repository: [name] });
    assert.ok(repository, "a repository that the stack does not have is refused above");
    const { settings } = repository;
    const policy = lifecyclePolicy(settings.lifecycle);
    const outcomes =
      options.images === true
        ? evaluateLifecycle(
            policy,
            (await imagesOf(ecrClient(context.connection), settings.name)).map(atRest),
            new Date(),
          )
        : undefined;
    const limit = options.limit ?? (options.json === true ? 0 : ROWS);
    const shown = outcomes?.sort(soonestFirst).slice(0, limit === 0 ? undefined : limit);
    const tags = options.tag.map((tag) => ({
      tag,
      moves: movesTag(settings, tag),
      rule: rulingRule(policy, { tags: [tag] }),
    }));
    const result = {
      repository: settings.name,
      rules: policy.rules,
      tags: tags.map(({ rule, ...rest }) => ({ ...rest, rule: rule?.rulePriority })),
      ...(shown === undefined
        ? {}
        : {
            images: shown.map(({ image, rule, ...rest }) => ({
              digest: image.digest,
              tags: image.tags,
              pushedAt: image.pushedAt,
              rule: rule?.rulePriority,
              action: rule?.action.type,
              ...rest,
            })),
            total: outcomes?.length,
          }),
    };
    print(options.json, result, () =>
      [
        `Lifecycle policy of ${settings.name}, as stack ${options.stack} declares it.`,
        "The first rule that selects an image decides about it; no later rule acts on that image.",
        "",
        table(
          ["rule", "selects", "what it does"],
          policy.rules.map((rule) => [rule.rulePriority, selectionInWords(rule), rule.description]),
          [0],
        ),
        ...(tags.length === 0
          ? []
          : [
              "",
              table(
                ["tag", "rule", "what it does", "push again"],
                tags.map(({ tag, moves, rule }) => [
                  tag,
                  rule?.rulePriority ?? "none",
                  rule?.description ?? "kept",
                  moves ? "moves the tag" : "refused",
                ]),
                [1],
              ),
            ]),
        ...(shown === undefined || outcomes === undefined ? [] : ["", ...imagesInWords(shown, outcomes)]),
        ...(selectsAny(settings.cleanUp) ? ["", "Clean-up deletes images as well: see images stale."] : []),
      ].join("\n"),
    );
  });
}

/** Whether a second push of a tag moves it to the new image. Otherwise ECR refuses the push. */
function movesTag({ immutableTags, mutableTagFilters }: RepositorySettings, tag: string): boolean {
  return !immutableTags || mutableTagFilters.some((filter) => matchesGlob(filter, tag));
}

/** An image as lifecycle policies see it: one that was restored is of the standard class again. */
function atRest({ archivedAt, status, ...image }: RegistryImage): RegistryImage {
  return { ...image, status, ...(status === "ARCHIVED" ? { archivedAt } : {}) };
}

function selectionInWords({ selection }: LifecycleRule): string {
  const { tagStatus, tagPatternList = [], storageClass } = selection;
  const which = tagStatus === "tagged" ? tagPatternList.join(" and ") : `${tagStatus} image`;
  return storageClass === "archive" ? `${which}, archived` : which;
}

/** Images that a rule acts on first, then by the day on which a rule will. */
function soonestFirst(a: Outcome<RegistryImage>, b: Outcome<RegistryImage>): number {
  const when = ({ acts, due }: Outcome<RegistryImage>) => (acts ? 0 : (due?.getTime() ?? Infinity));
  return when(a) - when(b) || a.image.pushedAt.getTime() - b.image.pushedAt.getTime();
}

function outcomeInWords({ rule, acts, due, place }: Outcome<RegistryImage>): string {
  if (rule === undefined) {
    return "kept";
  }
  const action = rule.action.type === "expire" ? "expires" : "is archived";
  if (acts) {
    return `${action} within 24 hours`;
  }
  return due === undefined
    ? `kept: number ${place} of the newest ${rule.selection.countNumber}`
    : `${action} on ${due.toISOString().slice(0, 10)}`;
}

function imagesInWords(shown: Outcome<RegistryImage>[], all: Outcome<RegistryImage>[]): string[] {
  const acting = all.filter(({ acts }) => acts).length;
  return [
    table(
      ["image", "tags", "pushed", "rule", "what happens"],
      shown.map(({ image, rule, ...outcome }) => [
        shortDigest(image.digest),
        tagsInWords(image.tags),
        image.pushedAt.toISOString().slice(0, 10),
        rule?.rulePriority ?? "none",
        outcomeInWords({ image, rule, ...outcome }),
      ]),
      [3],
    ),
    "",
    `${quantity(all.length, "image")}, ${acting} of which the policy expires or archives within 24 hours` +
      (shown.length < all.length ? `; the first ${shown.length} are shown (--limit)` : ""),
    "ECR keeps an image while a manifest list refers to it, and signatures with their image; this is not shown here.",
  ];
}
