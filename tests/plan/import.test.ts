import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { copyOfProject, editStack } from "../support/project";

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";

const EXISTING = [
  { repositoryName: "payments-refunds-dev", imageTagMutability: "MUTABLE" },
  {
    repositoryName: "card-services-vault-dev",
    imageTagMutability: "IMMUTABLE",
    encryptionConfiguration: { encryptionType: "KMS", kmsKey: KEY },
  },
  { repositoryName: "payments-api-dev", encryptionConfiguration: { encryptionType: "AES256" } },
  { repositoryName: "legacy/app", imageTagMutability: "MUTABLE" },
  { repositoryName: "app-dev" },
  { repositoryName: "payments-api-prod" },
];

describe("the import command", () => {
  let folder: string;
  beforeEach(() => {
    folder = copyOfProject();
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function command(input: unknown, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(folder, "cli/ecr-platform.js"), "import", "--from", "-", "--yes", ...args],
      { cwd: folder, encoding: "utf8", input: typeof input === "string" ? input : JSON.stringify(input) },
    );
    return { status, stdout, stderr };
  }
  const read = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
  const importFile = () =>
    JSON.parse(read("import.dev.json")) as { resources: object[]; nameTable: Record<string, string> };

  it("adds what the config lacks, with its own encryption, and changes no other line", () => {
    const before = read("Pulumi.dev.yaml").split("\n");
    const { status, stdout, stderr } = command({ repositories: EXISTING });
    assert.equal(status, 0, stderr);
    const after = read("Pulumi.dev.yaml").split("\n");
    assert.deepEqual(
      before.filter((line) => !after.includes(line)),
      [],
    );
    assert.equal(after.length, before.length + 8);
    const text = after.join("\n");
    assert.match(text, /imageTags: \{ mutable: \[\] \}\n {8}- name: refunds\n {10}encryption: AES256\n/);
    assert.match(
      text,
      /- name: card\n {6}contact: platform@acme\.example\n {6}services:\n {8}- name: services-vault\n {10}encryption: arn:aws:kms/,
    );
    assert.match(stdout, /^to import into dev: 2 of 6 repositories\n/);
    assert.match(stdout, /payments-refunds-dev: tags become IMMUTABLE_WITH_EXCLUSION \(MUTABLE now\)/);
  });

  it("gives a repository to the team with the longest name that fits", () => {
    editStack(folder, "dev", (config) => {
      const services = () => [{ name: "gate" }];
      config["ecr-platform:teams"].push({ name: "card", contact: "c@acme.example", services: services() });
      config["ecr-platform:teams"].push({
        name: "card-services",
        contact: "s@acme.example",
        services: services(),
      });
    });
    const { status, stderr } = command({ repositories: EXISTING.slice(1, 2) });
    assert.equal(status, 0, stderr);
    assert.match(JSON.stringify(importFile()), /"name":"card-services-vault",.*"parent":"card-services"/);
  });

  it("writes the file for pulumi import, each repository below its team", () => {
    command({ repositories: EXISTING });
    const component = (name: string) => ({
      type: "ecr-platform:index:TeamRepositories",
      name,
      component: true,
    });
    const repository = (name: string, id: string, parent: string) => ({
      type: "aws:ecr/repository:Repository",
      name,
      id,
      parent,
    });
    const { resources, nameTable } = importFile();
    assert.deepEqual(
      new Set(resources.map((one) => JSON.stringify(one))),
      new Set(
        [
          component("payments"),
          component("card"),
          repository("payments-refunds", "payments-refunds-dev", "payments"),
          repository("card-services-vault", "card-services-vault-dev", "card"),
        ].map((one) => JSON.stringify(one)),
      ),
    );
    assert.deepEqual(nameTable, {});
  });

  it("leaves alone, and says why, what it cannot take in without losing something", () => {
    const { stdout } = command({ repositories: EXISTING });
    assert.match(stdout, /legacy\/app: it is not named <team>-<service>-dev, and ECR cannot rename it/);
    assert.match(stdout, /app-dev: it is not named/);
    assert.match(stdout, /payments-api-prod: it is not named/);
    assert.match(
      stdout,
      /payments-api-dev: it is encrypted with AES256 and the config asks for another key, which would replace it; write encryption: AES256/,
    );
  });

  it("leaves out what the stack's state has already, and hangs the rest below what is there", () => {
    const urn = (type: string) => `urn:pulumi:dev::ecr-platform::ecr-platform:index:TeamRepositories${type}`;
    const first = command({ repositories: EXISTING });
    assert.equal(first.status, 0);
    fs.writeFileSync(
      path.join(folder, "state.json"),
      JSON.stringify({
        version: 3,
        deployment: {
          resources: [
            { urn: urn("::payments") },
            { urn: urn("::card") },
            { urn: urn("$aws:ecr/repository:Repository::card-services-vault") },
          ],
        },
      }),
    );
    const { stdout } = command({ repositories: EXISTING }, "--state", path.join(folder, "state.json"));
    assert.match(stdout, /managed by the stack already:\n {2}card-services-vault-dev/);
    assert.deepEqual(importFile(), {
      resources: [
        {
          type: "aws:ecr/repository:Repository",
          name: "payments-refunds",
          id: "payments-refunds-dev",
          parent: "payments",
        },
      ],
      nameTable: { payments: urn("::payments") },
    });
  });

  it("writes nothing in a dry run, and nothing where the config would not be valid", () => {
    const before = read("Pulumi.dev.yaml");
    assert.match(command({ repositories: EXISTING }, "--dry-run").stdout, /^would import into dev: 2 of 6/);
    assert.equal(read("Pulumi.dev.yaml"), before);
    assert.ok(!fs.existsSync(path.join(folder, "import.dev.json")));
    const foreign = { encryptionType: "KMS", kmsKey: KEY.replace("eu-west-1", "us-east-1") };
    const { status, stderr } = command({
      repositories: [{ repositoryName: "payments-refunds-dev", encryptionConfiguration: foreign }],
    });
    assert.equal(status, 1);
    assert.match(stderr, /a repository's KMS key is in the repository's region/);
    assert.equal(read("Pulumi.dev.yaml"), before);
  });

  it("says what a file should have been", () => {
    for (const input of ["{", "{}", '{"repositories": [{}]}']) {
      const { status, stderr } = command(input);
      assert.equal(status, 1);
      assert.match(stderr, /- is not what `aws ecr describe-repositories` prints/);
    }
  });
});
