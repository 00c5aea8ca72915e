import assert from "node:assert/strict";
import fc from "fast-check";
import { Emulator, type SeedImage } from "./emulator";
import { about, image, index, repository } from "./registry";
import { Running } from "./running";
import { HOST, cleanUpOn, functionsApi } from "./functions";

describe("the clean-up, against an API", () => {
  let aws: Emulator;
  let running: Running;
  functionsApi((emulator, workloads) => {
    aws = emulator;
    running = workloads;
  });
  const run = cleanUpOn(() => aws);

  it("never deletes what is in use or protected, nor what that needs, for any registry", async function () {
    this.timeout(600_000);
    const spec = fc.record({
      kind: fc.constantFrom("image", "image", "list", "about"),
      days: fc.integer({ min: 0, max: 60 }),
      tag: fc.constantFrom(undefined, undefined, "plain", "plain", "plain", "deployed"),
      use: fc.constantFrom(...Array<undefined>(9).fill(undefined), "definition", "lambda", "list"),
      of: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
    });
    let deleted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec, { minLength: 3, maxLength: 14 }),
        fc.integer({ min: 1, max: 40 }),
        async (specs, days) => {
          await aws.reset();
          const images: SeedImage[] = [];
          const needs: number[][] = [];
          const used: number[] = [];
          const listed: string[] = [];
          for (const [i, one] of specs.entries()) {
            const others = i === 0 ? [] : [...new Set(one.of.map((n) => n % i))];
            const fields = { tags: one.tag === undefined ? [] : [`${one.tag}-${i}`], days: one.days };
            const name = `image ${i}`;
            const made =
              others.length === 0 || one.kind === "image"
                ? image(name, fields)
                : one.kind === "list"
                  ? index(
                      name,
                      others.map((n) => images[n]!),
                      fields,
                    )
                  : about(name, images[others[0]!]!, fields);
            images.push(made);
            needs.push(one.kind === "list" ? others : []);
            // A signature is needed by what it is about.
            if (one.kind === "about" && others.length > 0) {
              needs[others[0]!]!.push(i);
            }
            const reference = `${HOST}/a-x-dev${fields.tags[0] === undefined ? `@${made.digest}` : `:${fields.tags[0]}`}`;
            if (one.use !== undefined) {
              used.push(i);
            }
            if (one.use === "definition") {
              await running.taskDefinition(`f${i}`, reference);
            } else if (one.use === "lambda") {
              await running.lambda(`f${i}`, reference);
            } else if (one.use === "list") {
              listed.push(reference);
            }
          }
          const seeded = repository("a-x-dev", images);
          await aws.seed([seeded]);
          const report = await run(
            {
              rules: { untaggedDays: days, olderThanDays: days, protect: ["deployed-*"] },
              inUse: { images: listed },
            },
            [seeded],
          );
          const left = new Set((await aws.images())["a-x-dev"]);
          deleted += images.length - left.size;
          assert.equal(report.totals.deleted, images.length - left.size, "the report is true");
          assert.equal(report.totals.failed, 0);
          specs.forEach(({ tag, days: age }, i) => {
            const there = left.has(images[i]!.digest);
            assert.ok(there || !used.includes(i), `image ${i} is in use`);
            assert.ok(there || tag !== "deployed", `image ${i} is protected`);
            assert.ok(there || age >= days || needs.some((list) => list.includes(i)), `image ${i} is young`);
            if (there) {
              needs[i]!.forEach((n) => {
                assert.ok(left.has(images[n]!.digest), `image ${n}, which image ${i} needs, is gone`);
              });
            }
          });
        },
      ),
      { numRuns: 100 },
    );
    assert.ok(deleted > 100, `there was something to delete (${deleted})`);
  });
});
