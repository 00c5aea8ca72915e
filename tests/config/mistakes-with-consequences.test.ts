import { mistakes } from "../support/mistakes";

mistakes("encrypted values", [
  {
    mistake: "the address of a webhook",
    yaml: "findings: { subscriptions: [{ protocol: https, endpoint: { secure: AAA } }, { protocol: https, endpoint: { secure: BBB } }] }",
  },
  {
    mistake: "a mail address, an account's id and a tag",
    yaml: `contact: { secure: AAA }
accountId: { secure: BBB }
costCentre: { secure: CCC }`,
    says: [
      'contact = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
      'accountId = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
      'costCentre = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
    ],
  },
  {
    mistake: "the address of a subscription by mail",
    yaml: "findings: { subscriptions: [{ protocol: email, endpoint: { secure: AAA } }] }",
    says: [
      'findings.subscriptions[0].endpoint = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
    ],
  },
  {
    mistake: "an amount",
    yaml: "costs: { monthlyBudget: { secure: AAA }, emails: [a@acme.example] }",
    says: [
      'costs.monthlyBudget = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
    ],
  },
  {
    mistake: "a whole group",
    yaml: "findings: { secure: AAA }",
    says: [
      'findings = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
    ],
  },
  {
    mistake: "a list",
    yaml: "findings: { subscriptions: { secure: AAA } }",
    says: [
      'findings.subscriptions = "[secret]" | it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted | write it in plain text',
    ],
  },
]);

mistakes("addresses of webhooks", [
  {
    mistake: "twice",
    yaml: `findings:
  subscriptions:
    - { protocol: https, endpoint: https://h.example/t0ken }
    - { protocol: https, endpoint: https://h.example/t0ken }`,
    says: [
      'findings.subscriptions[1] = {"protocol":"https","endpoint":"https://h.example/…"} | the same subscription as findings.subscriptions[0] | remove one',
    ],
  },
  {
    mistake: "in another key",
    yaml: "findings: { subscriptions: [{ protocol: https, url: https://h.example/t0ken }] }",
    says: ['findings.subscriptions[0].url = "https://h.example/…" | unknown key | did you mean endpoint?'],
  },
  {
    mistake: "in place of a list",
    yaml: "findings: { slack: https://hooks.slack.com/services/t0ken }",
    says: [
      'findings.slack = "https://hooks.slack.com/…" | must be a list | write [{ name: ..., workspaceId: ..., channelId: ... }], or one "- " per line',
    ],
  },
  {
    mistake: "in place of a mapping",
    yaml: "findings: { subscriptions: [https://h.example/t0ken] }",
    says: [
      'findings.subscriptions[0] = "https://h.example/…" | must be a mapping | write { protocol: ..., endpoint: ... }',
    ],
  },
  {
    mistake: "without https",
    yaml: "findings: { subscriptions: [{ protocol: https, endpoint: h.example/t0ken }] }",
    says: [
      'findings.subscriptions[0].endpoint = "h.example/…" | with protocol https it is an https:// URL | change the endpoint or the protocol',
    ],
  },
  {
    mistake: "in a key",
    yaml: "findings: { subscriptions: [{ protocol: email, endpoint: a@acme.example }], https://h.example/t0ken: true }",
    says: [
      "findings.https://h.example/… = true | unknown key | remove it; known keys here: manage, topicArn, minimumSeverity, scope, scanComplete, scanFailures, registryFailures, pushes, deletes, subscriptions, slack, microsoftTeams, securityHub",
    ],
  },
  {
    mistake: "in a list that is text",
    yaml: `costs:
  monthlyBudget: 5
  emails: a@acme.example, https://h.example/a,t0ken`,
    says: [
      'costs.emails = "a@acme.example, https://h.example/…" | must be a list | write ["a@acme.example, https://h.example/…"], or one "- " per line',
    ],
  },
  {
    mistake: "beside a token in an unknown group",
    yaml: "findings: { subscriptions: [{ protocol: email, endpoint: a@acme.example }], zzz: { host: h.example, token: t0ken } }",
    says: [
      'findings.zzz = {"host":"h.example","token":"[not shown]"} | unknown key | remove it; known keys here: manage, topicArn, minimumSeverity, scope, scanComplete, scanFailures, registryFailures, pushes, deletes, subscriptions, slack, microsoftTeams, securityHub',
    ],
  },
  {
    mistake: "with a token of its own",
    yaml: "findings: { subscriptions: [{ protocol: https, endpoint: https://h.example, authToken: t0ken }] }",
    says: [
      'findings.subscriptions[0].authToken = "[not shown]" | unknown key | remove it; known keys here: protocol, endpoint',
    ],
  },
]);

mistakes("mistakes that have consequences", [
  {
    mistake: "an organization's id that is not valid",
    yaml: `organizationId: o-BAD
repositories: { sharing: { organization: true, organizationPaths: [o-a1b2c3d4e5/r-ab12/*] } }
network: { vpc: { cidr: 10.0.0.0/20 }, allowOrganization: true }`,
    says: [
      'organizationId = "o-BAD" | an AWS organization id is o- and 10 to 32 lowercase letters or digits | copy it from `aws organizations describe-organization`',
    ],
  },
  {
    mistake: "GitHub's OIDC provider with another value",
    yaml: `registry: { githubOidcProvider: true }
teams: [{ name: payments, contact: a@acme.example, services: [{ name: api }], githubRoles: [{ name: ci, repository: acme/payments, branches: [main] }] }]`,
    says: [
      "registry.githubOidcProvider = true | one of none, create, existing | write none or create or existing",
    ],
  },
  {
    mistake: "an account's id that is not valid",
    yaml: `accountId: prod
registry: { pullThroughCache: [{ prefix: hub, upstream: docker-hub, credentialArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/x" }] }`,
    says: [
      'accountId = "prod" | an AWS account id is exactly twelve digits | write it in quotes, such as "111122223333"',
    ],
  },
  {
    mistake: "a required key with a typo",
    yaml: `accountsId: "111122223333"
accountId: `,
    says: ["accountsId = 111122223333 | unknown key | did you mean accountId?"],
  },
  {
    mistake: "a required key by another name",
    yaml: "findings: { subscriptions: [{ protocol: email, address: a@acme.example }] }",
    says: ['findings.subscriptions[0].address = "a@acme.example" | unknown key | did you mean endpoint?'],
  },
  {
    mistake: "a rule's only key with a typo",
    yaml: "repositories: { lifecycle: { rules: [{ tags: [v*], kep: 5 }], others: { archiveDay: 90 } } }",
    says: [
      "repositories.lifecycle.rules[0].kep = 5 | unknown key | did you mean keep?",
      "repositories.lifecycle.others.archiveDay = 90 | unknown key | did you mean archiveDays?",
    ],
  },
  {
    mistake: "alerts with a typo",
    yaml: "findings: { subscription: [{ protocol: email, endpoint: a@acme.example }] }",
    says: [
      'findings.subscription = [{"protocol":"email","endpoint":"a@acme.example"}] | unknown key | did you mean subscriptions?',
    ],
  },
  {
    mistake: "a budget that is not valid",
    yaml: 'costs: { monthlyBudget: "5", actualThresholds: [50], emails: [a@acme.example] }',
    says: [
      'costs.monthlyBudget = "5" | an amount in USD, more than 0 and at most 10,000,000 | write a plain number without quotes, such as 250',
    ],
  },
  {
    mistake: "a team without a contact",
    yaml: `teams: [{ name: payments, services: [{ name: api, cleanUp: { keep: 5 } }] }]
registry: { replication: [{ prefixes: [payments-], destinations: [{ region: eu-central-1 }] }] }
operations: { cleanUp: { mode: delete } }
findings: { deletes: false, subscriptions: [{ protocol: email, endpoint: a@acme.example }] }`,
    says: [
      "teams[0].contact is not set | a mail address, name@domain, of at most 254 characters that a tag takes (letters, digits and _ . : / = + - @): it is the Contact tag | write one plain address, such as that of a mailing list",
    ],
  },
  {
    mistake: "a subscription without an address, beside another mistake in the team's entry",
    yaml: "teams: [{ name: payments, contact: a@acme.example, services: [{ name: api }, { name: api }], findings: { subscriptions: [{ protocol: email }] } }]",
    says: [
      "teams[0].findings.subscriptions[0].endpoint is not set | an address that fits the protocol | write endpoint: name@example.com",
      'teams[0].services[1].name = "api" | duplicate of teams[0].services[0]; list each service of a team once | merge the two entries',
    ],
  },
  {
    mistake: "a service's name that is not valid",
    yaml: `registry: { githubOidcProvider: existing }
teams: [{ name: payments, contact: a@acme.example, services: [{ name: API }, { name: web }], githubRoles: [{ name: ci, repository: acme/payments, branches: [main], services: [api] }] }]`,
    says: [
      'teams[0].services[0].name = "API" | lowercase letters and digits, in groups joined by single hyphens | write it like "payments" or "card-vault"',
    ],
  },
  {
    mistake: "rules of clean-up that are not valid",
    yaml: `repositories: { cleanUp: { keep: none } }
operations: { cleanUp: { mode: delete } }
findings: { deletes: false, subscriptions: [{ protocol: email, endpoint: a@acme.example }] }`,
    says: [
      'repositories.cleanUp.keep = "none" | a whole number of images from 0 to 100000 | write a whole number, without quotes',
    ],
  },
  {
    mistake: "a policy with a typo",
    yaml: "network: { vpc: { id: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0], routeTableIds: [rtb-0123456789abcdef0] }, allowedCidrs: [10.0.0.0/8], s3Policy: ecr-layer, s3Buckets: [data] }",
    says: ['network.s3Policy = "ecr-layer" | one of ecr-layers, any | write ecr-layers or any'],
  },
  {
    mistake: "a region with a typo",
    yaml: `aws:region: eu-west1
repositories: { encryption: "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012" }
registry: { pullThroughCache: [{ prefix: hub, upstream: docker-hub, credentialArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/x" }] }`,
    says: [
      'aws:region = "eu-west1" | a region of the partitions aws, aws-cn or aws-us-gov | did you mean eu-west-1?',
    ],
  },
  {
    mistake: "no region",
    yaml: `aws:region:
repositories: { encryption: "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012" }
registry: { pullThroughCache: [{ prefix: hub, upstream: docker-hub, credentialArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/x" }] }`,
    says: [
      "aws:region is not set | a region of the partitions aws, aws-cn or aws-us-gov | write it like eu-west-1",
    ],
  },
  {
    mistake: "a group that is text",
    yaml: `costs: on
operations: enabled`,
    says: [
      'costs = "on" | must be a mapping | write its keys below it; known keys here: manage, monthlyBudget, actualThresholds, forecastThresholds, emails, billingAlarm, anomalyThreshold',
      'operations = "enabled" | must be a mapping | write its keys below it; known keys here: manage, logRetentionDays, tracing, metrics, cleanUp, alarms, dashboard',
    ],
  },
]);
