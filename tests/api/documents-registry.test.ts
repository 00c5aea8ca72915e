import assert from "node:assert/strict";
import {
  CreateRepositoryCommand,
  GetRegistryScanningConfigurationCommand,
  GetRepositoryPolicyCommand,
  PutLifecyclePolicyCommand,
  PutRegistryPolicyCommand,
  PutRegistryScanningConfigurationCommand,
  PutReplicationConfigurationCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { EventBridgeClient, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { ecrClient } from "../../images/clients";
import { Emulator } from "./emulator";
import { type Inputs, stackOnApi, type StackOnApi, tagsOf } from "./documents";

for (const stackName of ["dev", "prod"]) {
  describe(`the documents of the ${stackName} stack`, () => {
    let aws: StackOnApi["aws"];
    let each: StackOnApi["each"];
    let close: StackOnApi["close"];
    before(async () => {
      ({ aws, each, close } = await stackOnApi(stackName));
    });
    after(() => {
      close();
    });

    it("are accepted by ECR: repositories, lifecycle and repository policies", async () => {
      const ecr = ecrClient(aws.connection);
      await each("ecr/repository:Repository", 7, (inputs) =>
        ecr.send(
          new CreateRepositoryCommand({
            repositoryName: inputs.name,
            imageTagMutability: inputs.imageTagMutability,
            imageTagMutabilityExclusionFilters: inputs.imageTagMutabilityExclusionFilters,
            encryptionConfiguration: inputs.encryptionConfigurations[0],
            tags: tagsOf(inputs),
          }),
        ),
      );
      await each("ecr/lifecyclePolicy:LifecyclePolicy", 7, (inputs) =>
        ecr.send(
          new PutLifecyclePolicyCommand({
            repositoryName: inputs.repository,
            lifecyclePolicyText: inputs.policy,
          }),
        ),
      );
      await each("ecr/repositoryPolicy:RepositoryPolicy", stackName === "prod" ? 7 : 0, async (inputs) => {
        await ecr.send(
          new SetRepositoryPolicyCommand({ repositoryName: inputs.repository, policyText: inputs.policy }),
        );
        const { policyText } = await ecr.send(
          new GetRepositoryPolicyCommand({ repositoryName: inputs.repository }),
        );
        assert.deepEqual(JSON.parse(policyText ?? ""), JSON.parse(inputs.policy));
      });
    });

    it("are accepted by the registry: scanning rules, replication, registry policy", async () => {
      const ecr = ecrClient(aws.connection);
      await each("ecr/registryScanningConfiguration:RegistryScanningConfiguration", 1, async (inputs) => {
        const rules = inputs.rules.map((rule: Inputs) => ({
          scanFrequency: rule.scanFrequency,
          repositoryFilters: rule.repositoryFilters,
        }));
        // AWS refuses CONTINUOUS_SCAN with BASIC, which the emulator takes: held to AWS here.
        assert.ok(
          inputs.scanType === "ENHANCED" ||
            rules.every((rule: Inputs) => rule.scanFrequency !== "CONTINUOUS_SCAN"),
        );
        await ecr.send(new PutRegistryScanningConfigurationCommand({ scanType: inputs.scanType, rules }));
        const { scanningConfiguration } = await ecr.send(new GetRegistryScanningConfigurationCommand({}));
        assert.equal(scanningConfiguration?.scanType, inputs.scanType);
      });
      await each(
        "ecr/replicationConfiguration:ReplicationConfiguration",
        stackName === "prod" ? 1 : 0,
        ({ replicationConfiguration }) =>
          ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration })),
      );
      await each("ecr/registryPolicy:RegistryPolicy", 1, (inputs) =>
        ecr.send(new PutRegistryPolicyCommand({ policyText: inputs.policy })),
      );
    });
  });
}

describe("the API that accepts them", () => {
  let aws: Emulator;
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment);
  });
  after(() => {
    aws.close();
  });

  it("does refuse what is broken: a lifecycle rule, a repository policy, a role's policy, an event pattern", async () => {
    const ecr = ecrClient(aws.connection);
    await ecr.send(new CreateRepositoryCommand({ repositoryName: "a" }));
    const iam = new IAMClient(aws.connection);
    await iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: "{}" }));
    const rule = {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 0 },
      action: { type: "expire" },
    };
    const refused: [string, () => Promise<unknown>][] = [
      [
        "a lifecycle rule",
        () =>
          ecr.send(
            new PutLifecyclePolicyCommand({
              repositoryName: "a",
              lifecyclePolicyText: JSON.stringify({ rules: [rule] }),
            }),
          ),
      ],
      [
        "a repository policy",
        () =>
          ecr.send(
            new SetRepositoryPolicyCommand({
              repositoryName: "a",
              policyText: '{"Version":"2012-10-17","Statement":[{"Effect":"Permit"}]}',
            }),
          ),
      ],
      [
        "a role's policy",
        () =>
          iam.send(
            new PutRolePolicyCommand({
              RoleName: "r",
              PolicyName: "p",
              PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Permit"}]}',
            }),
          ),
      ],
      [
        "an event pattern",
        () =>
          new EventBridgeClient(aws.connection).send(
            new PutRuleCommand({ Name: "r", EventPattern: '{"source":"aws.ecr"}' }),
          ),
      ],
    ];
    for (const [what, put] of refused) {
      await assert.rejects(put(), what);
    }
  });
});
