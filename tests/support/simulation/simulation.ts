import { cleanUpRequest, stateKey, type CleanUpRules } from "../../../documents/clean-up-request";
import type { CleanUpState } from "../../../images/state";
import { SimulatedAws, type Call, type Fate } from "./aws";
import { Cleaner } from "./cleaner";
import { ecrOperations } from "./ecr";
import { somethingHappens } from "./events";
import { CAN_BE_MALFORMED, malformed } from "./faults";
import { Operations } from "./operations";
import { Oracle } from "./oracle";
import { Random } from "./random";
import { problemsOfReport } from "./reports";
import { LIST, otherOperations } from "./users";
import { REGION, type World } from "./world";

const MINUTE = 60_000;

/** Environment variables of the function. */
export const simulationEnvironment = { AWS_REGION: REGION, REPORT_BUCKET: "reports" };

/** What goes wrong, and what else happens; nothing unless it is set. */
export interface Conditions {
  rules: CleanUpRules;
  maxDeletions: number;
  archive: boolean;
  /** Probability that a call fails, or an image cannot be deleted. */
  faults: number;
  /** Probability that something happens between two calls. */
  happenings: number;
  /** Operation that is always refused in one repository. */
  denied?: { repository: string; name: string };
  /** The most images that ECR lists in one page. */
  pageSize: number;
  /** Milliseconds between two calls, at most. */
  pace: number;
  /** Calls after which a run of the function is killed. */
  killAfter?: number;
  /** What happens to one call, where a test decides it. */
  fate?: (call: Call<Cleaner>) => Fate | undefined;
}

/** Operations that tell what is in use. */
const ABOUT_USE =
  /^(List(Clusters|Tasks|TaskDefinitions|Services|ServiceDeployments|Functions|Jobs|Coverage|Models|Projects|AgentRuntimes)|Describe(Tasks|TaskDefinition|Services|ServiceRevisions|JobDefinitions|JobQueues)|GetFunction|GetRegistryScanningConfiguration)$/;

/** The repository that a call is about. */
const repositoryOf = ({ input }: Call<Cleaner>) =>
  String(input.repositoryName ?? input.resourceArn)
    .split("/")
    .at(-1) ?? "";

/** Cleaners in a world, and an oracle that watches them. */
export class Simulation {
  readonly oracle: Oracle;
  readonly conditions: Conditions;
  private readonly aws: SimulatedAws<Cleaner>;
  private active: Cleaner[] = [];
  private kills: { by: Cleaner; at: number; how: Fate }[] = [];
  private runs = 0;

  constructor(
    readonly world: World,
    readonly random: Random,
    given: Partial<Conditions>,
  ) {
    this.conditions = {
      rules: { keepBy: "pushed", protect: [] },
      maxDeletions: 500,
      archive: false,
      faults: 0,
      happenings: 0,
      pageSize: 1000,
      pace: 100,
      ...given,
    };
    this.oracle = new Oracle(world, () => this.active);
    const { oracle, conditions } = this;
    const operations = new Operations<Cleaner>();
    ecrOperations(operations, world, {
      listed: oracle.listed.bind(oracle),
      checked: oracle.checked.bind(oracle),
      deleting: oracle.changing.bind(oracle, "delete"),
      archiving: oracle.changing.bind(oracle, "archive"),
      countsPulls: ({ kind }) => kind === "command",
      refuses: () => (random.chance(conditions.faults) ? "KmsError" : undefined),
      pageSize: () => conditions.pageSize,
    });
    otherOperations(operations, world, (by, key, text) => {
      if (key === stateKey("dev")) {
        oracle.remembered(by);
      }
      if (key.includes(`-${by.id}.`) && !key.includes("/archived/")) {
        by.stored = JSON.parse(text) as NonNullable<Cleaner["stored"]>;
      }
    });
    this.aws = new SimulatedAws(
      world,
      operations,
      random,
      {
        fateOf: (call) => this.fateOf(call),
        malformedAnswer: ({ name }, answer) => malformed(name, answer, random),
        between: () => {
          if (random.chance(conditions.happenings)) {
            oracle.changed(somethingHappens(world, random));
          }
        },
        failed: (call, fate) => {
          this.failed(call, fate);
        },
      },
      conditions.pace,
    );
  }

  restore(): void {
    this.aws.restore();
  }

  passDays(days: number): void {
    this.aws.passTime(days * 24 * 60 * MINUTE);
  }

  private fateOf(call: Call<Cleaner>): Fate {
    const { denied, faults, fate } = this.conditions;
    const kill = this.kills.find(({ by, at }) => by === call.by && at === by.called);
    if (kill !== undefined) {
      return kill.how;
    }
    if (denied?.name === call.name && denied.repository === repositoryOf(call)) {
      return "refused";
    }
    const random = this.random.chance(faults)
      ? this.random.of<Fate>([
          "refused",
          "lost",
          "repeated",
          ...(CAN_BE_MALFORMED.test(call.name) ? ["malformed" as const] : []),
        ])
      : "answered";
    return fate?.(call) ?? random;
  }

  /** Notes what a cleaner may not do any more, because it cannot know enough. */
  private failed(call: Call<Cleaner>, fate: Fate): void {
    const { by, name, input } = call;
    if (fate === "repeated" || fate.startsWith("killed")) {
      return;
    }
    by.blind ||= ABOUT_USE.test(name) || (name === "GetObject" && input.Key === LIST);
    if (/^(DescribeImages|BatchGetImage|ListTagsForResource)$/.test(name) && by.stored === undefined) {
      by.unreadable.add(repositoryOf(call));
    }
  }

  /** Runs cleaners at once, and checks their reports. */
  async run(kinds: readonly Cleaner["kind"][], minutes = 15): Promise<Cleaner[]> {
    const { rules, maxDeletions, archive, faults, killAfter } = this.conditions;
    const cleaners = kinds.map((kind) => {
      const request = cleanUpRequest.parse({
        project: "ecr-platform",
        environment: "dev",
        dryRun: false,
        archive,
        rules,
        maxDeletions,
        inUse: { list: { bucket: "lists", key: LIST } },
      });
      return new Cleaner(`run-${++this.runs}`, kind, request, this.world.now);
    });
    this.kills = cleaners.flatMap((by) => {
      const at = killAfter ?? (faults > 0 && this.random.chance(0.3) ? 1 + this.random.below(60) : undefined);
      return at === undefined
        ? []
        : [{ by, at, how: this.random.of<Fate>(["killed before", "killed after"]) }];
    });
    this.active = cleaners;
    const end = this.world.now + minutes * MINUTE;
    const names = [...this.world.repositories.values()].flatMap(({ name, ours }) => (ours ? [name] : []));
    await Promise.all(
      cleaners.map((by) => this.aws.run(by, () => by.clean(() => end - this.world.now, names))),
    );
    for (const by of cleaners) {
      for (const problem of problemsOfReport(by, this.world)) {
        this.oracle.report(problem, by);
      }
      this.oracle.checkArchived(by);
    }
    this.active = [];
    return cleaners;
  }

  /** Runs the function, when nothing fails or happens any more, until it finds nothing to do; that must be soon. */
  async settle(): Promise<void> {
    Object.assign(this.conditions, { faults: 0, happenings: 0 });
    const images = [...this.world.repositories.values()].reduce((sum, one) => sum + one.images.size, 0);
    // Where nothing can be deleted, a run archives one step of what belongs together, and stops at the first deletion.
    const steps = this.conditions.denied?.name === "BatchDeleteImage" ? images : 0;
    const most = 3 + images / this.conditions.maxDeletions + steps;
    for (let i = 0; i < most; i++) {
      const [last] = (await this.run(["function"])) as [Cleaner];
      const totals = last.returned?.totals;
      if (totals === undefined) {
        this.oracle.report("a run without faults ends with a report", last, String(last.error));
        return;
      }
      // What ECR refuses for ever is tried for ever: entries of archived lists, and what clean-up has no permission for.
      if (totals.selected === 0 || totals.archived + totals.deleted + totals.gone === 0) {
        // As of the moment from which the run counted days.
        const ended = this.world.now;
        this.world.now = last.startedAt;
        this.checkNothingLeft(last);
        this.world.now = ended;
        return;
      }
    }
    this.oracle.report("runs come to an end", { id: "last", kind: "function" });
  }

  private checkNothingLeft(last: Cleaner): void {
    const state = JSON.parse(this.world.objects.get(stateKey("dev"))?.text ?? "{}") as CleanUpState;
    const reports = new Map(last.returned?.repositories.map((one) => [one.repository, one]));
    for (const repository of this.world.repositories.values()) {
      const report = reports.get(repository.name);
      const tried = new Set([...(report?.failed ?? []), ...(report?.left ?? [])].map(({ digest }) => digest));
      const since = (digest: string) => {
        const known = state.untagged[repository.name]?.[digest];
        return known === undefined ? undefined : Date.parse(known);
      };
      for (const digest of repository.ours && last.unreadable.size === 0
        ? [
            ...this.oracle.selectedNow(repository, last, since),
            ...this.oracle.selectedNow(repository, last, since, true),
          ]
        : []) {
        if (!tried.has(digest)) {
          this.oracle.report("nothing that may be deleted is left", last, `${repository.name}@${digest}`);
        }
      }
    }
  }
}
