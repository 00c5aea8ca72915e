import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { ecrClient } from "../images/clients";
import { cleanUp } from "../images/clean-up";
import { cleanUpRequest } from "../documents/clean-up-request";
import { handler as metricsHandler } from "../functions/metrics";
import { imagesOf } from "../images/registry";
import { ACCOUNT, Emulator, REGION } from "../tests/api/emulator";
import { invocation } from "../tests/api/functions";
import { image, index, repository } from "../tests/api/registry";

/**
 * The functions against the API emulator: images a second, calls, and memory. Seconds are the emulator's more than
 * the functions'; the ratio to a plain listing of the same images, in the same run, is theirs.
 */

const WHOLE = { project: "ecr-platform", environment: "dev" };

async function timed<T>(run: () => Promise<T>): Promise<{ result: T; seconds: number; peakMb: number }> {
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const start = process.hrtime.bigint();
  const result = await run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  clearInterval(watch);
  return { result, seconds, peakMb: Math.round(peak / 2 ** 20) };
}

async function main(): Promise<void> {
  const [repositories = 500, images = 40, large = 10_000] = process.argv.slice(2).map(Number);
  const aws = await Emulator.start();
  Object.assign(process.env, aws.environment);
  const names = Array.from({ length: repositories }, (_, r) => `team${r % 50}-service${r}-dev`);
  const listed = names.map((name, r) =>
    repository(
      name,
      Array.from({ length: r === 0 ? large : images }, (_, i) => {
        const one = image(`${r}/${i}`, { days: i % 100, tags: i % 3 === 0 ? [] : [`v1.${i}.0`] });
        return i % 50 === 49 ? index(`${r}/${i}`, [], { days: i % 100, tags: [`v2.${i}.0`] }) : one;
      }),
    ),
  );
  const total = listed.reduce((sum, one) => sum + one.images.length, 0);
  for (const one of listed) {
    await aws.seed([one]);
  }
  console.log(`${repositories} repositories, ${total} images, ${large} of them in one repository`);
  console.log = () => undefined;
  const rows: string[] = [];
  const plain = await timed(async () => {
    for (const name of names) {
      await imagesOf(ecrClient(aws.connection), name);
    }
  });
  const scanBy = (scanType: "BASIC" | "ENHANCED") =>
    ecrClient(aws.connection).send(new PutRegistryScanningConfigurationCommand({ scanType, rules: [] }));
  await scanBy("BASIC");
  const basic = await timed(() => metricsHandler(WHOLE, invocation()));
  await scanBy("ENHANCED");
  const metrics = await timed(() => metricsHandler(WHOLE, invocation()));
  const request = (dryRun: boolean) =>
    cleanUpRequest.parse({
      ...WHOLE,
      dryRun,
      maxDeletions: 100_000,
      rules: { untaggedDays: 30, olderThanDays: 50, keep: 5, keepBy: "semver" },
    });
  const context = {
    connection: aws.connection,
    registry: { accountId: ACCOUNT, region: REGION },
    repositories: names.map((name) => ({ name, team: name.split("-")[0] ?? "" })),
    now: new Date(),
  };
  const dry = await timed(() => cleanUp(request(true), context));
  const real = await timed(() => cleanUp(request(false), context));
  const row = (what: string, { seconds, peakMb }: typeof plain, count: number) =>
    rows.push(
      [
        what.padEnd(22),
        `${seconds.toFixed(1)} s`,
        `${Math.round(count / seconds)} images/s`,
        `${(seconds / plain.seconds).toFixed(2)} x plain listing`,
        `${peakMb} MB`,
      ].join("  "),
    );
  row("plain listing", plain, total);
  row("metrics, enhanced", { ...metrics, result: undefined }, total);
  row("metrics, basic", { ...basic, result: undefined }, total);
  row("clean-up, dry run", { ...dry, result: undefined }, total);
  row("clean-up, deletes", { ...real, result: undefined }, real.result.totals.deleted);
  rows.push(
    `metrics published: ${metrics.result.metrics}; deleted: ${real.result.totals.deleted}, failed: ${real.result.totals.failed}`,
  );
  process.stdout.write(`${rows.join("\n")}\n`);
  aws.close();
}

void main();
