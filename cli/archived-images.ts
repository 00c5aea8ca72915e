import { NoSuchBucket } from "@aws-sdk/client-s3";
import type { Command } from "commander";
import colors from "picocolors";
import { ARCHIVE_DAYS } from "../aws/archive";
import { reportBucketName } from "../aws/arns";
import { priceIn, PRICES_AS_OF } from "../aws/prices";
import { quantity } from "../aws/quantity";
import { archivedWith, restoreImages, type Restoration } from "../images/archive";
import {
  ArchivedBefore,
  archiveStore,
  type ArchiveRecord,
  type ArchiveStore,
} from "../images/archive-records";
import { storageUsd } from "../images/clean-up-report";
import { ecrClient, s3Client } from "../images/clients";
import { InUse } from "../images/in-use";
import { linksOf } from "../images/links";
import { parseReference } from "../images/references";
import { forEachRepository, imagesOf, messageOf, type RegistryImage } from "../images/registry";
import { relationsOf } from "../images/relations";
import { size } from "../images/summary";
import { table } from "../plan/table";
import { UserError } from "../plan/user-error";
import { confirm } from "./ask";
import { onRepositories, type Context, type SelectedOptions } from "./context";
import { announceChanges } from "./interruption";
import { notRead, print, printText, shortDigest, withProgress } from "./output";

const DAY = 24 * 3600 * 1000;

const dayOf = (date: Date) => date.toISOString().slice(0, 10);

const tagsOf = ({ tags }: RegistryImage) => (tags.length === 0 ? colors.dim("untagged") : tags.join(", "));

/** The records of what clean-up archived, in the stack's report bucket. */
export function archiveStoreOf({ connection, settings }: Context): ArchiveStore {
  const { place, prefix, environment } = settings;
  const store = archiveStore(s3Client(connection), reportBucketName(place, prefix), environment);
  return {
    ...store,
    write: (record) =>
      store.write(record).catch((error: unknown) => {
        throw error instanceof NoSuchBucket
          ? new UserError(
              "the stack has no report bucket, in which clean-up records what it archives, so nothing was changed",
              "deploy the clean-up function (repositories.cleanUp, operations.cleanUp.mode: dry-run), or give --no-archive, which deletes at once",
            )
          : error;
      }),
  };
}

/** `images archived`: the archived images, and when deleting them costs nothing more. */
export function configureArchived(command: Command, directory: string): void {
  command.description("List archived images, and the day from which deleting them saves money.");
  onRepositories<SelectedOptions>(command, directory, async ({ context, repositories }, options) => {
    const ecr = ecrClient(context.connection);
    const { results, failures } = await withProgress("repositories", (progress) =>
      forEachRepository(
        repositories,
        async ({ name, team }) =>
          (await imagesOf(ecr, name))
            .filter(({ status }) => status !== undefined)
            .map((image) => ({
              repository: name,
              team,
              ...image,
              chargedUntil:
                image.archivedAt && dayOf(new Date(image.archivedAt.getTime() + ARCHIVE_DAYS * DAY)),
            })),
        progress,
      ),
    );
    const images = results.flat();
    const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
    print(options.json, { images, failures }, () =>
      [
        ...(images.length === 0
          ? []
          : [
              table(
                ["repository", "tags", "digest", "size", "status", "archived", "charged until"],
                images.map((image) => [
                  image.repository,
                  tagsOf(image),
                  shortDigest(image.digest),
                  size(image.bytes),
                  image.status?.toLowerCase() ?? "",
                  image.archivedAt === undefined ? "-" : dayOf(image.archivedAt),
                  image.chargedUntil ?? "-",
                ]),
                [3],
              ),
              "",
            ]),
        `${quantity(images.length, "archived image")} in ${quantity(repositories.length, "repository")}, ${size(bytes)}, ` +
          `about ${storageUsd(bytes, context.registry.region, "archiveGb").toFixed(2)} USD a month (list price of ${PRICES_AS_OF} in ${priceIn("archiveGb", context.registry.region).region})`,
        ...notRead(failures),
      ].join("\n"),
    );
    process.exitCode = failures.length > 0 ? 1 : 0;
  });
}

interface RestoreOptions extends SelectedOptions {
  image?: string[];
  run?: string;
  yes?: boolean;
}

/**
 * What clean-up archived. Where its records cannot be read, images can be restored all the same, unless they are named by a
 * run; only the entries of archived lists are unknown then.
 */
async function recordsFor(
  context: Context,
  run: string | undefined,
): Promise<{ records: ArchiveRecord[]; record?: ArchiveRecord; problem?: string }> {
  try {
    const records = await archiveStoreOf(context).read();
    const record = records.find((one) => one.run === run);
    return { records, ...(record === undefined ? {} : { record }) };
  } catch (error) {
    if (run !== undefined) {
      throw error;
    }
    return { records: [], problem: messageOf(error) };
  }
}

/** Images that a run archived and that are not archived any more. */
interface NotArchived {
  repository: string;
  digest: string;
  why: "deleted" | "active" | "being restored";
}

function notArchivedOf(
  repository: string,
  record: ArchiveRecord,
  images: readonly RegistryImage[],
): NotArchived[] {
  const now = new Map(images.map((image) => [image.digest, image]));
  return Object.keys(record.images[repository] ?? {}).flatMap((digest) => {
    const image = now.get(digest);
    const why =
      image === undefined
        ? "deleted"
        : image.status === undefined
          ? "active"
          : image.status === "ACTIVATING"
            ? "being restored"
            : undefined;
    return why === undefined ? [] : [{ repository, digest, why }];
  });
}

/** `images restore`: images of the archive class can be pulled again. */
export function configureRestore(command: Command, directory: string): void {
  command
    .description("Restore archived images, with their entries, signatures and SBOMs.")
    .option("--image <image...>", "these images: repository:tag or repository@digest; a tag may contain *")
    .option("--run <id>", "what this run of clean-up archived; its report has the id")
    .option("-y, --yes", "restore without asking")
    .addHelpText(
      "after",
      "\nWithout --image and --run, all archived images of the given --team or --repository. Restoring takes up to 20 minutes.",
    );
  onRepositories<RestoreOptions>(command, directory, async ({ context, repositories }, options) => {
    const { connection, registry } = context;
    const { image: named, run, team, repository: chosenRepositories } = options;
    if ([named, run, team, chosenRepositories].every((one) => one === undefined)) {
      throw new UserError(
        "nothing says what to restore",
        "give --run <id>, --image <repository:tag>, --repository or --team; images archived lists what there is",
      );
    }
    for (const image of options.image ?? []) {
      const parsed = parseReference(image, registry);
      if (parsed === undefined || !repositories.some(({ name }) => name === parsed.repository)) {
        throw new UserError(
          `${image} is not an image of ${options.stack}`,
          "name it like payments-api-dev:v1.2.0; images archived lists what there is",
        );
      }
    }
    const asked = new InUse(
      (options.image ?? []).map((image) => ({ image, where: "--image" })),
      registry,
    );
    const { records, record, problem } = await recordsFor(context, run);
    if (run !== undefined && record === undefined) {
      throw new UserError(
        `no run ${run} has archived images of ${options.stack}`,
        "give the run that its report or its alert names; images archived lists what is archived",
      );
    }
    const before = new ArchivedBefore(records);
    const ecr = ecrClient(connection);
    const { results, failures } = await withProgress("repositories", (progress) =>
      forEachRepository(
        repositories,
        async ({ name }) => {
          const images = await imagesOf(ecr, name);
          const links = await linksOf(ecr, name, images, (digest) => before.links(name, digest));
          const chosen = archivedWith(
            relationsOf(images, links),
            (image) =>
              (named === undefined || asked.where(name, image) !== undefined) &&
              (record === undefined || record.images[name]?.[image.digest] !== undefined),
          );
          return {
            name,
            images: chosen,
            notArchived: record === undefined ? [] : notArchivedOf(name, record, images),
            unread:
              options.image !== undefined && chosen.some(({ digest }) => links.get(digest)?.unread === true),
          };
        },
        progress,
      ),
    );
    const notArchived = results.flatMap((one) => one.notArchived);
    const notLookedAt = Object.keys(record?.images ?? {}).filter(
      (name) => !repositories.some((one) => one.name === name),
    );
    const all = results.flatMap(({ name, images }) => images.map((image) => ({ name, image })));
    const bytes = all.reduce((sum, { image }) => sum + image.bytes, 0);
    const words = (text: string) => {
      if (options.json !== true) {
        printText(text);
      }
    };
    if (all.length > 0) {
      const price = priceIn("restoreGb", registry.region);
      words(
        [
          table(
            ["repository", "tags", "digest", "size"],
            all.map(({ name, image }) => [name, tagsOf(image), shortDigest(image.digest), size(image.bytes)]),
            [3],
          ),
          "",
          `restoring ${size(bytes)} costs about ${((bytes / 2 ** 30) * price.usd).toFixed(2)} USD (list price of ${PRICES_AS_OF} in ${price.region})`,
        ].join("\n"),
      );
      const { accountId, region } = registry;
      const question = `Restore ${all.length} images of stack ${options.stack} (account ${accountId}, ${region})?`;
      if (!(await confirm(question, options.yes))) {
        words("nothing was restored");
        return;
      }
    }
    let done = 0;
    announceChanges({
      soFar: () => `${done} of ${all.length} images were restored; run it again to continue`,
    });
    const restorations: Restoration[] = [];
    for (const { name, images } of results) {
      restorations.push(await restoreImages(ecr, name, images, () => done++));
    }
    const failed = restorations.flatMap(({ repository, failed: some }) =>
      some.map((one) => ({ repository, ...one })),
    );
    const unread = results.filter((one) => one.unread).map(({ name }) => name);
    const ofRun = record === undefined ? {} : { notArchived, notLookedAt };
    print(options.json, { restorations, unread, ...ofRun, failures }, () =>
      [
        all.length === 0
          ? "no archived image to restore"
          : `${done} images are being restored; they can be pulled within 20 minutes`,
        ...unread.map(
          (name) =>
            `${name}: the entries of an archived list are known only when it is restored; run it again in 20 minutes`,
        ),
        ...(problem === undefined || unread.length === 0
          ? []
          : [`clean-up's records, which have the entries, cannot be read: ${problem}`]),
        ...(["deleted", "active", "being restored"] as const).flatMap((why) => {
          const count = notArchived.filter((one) => one.why === why).length;
          return count === 0 ? [] : [`${count} images of the run are ${why} already (--json names them)`];
        }),
        ...notLookedAt.map((name) => `not looked at: ${name}, of which the run archived images, too`),
        ...failed.map(({ repository, digest, reason }) =>
          colors.red(`not restored: ${repository} ${shortDigest(digest)}: ${reason}`),
        ),
        ...notRead(failures),
      ].join("\n"),
    );
    process.exitCode = failed.length + failures.length > 0 || (all.length === 0 && options.image) ? 1 : 0;
  });
}
