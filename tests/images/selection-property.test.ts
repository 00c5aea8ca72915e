import assert from "node:assert/strict";
import fc from "fast-check";
import { familiesOf } from "../../images/families";
import { relationsOf } from "../../images/relations";
import { decide } from "../../images/selection";
import { anyRules, mustStay, NOW, registries, type Registry } from "../support/registries";

const linksOf = (registry: Registry) =>
  new Map(
    registry.map(({ image: { digest }, children, subjects, unread }) => [
      digest,
      {
        ...(unread ? { unread: true as const } : {}),
        children: children.map((i) => `sha256:${i}`),
        subjects: subjects.map((i) => `sha256:${i}`),
      },
    ]),
  );

describe("clean-up, for any registry and rules", () => {
  it("deletes exactly what need not stay", () => {
    let deleted = 0;
    fc.assert(
      fc.property(registries, anyRules, (registry, given) => {
        const used = new Set(registry.filter((one) => one.used).map((one) => one.image.digest));
        const images = registry.map((one) => one.image);
        const decided = decide(
          images,
          relationsOf(images, linksOf(registry)),
          given,
          ({ digest }) => (used.has(digest) ? "a task" : undefined),
          NOW,
        );
        const stay = mustStay(registry, given);
        decided.forEach(({ verdict }, i) => {
          deleted += Number(verdict.go);
          assert.equal(verdict.go, !stay.has(i), `image ${i}: ${JSON.stringify(verdict)}`);
        });
      }),
      { numRuns: 3000 },
    );
    assert.ok(deleted > 1000, "the generated registries have something to delete");
  });

  it("deletes each image after what it belongs to, and in one family with it", () => {
    fc.assert(
      fc.property(registries, (registry) => {
        const links = linksOf(registry);
        const images = registry.map((one) => one.image);
        const families = familiesOf(images, relationsOf(images, links));
        const places = new Map(
          families.flatMap(({ steps }, family) =>
            steps.flatMap((step, i) => step.map(({ digest }) => [digest, { family, step: i }] as const)),
          ),
        );
        assert.equal(places.size, registry.length);
        assert.equal(
          families.reduce((sum, { size }) => sum + size, 0),
          registry.length,
        );
        const isBefore = (owner: string, digest: string) => {
          const [first, second] = [places.get(owner), places.get(digest)];
          assert.ok(first === undefined || (second !== undefined && first.step < second.step));
          assert.ok(first === undefined || first.family === second?.family);
        };
        for (const [digest, { children, subjects }] of links) {
          children.forEach((child) => {
            isBefore(digest, child);
          });
          subjects.forEach((subject) => {
            isBefore(subject, digest);
          });
        }
        const oldest = families.map(({ steps }) =>
          Math.min(...steps.flat().map(({ pushedAt }) => pushedAt.getTime())),
        );
        assert.deepEqual(
          oldest,
          [...oldest].sort((a, b) => a - b),
          "the oldest first",
        );
      }),
      { numRuns: 500 },
    );
  });
});
