import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesGlob } from "../../aws/globs";
import { InUse } from "../../images/in-use";
import { parseReference } from "../../images/references";

const registry = { accountId: "111122223333", region: "eu-west-1" };
const HOSTS = ["", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/", "ghcr.io/"];

const repository = fc.constantFrom("a-x-dev", "a-y-dev");
const digest = fc.constantFrom("a", "b", "c", "d").map((letter) => `sha256:${letter.repeat(64)}`);
const tag = fc.constantFrom("v1", "v1.2", "v2", "latest", "main");
const reference = fc
  .tuple(
    fc.constantFrom(...HOSTS),
    repository,
    fc.option(fc.oneof(tag, fc.constantFrom("v1.*", "*", "v*"))),
    fc.option(digest),
  )
  .map(
    ([host, name, tagged, by]) =>
      `${host}${name}${tagged === null ? "" : `:${tagged}`}${by === null ? "" : `@${by}`}`,
  );

describe("images in use, looked up in maps", () => {
  it("are those that any reference names by digest or tag, whatever the list", () => {
    let used = 0;
    fc.assert(
      fc.property(
        fc.array(reference, { maxLength: 6 }),
        repository,
        digest,
        fc.uniqueArray(tag, { maxLength: 3 }),
        (references, name, sha, tags) => {
          const naming = references.filter((one) => {
            const parsed = parseReference(one, registry);
            return (
              parsed?.repository === name &&
              (parsed.digest === sha || tags.some((each) => matchesGlob(parsed.tag ?? "", each)))
            );
          });
          const where = new InUse(
            references.map((image) => ({ image, where: image })),
            registry,
          ).where(name, { digest: sha, tags });
          assert.equal(where !== undefined, naming.length > 0);
          assert.ok(
            where === undefined || naming.includes(where),
            "it is one of the references that name it",
          );
          used += where === undefined ? 0 : 1;
        },
      ),
      { numRuns: 500, seed: 14 },
    );
    assert.ok(used > 50, `some were in use (${used})`);
  });
});
