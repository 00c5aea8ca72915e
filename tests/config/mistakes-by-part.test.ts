import { mistakes } from "../support/mistakes";

mistakes("files of another partition", [
  {
    mistake: "prod's file with a region of AWS GovCloud",
    yaml: `aws:region: us-gov-west-1
repositories: { sharing: { principals: ["arn:aws:iam::777788889999:role/x"], pushPrincipals: ["arn:aws:iam::777788889999:role/y"] }, encryption: "arn:aws:kms:us-gov-west-1:111122223333:key/12345678-1234-1234-1234-123456789012" }
findings: { subscriptions: [{ protocol: sqs, endpoint: "arn:aws:sqs:eu-west-1:111122223333:q" }, { protocol: lambda, endpoint: "arn:aws:lambda:eu-west-1:111122223333:function:f" }] }
audit: { deploymentRoles: ["arn:aws:iam::111122223333:role/deploy"] }
scanning: { pullTimeExclusions: ["arn:aws:iam::111122223333:role/scan"] }
operations: { cleanUp: { inUse: { roles: ["arn:aws:iam::777788889999:role/x"], regions: [eu-central-1] } } }
registry: { pullThroughCache: [{ prefix: hub, upstream: docker-hub, credentialArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/x" }], replication: [{ destinations: [{ region: eu-central-1 }] }] }`,
    says: [
      'repositories.encryption = "arn:aws:kms:us-gov-west-1:111122223333:key/12345678-1234-1234-1234-123456789012" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'repositories.sharing.principals[0] = "arn:aws:iam::777788889999:role/x" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'repositories.sharing.pushPrincipals[0] = "arn:aws:iam::777788889999:role/y" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'scanning.pullTimeExclusions[0] = "arn:aws:iam::111122223333:role/scan" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'findings.subscriptions[0].endpoint = "arn:aws:sqs:eu-west-1:111122223333:q" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'findings.subscriptions[1].endpoint = "arn:aws:lambda:eu-west-1:111122223333:function:f" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'audit.deploymentRoles[0] = "arn:aws:iam::111122223333:role/deploy" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'operations.cleanUp.inUse.roles[0] = "arn:aws:iam::777788889999:role/x" | an ARN of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | write the ARN of one in aws-us-gov, or remove it',
      'operations.cleanUp.inUse.regions[0] = "eu-central-1" | a region of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | remove it',
      'registry.replication[0].destinations[0].region = "eu-central-1" | a region of the partition aws, and aws:region us-gov-west-1 is in aws-us-gov | remove it',
      'registry.pullThroughCache = [{"prefix":"hub","upstream":"docker-hub","credentialArn":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pu... | ECR does not support pull through caches in us-gov-west-1, or anywhere else in China and AWS GovCloud (US) | remove it, and push copies of the images to a team\'s repositories',
    ],
  },
  {
    mistake: "topics and trails of another partition",
    yaml: `aws:region: cn-north-1
findings: { manage: false, topicArn: "arn:aws:sns:eu-west-1:111122223333:alerts" }
audit: { manage: false, trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org" }
teams: [{ name: payments, contact: a@acme.example, services: [{ name: api, sharing: { principals: ["arn:aws:iam::777788889999:role/x"] } }] }]`,
    says: [
      'teams[0].services[0].sharing.principals[0] = "arn:aws:iam::777788889999:role/x" | an ARN of the partition aws, and aws:region cn-north-1 is in aws-cn | write the ARN of one in aws-cn, or remove it',
      'findings.topicArn = "arn:aws:sns:eu-west-1:111122223333:alerts" | an ARN of the partition aws, and aws:region cn-north-1 is in aws-cn | write the ARN of one in aws-cn, or remove it',
      'audit.trailArn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org" | an ARN of the partition aws, and aws:region cn-north-1 is in aws-cn | write the ARN of one in aws-cn, or remove it',
    ],
  },
  {
    mistake: "a file of China's with a region of the partition aws",
    yaml: `repositories: { encryption: "arn:aws-cn:kms:cn-north-1:111122223333:key/12345678-1234-1234-1234-123456789012" }
registry: { pullThroughCache: [{ prefix: hub, upstream: docker-hub, credentialArn: "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:ecr-pullthroughcache/x" }] }`,
    says: [
      'repositories.encryption = "arn:aws-cn:kms:cn-north-1:111122223333:key/12345678-1234-1234-1234-123456789012" | an ARN of the partition aws-cn, and aws:region eu-west-1 is in aws | write the ARN of one in aws, or remove it',
      'registry.pullThroughCache[0].credentialArn = "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:ecr-pullthroughcache/x" | an ARN of the partition aws-cn, and aws:region eu-west-1 is in aws | write the ARN of one in aws, or remove it',
    ],
  },
]);

mistakes("schedules, names and lists", [
  {
    mistake: "fields of a schedule that are out of range",
    yaml: "operations: { metrics: { schedule: cron(99 27 * * ? *) } }",
    says: [
      'operations.metrics.schedule = "cron(99 27 * * ? *)" | cron: minutes: 0 to 59, not 99; hours: 0 to 23, not 27 | write it like "rate(6 hours)" or "cron(0 3 ? * SUN *)"',
    ],
  },
  {
    mistake: "a schedule with five fields",
    yaml: 'operations: { metrics: { schedule: "cron(0 3 * * ?)" } }',
    says: [
      'operations.metrics.schedule = "cron(0 3 * * ?)" | cron takes six fields, minutes, hours, day of month, month, day of week, year, and this has 5 | write it like "rate(6 hours)" or "cron(0 3 ? * SUN *)"',
    ],
  },
  {
    mistake: "a schedule with names that are not days",
    yaml: 'operations: { metrics: { schedule: "cron(0 3 ? 13 SUNDAY *)" } }',
    says: [
      'operations.metrics.schedule = "cron(0 3 ? 13 SUNDAY *)" | cron: month: 1 to 12 or JAN to DEC, not 13; day of week: 1 to 7, SUN to SAT or L, not SUNDAY | write it like "rate(6 hours)" or "cron(0 3 ? * SUN *)"',
    ],
  },
  {
    mistake: "a schedule with two days",
    yaml: 'operations: { metrics: { schedule: "cron(0 3 * * * *)" } }',
    says: [
      'operations.metrics.schedule = "cron(0 3 * * * *)" | one of its two day fields, and only one, is ? | write it like "rate(6 hours)" or "cron(0 3 ? * SUN *)"',
    ],
  },
  {
    mistake: "no thresholds",
    yaml: "costs: { monthlyBudget: 5, emails: [a@acme.example], actualThresholds: [], forecastThresholds: [] }",
    says: [
      "costs.actualThresholds = [] | a budget needs a notification, and there is no threshold, neither actual nor forecast | write costs.actualThresholds: [80, 100]",
    ],
  },
  {
    mistake: "eleven thresholds",
    yaml: "costs: { monthlyBudget: 5, emails: [a@acme.example], actualThresholds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }",
    says: [
      "costs.actualThresholds = [1,2,3,4,5,6,7,8,9,10,11] | a budget has at most 10 notifications; here it is 12: one per threshold, actual or forecast | list fewer thresholds in costs.actualThresholds and costs.forecastThresholds",
    ],
  },
  {
    mistake: "an endpoint by the name of AWS",
    yaml: "network: { vpc: { id: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0], routeTableIds: [rtb-0123456789abcdef0] }, allowedCidrs: [10.0.0.0/8], existing: { com.amazonaws.eu-west-1.ecr.api: vpce-0123456789abcdef0, ecr-dkr: vpce-0123456789abcdef0 } }",
    says: [
      'network.existing.com.amazonaws.eu-west-1.ecr.api = "vpce-0123456789abcdef0" | unknown key | did you mean ecr.api?',
      'network.existing.ecr-dkr = "vpce-0123456789abcdef0" | unknown key | did you mean ecr.dkr?',
    ],
  },
  {
    mistake: "services with the names of team and environment",
    yaml: "teams: [{ name: storefront, contact: a@acme.example, services: [{ name: storefront-web-dev }, { name: storefront-web }, { name: web-prod }, { name: storefront }] }]",
    says: [
      'teams[0].services[0].name = "storefront-web-dev" | the environment is appended to the name | write web',
      "teams[0].services[1].name = \"storefront-web\" | the team's name is put before the service's, so that the repository is storefront-storefront-web-dev | write web",
      'teams[0].services[2].name = "web-prod" | the environment dev is appended to the name, which ends in another one, prod | write web, or rename it',
    ],
  },
  {
    mistake: "a tag that stops Pulumi",
    yaml: "tags: { toString: x }",
    says: ['tags.toString = "x" | Pulumi has a use of its own for this key | choose another one'],
  },
  {
    mistake: "replication prefixes",
    yaml: "registry: { replication: [{ prefixes: [payments-, payments-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-], destinations: [{ region: eu-central-1 }] }] }",
    says: [
      'registry.replication[0].prefixes[1] = "payments-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-" | no repository of this stack begins with it, so nothing of this stack is copied | correct or remove it',
    ],
  },
  {
    mistake: "eleven addresses for costs",
    yaml: "costs: { monthlyBudget: 5, emails: [a@b.example, b@b.example, c@b.example, d@b.example, e@b.example, f@b.example, g@b.example, h@b.example, i@b.example, j@b.example, k@b.example] }",
  },
  {
    mistake: "GitHub environments",
    yaml: `registry: { githubOidcProvider: existing }
teams: [{ name: payments, contact: a@acme.example, services: [{ name: api }], githubRoles: [{ name: ci, repository: acme/payments, environments: [Production EU, prod/eu, "prod: eu", Zürich, "50%", "*"] }] }]`,
    says: [
      'teams[0].githubRoles[0].environments[2] = "prod: eu" | the name of a GitHub environment in ASCII without : % ? $, or a pattern that is not only * | write it like "production"; rename an environment that has such a character',
      'teams[0].githubRoles[0].environments[3] = "Zürich" | the name of a GitHub environment in ASCII without : % ? $, or a pattern that is not only * | write it like "production"; rename an environment that has such a character',
      'teams[0].githubRoles[0].environments[4] = "50%" | the name of a GitHub environment in ASCII without : % ? $, or a pattern that is not only * | write it like "production"; rename an environment that has such a character',
      'teams[0].githubRoles[0].environments[5] = "*" | the name of a GitHub environment in ASCII without : % ? $, or a pattern that is not only * | write it like "production"; rename an environment that has such a character',
    ],
  },
  {
    mistake: "branches and repositories in other forms",
    yaml: `registry: { githubOidcProvider: existing }
teams: [{ name: payments, contact: a@acme.example, services: [{ name: api }], githubRoles: [{ name: ci, repository: acme/storefront.git, branches: [refs/heads/main] }] }]`,
    says: [
      'teams[0].githubRoles[0].repository = "acme/storefront.git" | a GitHub repository is owner/name, or owner@id/name@id with both ids; without a URL, .git or wildcards | write repository: acme/storefront',
      'teams[0].githubRoles[0].branches[0] = "refs/heads/main" | the name of a branch does not begin with refs/heads/: no workflow\'s token would match | write "main"',
    ],
  },
]);

mistakes("keys in another place", [
  {
    mistake: "beside config",
    yaml: "costs: {}",
    outside: `ecr-platform:findings: { deletes: false }
teams: []`,
    says: [
      'findings = {"deletes":false} | it is beside config, and Pulumi reads only what is below config | indent it, so that it is below config:',
      "teams = [] | it is beside config, and Pulumi reads only what is below config | indent it, so that it is below config:",
    ],
  },
  {
    mistake: "one level out",
    yaml: `monthlyBudget: 5
githubOidcProvider: create
services: [{ name: api }]`,
    says: [
      "monthlyBudget = 5 | unknown key | move it to teams[] or costs",
      'githubOidcProvider = "create" | unknown key | move it to registry',
      'services = [{"name":"api"}] | unknown key | move it to teams[] or teams[].githubRoles[] or network',
    ],
  },
  {
    mistake: "in another group",
    yaml: `operations: { mode: delete, storage: 5 }
audit: { emails: [a@acme.example] }`,
    says: [
      'audit.emails = ["a@acme.example"] | unknown key | move it to costs',
      'operations.mode = "delete" | unknown key | move it to operations.cleanUp',
      "operations.storage = 5 | unknown key | move it to operations.alarms",
    ],
  },
  {
    mistake: "options of a repository in a group",
    yaml: "teams: [{ name: payments, contact: a@acme.example, services: [{ name: api, costCentre: x, contact: a@acme.example }], repositories: { forceDelete: true } }]",
    says: [
      'teams[0].services[0].costCentre = "x" | unknown key | move it to the top level or teams[]',
      'teams[0].services[0].contact = "a@acme.example" | unknown key | move it to the top level or teams[]',
      'teams[0].repositories = {"forceDelete":true} | unknown key | move it to the top level',
    ],
  },
  {
    mistake: "lifecycle at the top",
    yaml: `lifecycle: { untaggedDays: 5 }
subscriptions: [{ protocol: email, endpoint: a@acme.example }]`,
    says: [
      'lifecycle = {"untaggedDays":5} | unknown key | move it to repositories',
      'subscriptions = [{"protocol":"email","endpoint":"a@acme.example"}] | unknown key | move it to teams[].findings or findings',
    ],
  },
  {
    mistake: "a config that is not indented",
    yaml: "costs: {}",
    outside: `ecr-platform:teams: [{ name: web }]
costs: { monthlyBudget: 5 }
encryptionsalt: x
environment: [acme/dev]`,
    says: [
      'teams = [{"name":"web"}] | it is beside config, and Pulumi reads only what is below config | indent it, so that it is below config:',
      'costs = {"monthlyBudget":5} | it is beside config, and Pulumi reads only what is below config | indent it, so that it is below config:',
    ],
  },
]);
