import type { CleanUpRequest } from "../../../documents/clean-up-request";
import { handler } from "../../../functions/clean-up";
import { cleanUp } from "../../../images/clean-up";
import type { CleanUpReport } from "../../../images/clean-up-report";
import { archiveStore } from "../../../images/archive-records";
import { ecrClient, s3Client } from "../../../images/clients";
import { taggedRepositories } from "../../../images/registry";
import { Process } from "./aws";
import { ACCOUNT, REGION, type StoredImage } from "./world";

/** An image as a cleaner saw it when it listed its repository. */
export type Seen = Pick<StoredImage, "pushedAt" | "usedAt" | "status"> & { tags: string[] };

/** What a cleaner saw of a repository. */
export interface View {
  seen: Map<string, Seen>;
  /** Digests that the rules selected at any moment since it began to list the repository. */
  allowed: Set<string>;
  /** The same of those that may be archived. */
  archivable: Set<string>;
  /** Whether its last page was read. */
  isComplete: boolean;
  /** How often something happened in the repository since the first. */
  changes: number;
  /** Whether what the run saw may be of no single moment. */
  isTorn: boolean;
  /** By digest: the images of the repository that had changed when that one was last looked at. */
  changed: Map<string, ReadonlySet<string>>;
  /** Digests that were known to be in use, or below which one was, when they were last looked at. */
  used: Set<string>;
}

/** A run of clean-up: of the function, or of `images clean`. */
export class Cleaner extends Process {
  readonly views = new Map<string, View>();
  /** Images that it saw with a tag, or with images that they belong to: the digests of those. */
  readonly attached = new Map<string, string[]>();
  /** Whether something could not be read that says what is in use. */
  blind = false;
  /** Repositories that it could not read. */
  readonly unreadable = new Set<string>();
  /** When it had read all repositories. */
  readUntil = 0;
  /** The report that it stored last. */
  stored?: CleanUpReport;
  /** The report that it returned, or why it did not. */
  returned?: CleanUpReport;
  error?: unknown;
  /** What it deleted and archived in truth, as `repository@digest`. */
  readonly deleted = new Set<string>();
  readonly archived = new Set<string>();

  constructor(
    id: string,
    readonly kind: "function" | "command",
    readonly request: CleanUpRequest,
    readonly startedAt: number,
  ) {
    super(id);
  }

  /** @param remaining milliseconds until Lambda ends the function */
  async clean(remaining: () => number, repositories: readonly string[]): Promise<void> {
    try {
      await (this.kind === "function" ? this.function(remaining) : this.command(repositories));
    } catch (error) {
      this.error = error;
    }
  }

  private async function(getRemainingTimeInMillis: () => number): Promise<void> {
    // Read before the first call.
    process.env.AWS_ENDPOINT_URL = this.endpoint;
    await handler(this.request, {
      invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:ecr-platform-dev-clean-up`,
      awsRequestId: this.id,
      getRemainingTimeInMillis,
    });
    this.returned = this.stored;
  }

  /** As `images clean --yes` does it: what a dry run selects is confirmed, and nothing else is deleted. */
  private async command(names: readonly string[]): Promise<void> {
    const connection = { region: REGION, endpoint: this.endpoint };
    const { results, failures } = await taggedRepositories(
      ecrClient(connection),
      names.map((name) => ({ name, team: "t", arn: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${name}` })),
      this.request,
    );
    const run = `${new Date().toISOString()}-${this.id}`;
    const context = {
      archive: { run, store: archiveStore(s3Client(connection), "reports", this.request.environment) },
      connection,
      registry: { accountId: ACCOUNT, region: REGION },
      repositories: results,
      failures,
    };
    const dryRun = await cleanUp({ ...this.request, dryRun: true }, { ...context, now: new Date() });
    this.views.clear();
    const only = new Map(
      dryRun.repositories.map(({ repository, selected }) => [
        repository,
        new Map(selected.map(({ digest, action }) => [digest, action])),
      ]),
    );
    this.returned = await cleanUp(this.request, {
      ...context,
      now: new Date(),
      only,
      record: (report) => {
        this.stored = structuredClone(report());
        return Promise.resolve();
      },
    });
    this.stored = this.returned;
  }
}
