import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesGlob } from "../../../aws/globs";
import { arnOf, githubProviderArn, iamArn, repositoryArn } from "../../../aws/arns";
import { githubTrust, pushPolicy } from "../../../documents/github-role";
import type { PolicyDocument } from "../../../documents/iam";
import { registryPolicy } from "../../../documents/registry-policy";
import { cacheSharing, repositoryPolicy, type SharingSettings } from "../../../documents/repository-policy";
import { accessStatements } from "../../../plan/changes/access";
import { covers, grantsOf, sharingGrants, type Grant, type Granting } from "../../../plan/changes/grants";
import { accepts } from "../../support/config";
import { decides, nobody, place, PULL, PUSH } from "../../support/decisions";

const RUNS = Number(process.env.GRANTS_RUNS ?? 60);
const SEED = { seed: 20_260_901, numRuns: RUNS };

const ACCOUNTS = ["222233334444", "333344445555"];
const ORGANIZATIONS = ["o-a1b2c3d4e5", "o-zzzzzzzzzz"];
const UNITS = ["r-ab12/ou-ab12-11111111/", "r-ab12/ou-ab12-22222222/"];
const ROLES = ACCOUNTS.flatMap((account) =>
  ["ci", "runtime"].map((name) => `arn:aws:iam::${account}:role/${name}`),
);

const sharing: fc.Arbitrary<SharingSettings> = fc.record({
  accounts: fc.subarray(ACCOUNTS),
  organization: fc.boolean(),
  organizationPaths: fc.subarray(
    ORGANIZATIONS.flatMap((one) => [
      `${one}/*`,
      ...UNITS.flatMap((unit) => [`${one}/${unit}`, `${one}/${unit}*`]),
    ]),
    { maxLength: 2 },
  ),
  principals: fc.subarray(ROLES),
  lambda: fc.boolean(),
  pushPrincipals: fc.subarray(ROLES),
  outsideOrganization: fc.boolean(),
});
const organizationId = fc.option(fc.constantFrom(...ORGANIZATIONS), { nil: undefined });

/** A call from another account, or by a Lambda function. */
interface Caller {
  role: string;
  organization: string | undefined;
  unit: string;
  lambdaOf?: string;
}
const caller: fc.Arbitrary<Caller> = fc.record(
  {
    role: fc.constantFrom(...ROLES),
    organization: fc.option(fc.constantFrom(...ORGANIZATIONS), { nil: undefined }),
    unit: fc.constantFrom(...UNITS, `${UNITS[0]}ou-ab12-33333333/`),
    lambdaOf: fc.constantFrom(place.accountId, ...ACCOUNTS),
  },
  { requiredKeys: ["role", "organization", "unit"] },
);

function isTo({ principal: { type, id }, organization }: Grant, who: Caller): boolean {
  if (who.lambdaOf !== undefined) {
    return type === "lambda" && id === who.lambdaOf;
  }
  if (organization !== undefined && organization !== who.organization) {
    return false;
  }
  switch (type) {
    case "account":
      return who.role.split(":")[4] === id;
    case "principal":
      return who.role === id;
    case "organization":
      return who.organization === id;
    case "unit":
      return who.organization !== undefined && matchesGlob(id, `${who.organization}/${who.unit}`);
    default:
      return false;
  }
}

async function isAllowed(
  who: Caller,
  actions: string[],
  policy: PolicyDocument | undefined,
  resource: string,
): Promise<boolean> {
  const decisions = await Promise.all(
    actions.map((action) =>
      decides({
        principal: who.lambdaOf === undefined ? who.role : "lambda.amazonaws.com",
        action,
        resource,
        resourcePolicy: policy,
        context:
          who.lambdaOf === undefined
            ? who.organization === undefined
              ? {}
              : {
                  "aws:PrincipalOrgID": who.organization,
                  "aws:PrincipalOrgPaths": [`${who.organization}/${who.unit}`],
                }
            : { "aws:SourceArn": arnOf({ ...place, accountId: who.lambdaOf }, "lambda", "function:f") },
      }),
    ),
  );
  return decisions.every((decision) => decision === "Allowed");
}

const NAME = "payments-api-prod";
const LAMBDA_PULL = PULL.filter((action) => action !== "ecr:BatchCheckLayerAvailability");

describe("grants as data, for any sharing", () => {
  it("are what the repository policy allows, in both directions", () =>
    fc.assert(
      fc.asyncProperty(sharing, organizationId, caller, async (settings, organization, who) => {
        const grants = sharingGrants({ place, organizationId: organization }, settings, NAME);
        const policy = repositoryPolicy(place, organization, settings);
        for (const [action, actions] of [
          ["pull", who.lambdaOf === undefined ? PULL : LAMBDA_PULL],
          ["push", PUSH],
        ] as const) {
          const granted = grants.some((grant) => grant.action === action && isTo(grant, who));
          assert.equal(
            await isAllowed(who, [...actions], policy, repositoryArn(place, NAME)),
            granted,
            action,
          );
        }
      }),
      SEED,
    ));

  it("are what the registry policy allows, in both directions", () =>
    fc.assert(
      fc.asyncProperty(
        sharing,
        organizationId,
        fc.subarray(ACCOUNTS),
        caller.filter(({ lambdaOf }) => lambdaOf === undefined),
        async (settings, organization, replicateFrom, who) => {
          const registry = {
            ...accepts({}).registry,
            replicateFrom,
            pullThroughCache: [{ prefix: "docker-hub", upstream: "docker-hub" as const }],
          };
          const stack: Granting = {
            place,
            organizationId: organization,
            registry,
            defaults: { sharing: settings },
            teams: [],
          };
          const policy = registryPolicy(place, organization, registry, settings);
          const granted = (action: Grant["action"]) =>
            grantsOf(stack).some((grant) => grant.action === action && isTo(grant, who));
          const cached = repositoryArn(place, "docker-hub/library/nginx");
          assert.equal(
            await isAllowed(who, ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"], policy, cached),
            granted("import"),
          );
          // The policy of the repositories that ECR creates for the cache goes with it.
          assert.equal(
            await isAllowed(who, PULL, repositoryPolicy(place, organization, cacheSharing(settings)), cached),
            granted("import"),
          );
          const other = repositoryArn(place, "payments-api-prod");
          assert.equal(await isAllowed(who, ["ecr:ReplicateImage"], policy, other), granted("replicate"));
          assert.equal(await isAllowed(who, ["ecr:BatchImportUpstreamImage"], policy, other), false);
        },
      ),
      SEED,
    ));

  it("are what the documents of a push role allow, in both directions", () => {
    const REFS = {
      branches: ["main", "feature/*"],
      tags: ["v*"],
      environments: ["production"],
    };
    const subjects = [
      { kind: "branch", name: "main", sub: "ref:refs/heads/main" },
      { kind: "branch", name: "feature/x", sub: "ref:refs/heads/feature/x" },
      { kind: "branch", name: "v1", sub: "ref:refs/heads/v1" },
      { kind: "tag", name: "v1", sub: "ref:refs/tags/v1" },
      { kind: "environment", name: "production", sub: "environment:production" },
    ];
    const repositories = ["payments-api-dev", "payments-ledger-dev"];
    const role = fc.record({
      repository: fc.constantFrom("acme/payments", "acme/storefront"),
      branches: fc.subarray(REFS.branches),
      tags: fc.subarray(REFS.tags),
      environments: fc.subarray(REFS.environments),
      repositoryNames: fc.subarray(repositories, { minLength: 1 }),
    });
    return fc.assert(
      fc.asyncProperty(
        role.filter(
          ({ branches, tags, environments }) => branches.length + tags.length + environments.length > 0,
        ),
        fc.constantFrom("acme/payments", "acme/storefront"),
        fc.constantFrom(...subjects),
        fc.constantFrom(...repositories),
        async (settings, from, { kind, name, sub }, target) => {
          const stack: Granting = {
            ...accepts({ registry: { githubOidcProvider: "create" } }),
            teams: [{ githubRoles: [{ name: "ci", ...settings }], repositories: [] }],
          };
          const granted = grantsOf(stack).some(
            ({ principal, action, repository }) =>
              action === "push" &&
              repository === target &&
              principal.id === from &&
              principal.ref?.kind === kind &&
              matchesGlob(principal.ref.pattern, name),
          );
          // The simulator knows no keys of OIDC providers: request tags stand for them.
          const trust = JSON.parse(
            JSON.stringify(githubTrust(place, settings)).replaceAll(
              "token.actions.githubusercontent.com:",
              "aws:RequestTag/",
            ),
          ) as PolicyDocument;
          const assumed = await decides({
            principal: githubProviderArn(place),
            action: "sts:AssumeRoleWithWebIdentity",
            resource: iamArn(place, "role/payments-ci-dev-push"),
            resourcePolicy: trust,
            identityPolicy: undefined,
            context: {
              "aws:RequestTag/aud": "sts.amazonaws.com",
              "aws:RequestTag/sub": `repo:${from}:${sub}`,
            },
          });
          const pushed = await Promise.all(
            [...PUSH, ...PULL].map((action) =>
              decides({
                principal: iamArn(place, "role/payments-ci-dev-push"),
                action,
                resource: repositoryArn(place, target),
                identityPolicy: pushPolicy(place, settings.repositoryNames),
              }),
            ),
          );
          assert.equal(
            [assumed, ...pushed].every((decision) => decision === "Allowed"),
            granted,
          );
        },
      ),
      SEED,
    );
  });

  it("cover each other only where everyone who has the one has the other", () => {
    fc.assert(
      fc.property(
        sharing,
        sharing,
        organizationId,
        organizationId,
        caller,
        (one, other, first, second, who) => {
          const [wides, narrows] = (
            [
              [first, one],
              [second, other],
            ] as const
          ).map(([organization, settings]) =>
            sharingGrants({ place, organizationId: organization }, settings, NAME),
          ) as [Grant[], Grant[]];
          for (const narrow of narrows.filter((grant) => isTo(grant, who))) {
            for (const wide of wides.filter((grant) => covers(grant, narrow))) {
              assert.ok(isTo(wide, who), JSON.stringify({ wide, narrow, who }));
            }
          }
        },
      ),
      { ...SEED, numRuns: RUNS * 10 },
    );
  });

  it("show every widening as a risk, and no withdrawal as one", () => {
    const base = accepts({});
    const [team] = base.teams;
    const stack = (settings: SharingSettings, organization: string | undefined) => ({
      ...base,
      organizationId: organization,
      teams: [{ ...team!, repositories: [{ ...team!.repositories[0]!, sharing: settings }] }],
    });
    fc.assert(
      fc.property(
        sharing,
        fc.option(sharing, { nil: undefined }),
        organizationId,
        organizationId,
        caller,
        (one, other, first, second, who) => {
          const [before, after] = [stack(one, first), stack(other ?? nobody, second)];
          const may = (settings: typeof before, action: string) =>
            grantsOf(settings).some((grant) => grant.action === action && isTo(grant, who));
          const risks = accessStatements(before, after).filter(({ risk }) => risk === "access");
          if (["pull", "push"].some((action) => !may(before, action) && may(after, action))) {
            assert.ok(risks.length > 0, JSON.stringify(who));
          }
          if (other === undefined) {
            assert.deepEqual(risks, []);
          }
        },
      ),
      { ...SEED, numRuns: RUNS * 20 },
    );
  });
});
