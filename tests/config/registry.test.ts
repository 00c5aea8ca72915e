import assert from "node:assert/strict";
import { accepts, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  describe("registry and push roles", () => {
    it("refuses replication to itself", () =>
      rejects("registry.replication[0].destinations[0]", {
        registry: { replication: [{ destinations: [{ region: "eu-west-1" }] }] },
      }));
    it("accepts any beginning of a repository's name as prefix of replication", () => {
      const replication = (prefix: string) => ({
        registry: { replication: [{ prefixes: [prefix], destinations: [{ region: "eu-central-1" }] }] },
      });
      for (const prefix of ["payments-", "payments-ledger-reconciliation-worker", "hub/library/"]) {
        accepts(replication(prefix));
      }
      for (const prefix of ["", "pay*", "Payments"]) {
        rejects("registry.replication[0].prefixes[0]", replication(prefix), /without wildcards/);
      }
    });
    it("refuses replication across partitions", () =>
      rejects("registry.replication[0].destinations[0].region", {
        registry: { replication: [{ destinations: [{ region: "cn-north-1" }] }] },
      }));
    it("requires credentials for Docker Hub", () =>
      rejects("registry.pullThroughCache[0].credentialArn", {
        registry: { pullThroughCache: [{ prefix: "hub", upstream: "docker-hub" }] },
      }));
    const hub = (region: string, account: string) => ({
      registry: {
        pullThroughCache: [
          {
            prefix: "hub",
            upstream: "docker-hub",
            credentialArn: `arn:aws:secretsmanager:${region}:${account}:secret:ecr-pullthroughcache/hub-AbCdEf`,
          },
        ],
      },
    });
    it("refuses credentials in another region or account, where ECR does not look for them", () => {
      accepts(hub("eu-west-1", "111122223333"));
      for (const [region, account] of [
        ["eu-central-1", "111122223333"],
        ["eu-west-1", "222233334444"],
      ] as const) {
        rejects(
          "registry.pullThroughCache[0].credentialArn",
          hub(region, account),
          /111122223333 and eu-west-1/,
        );
      }
    });
    it("does not compare the credentials' account with a malformed account id", () =>
      rejects("accountId", { accountId: "1111", ...hub("eu-west-1", "111122223333") }));
    for (const region of ["cn-north-1", "us-gov-west-1"]) {
      it(`refuses pull through caches in ${region}, which does not support them`, () => {
        const { diagnostics } = parse(
          smallStack({ registry: { pullThroughCache: [{ prefix: "quay", upstream: "quay" }] } }),
          { region },
        );
        assert.deepEqual(
          diagnostics
            .filter(({ key }) => key.startsWith("registry"))
            .map(({ key, rule }) => [key, rule.includes(region)]),
          [["registry.pullThroughCache", true]],
        );
      });
    }
    it("refuses a push role without GitHub's provider", () =>
      rejects(
        "teams[0].githubRoles[0]",
        {
          teams: [
            team("a", ["x"], { githubRoles: [{ name: "ci", repository: "acme/x", branches: ["main"] }] }),
          ],
        },
        /githubOidcProvider/,
      ));
    it("refuses a role that any ref could assume", () =>
      rejects("teams[0].githubRoles[0].branches[0]", {
        registry: { githubOidcProvider: "create" },
        teams: [team("a", ["x"], { githubRoles: [{ name: "ci", repository: "acme/x", branches: ["*"] }] })],
      }));
    const githubRole = (role: object) => ({
      registry: { githubOidcProvider: "create" },
      teams: [team("a", ["web"], { githubRoles: [{ name: "ci", repository: "acme/x", ...role }] })],
    });
    it("accepts a GitHub repository by name or with its ids", () => {
      for (const repository of ["acme/x", "acme@123/x@456", "octo_acme/x.y_z"]) {
        accepts(githubRole({ repository, branches: ["main"] }));
      }
    });
    it("refuses a GitHub repository that no token has, with the name to write", () => {
      for (const [repository, fix] of [
        ["acme/x.git", /write repository: acme\/x$/m],
        ["acme@123/x.git@456", /write repository: acme@123\/x@456$/m],
        ["https://github.com/acme/x.git", /write repository: acme\/x$/m],
        ["git@github.com:acme/x.git", /write repository: acme\/x$/m],
        ["acme@123/x", /acme@123\/payments@456/],
        ["acme/x@456", /acme@123\/payments@456/],
        ["acme/*", /without a URL, \.git or wildcards/],
      ] as const) {
        rejects("teams[0].githubRoles[0].repository", githubRole({ repository, branches: ["main"] }), fix);
      }
    });
    it("refuses a branch or tag that no token has, with the name to write", () => {
      for (const [refs, key, fix] of [
        [{ branches: ["refs/heads/main"] }, "branches[0]", /write "main"$/m],
        [{ branches: ["refs/tags/v1"] }, "branches[0]", /write "v1" under tags$/m],
        [{ tags: ["refs/tags/v*"] }, "tags[0]", /write "v\*"$/m],
        [{ tags: ["refs/heads/main"] }, "tags[0]", /write "main" under branches$/m],
        [{ branches: ["refs/pull/1"] }, "branches[0]", /write it like/],
      ] as const) {
        rejects(`teams[0].githubRoles[0].${key}`, githubRole(refs), fix);
      }
    });
    it("accepts a GitHub environment with spaces, and refuses names that can have the subject of another", () => {
      accepts(githubRole({ environments: ["Production (EU) #2", "prod/*"] }));
      for (const name of ["a:b", "a%3Ab", "prod?", "${aws:username}", "**", "", " prod"]) {
        rejects("teams[0].githubRoles[0].environments[0]", githubRole({ environments: [name] }));
      }
    });
    it("suggests the service that was meant", () =>
      rejects(
        "teams[0].githubRoles[0].services[0]",
        {
          registry: { githubOidcProvider: "create" },
          teams: [
            team("a", ["web"], {
              githubRoles: [{ name: "ci", repository: "acme/x", branches: ["main"], services: ["wbe"] }],
            }),
          ],
        },
        /did you mean web\?/,
      ));
    it("refuses a role's name longer than IAM takes", () =>
      rejects(
        "teams[0].githubRoles[0].name",
        {
          registry: { githubOidcProvider: "create" },
          teams: [
            team("a", ["web"], {
              githubRoles: [{ name: "c".repeat(60), repository: "acme/x", branches: ["main"] }],
            }),
          ],
        },
        /IAM takes 64/,
      ));
  });
});
