import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import type { Connection } from "../../images/clients";
import { EMULATOR_PYTHON } from "./setup";

/** One image to be put into the emulator's registry, as it is from then on. */
export interface SeedImage {
  digest: string;
  tags: string[];
  bytes: number;
  pushedAt: string;
  pulledAt?: string;
  /** When it was moved to the archive class, where it then is. */
  archivedAt?: string;
  mediaType: string;
  /** JSON. */
  manifest: string;
  scan?: { status: string; completedAt?: string; counts?: Record<string, number> };
}

/** A repository to be put there. */
export interface SeedRepository {
  name: string;
  tags: { Key: string; Value: string }[];
  images: SeedImage[];
}

/** What goes wrong with calls of one API action. */
export interface EmulatorFault {
  /** `BatchDeleteImage`, or for REST services `GET /path`. */
  action: string;
  /** How many calls go well first. */
  after?: number;
  count: number;
  /** `lose`: the call is done, and answered with an error of the server. */
  kind: "throttle" | "error" | "slow" | "drop" | "lose";
  /** With `error`: its name. */
  name?: string;
  /** With `slow`. */
  seconds?: number;
}

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";

/** moto's server on a free port of loopback, with what emulator.py adds. */
export class Emulator {
  private constructor(
    private readonly process: ChildProcess,
    readonly endpoint: string,
  ) {}

  static async start(): Promise<Emulator> {
    const child = spawn(EMULATOR_PYTHON, [path.join(__dirname, "emulator.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, MOTO_ACCOUNT_ID: ACCOUNT, MOTO_IAM_LOAD_MANAGED_POLICIES: "false" },
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (data: Buffer) => {
        resolve(data.toString().trim());
      });
      child.once("error", () => {
        reject(new Error("there is no emulator; npm run api:setup installs it"));
      });
      child.once("exit", () => {
        reject(new Error("the emulator ended before it said its port"));
      });
    });
    return new Emulator(child, `http://127.0.0.1:${port}`);
  }

  close(): void {
    this.process.kill();
  }

  get connection(): Connection {
    return { region: REGION, endpoint: this.endpoint };
  }

  /** Environment in which the SDK and the commands find it. */
  get environment(): Record<string, string> {
    return {
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    };
  }

  private async ask(what: string, body: object): Promise<unknown> {
    const answer = await fetch(`${this.endpoint}${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    }
    return answer.headers.get("content-type")?.includes("json") === true ? answer.json() : undefined;
  }

  /** Forgets everything. */
  async reset(): Promise<void> {
    await this.ask("/moto-api/reset", {});
    await this.ask("/test/reset", {});
  }

  async seed(repositories: SeedRepository[]): Promise<void> {
    await this.ask("/test/seed", { account: ACCOUNT, region: REGION, repositories });
  }

  /** Ends the restoration of images: they can be pulled from now on. */
  async activate(): Promise<void> {
    await this.ask("/test/activate", { account: ACCOUNT, region: REGION });
  }

  /** Digests by repository, of all storage classes. */
  async images(): Promise<Record<string, string[]>> {
    return (await this.ask("/test/images", { account: ACCOUNT, region: REGION })) as Record<string, string[]>;
  }

  async fault(fault: EmulatorFault): Promise<void> {
    await this.ask("/test/fault", fault);
  }

  /** Calls by API action since the last reset, and how many there were at once at the most. */
  async calls(): Promise<{ calls: Record<string, number>; most: number }> {
    return (await this.ask("/test/calls", {})) as { calls: Record<string, number>; most: number };
  }

  /** What Inspector's coverage answers. */
  async coverage(coveredResources: object[]): Promise<void> {
    await this.ask("/test/coverage", { coveredResources });
  }

  /** What IAM's policy simulation says no to. */
  async deny(...actions: string[]): Promise<void> {
    await this.ask("/test/denied", { actions });
  }

  /** Inspector's counts of findings, by image. */
  async inspectorCounts(
    images: { repository: string; imageSha: string; severityCounts: Record<string, number> }[],
  ): Promise<void> {
    await this.ask("/test/aggregations", {
      images: images.map((one) => ({ ...one, resourceId: `${one.repository}/${one.imageSha}` })),
    });
  }

  /** Service revisions of ECS, each deployed successfully. */
  async serviceRevisions(serviceRevisions: object[]): Promise<void> {
    await this.ask("/test/revisions", { serviceRevisions });
  }

  /** Mail addresses whose owners have confirmed their subscriptions. */
  async confirm(...endpoints: string[]): Promise<void> {
    await this.ask("/test/confirmed", { endpoints });
  }

  /** ARNs of the products that send findings to Security Hub, which the account then has enabled. */
  async securityHub(...subscriptions: string[]): Promise<void> {
    await this.ask("/test/products", { subscriptions });
  }

  /** Inspector's findings. */
  async inspectorFindings(findings: object[]): Promise<void> {
    await this.ask("/test/findings", { findings });
  }

  /** What basic scans find, by image; an image's scan takes two looks to be done. */
  async scanResults(
    results: { repository: string; digest: string; status: string; findings: object[] }[],
  ): Promise<void> {
    await this.ask("/test/scans", { results });
  }
}
