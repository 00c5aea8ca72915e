import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  paginateListClusters,
  paginateListServices,
  paginateListTaskDefinitions,
  paginateListTasks,
  type ECSClient,
} from "@aws-sdk/client-ecs";
import { GetFunctionCommand, paginateListFunctions, type LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { matchesGlob } from "../aws/globs";
import { chunks } from "../aws/chunks";
import type { InUseRequest } from "../documents/clean-up-request";
import { ecsClient, lambdaClient, s3Client, type Connection } from "./clients";
import { CONCURRENCY, messageOf, type RegistryImage } from "./registry";

/** A registry: where references to its images point. */
export interface RegistryPlace {
  accountId: string;
  region: string;
}

/** One image in use. */
export interface ImageReference {
  /** As it is written there: `host/repository:tag`, `host/repository@sha256:…`, or without the host. */
  image: string;
  /** What uses it, for people. */
  where: string;
}

/**
 * A reference to an image of any registry: host, repository, tag and digest; `*` in a tag stands for any text. As
 * in Docker, a first part with a dot or a port is a host. https://pkg.go.dev/github.com/distribution/reference
 */
const REFERENCE =
  /^(?!sha256:[0-9a-f]{64}$)(?:(?<host>localhost(?::\d+)?|[A-Za-z0-9-]+(?::\d+|(?:\.[A-Za-z0-9-]+)+(?::\d+)?))\/)?(?<repository>[a-z0-9][a-z0-9._/-]*)(?::(?<tag>[\w*][\w.*-]*))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Host of a private registry in ECR, in its classic, FIPS and dual-stack forms, in any partition. */
const ECR_HOST = /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.[a-z.]+(?::\d+)?$/;

/** A reference to an image of the registry, taken apart; undefined where it is another registry's. */
export interface ParsedReference {
  repository: string;
  /** A pattern: `*` stands for any text. */
  tag?: string;
  digest?: string;
}

/** Takes a reference apart; one without tag and digest means `latest`. */
export function parseReference(image: string, registry: RegistryPlace): ParsedReference | undefined {
  const groups = REFERENCE.exec(image)?.groups;
  if (groups?.repository === undefined) {
    return undefined;
  }
  if (groups.host !== undefined) {
    const { account, region } = ECR_HOST.exec(groups.host.toLowerCase())?.groups ?? {};
    if (account !== registry.accountId || region !== registry.region) {
      return undefined;
    }
  }
  const { repository, tag, digest } = groups;
  return {
    repository,
    ...(digest === undefined ? { tag: tag ?? "latest" } : { digest, ...(tag === undefined ? {} : { tag }) }),
  };
}

/** The images in use, by repository. */
export class InUse {
  private readonly references = new Map<string, (ParsedReference & { where: string })[]>();
  constructor(references: readonly ImageReference[], registry: RegistryPlace) {
    for (const { image, where } of references) {
      const parsed = parseReference(image, registry);
      if (parsed !== undefined) {
        const list = this.references.get(parsed.repository) ?? [];
        list.push({ ...parsed, where });
        this.references.set(parsed.repository, list);
      }
    }
  }

  /** Where an image of a repository is used; undefined where nothing that was read uses it. */
  where(repository: string, { digest, tags }: Pick<RegistryImage, "digest" | "tags">): string | undefined {
    return this.references
      .get(repository)
      ?.find(
        (reference) =>
          reference.digest === digest ||
          (reference.tag !== undefined && tags.some((tag) => matchesGlob(reference.tag ?? "", tag))),
      )?.where;
  }
}

/** The items of all pages, as one list. */
async function all<Page, T>(pages: AsyncIterable<Page>, of: (page: Page) => T[] | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    found.push(...(of(page) ?? []));
  }
  return found;
}

const at = { concurrency: CONCURRENCY };

/** Newest revisions of each family. An ARN ends in `family:revision`. */
function newestRevisions(arns: readonly string[], revisions: number | undefined): string[] {
  if (revisions === undefined) {
    return [...arns];
  }
  const families = new Map<string, { arn: string; revision: number }[]>();
  for (const arn of arns) {
    const cut = arn.lastIndexOf(":");
    const family = arn.slice(0, cut);
    families.set(family, [...(families.get(family) ?? []), { arn, revision: Number(arn.slice(cut + 1)) }]);
  }
  return [...families.values()].flatMap((list) =>
    list
      .sort((a, b) => b.revision - a.revision)
      .slice(0, revisions)
      .map(({ arn }) => arn),
  );
}

/** Images of running tasks, of what services deploy, and of the active task definitions. */
async function ofEcs(ecs: ECSClient, revisions: number | undefined): Promise<ImageReference[]> {
  const clusters = await all(paginateListClusters({ client: ecs }, {}), (page) => page.clusterArns);
  const definitions = new Set(
    newestRevisions(
      await all(
        paginateListTaskDefinitions({ client: ecs }, { status: "ACTIVE" }),
        (page) => page.taskDefinitionArns,
      ),
      revisions,
    ),
  );
  const references: ImageReference[] = [];
  await pMap(
    clusters,
    async (cluster) => {
      const tasks = await all(paginateListTasks({ client: ecs }, { cluster }), (page) => page.taskArns);
      for (const batch of chunks(tasks, 100)) {
        const described = await ecs.send(new DescribeTasksCommand({ cluster, tasks: batch }));
        for (const task of described.tasks ?? []) {
          if (task.taskDefinitionArn !== undefined) {
            definitions.add(task.taskDefinitionArn);
          }
          for (const { image, imageDigest } of task.containers ?? []) {
            const repository = image?.replace(/(@.*|:[^:/]*)$/, "");
            const where = `ECS task ${task.taskArn ?? ""}`;
            // The tag may have moved since the task started; the digest is the image in use.
            references.push(
              ...(image === undefined ? [] : [{ image, where }]),
              ...(repository === undefined || imageDigest === undefined
                ? []
                : [{ image: `${repository}@${imageDigest}`, where }]),
            );
          }
        }
      }
      const services = await all(
        paginateListServices({ client: ecs }, { cluster }),
        (page) => page.serviceArns,
      );
      for (const batch of chunks(services, 10)) {
        const described = await ecs.send(new DescribeServicesCommand({ cluster, services: batch }));
        for (const service of described.services ?? []) {
          // A service may still run a definition that is deregistered.
          [service, ...(service.deployments ?? []), ...(service.taskSets ?? [])].forEach(
            ({ taskDefinition }) => {
              if (taskDefinition !== undefined) {
                definitions.add(taskDefinition);
              }
            },
          );
        }
      }
    },
    at,
  );
  await pMap(
    definitions,
    async (taskDefinition) => {
      const described = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      for (const { image } of described.taskDefinition?.containerDefinitions ?? []) {
        if (image !== undefined) {
          references.push({ image, where: `ECS task definition ${taskDefinition.split("/").at(-1) ?? ""}` });
        }
      }
    },
    at,
  );
  return references;
}

/** Images of all versions of Lambda functions. */
async function ofLambda(lambda: LambdaClient): Promise<ImageReference[]> {
  const functions = await all(
    paginateListFunctions({ client: lambda }, { FunctionVersion: "ALL" }),
    (page) => page.Functions,
  );
  const found = await pMap(
    functions.filter(({ PackageType }) => PackageType === "Image"),
    async ({ FunctionName, Version }) => {
      const { Code } = await lambda.send(
        new GetFunctionCommand({
          FunctionName,
          ...(Version === undefined || Version === "$LATEST" ? {} : { Qualifier: Version }),
        }),
      );
      const where = `Lambda function ${FunctionName ?? ""} ${Version ?? ""}`.trim();
      return [Code?.ImageUri, Code?.ResolvedImageUri].flatMap((image) =>
        image === undefined ? [] : [{ image, where }],
      );
    },
    at,
  );
  return found.flat();
}

/** A comment by which the job that writes a list says when it looked, and in which cluster. */
const HEADER = /^#\s*cluster (?<cluster>\S+) at (?<time>\S+)\s*$/;

/**
 * The images of a list: one reference per line, `#` begins a comment. A repository without tag and digest means
 * all its images.
 * @throws Error where a line is not a reference, or there is none: a list that cannot be understood must not count as
 * a list of nothing
 */
export function listedImages(text: string, where: string): ImageReference[] {
  const listed = text.split(/\r\n|\r|\n/).flatMap((line, i) => {
    const image = line.replace(/#.*/, "").trim();
    if (image === "") {
      return [];
    }
    const groups = REFERENCE.exec(image)?.groups;
    if (groups === undefined) {
      throw new Error(
        `${where}, line ${i + 1}: ${JSON.stringify(image.slice(0, 100))} is not a reference to one image, such as ` +
          "payments-api-prod:v1.2.0",
      );
    }
    return [{ image: groups.tag === undefined && groups.digest === undefined ? `${image}:*` : image, where }];
  });
  if (listed.length === 0) {
    throw new Error(`${where} names no image: the job that writes it has failed`);
  }
  return listed;
}

/**
 * Reads a list of images in use from S3. A job outside this program writes it, for clusters that this program cannot see
 * (EKS).
 * @throws Error where the object, or what a header says of one cluster, is older than the list may be
 */
async function ofList(
  connection: Connection,
  list: NonNullable<InUseRequest["list"]>,
  now: Date,
): Promise<ImageReference[]> {
  const where = `s3://${list.bucket}/${list.key}`;
  const { Body, LastModified } = await s3Client(connection).send(
    new GetObjectCommand({ Bucket: list.bucket, Key: list.key }),
  );
  const checkAge = (what: string, written: Date | undefined) => {
    const hours = (now.getTime() - (written?.getTime() ?? NaN)) / 3_600_000;
    // Also where there is no time, or none that can be read.
    if (!(hours <= list.maxAgeDays * 24)) {
      throw new Error(
        `${what} is ${Number.isNaN(hours) ? "of an unknown time" : `${hours.toFixed(1)} hours old`}, and may be ` +
          `${list.maxAgeDays * 24} hours old: the job that writes it has stopped`,
      );
    }
  };
  checkAge(where, LastModified);
  const text = (await Body?.transformToString()) ?? "";
  for (const line of text.split(/\r\n|\r|\n/)) {
    const { cluster, time } = HEADER.exec(line)?.groups ?? {};
    if (cluster !== undefined) {
      checkAge(`${where}, cluster ${cluster},`, new Date(time ?? ""));
    }
  }
  return listedImages(text, where);
}

/**
 * All images known to be in use: by ECS tasks, services and task definitions and by Lambda functions in this account and
 * the accounts of the given roles, in this region and the given ones, and those in the user's lists.
 * @throws Error where any of it cannot be read: an image that cannot be checked counts as in use
 */
export async function readInUse(
  connection: Connection,
  registry: RegistryPlace,
  request: InUseRequest,
  now: Date,
): Promise<InUse> {
  const places: Connection[] = [registry.region, ...request.regions].flatMap((region) =>
    [undefined, ...request.roles].map((roleArn) => ({
      ...connection,
      region,
      ...(roleArn === undefined ? {} : { roleArn }),
    })),
  );
  const reading = (what: string, read: Promise<ImageReference[]>) =>
    read.catch((error: unknown) => {
      throw new Error(`what runs in ${what} cannot be read, so nothing is deleted: ${messageOf(error)}`, {
        cause: error,
      });
    });
  const found = await Promise.all([
    ...places.flatMap((place) => {
      const of = `${place.region}${place.roleArn === undefined ? "" : ` as ${place.roleArn}`}`;
      return [
        reading(`ECS (${of})`, ofEcs(ecsClient(place), request.taskDefinitionRevisions)),
        reading(`Lambda (${of})`, ofLambda(lambdaClient(place))),
      ];
    }),
    ...(request.list === undefined ? [] : [reading("the list", ofList(connection, request.list, now))]),
  ]);
  return new InUse(
    [...found.flat(), ...request.images.map((image) => ({ image, where: "the list in the request" }))],
    registry,
  );
}
