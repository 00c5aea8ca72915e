import type { CleanUpReport } from "../../../images/clean-up-report";
import type { Cleaner } from "./cleaner";
import type { World } from "./world";

/** What a report says that is not so. */
export function problemsOfReport(cleaner: Cleaner, world: World): string[] {
  const { stored, returned, deleted, archived } = cleaner;
  if (stored === undefined) {
    return deleted.size === 0 ? [] : ["no deletion is without a stored plan"];
  }
  const problems: string[] = [];
  const expect = (what: string, holds: boolean) => {
    if (!holds) {
      problems.push(what);
    }
  };
  const all = (
    of: (one: CleanUpReport["repositories"][number]) => readonly (string | { digest: string })[],
  ) =>
    stored.repositories.flatMap((one) =>
      of(one).map((image) => `${one.repository}@${typeof image === "string" ? image : image.digest}`),
    );
  const selected = new Set(all((one) => one.selected));
  const outcomes = {
    archived: all((one) => one.archived),
    deleted: all((one) => one.deleted),
    gone: all((one) => one.gone),
    failed: all((one) => one.failed),
    left: all((one) => one.left),
  };
  const isThere = (key: string) => {
    const [repository = "", digest = ""] = key.split("@");
    return world.image(repository, digest) !== undefined;
  };
  const isArchived = (key: string) => {
    const [repository = "", digest = ""] = key.split("@");
    return world.image(repository, digest)?.archivedAt !== undefined;
  };
  const unknown = all((one) =>
    one.failed.filter(({ reason }) => /; it may be (archive|delete)d$/.test(reason)),
  );
  const listed = Object.values(outcomes).flat();
  expect("an image is in one list of the report", new Set(listed).size === listed.length);
  expect(
    "the report lists only selected images",
    listed.every((key) => selected.has(key)),
  );
  expect(
    "what the report calls deleted was deleted by this run",
    outcomes.deleted.every((key) => deleted.has(key)),
  );
  expect(
    "what the report calls archived was archived",
    outcomes.archived.every((key) => archived.has(key) || isArchived(key)),
  );
  expect(
    "what the report calls left was not deleted by this run",
    outcomes.left.every((key) => !deleted.has(key)),
  );
  if (returned !== undefined) {
    expect("each selected image is in a list of the report", listed.length === selected.size);
    const deletedOrGone = new Set([...outcomes.deleted, ...outcomes.gone, ...unknown]);
    expect(
      "what was deleted is called deleted, or gone, or maybe deleted",
      [...deleted].every((key) => deletedOrGone.has(key)),
    );
    const archivedOrGone = new Set([...outcomes.archived, ...outcomes.gone, ...unknown]);
    expect(
      "what was archived is called archived, or maybe archived, or is gone",
      [...archived].every((key) => archivedOrGone.has(key)),
    );
    expect("the report has an end", stored.finishedAt !== undefined);
    expect(
      "what the report calls gone is gone",
      outcomes.gone.every((key) => !isThere(key)),
    );
    expect(
      "the totals are those of the lists",
      Object.entries(outcomes).every(
        ([name, keys]) => stored.totals[name as keyof typeof outcomes] === keys.length,
      ),
    );
    expect(
      "a failure has a reason",
      stored.repositories.every(({ failed, left }) =>
        [...failed, ...left].every(({ reason }) => reason !== ""),
      ),
    );
  }
  return problems;
}
