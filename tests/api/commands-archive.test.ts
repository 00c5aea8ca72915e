import assert from "node:assert/strict";
import { BatchDeleteImageCommand } from "@aws-sdk/client-ecr";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { Restoration } from "../../images/archive";
import type { CleanUpReport } from "../../images/clean-up-report";
import { ecrClient, s3Client } from "../../images/clients";
import { editStack } from "../support/project";
import { ACCOUNT, REGION, type Emulator } from "./emulator";
import { about, digestOf, image, index, repository } from "./registry";
import { commandsApi } from "./commands";

describe("the commands, against an API", () => {
  let aws: Emulator;
  let folder: string;
  const { run, json, onTerminal } = commandsApi((started) => {
    ({ aws, folder } = started);
  });

  describe("images archived and images restore", () => {
    const archived = { days: 400, archivedAt: "2026-09-01T12:00:00Z" };
    const entries = [image("amd64", archived), image("arm64", archived)];
    const list = index("list", entries, { ...archived, tags: ["v1"] });
    const other = image("other", { ...archived, tags: ["v2"], bytes: 10 * 2 ** 30 });
    const seed = () =>
      aws.seed([
        repository("payments-api-dev", [
          ...entries,
          list,
          about("sbom", list, archived),
          other,
          image("active", { tags: ["v3"], days: 1 }),
        ]),
        repository("payments-ledger-dev", [image("ledger", { ...archived, tags: ["v1"] })]),
        repository("payments-card-vault-dev", []),
      ]);
    const restored = (...args: string[]) =>
      json<{ restorations: Restoration[]; unread: string[] }>("images", "restore", "--yes", ...args);
    const archivedNow = () =>
      json<{ images: { digest: string; status: string }[] }>("images", "archived", "-t", "payments")
        .images.filter(({ status }) => status === "ARCHIVED")
        .map(({ digest }) => digest);

    it("list archived images with the day until which they are charged", async () => {
      await seed();
      const { stdout } = run("images", "archived", "-t", "payments");
      assert.match(stdout, /payments-api-dev +v2 .* 10\.0 GiB +archived +2026-09-01 +2026-11-30\n/);
      assert.match(stdout, /\n6 archived images in 3 repositories, 10\.3 GiB, about 1\.03 USD a month/);
      assert.doesNotMatch(stdout, /v3/);
    });

    it("restore one image, and leave the others", async () => {
      await seed();
      assert.deepEqual(
        restored("-t", "payments", "--image", "payments-api-dev:v2").restorations.flatMap(
          (one) => one.restored,
        ),
        [other.digest],
      );
      assert.equal(archivedNow().length, 5);
      assert.match(run("images", "archived", "-t", "payments").stdout, / activating +2026-09-01/);
    });

    it("restore a list, what is known to belong to it, and its entries once the list can be read", async () => {
      await seed();
      const named = ["-t", "payments", "--image", `payments-api-dev@${list.digest}`];
      const first = restored(...named);
      assert.deepEqual(
        first.restorations.flatMap((one) => one.restored),
        [digestOf("sbom"), list.digest],
        "the list last",
      );
      assert.deepEqual(first.unread, ["payments-api-dev"]);
      await aws.activate();
      const second = restored(...named);
      assert.deepEqual(
        second.restorations.flatMap((one) => one.restored).sort(),
        entries.map(({ digest }) => digest).sort(),
      );
      assert.deepEqual(second.unread, []);
    });

    it("restore all of a team's archived images, and go on after one that ECR refuses", async () => {
      await seed();
      await aws.fault({
        action: "UpdateImageStorageClass",
        count: 1,
        kind: "error",
        name: "ValidationException",
      });
      const { status, stdout } = run("images", "restore", "-t", "payments", "--yes");
      assert.equal(status, 1);
      assert.match(stdout, /restoring 10\.3 GiB costs about 0\.31 USD \(list price/);
      assert.match(stdout, /\n5 images are being restored; .*\nnot restored: payments-/);
      assert.equal(archivedNow().length, 1);
    });

    it("restore nothing that nobody named, and without --yes where nobody can be asked", async () => {
      await seed();
      assert.match(run("images", "restore", "--yes").stderr, /nothing says what to restore\nfix: give --run/);
      assert.match(
        run("images", "restore", "--yes", "--image", "stray-api-dev:v1").stderr,
        /stray-api-dev:v1 is not an image of dev/,
      );
      assert.match(run("images", "restore", "-t", "payments").stderr, /confirmation is needed/);
      assert.equal((await aws.calls()).calls.UpdateImageStorageClass, undefined);
    });
  });

  describe("images clean, where clean-up archives, and images restore --run", () => {
    const entries = [image("amd64", { days: 99 }), image("arm64", { days: 99 })];
    const list = index("list", entries, { days: 99, tags: ["v1"] });
    const family = [list, ...entries].map(({ digest }) => digest).sort();
    const rules = ["-t", "payments", "--older-than-days", "30", "--untagged-days", "30"];
    const prepare = async (bucket = true) => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:operations"].cleanUp.archive = true;
      });
      await aws.seed([
        repository("payments-api-dev", [...entries, list, image("untagged", { days: 99 })]),
        repository("payments-ledger-dev", [image("young", { tags: ["v1"] })]),
        repository("payments-card-vault-dev", []),
      ]);
      if (bucket) {
        await s3Client(aws.connection).send(
          new CreateBucketCommand({
            Bucket: `ecr-platform-dev-reports-${ACCOUNT}-${REGION}`,
            CreateBucketConfiguration: { LocationConstraint: REGION },
          }),
        );
      }
    };
    const clean = () => json<CleanUpReport>("images", "clean", "--yes", ...rules);
    interface Restored {
      restorations: Restoration[];
      unread: string[];
      notArchived: { digest: string; why: string }[];
    }
    const restore = (id: string) => json<Restored>("images", "restore", "--yes", "--run", id);

    it("say before and after what is archived and what is deleted, and how to undo it", async () => {
      await prepare();
      const stale = run("images", "stale", ...rules).stdout;
      assert.match(
        stale,
        /\n3 of 5 images can be archived: 200\.0 MiB, which still cost about 0\.02 USD a month until/,
      );
      assert.match(stale, /\n1 of 5 images can be deleted: 100\.0 MiB, about 0\.01 USD a month/);
      assert.match(stale, / archive +\S.*\n[\s\S]* delete +untagged, 99 days old/);
      const { stdout } = onTerminal(["y"], "images", "clean", ...rules);
      assert.match(stdout, /Archive 3 and permanently delete 1 images of stack dev \(account 111122223333/);
      assert.match(
        stdout,
        /archived 3 images: 200\.0 MiB, .* from \d{4}-\d\d-\d\d, unless they are restored/,
      );
      const [, id = ""] =
        /undo: npx --offline ecr-platform images restore --stack dev --run (\S+)/.exec(stdout) ?? [];
      assert.match(stdout, /deleted 1 images: 100\.0 MiB/);
      assert.deepEqual(
        restore(id)
          .restorations.flatMap((one) => one.restored)
          .sort(),
        family,
      );
    });

    it("ask in production for the name of the stack, and change nothing for another answer", async () => {
      await prepare();
      editStack(folder, "dev", (config) => {
        config["ecr-platform:production"] = "yes";
        config["ecr-platform:repositories"].forceDelete = false;
      });
      const refused = onTerminal(["y"], "images", "clean", ...rules).stdout;
      assert.match(refused, /images of stack dev \(account 111122223333, eu-west-1\)\? Type dev to confirm/);
      assert.match(refused, /nothing was changed/);
      assert.equal((await aws.calls()).calls.UpdateImageStorageClass, undefined);
      assert.match(onTerminal(["dev"], "images", "clean", ...rules).stdout, /archived 3 images: /);
    });

    it("restore a list with its entries at once, and say what is active or deleted already", async () => {
      await prepare();
      const { run: id = "", totals } = clean();
      assert.deepEqual([totals.archived, totals.deleted], [3, 1]);
      const named = json<Restored>(
        "images",
        "restore",
        "--yes",
        "--image",
        `payments-api-dev@${list.digest}`,
      );
      assert.deepEqual(named.restorations.flatMap((one) => one.restored).sort(), family);
      assert.deepEqual(named.unread, [], "the record has the entries");
      await aws.activate();
      for (const imageDigest of [list.digest, digestOf("arm64")]) {
        await ecrClient(aws.connection).send(
          new BatchDeleteImageCommand({ repositoryName: "payments-api-dev", imageIds: [{ imageDigest }] }),
        );
      }
      const { restorations, notArchived } = restore(id);
      assert.deepEqual(
        restorations.flatMap((one) => one.restored),
        [],
      );
      assert.deepEqual(
        notArchived.map(({ digest, why }) => [digest, why]).sort(),
        [
          [digestOf("amd64"), "active"],
          [digestOf("arm64"), "deleted"],
          [list.digest, "deleted"],
        ].sort(),
      );
      assert.equal(clean().totals.selected, 0, "restored images are kept");
    });

    it("restore nothing of a run that there was not, and need a bucket for the record, unless told to delete", async () => {
      await prepare(false);
      assert.match(
        run("images", "restore", "--yes", "--run", "yesterday").stderr,
        /^no run yesterday has archived images of dev\nfix: /,
      );
      const { status, stderr } = run("images", "clean", "--yes", ...rules);
      assert.equal(status, 1);
      assert.match(stderr, /^the stack has no report bucket, .* so nothing was changed\nfix: .*--no-archive/);
      assert.equal((await aws.images())["payments-api-dev"]?.length, 4);
      const { totals } = json<CleanUpReport>("images", "clean", "--yes", "--no-archive", ...rules);
      assert.deepEqual([totals.archived, totals.deleted], [0, 4]);
    });
  });
});
