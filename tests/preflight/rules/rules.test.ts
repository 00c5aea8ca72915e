import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { runProgram } from "../../../plan/run";
import { readStackConfig } from "../../../plan/stack-file";
import { checkov } from "../../../preflight/checkov";
import { CHECKOV_EXCEPTIONS, judge, RULE_EXCEPTIONS } from "../../../preflight/exceptions";
import { Rules } from "../../../preflight/rules";
import { templatesOf, type Template } from "../../../preflight/template";
import { ROOT } from "../../support/project";

const REGION = "eu-west-1";
const ACCOUNT = "444455556666";

/** The first resource of a type. */
function first(template: Template, type: string): any {
  const resource = Object.values(template.Resources).find(({ Type }) => Type === type);
  assert.ok(resource, `the stack has no ${type}`);
  return resource.Properties;
}

/** A lifecycle policy with one change. */
function changePolicy(template: Template, change: (rules: any[]) => void): void {
  const { LifecyclePolicy } = first(template, "AWS::ECR::Repository");
  const policy = JSON.parse(LifecyclePolicy.LifecyclePolicyText);
  change(policy.rules);
  LifecyclePolicy.LifecyclePolicyText = JSON.stringify(policy);
}

/** Faults that AWS refuses, by the rule that knows it. */
const FAULTS: Record<string, (template: Template) => void> = {
  "pf-ecr-lifecycle-rule-priority": (t) => {
    changePolicy(t, (rules) => {
      rules[1].rulePriority = rules[0].rulePriority;
    });
  },
  "pf-ecr-lifecycle-action": (t) => {
    changePolicy(t, (rules) => {
      rules[0].action.type = "transition";
    });
  },
  "pf-ecr-lifecycle-count": (t) => {
    changePolicy(t, (rules) => {
      rules[0].selection.countNumber = 0;
    });
  },
  "pf-ecr-encryption-configuration": (t) => {
    first(t, "AWS::ECR::Repository").EncryptionConfiguration.KmsKey =
      `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  },
  "pf-ecr-image-tag-mutability-filters": (t) => {
    first(t, "AWS::ECR::Repository").ImageTagMutability = "IMMUTABLE_WITH_EXCLUSION";
  },
  "pf-ecr-registry-scanning-configuration": (t) => {
    first(t, "AWS::ECR::RegistryScanningConfiguration").ScanType = "BASIC";
  },
  "pf-ecr-replication-destination": (t) => {
    const [rule] = first(t, "AWS::ECR::ReplicationConfiguration").ReplicationConfiguration.Rules;
    rule.Destinations = [{ Region: REGION, RegistryId: ACCOUNT }];
  },
  "pf-ecr-pull-through-cache-url": (t) => {
    first(t, "AWS::ECR::PullThroughCacheRule").UpstreamRegistryUrl = "registry.acme.example";
  },
  "pf-kms-key-policy-lockout": (t) => {
    const { KeyPolicy } = first(t, "AWS::KMS::Key");
    KeyPolicy.Statement = KeyPolicy.Statement.map((one: object) => ({ ...one, Action: "kms:Decrypt" }));
  },
  "pf-iam-inline-policy-size": (t) => {
    first(t, "AWS::IAM::Policy").PolicyDocument.Statement[0].Resource = Array.from(
      { length: 200 },
      (_, i) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/team-with-a-name-${i}-service-prod`,
    );
  },
  "pf-iam-policy-version": (t) => {
    first(t, "AWS::IAM::Policy").PolicyDocument.Version = "2012-10-18";
  },
  "pf-events-pattern-scalar-value": (t) => {
    first(t, "AWS::Events::Rule").EventPattern.source = "aws.ecr";
  },
  "pf-events-target-dlq": (t) => {
    first(t, "AWS::Events::Rule").Targets[0].DeadLetterConfig.Arn =
      `arn:aws:sqs:${REGION}:${ACCOUNT}:dead.fifo`;
  },
  "pf-scheduler-rate-positive": (t) => {
    first(t, "AWS::Scheduler::Schedule").ScheduleExpression = "rate(0 hours)";
  },
  "pf-lambda-timeout-max": (t) => {
    first(t, "AWS::Lambda::Function").Timeout = 1000;
  },
  "pf-cloudwatch-alarm-period": (t) => {
    first(t, "AWS::CloudWatch::Alarm").Period = 45;
  },
  // The schemas, which also tell a property that the mapping would have misspelt.
  F3002: (t) => {
    first(t, "AWS::SQS::Queue").MessageRetentionSeconds = 60;
  },
  F3012: (t) => {
    first(t, "AWS::ECR::Repository").RepositoryName = ["payments-api-prod"];
  },
  W3030: (t) => {
    first(t, "AWS::Events::Rule").State = "ON";
  },
};

describe("the rules that npm run preflight holds the plans to", () => {
  const rules = new Rules();
  let template: Template;

  before(async () => {
    const stack = readStackConfig(ROOT, "prod");
    const mapping = templatesOf(await runProgram(ROOT, stack, { references: true }));
    template = mapping.templates.get(REGION)!;
  });

  const refusals = (one: Template) =>
    judge(rules.refusals(one, { region: REGION, accountId: ACCOUNT }), one, RULE_EXCEPTIONS).refused;

  it("refuse nothing in the production stack", () => {
    assert.deepEqual(refusals(template), []);
  });

  for (const [rule, plant] of Object.entries(FAULTS)) {
    it(`refuse a planted fault by ${rule}`, () => {
      const faulty = structuredClone(template);
      plant(faulty);
      assert.ok(refusals(faulty).some((finding) => finding.rule === rule));
    });
  }

  it("know the region and the account: the same template elsewhere is refused", () => {
    const found = rules.refusals(template, { region: "eu-central-1", accountId: "111122223333" });
    assert.ok(found.some((finding) => finding.rule === "pf-ecr-pull-through-cache-credential"));
  });

  // The witness is a community's: where it disagrees with AWS's documentation, the documentation wins.
  it("pass a count type that ECR takes with a transition only (known disagreement)", () => {
    const faulty = structuredClone(template);
    changePolicy(faulty, (rules) => {
      rules.at(-1).selection = {
        tagStatus: "any",
        countType: "sinceImagePulled",
        countUnit: "days",
        countNumber: 30,
      };
    });
    assert.deepEqual(refusals(faulty), []);
  });

  it("pass a deletion of archived images after 30 days, which ECR bills for 90 (known disagreement)", () => {
    const faulty = structuredClone(template);
    changePolicy(faulty, (rules) => {
      rules.at(-1).selection = {
        tagStatus: "any",
        storageClass: "archive",
        countType: "sinceImageTransitioned",
        countUnit: "days",
        countNumber: 30,
      };
    });
    assert.deepEqual(refusals(faulty), []);
  });

  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
  it("refuse two rules on any image of different storage classes, which AWS's guide has (known disagreement)", () => {
    const sound = structuredClone(template);
    changePolicy(sound, (rules) => {
      const { selection, rulePriority } = rules.at(-1);
      rules.push({
        rulePriority: rulePriority + 1,
        selection: {
          ...selection,
          storageClass: "archive",
          countType: "sinceImageTransitioned",
          countUnit: "days",
          countNumber: 365,
        },
        action: { type: "expire" },
      });
    });
    const refused = rules.refusals(sound, { region: REGION, accountId: ACCOUNT });
    assert.ok(refused.some(({ rule }) => rule === "pf-ecr-lifecycle-rule-priority"));
    assert.deepEqual(refusals(sound), []);
  });

  it("fail the run where it cannot hold a stack to them", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", "preflight/preflight.ts", "--stack", "nowhere"],
      { cwd: ROOT, encoding: "utf8" },
    );
    assert.equal(status, 1);
    assert.match(stderr, /Pulumi\.nowhere\.yaml does not exist/);
  });

  it("checkov refuses a planted fault that no exception covers", () => {
    const faulty = structuredClone(template);
    first(faulty, "AWS::KMS::Key").EnableKeyRotation = false;
    first(faulty, "AWS::SQS::Queue").SqsManagedSseEnabled = false;
    const { failed, ran } = checkov(new Map(Object.entries({ sound: template, faulty })));
    const refusedIn = (key: string, one: Template) =>
      judge(failed.get(key) ?? [], one, CHECKOV_EXCEPTIONS).refused.map((finding) => finding.rule);
    assert.deepEqual(refusedIn("sound", template), []);
    assert.deepEqual(refusedIn("faulty", faulty).sort(), ["CKV_AWS_27", "CKV_AWS_7"]);
    assert.ok(ran.size > 30, `only ${ran.size} policies ran`);
  });
});
