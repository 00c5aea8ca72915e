import assert from "node:assert/strict";
import type { Restoration } from "../../images/archive";
import type { Emulator } from "./emulator";
import { about, digestOf, image, index, repository } from "./registry";
import { commandsApi } from "./commands";

describe("the commands, against an API", () => {
  let aws: Emulator;
  const { run, json } = commandsApi((started) => {
    ({ aws } = started);
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
      assert.match(
        run("images", "restore", "--yes").stderr,
        /nothing says what to restore\nfix: give --image/,
      );
      assert.match(
        run("images", "restore", "--yes", "--image", "stray-api-dev:v1").stderr,
        /stray-api-dev:v1 is not an image of dev/,
      );
      assert.match(run("images", "restore", "-t", "payments").stderr, /confirmation is needed/);
      assert.equal((await aws.calls()).calls.UpdateImageStorageClass, undefined);
    });
  });
});
