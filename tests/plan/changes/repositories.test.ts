import assert from "node:assert/strict";
import { changesIn } from "../../../plan/changes/change";
import { settingsStatements } from "../../../plan/changes/changes";
import { accepts, team } from "../../support/config";

type Overrides = Parameters<typeof accepts>[0];

const said = (before: Overrides, after: Overrides, around?: Parameters<typeof accepts>[1]) =>
  changesIn(around?.stack ?? "dev", settingsStatements(accepts(before, around), accepts(after, around))).map(
    ({ sentence, risk }) => `${risk === undefined ? "" : `${risk}: `}${sentence}`,
  );
const withApi = (options: object) => ({ teams: [team("payments", [{ name: "api", ...options }, "ledger"])] });

describe("a change of repositories in words", () => {
  it("says what is new and what is removed, and what becomes of the images", () => {
    const services = (...names: string[]) => ({ teams: [team("payments", names)] });
    assert.deepEqual(said(services("api"), services("api", "refunds")), [
      "payments-refunds-dev: new in team payments",
    ]);
    assert.deepEqual(said(services("api", "refunds"), services("api")), [
      "deletes: payments-refunds-dev: the repository is removed; the update fails while it has images",
    ]);
    assert.match(
      said(
        { ...services("api", "refunds"), repositories: { forceDelete: true } },
        { ...services("api"), repositories: { forceDelete: true } },
      )[0]!,
      /^deletes: payments-refunds-dev: the repository is removed, and its images are deleted with it$/,
    );
    assert.match(
      said(services("api", "refunds"), services("api"), { stack: "prod" })[0]!,
      /^deletes: .* which its protection refuses/,
    );
  });

  it("says which tags may move, and calls more of them a risk", () => {
    const mutable = (...patterns: string[]) => withApi({ imageTags: { mutable: patterns, reason: "r" } });
    assert.deepEqual(said(mutable(), mutable("latest*")), [
      "protection: payments-api-dev: tags matching latest* may move to another image; before, no tag may move",
    ]);
    assert.deepEqual(said(mutable("latest*"), mutable()), [
      "payments-api-dev: no tag may move; before, tags matching latest* may move to another image",
    ]);
    assert.match(
      said(mutable("latest*"), withApi({ imageTags: { immutable: false, mutable: [] } }))[0]!,
      /^protection: payments-api-dev: every tag may move/,
    );
    assert.doesNotMatch(said(mutable("v*"), mutable("v1*"))[0]!, /^protection/);
  });

  it("says that another encryption costs the images", () =>
    assert.match(
      said({}, { repositories: { encryption: "AES256" } })[0]!,
      /^deletes: payments-api-dev: it is encrypted with S3's own key \(AES256\), before with the stack's KMS key: .* without the images$/,
    ));

  it("says that a removal deletes images from now on", () =>
    assert.deepEqual(said({}, { repositories: { forceDelete: true } }), [
      "protection: payments-api-dev: its removal now deletes the images with it",
    ]));
});

describe("a change of clean-up in words", () => {
  const cleanUp = (rules: object, operations: object = { mode: "delete" }) => ({
    repositories: { cleanUp: rules },
    operations: { cleanUp: operations },
  });

  it("says that it deletes from now on", () => {
    assert.deepEqual(
      said(cleanUp({ untaggedDays: 30 }, { mode: "dry-run" }), cleanUp({ untaggedDays: 30 })),
      [
        "deletes: dev: clean-up deletes the images that its rules select; before, clean-up only reports the images that its rules select",
      ],
    );
    assert.deepEqual(said({}, cleanUp({ untaggedDays: 30 })), [
      "deletes: payments-api-dev: clean-up now deletes images without a tag for 30 days",
      "deletes: dev: clean-up deletes the images that its rules select; before, there is no clean-up",
    ]);
  });

  it("says what it takes now, as a risk only if it takes more and deletes", () => {
    const less = { unpulledDays: 180, keep: 20 };
    const more = { unpulledDays: 45, keep: 20 };
    const words =
      "tagged images neither pulled nor pushed for 45 days and not among the newest 20 (by push); before, tagged images neither pulled nor pushed for 180 days and not among the newest 20 (by push)";
    assert.deepEqual(said(cleanUp(less), cleanUp(more)), [
      `deletes: payments-api-dev: clean-up now deletes ${words}`,
    ]);
    assert.deepEqual(said(cleanUp(less, { mode: "dry-run" }), cleanUp(more, { mode: "dry-run" })), [
      `payments-api-dev: clean-up now reports ${words}`,
    ]);
    assert.doesNotMatch(said(cleanUp(more), cleanUp(less))[0]!, /^deletes/);
    // A condition less is more images.
    assert.match(said(cleanUp(less), cleanUp({ keep: 20 }))[0]!, /^deletes/);
  });

  it("says which tags it no longer spares, and which accounts it no longer sees", () => {
    const role = "arn:aws:iam::777788889999:role/reader";
    assert.deepEqual(
      said(
        cleanUp({ untaggedDays: 3, protect: ["deployed-*"] }, { mode: "delete", inUse: { roles: [role] } }),
        cleanUp({ untaggedDays: 3 }, { mode: "delete", maxDeletions: 1000 }),
      ),
      [
        "deletes: payments-api-dev: clean-up no longer spares images tagged deployed-*",
        `deletes: dev: clean-up no longer sees images in use through the role ${role}`,
        "deletes: dev: one run of clean-up takes at most 1,000 images; before, 500 images",
      ],
    );
  });

  it("says that it deletes without archiving first", () =>
    assert.deepEqual(
      said(
        cleanUp({ unpulledDays: 3 }, { mode: "delete", archive: true }),
        cleanUp({ unpulledDays: 3 }, { mode: "delete" }),
      ),
      [
        "deletes: dev: clean-up deletes tagged images without archiving them first; before, clean-up archives tagged images, and deletes them 90 days later",
      ],
    ));

  it("says that it no longer stops at services that it cannot read", () =>
    assert.deepEqual(
      said(
        cleanUp({ untaggedDays: 3 }),
        cleanUp({ untaggedDays: 3 }, { mode: "delete", inUse: { checkedByHand: ["eks"] } }),
      ),
      ["deletes: dev: clean-up no longer stops where it finds eks in use"],
    ));
});
