import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { SubscribeCommand, CreateTopicCommand } from "@aws-sdk/client-sns";
import { cloudWatchClient, ecrClient, snsClient } from "../../images/clients";
import { ACCOUNT, REGION, type Emulator } from "./emulator";
import { about, daysAgo, digestOf, image, index, repository } from "./registry";
import { Running } from "./running";

const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const MIB = 2 ** 20;

const scan = (counts: Record<string, number>) => ({ status: "COMPLETE", completedAt: daysAgo(1), counts });

/** One of basic scanning's findings. */
const basic = (name: string, severity: string, pkg: string, version: string, fixed?: string) => ({
  name,
  severity,
  uri: `https://security-tracker.debian.org/tracker/${name}`,
  description: `${pkg}: example of a vulnerability`,
  attributes: [
    { key: "package_name", value: pkg },
    { key: "package_version", value: version },
    ...(fixed === undefined ? [] : [{ key: "patched_versions", value: fixed }]),
    { key: "CVSS3_SCORE", value: severity === "CRITICAL" ? "9.8" : "7.5" },
  ],
});

/** The registry of the committed dev stack, with images of some months, and a task that runs one of them. */
export async function seedDemo(aws: Emulator): Promise<void> {
  const amd64 = image("web amd64", { days: 70, bytes: 180 * MIB });
  const arm64 = image("web arm64", { days: 70, bytes: 175 * MIB });
  const web = index("web", [amd64, arm64], { tags: ["v1.9.0"], days: 70 });
  await aws.seed([
    repository("payments-api-dev", [
      image("api 1", {
        tags: ["v1.4.2", "latest"],
        days: 2,
        bytes: 210 * MIB,
        scan: scan({ HIGH: 1, CRITICAL: 1 }),
      }),
      ...Array.from({ length: 5 }, (_, i) =>
        image(`api 1.4.${i}`, {
          tags: [`v1.4.${1 - i < 0 ? `0-rc.${i}` : 1 - i}`],
          days: 10 + i,
          bytes: 205 * MIB,
          scan: scan({}),
        }),
      ),
      image("api old", {
        tags: ["v1.2.0"],
        days: 120,
        pulledAt: daysAgo(100),
        bytes: 190 * MIB,
        scan: scan({ HIGH: 2 }),
      }),
      image("api older", { tags: ["v1.1.0"], days: 200, bytes: 185 * MIB, scan: scan({ HIGH: 3 }) }),
      image("api deployed", { tags: ["v1.0.0", "deployed-blue"], days: 300, bytes: 180 * MIB }),
      image("api dangling", { days: 9, bytes: 205 * MIB }),
    ]),
    repository("payments-ledger-dev", [
      image("ledger", { tags: ["v3.0.0"], days: 4, bytes: 95 * MIB, scan: scan({}) }),
    ]),
    repository("payments-card-vault-dev", []),
    repository("storefront-web-dev", [
      amd64,
      arm64,
      web,
      about("web signature", web, { days: 70 }),
      ...Array.from({ length: 5 }, (_, i) =>
        image(`web ${i}`, { tags: [`v2.${i}.0`], days: 5 + i, bytes: 190 * MIB }),
      ),
      image("web running", { tags: ["v1.8.0"], days: 90, bytes: 170 * MIB }),
    ]),
    repository("storefront-search-dev", [image("search", { tags: ["v0.3.0"], days: 12, bytes: 640 * MIB })]),
    repository("data-notebook-dev", [image("notebook", { tags: ["2026.10"], days: 30, bytes: 2400 * MIB })]),
    repository("data-etl-runner-dev", []),
  ]);
  const running = new Running(aws.connection);
  await running.taskDefinition("storefront-web", `${HOST}/storefront-web-dev:v1.8.0`);
  await ecrClient(aws.connection).send(
    new PutRegistryScanningConfigurationCommand({ scanType: "BASIC", rules: [] }),
  );
  await cloudWatchClient(aws.connection).send(
    new PutMetricDataCommand({
      Namespace: "AWS/ECR",
      MetricData: [
        ["payments-api-dev", 420],
        ["storefront-web-dev", 1310],
      ].map(([name, count]) => ({
        MetricName: "RepositoryPullCount",
        Value: Number(count),
        Timestamp: new Date(Date.now() - 24 * 3600_000),
        Dimensions: [{ Name: "RepositoryName", Value: String(name) }],
      })),
    }),
  );
  const sns = snsClient(aws.connection);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "ecr-platform-dev-alerts" }));
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "platform-dev@acme.example" }),
  );
  await aws.scanResults([
    {
      repository: "payments-api-dev",
      digest: digestOf("api 1"),
      status: "COMPLETE",
      findings: [
        basic("CVE-2026-1111", "CRITICAL", "openssl", "3.0.11-1", "3.0.15-1"),
        basic("CVE-2026-2222", "HIGH", "zlib", "1:1.2.13"),
      ],
    },
    {
      repository: "payments-api-dev",
      digest: digestOf("api old"),
      status: "COMPLETE",
      findings: [
        basic("CVE-2026-1111", "HIGH", "libxml2", "2.9.14", "2.9.14+dfsg-1.3"),
        basic("CVE-2026-2222", "HIGH", "zlib", "1:1.2.13"),
      ],
    },
  ]);
}

/** Puts the registry under Amazon Inspector, with its coverage and findings. */
export async function seedInspector(aws: Emulator): Promise<void> {
  await ecrClient(aws.connection).send(
    new PutRegistryScanningConfigurationCommand({
      scanType: "ENHANCED",
      rules: [
        // The emulator lets the last rule win; in AWS continuous scanning does.
        { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
        {
          scanFrequency: "CONTINUOUS_SCAN",
          repositoryFilters: [{ filter: "payments-*", filterType: "WILDCARD" }],
        },
      ],
    }),
  );
  const covered = (repositoryName: string, name: string, statusCode: string, reason: string) => ({
    accountId: ACCOUNT,
    resourceId: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repositoryName}/${digestOf(name)}`,
    resourceType: "AWS_ECR_CONTAINER_IMAGE",
    scanType: "PACKAGE",
    scanStatus: { statusCode, reason },
    ...(statusCode === "ACTIVE" ? { lastScannedAt: Date.UTC(2026, 9, 30, 4, 12) / 1000 } : {}),
  });
  await aws.coverage([
    covered("payments-api-dev", "api 1", "ACTIVE", "SUCCESSFUL"),
    covered("payments-api-dev", "api old", "INACTIVE", "SCAN_ELIGIBILITY_EXPIRED"),
    covered("payments-ledger-dev", "ledger", "ACTIVE", "SUCCESSFUL"),
    covered("storefront-web-dev", "web 0", "INACTIVE", "UNSUPPORTED_OS"),
  ]);
  const finding = (
    id: string,
    severity: string,
    [repositoryName, name, tag]: [string, string, string],
    [pkg, version, fixedInVersion]: [string, string, string],
    score: number,
  ) => ({
    findingArn: `arn:aws:inspector2:${REGION}:${ACCOUNT}:finding/${digestOf(id + name).slice(7, 39)}`,
    awsAccountId: ACCOUNT,
    type: "PACKAGE_VULNERABILITY",
    title: `${id} - ${pkg}`,
    description: "An example.",
    severity,
    status: "ACTIVE",
    inspectorScore: score,
    exploitAvailable: severity === "CRITICAL" ? "YES" : "NO",
    fixAvailable: fixedInVersion === "NotAvailable" ? "NO" : "YES",
    firstObservedAt: Date.parse(daysAgo(28)) / 1000,
    lastObservedAt: Date.UTC(2026, 9, 30) / 1000,
    remediation: {},
    resources: [
      {
        id: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repositoryName}/${digestOf(name)}`,
        type: "AWS_ECR_CONTAINER_IMAGE",
        details: {
          awsEcrContainerImage: {
            repositoryName,
            imageHash: digestOf(name),
            imageTags: [tag],
            registry: ACCOUNT,
          },
        },
      },
    ],
    packageVulnerabilityDetails: {
      vulnerabilityId: id,
      source: "NVD",
      sourceUrl: `https://nvd.nist.gov/vuln/detail/${id}`,
      vulnerablePackages: [{ name: pkg, version, fixedInVersion }],
    },
  });
  await aws.inspectorCounts([
    {
      repository: "payments-api-dev",
      imageSha: digestOf("api 1"),
      severityCounts: { all: 2, critical: 1, high: 1, medium: 0 },
    },
  ]);
  await aws.inspectorFindings([
    finding(
      "CVE-2026-1111",
      "CRITICAL",
      ["payments-api-dev", "api 1", "v1.4.2"],
      ["openssl", "3.0.11", "0:3.0.15-1"],
      9.8,
    ),
    finding(
      "CVE-2026-2222",
      "HIGH",
      ["payments-api-dev", "api 1", "v1.4.2"],
      ["zlib", "1.2.13", "NotAvailable"],
      7.5,
    ),
    finding(
      "CVE-2026-3333",
      "HIGH",
      ["storefront-web-dev", "web 0", "v2.0.0"],
      ["libxml2", "2.9.14", "2.9.14-1.3"],
      7.1,
    ),
    finding(
      "CVE-2026-4444",
      "LOW",
      ["data-notebook-dev", "notebook", "2026.10"],
      ["tar", "1.34", "NotAvailable"],
      2.9,
    ),
    finding("CVE-2026-5555", "HIGH", ["other-team-dev", "other", "v1"], ["bash", "5.2", "NotAvailable"], 7.0),
  ]);
}
