const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { App, Duration, RemovalPolicy, Stack, Tags } = require("aws-cdk-lib");
const ecr = require("aws-cdk-lib/aws-ecr");
const iam = require("aws-cdk-lib/aws-iam");
const { ACCOUNT, generate, PARTNER } = require("./generated");

// aws-cdk-lib's synth of the same repositories: node run-cdk.js <count>
// JavaScript, because the root's type check runs without this folder's packages.
const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-bench-"));
const app = new App({
  outdir,
  analyticsReporting: false,
  // One stack, beyond what CloudFormation would deploy, as Pulumi's is one.
  context: { "@aws-cdk/core:stackResourceLimit": 0 },
});
const stack = new Stack(app, "bench", { env: { account: ACCOUNT, region: "eu-west-1" } });
for (const { team, service } of generate(Number(process.argv[2]))) {
  const repository = new ecr.Repository(stack, `${team}-${service}`, {
    repositoryName: `${team}-${service}-bench`,
    encryption: ecr.RepositoryEncryption.AES_256,
    imageTagMutability: ecr.TagMutability.IMMUTABLE,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { rulePriority: 1, tagPatternList: ["v*"], maxImageCount: 20 },
      { rulePriority: 2, tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(7) },
      { rulePriority: 3, tagStatus: ecr.TagStatus.ANY, maxImageAge: Duration.days(365) },
    ],
  });
  repository.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: "PullForAccounts",
      principals: [new iam.AccountPrincipal(PARTNER)],
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }),
  );
  for (const [key, value] of Object.entries({
    Project: "ecr-platform",
    Environment: "bench",
    ManagedBy: "cdk",
    Contact: "team@acme.example",
    Team: team,
    Service: service,
  })) {
    Tags.of(repository).add(key, value);
  }
}
const { Resources } = app.synth().getStackByName("bench").template;
fs.rmSync(outdir, { recursive: true, force: true });
console.log(Object.values(Resources).filter(({ Type }) => Type === "AWS::ECR::Repository").length);
