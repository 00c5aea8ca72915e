import assert from "node:assert/strict";
import { accepts, keysOf, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  describe("repositories", () => {
    it("refuses a sixth exclusion filter", () =>
      rejects("repositories.imageTags.mutable", {
        repositories: { imageTags: { mutable: ["a", "b", "c", "d", "e", "f"] } },
      }));
    it("refuses three wildcards in an exclusion filter", () =>
      rejects(
        "repositories.imageTags.mutable[0]",
        { repositories: { imageTags: { mutable: ["a*b*c*"] } } },
        /at most two/,
      ));
    it("refuses exceptions to mutable tags", () =>
      rejects("repositories.imageTags.mutable", {
        repositories: { imageTags: { immutable: false, mutable: ["x"] } },
      }));
    it("refuses mutable tags in production", () =>
      rejects(
        "repositories.imageTags.immutable",
        { repositories: { imageTags: { immutable: false } } },
        /ECR\.2/,
        { stack: "prod" },
      ));
    it("refuses force delete in production", () =>
      rejects("teams[0].forceDelete", { teams: [team("a", ["x"], { forceDelete: true })] }, /production/, {
        stack: "prod",
      }));
    it("says in exactly one way what happens to images that no other rule claims", () => {
      const stackWith = (others: object) => ({ repositories: { lifecycle: { others } } });
      accepts(stackWith({ archiveDays: 30, deleteArchivedDays: 90 }));
      accepts(stackWith({ archiveUnpulledDays: 30 }));
      for (const others of [{}, { days: 9, archiveDays: 9 }, { archiveDays: 9, archiveUnpulledDays: 9 }]) {
        rejects("repositories.lifecycle.others", stackWith(others), /exactly one of days, keep/);
      }
      rejects(
        "repositories.lifecycle.others",
        stackWith({ days: 30, deleteArchivedDays: 90 }),
        /only with archiveDays or archiveUnpulledDays/,
      );
      rejects(
        "repositories.lifecycle.others.deleteArchivedDays",
        stackWith({ archiveDays: 30, deleteArchivedDays: 89 }),
        /90/,
      );
    });
    it("refuses a key of another region", () =>
      rejects("repositories.encryption", {
        repositories: {
          encryption: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        },
      }));
    it("refuses an alias for a key", () =>
      rejects("repositories.encryption", { repositories: { encryption: "alias/x" } }));
    it("refuses tags that the platform sets", () =>
      rejects("tags.team", { tags: { team: "x" } }, /sets the tag Team itself/));
    it("refuses AWS's own tag prefix", () => rejects("tags.aws:x", { tags: { "aws:x": "y" } }));
    it("refuses more tags than a resource takes", () =>
      rejects(
        "tags",
        { tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, "v"])) },
        /at most 50/,
      ));
    it("takes the default where a key is undefined", () => {
      const settings = accepts({ repositories: { cleanUp: { protect: undefined }, forceDelete: undefined } });
      assert.deepEqual(settings.defaults.cleanUp, { keepBy: "pushed", protect: [] });
      assert.equal(settings.teams[0]!.repositories[0]!.forceDelete, false);
    });
    it("merges the environment's, team's and service's options key by key", () => {
      const settings = accepts({
        repositories: {
          lifecycle: { untaggedDays: 3, others: { days: 60 } },
          imageTags: { mutable: ["latest*"] },
        },
        teams: [
          team("a", ["x", { name: "y", lifecycle: { untaggedDays: 9 }, imageTags: { mutable: [] } }], {
            lifecycle: { others: { keep: 5 } },
          }),
        ],
      });
      const [x, y] = settings.teams[0]!.repositories;
      assert.deepEqual(
        [x!.lifecycle.untaggedDays, x!.lifecycle.others, x!.mutableTagFilters],
        [3, { keep: 5 }, ["latest*"]],
      );
      assert.deepEqual(
        [y!.lifecycle.untaggedDays, y!.lifecycle.others, y!.mutableTagFilters],
        [9, { keep: 5 }, []],
      );
    });
  });

  describe("lifecycle rules", () => {
    const rules = (...list: unknown[]) => ({ repositories: { lifecycle: { rules: list } } });
    it("refuses both keep and days", () =>
      rejects("repositories.lifecycle.rules[0]", rules({ tags: ["v*"], keep: 1, days: 1 })));
    it("refuses neither keep nor days", () =>
      rejects("repositories.lifecycle.rules[0]", rules({ tags: ["v*"] }), /set exactly one of them/));
    for (const since of ["pulled", "pushed"]) {
      it(`says what replaces since: ${since} of earlier versions`, () =>
        rejects(
          "repositories.lifecycle.rules[0].since",
          rules({ tags: ["v*"], days: 9, since }),
          /ECR does not expire images by their last pull.*remove since.*cleanUp\.unpulledDays/,
        ));
    }
    it("says what replaces since in a service's rules, too, and only in lifecycle rules", () => {
      const parsed = parse({
        ...smallStack(),
        teams: [
          team("a", [{ name: "x", lifecycle: { rules: [{ tags: ["v*"], days: 9, since: "pulled" }] } }]),
        ],
        audit: { since: "pulled" },
      });
      assert.deepEqual(
        parsed.diagnostics.map(({ key, fix }) => [key, fix.includes("unpulledDays")]),
        [
          ["teams[0].services[0].lifecycle.rules[0].since", true],
          ["audit.since", false],
        ],
      );
    });
    it("refuses rules on signatures, which a rule of the platform keeps", () =>
      rejects(
        "repositories.lifecycle.rules[0].tags[0]",
        rules({ tags: ["sha256-*"], days: 9 }),
        /never expire signatures.*clean-up deletes signatures/,
      ));
    it("refuses a count of nothing", () =>
      rejects("repositories.lifecycle.rules[0].keep", rules({ tags: ["v*"], keep: 0 }), /from 1 to/));
    it("refuses five wildcards", () =>
      rejects(
        "repositories.lifecycle.rules[0].tags[0]",
        rules({ tags: ["*a*b*c*d*"], keep: 1 }),
        /at most four/,
      ));
    it("refuses a pattern twice, as ECR does", () =>
      rejects(
        "repositories.lifecycle.rules[1].tags[0]",
        rules({ tags: ["v*"], keep: 1 }, { tags: ["v*"], days: 2 }),
        /one rule only/,
      ));
    it("refuses more rules than a policy takes", () =>
      rejects(
        "repositories.lifecycle.rules",
        rules({ tags: Array.from({ length: 49 }, (_, i) => `t${i}`), keep: 1 }),
        /at most 50/,
      ));
    it("reports a rule that an earlier one shadows, at its key", () => {
      const parsed = parse(
        smallStack({
          teams: [
            team("a", [
              {
                name: "x",
                lifecycle: {
                  rules: [
                    { tags: ["v*"], keep: 5 },
                    { tags: ["v1.*"], days: 5 },
                  ],
                },
              },
            ]),
          ],
        }),
      );
      assert.deepEqual(keysOf(parsed), []);
      assert.deepEqual(keysOf(parsed, "warning"), ["teams[0].services[0].lifecycle.rules[1].tags[0]"]);
    });
    it("reports inherited dead rules once, not per repository", () => {
      const parsed = parse(
        smallStack({ ...rules({ tags: ["*"], keep: 5 }), teams: [team("a", ["x", "y"]), team("b", ["z"])] }),
      );
      assert.deepEqual(keysOf(parsed, "warning"), ["repositories.lifecycle.others"]);
    });
  });
});
