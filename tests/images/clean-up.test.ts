import assert from "node:assert/strict";
import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  ECRClient,
  type ImageDetail,
  ImageNotFoundException,
} from "@aws-sdk/client-ecr";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { cleanUpRequest } from "../../documents/clean-up-request";
import { cleanUp } from "../../images/clean-up";
import { mockImageUsers } from "../support/image-users";

const NOW = new Date("2026-11-01T12:00:00Z");
const ACCOUNT = "111122223333";

/** What ECR answers to one image of a request to delete, or to the whole request. */
const answers = fc.constantFrom("deleted", "deleted", "deleted", "refused", "gone", "silent");
const requests = fc.constantFrom("answered", "answered", "answered", "denied");

describe("a clean-up's report, whatever ECR answers", () => {
  it("has each selected image once: deleted, gone, failed or left; and deleted is what ECR deleted", async () => {
    const [ecr, users] = [mockClient(ECRClient), mockImageUsers()];
    let deletedInAll = 0;
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 230 }), { minLength: 1, maxLength: 3 }),
          fc.array(answers, { minLength: 30, maxLength: 30 }),
          fc.array(requests, { minLength: 8, maxLength: 8 }),
          fc.integer({ min: 1, max: 300 }),
          async (sizes, ofImages, ofRequests, maxDeletions) => {
            ecr.reset();
            users.reset();
            ecr.onAnyCommand().resolves({});
            const there = new Map(
              sizes.map((count, r) => [
                `t-${r}-dev`,
                new Set(Array.from({ length: count }, (_, i) => `sha256:${r}-${i}`)),
              ]),
            );
            const details = (digests: Iterable<string>) => ({
              imageDetails: [...digests].map((imageDigest): ImageDetail => ({
                imageDigest,
                imagePushedAt: new Date(0),
                imageManifestMediaType: "application/vnd.docker.distribution.manifest.v2+json",
              })),
            });
            ecr.on(DescribeImagesCommand).callsFake(({ repositoryName, imageIds }) => {
              const images = there.get(repositoryName) ?? new Set();
              const wanted = imageIds?.map((id: { imageDigest: string }) => id.imageDigest) ?? [...images];
              if (wanted.some((digest: string) => !images.has(digest))) {
                throw new ImageNotFoundException({ message: "not found", $metadata: {} });
              }
              return details(wanted);
            });
            const deleted = new Set<string>();
            let asked = 0;
            ecr.on(BatchDeleteImageCommand).callsFake(({ repositoryName, imageIds }) => {
              if (ofRequests[asked++ % ofRequests.length] === "denied") {
                throw new Error("denied");
              }
              const outcome = imageIds.map(({ imageDigest }: { imageDigest: string }) => ({
                imageDigest,
                answer: ofImages[Number(imageDigest.split("-")[1]) % ofImages.length],
              })) as { imageDigest: string; answer: string }[];
              const of = (wanted: string) => outcome.filter(({ answer }) => answer === wanted);
              [...of("deleted"), ...of("gone")].forEach(({ imageDigest }) => {
                there.get(repositoryName)?.delete(imageDigest);
              });
              of("deleted").forEach(({ imageDigest }) => deleted.add(imageDigest));
              return {
                imageIds: of("deleted").map(({ imageDigest }) => ({ imageDigest })),
                failures: [
                  ...of("refused").map((imageId) => ({ imageId, failureCode: "KmsError" })),
                  ...of("gone").map((imageId) => ({ imageId, failureCode: "ImageNotFound" })),
                ],
              };
            });
            const report = await cleanUp(
              cleanUpRequest.parse({
                project: "p",
                environment: "dev",
                dryRun: false,
                archive: false,
                rules: { untaggedDays: 1 },
                maxDeletions,
              }),
              {
                connection: { region: "eu-west-1" },
                registry: { accountId: ACCOUNT, region: "eu-west-1" },
                repositories: [...there.keys()].map((name) => ({ name, team: "t" })),
                now: NOW,
              },
            );
            const { repositories, totals } = report;
            for (const one of repositories) {
              const outcomes = [
                ...one.deleted,
                ...one.gone,
                ...[...one.failed, ...one.left].map(({ digest }) => digest),
              ];
              assert.deepEqual(outcomes.sort(), one.selected.map(({ digest }) => digest).sort());
              one.left.forEach(({ digest }) => assert.ok(there.get(one.repository)?.has(digest)));
            }
            assert.deepEqual(repositories.flatMap((one) => one.deleted).sort(), [...deleted].sort());
            assert.ok(totals.deleted <= maxDeletions);
            // What ECR calls gone may have been deleted by a request without an answer, so it counts.
            assert.ok(report.stopped === undefined || totals.deleted + totals.gone === maxDeletions);
            deletedInAll += totals.deleted;
          },
        ),
        { numRuns: 100, seed: 7 },
      );
    } finally {
      ecr.restore();
      users.restore();
    }
    assert.ok(deletedInAll > 1000, `there was something to delete (${deletedInAll})`);
  });
});
