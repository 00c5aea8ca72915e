import { belongings, given, list, tagsOf, text } from "./reading";
import type { Props, Rule, RuleResource } from "./rule";

export const REPOSITORY = "aws:ecr/repository:Repository";
const SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration";

/** The tag that says why tags of a repository may move: the written exception that ECR.2 asks for. */
const EXCEPTION = "MutableTags";

function filtersOf(rule: Props): string[] {
  return list(rule, "repositoryFilters").flatMap((filter) => text(filter as Props, "filter") ?? []);
}

/** Whether a scanning filter matches: with `*` the whole name, without it any part. */
function matches(filter: string, repositoryName: string): boolean {
  if (!filter.includes("*")) {
    return repositoryName.includes(filter);
  }
  const pattern = filter
    .split("*")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(repositoryName);
}

function nameBy(repository: Pick<RuleResource, "props">): string | undefined {
  const { Team, Service, Environment } = tagsOf(repository);
  return Team === undefined || Service === undefined || Environment === undefined
    ? undefined
    : `${Team}-${Service}-${Environment}`;
}

/** Rules on repositories and on how the registry scans them. */
export const repositoryRules: Rule[] = [
  {
    name: "immutable-tags",
    displayName: "Image tags do not move",
    description:
      "A repository's image tags are immutable, or its tag MutableTags says why some may move (Security Hub ECR.2).",
    enforcementLevel: "mandatory",
    severity: "medium",
    validateResource: ({ type, props, name }, report) => {
      const mutability = text(props, "imageTagMutability") ?? "MUTABLE";
      const written = tagsOf({ props })[EXCEPTION];
      if (type === REPOSITORY && mutability !== "IMMUTABLE" && (written ?? "").trim() === "") {
        report(
          `${name} is ${mutability}, and no tag ${EXCEPTION} says why. Fix: leave imageTags.mutable and ` +
            "imageTags.immutable out, or write imageTags.reason.",
        );
      }
    },
  },
  {
    name: "repository-lifecycle",
    displayName: "Repositories clean up",
    description: "Every repository has a lifecycle policy with at least one rule (Security Hub ECR.3).",
    enforcementLevel: "mandatory",
    severity: "medium",
    validateStack: ({ resources }, report) => {
      const policiesOf = belongings(
        resources,
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "repository",
        "name",
      );
      for (const repository of resources.filter(({ type }) => type === REPOSITORY)) {
        const policies = policiesOf(repository);
        const empty = policies.find(({ props }) => /"rules"\s*:\s*\[\s*\]/.test(text(props, "policy") ?? ""));
        if (policies.length === 0 || empty !== undefined) {
          report(
            `${repository.name} has ${policies.length === 0 ? "no lifecycle policy" : "a lifecycle policy without rules"}: ` +
              "its images are kept and paid for without end. Fix: declare an aws.ecr.LifecyclePolicy with a rule.",
            repository.urn,
          );
        }
      }
    },
  },
  {
    name: "registry-scanning",
    displayName: "Images are scanned",
    description:
      "A registry scanning configuration has rules, and their filters reach every repository of the stack: ECR does not scan one that no filter matches (Security Hub ECR.1).",
    enforcementLevel: "mandatory",
    severity: "high",
    validateStack: ({ resources }, report) => {
      const configurations = resources.filter(({ type }) => type === SCANNING);
      for (const { props, urn, name } of configurations) {
        const filters = (list(props, "rules") as Props[]).flatMap(filtersOf);
        if (filters.length === 0) {
          report(`${name} scans nothing: it has no rule with a filter. Fix: scanning.onPush: ["*"].`, urn);
          continue;
        }
        const missed = resources
          .filter(({ type }) => type === REPOSITORY)
          .flatMap((repository) => text(repository.props, "name") ?? [])
          .filter((repositoryName) => !filters.some((filter) => matches(filter, repositoryName)));
        if (missed.length > 0) {
          report(
            `${name} scans ${filters.join(", ")}, and so not ${missed.join(", ")}. Fix: a filter in ` +
              "scanning.onPush or scanning.continuous that matches.",
            urn,
          );
        }
      }
    },
  },
  {
    name: "scanning-declared",
    displayName: "Some stack owns scanning",
    description:
      "A stack with repositories declares the registry scanning configuration, unless another stack of the account owns it.",
    enforcementLevel: "advisory",
    severity: "low",
    validateStack: ({ resources }, report) => {
      const has = (wanted: string) => resources.some(({ type }) => type === wanted);
      if (has(REPOSITORY) && !has(SCANNING)) {
        report(
          "no registry scanning configuration is declared here. Fix: scanning.manage: true, or make sure that " +
            "another stack of this account and region owns it.",
        );
      }
    },
  },
  {
    name: "repository-name",
    displayName: "Repositories are named by the convention",
    description:
      "A repository is named <team>-<service>-<env>, lowercase, as its tags Team, Service and Environment say.",
    enforcementLevel: "mandatory",
    severity: "low",
    validateResource: ({ type, props, name }, report) => {
      const physical = text(props, "name");
      if (type !== REPOSITORY || physical === undefined) {
        return;
      }
      const expected = nameBy({ props });
      if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(physical) || physical !== expected) {
        report(
          `${name} is named ${physical}; by its tags Team, Service and Environment it is ${expected ?? "(tags missing)"}. ` +
            "Fix: declare it through teams in the stack's config.",
        );
      }
    },
  },
  {
    name: "repository-customer-key",
    displayName: "Images are encrypted with a key of ours",
    description:
      "A repository is encrypted with a customer-managed KMS key (Security Hub ECR.5), which can be audited and withdrawn.",
    enforcementLevel: "advisory",
    severity: "medium",
    validateResource: ({ type, props, name }, report) => {
      const [encryption] = list(props, "encryptionConfigurations") as Props[];
      if (
        type === REPOSITORY &&
        (text(encryption ?? {}, "encryptionType") !== "KMS" || !given(encryption ?? {}, "kmsKey"))
      ) {
        report(
          `${name} is not encrypted with a customer-managed key, and ECR cannot change that later. Fix: ` +
            "encryption: stack-key before the repository is made.",
        );
      }
    },
  },
  {
    name: "repository-not-public",
    displayName: "No public repositories",
    description: "Nothing is published to Amazon ECR Public, where everyone pulls.",
    enforcementLevel: "mandatory",
    severity: "critical",
    validateResource: ({ type, name }, report) => {
      if (type.startsWith("aws:ecrpublic/")) {
        report(`${name} (${type}) is public. Fix: declare a private repository through teams.`);
      }
    },
  },
];
