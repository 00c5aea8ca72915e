import { coversGlob } from "../../aws/globs";
import type { Encryption, RepositorySettings, Settings } from "../../config/settings";
import { listed, type Statement } from "./change";
import { appliedRules, cleanUpOfRepository, reportedMode } from "./clean-up";
import { lifecycleStatements } from "./lifecycle";

type Repository = RepositorySettings & { team: string };

/** The repositories of a stack by name. */
export function repositoriesOf({ teams }: Pick<Settings, "teams">): Map<string, Repository> {
  return new Map(
    teams.flatMap(({ name: team, repositories }) =>
      repositories.map((one): [string, Repository] => [one.name, { ...one, team }]),
    ),
  );
}

function keyInWords(encryption: Encryption): string {
  return encryption.type === "stack-key"
    ? "the stack's KMS key"
    : encryption.type === "KMS"
      ? `the KMS key ${encryption.keyArn}`
      : "S3's own key (AES256)";
}

/** The tags of a repository that may move, as patterns. */
function movable({ immutableTags, mutableTagFilters }: RepositorySettings): string[] {
  return immutableTags ? mutableTagFilters : ["*"];
}

function tagsInWords(patterns: readonly string[]): string {
  return patterns.length === 0
    ? "no tag may move"
    : patterns.includes("*")
      ? "every tag may move to another image"
      : `tags matching ${listed(patterns)} may move to another image`;
}

function mutability(before: RepositorySettings, after: RepositorySettings): Statement[] {
  const [was, is] = [movable(before), movable(after)];
  if (tagsInWords(was) === tagsInWords(is)) {
    return [];
  }
  const wider = is.some((pattern) => !was.some((other) => coversGlob(other, pattern)));
  return [
    {
      kind: "protection",
      ...(wider ? { risk: "protection" as const } : {}),
      what: `${tagsInWords(is)}; before, ${tagsInWords(was)}`,
    },
  ];
}

function encryption(
  before: RepositorySettings,
  after: RepositorySettings,
  { production }: Settings,
): Statement[] {
  const [was, is] = [before, after].map((one) => keyInWords(one.encryption));
  return was === is
    ? []
    : [
        {
          kind: "protection",
          risk: "deletes",
          what: `it is encrypted with ${is}, before with ${was}: ECR can do that only to a new repository, without the images${production ? ", and the protection of this one refuses it" : ""}`,
        },
      ];
}

function forcedDeletion(before: RepositorySettings, after: RepositorySettings): Statement[] {
  return before.forceDelete === after.forceDelete
    ? []
    : [
        {
          kind: "protection",
          ...(after.forceDelete ? { risk: "protection" as const } : {}),
          what: after.forceDelete
            ? "its removal now deletes the images with it"
            : "its removal is now refused while it has images",
        },
      ];
}

/** What is said of a repository that is removed from the config. */
function removal({ production }: Settings, { forceDelete }: RepositorySettings): Statement {
  return {
    kind: "repositories",
    risk: "deletes",
    what: `the repository is removed${
      production
        ? ", which its protection refuses; without protection it would be kept in AWS, unmanaged"
        : forceDelete
          ? ", and its images are deleted with it"
          : "; the update fails while it has images"
    }`,
  };
}

/** What changes for the repositories of a stack, but for who may use them. */
export function repositoryStatements(before: Settings | undefined, after: Settings): Statement[] {
  const now = repositoriesOf(after);
  const old = before === undefined ? new Map<string, Repository>() : repositoriesOf(before);
  const mode = reportedMode(after);
  const of = (repository: string) => (statement: Statement) => ({ ...statement, repository });
  const changed = [...now].flatMap(([name, repository]): Statement[] => {
    const earlier = old.get(name);
    if (earlier === undefined || before === undefined) {
      return [{ kind: "repositories", what: `new in team ${repository.team}`, repository: name }];
    }
    return [
      ...encryption(earlier, repository, before),
      ...mutability(earlier, repository),
      ...forcedDeletion(earlier, repository),
      ...lifecycleStatements(earlier.lifecycle, repository.lifecycle),
      ...(mode === undefined
        ? []
        : cleanUpOfRepository(appliedRules(before, earlier), appliedRules(after, repository), mode)),
      ...(earlier.team === repository.team
        ? []
        : [{ kind: "repositories" as const, what: `it is ${repository.team}'s; before, ${earlier.team}'s` }]),
    ].map(of(name));
  });
  const removed = [...old].flatMap(([name, repository]) =>
    now.has(name) || before === undefined ? [] : [of(name)(removal(before, repository))],
  );
  return [...removed, ...changed];
}
