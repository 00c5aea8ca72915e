import { mistakes } from "../support/mistakes";

mistakes("text that is not YAML", [
  {
    mistake: "a value that begins with *",
    yaml: "contact: *",
    says: ['Pulumi.dev.yaml, line 7: a value that begins with * or & needs quotes | quote the value: "*"'],
  },
  {
    mistake: "a value that begins with * in a list",
    yaml: `repositories:
  imageTags:
    mutable: [*]`,
    says: ['Pulumi.dev.yaml, line 10: a value that begins with * or & needs quotes | quote the value: "*"'],
  },
  {
    mistake: "a value that begins with @",
    yaml: "contact: @b",
    says: ['Pulumi.dev.yaml, line 7: a value that begins with @ needs quotes | quote the value: "@b"'],
  },
  {
    mistake: "a value that begins with @ in a mapping",
    yaml: "tags: { owner: @b c, Service: x }",
    says: ['Pulumi.dev.yaml, line 8: a value that begins with @ needs quotes | quote the value: "@b c"'],
  },
  {
    mistake: "two colons in a line",
    yaml: "contact: b: c",
    says: [
      'Pulumi.dev.yaml, line 7: a value that contains ": " needs quotes, and a key of a mapping its own line | quote the value: "b: c"',
    ],
  },
  {
    mistake: "a key twice",
    yaml: `costCentre: a
costCentre: b`,
    says: ["Pulumi.dev.yaml, line 9: a key that its mapping has already | remove one of the two"],
  },
  {
    mistake: "a tag of YAML",
    yaml: "costCentre: !!int '3'",
    says: ["Pulumi.dev.yaml, line 8: a tag: only !!str is read here | remove the tag; quote what is text"],
  },
  {
    mistake: "a number as key",
    yaml: "tags: { 010: b }",
    says: ['Pulumi.dev.yaml, line 8: the key 010 is read as 8 | quote it: "010"'],
  },
  {
    mistake: "a second document",
    yaml: "costCentre: b",
    outside: `---
c: d`,
    says: [
      "Pulumi.dev.yaml, line 9: a second document begins here, which Pulumi does not read | remove the line ---",
    ],
  },
  {
    mistake: "a key with and without the project's name",
    yaml: `costs: {}
ecr-platform:costs: {}`,
    says: [
      "Pulumi.dev.yaml: ecr-platform:costs is set twice, with and without the project's name | remove one of the two",
    ],
  },
  {
    mistake: "an alias inside of what it stands for",
    yaml: "tags: &b { c: [*b] }",
    says: ["Pulumi.dev.yaml, line 8: *b is part of what it stands for | write the value in its place"],
  },
  {
    mistake: "a file that is not UTF-8",
    yaml: "contact: \u0000",
    says: ["Pulumi.dev.yaml, line 1: the file is not UTF-8 | save it as UTF-8"],
  },
  {
    mistake: "a webhook in a line that is not YAML",
    yaml: "contact: https://h.example/t0ken: x",
    says: [
      'Pulumi.dev.yaml, line 7: a value that contains ": " needs quotes, and a key of a mapping its own line | quote the value',
    ],
  },
  {
    mistake: "an address as alias",
    yaml: "contact: *https://h.example/t0ken",
    says: [
      "Pulumi.dev.yaml, line 1: not YAML: Unresolved alias (the anchor must be set before the alias): https://h.example/… | correct the aliases (*name) and merge keys (<<)",
    ],
  },
]);

mistakes("values of another kind", [
  {
    mistake: "numbers and booleans where text belongs",
    yaml: "repositories: { lifecycle: { protect: [42, true] } }",
    says: [
      'repositories.lifecycle.protect[0] = 42 | it is a number, and text belongs here | quote it: "42"',
      'repositories.lifecycle.protect[1] = true | it is true or false, and text belongs here | quote it: "true"',
    ],
  },
  {
    mistake: "numbers that YAML reads as others where text belongs",
    yaml: "repositories: { lifecycle: { protect: [1.0, 1e3, 0042, .nan] } }",
    says: [
      'repositories.lifecycle.protect[0] = "1.0" | 1.0 is written without quotes, and Pulumi reads it as 1 | quote it: "1.0"',
      'repositories.lifecycle.protect[1] = "1e3" | 1e3 is written without quotes, and Pulumi reads it as 1000 | quote it: "1e3"',
      'repositories.lifecycle.protect[2] = "0042" | 0042 is written without quotes, and Pulumi reads it as 34 | quote it: "0042"',
      'repositories.lifecycle.protect[3] = ".nan" | .nan is written without quotes, and Pulumi reads it as NaN | quote it: ".nan"',
    ],
  },
  {
    mistake: "numbers that YAML reads as others at the top of the config",
    yaml: "costCentre: 1.0",
    says: ['costCentre = "1.0" | 1.0 is written without quotes, and Pulumi reads it as 1 | quote it: "1.0"'],
  },
  {
    mistake: "names that are numbers",
    yaml: "teams: [{ name: 42, contact: a@acme.example, services: [{ name: 0042, description: 2026-01-01 }] }]",
    says: [
      'teams[0].name = 42 | it is a number, and text belongs here | quote it: "42"',
      'teams[0].services[0].name = "0042" | 0042 is written without quotes, and Pulumi reads it as 34 | quote it: "0042"',
      'teams[0].services[0].description = "2026-01-01" | 2026-01-01 is written without quotes, and Pulumi reads it as 2026-01-01 00:00:00 +0000 UTC | quote it: "2026-01-01"',
    ],
  },
  {
    mistake: "a number with a zero in front",
    yaml: "repositories: { lifecycle: { untaggedDays: 010 } }",
    says: [
      'repositories.lifecycle.untaggedDays = "010" | 010 is written without quotes, and Pulumi reads it as 8 | write 10, or quote it if it is text: "010"',
    ],
  },
  {
    mistake: "what YAML calls a number and is not one",
    yaml: "costs: { monthlyBudget: .nan }",
    says: [
      'costs.monthlyBudget = ".nan" | .nan is written without quotes, and Pulumi reads it as NaN | write a number, or quote it if it is text: ".nan"',
    ],
  },
  {
    mistake: "an account's id that is read as octal",
    yaml: `accountId: 011122223333
aws:allowedAccountIds: [011122223333]`,
    says: [
      'accountId = "011122223333" | 011122223333 is written without quotes, and Pulumi reads it as 1229530843 | quote it: "011122223333"',
      'aws:allowedAccountIds[0] = "011122223333" | 011122223333 is written without quotes, and Pulumi reads it as 1229530843 | quote it: "011122223333"',
    ],
  },
  {
    mistake: "an account's id that loses its zero",
    yaml: "accountId: 081122223333",
    says: [
      'accountId = "081122223333" | 081122223333 is written without quotes, and Pulumi reads it as 81122223333 | quote it: "081122223333"',
    ],
  },
  {
    mistake: "an account's id without quotes",
    yaml: "repositories: { sharing: { accounts: [777788889999] } }",
    says: [
      'repositories.sharing.accounts[0] = 777788889999 | it is a number, and text belongs here | quote it: "777788889999"',
    ],
  },
  {
    mistake: "an account's id with eleven digits",
    yaml: 'repositories: { sharing: { accounts: ["11122223333", 81122223333] } }',
    says: [
      'repositories.sharing.accounts[0] = "11122223333" | an AWS account id is exactly twelve digits, and this has 11 | write all twelve in quotes: without quotes, YAML does not keep a zero in front',
      "repositories.sharing.accounts[1] = 81122223333 | an AWS account id is exactly twelve digits, and this has 11 | write all twelve in quotes: without quotes, YAML does not keep a zero in front",
    ],
  },
  {
    mistake: "an account's id that is text",
    yaml: "repositories: { sharing: { accounts: [prod] } }",
    says: [
      'repositories.sharing.accounts[0] = "prod" | an AWS account id is exactly twelve digits | write it in quotes, such as "111122223333"',
    ],
  },
  {
    mistake: "a number in quotes",
    yaml: 'costs: { monthlyBudget: "5", emails: [a@acme.example] }',
    says: [
      'costs.monthlyBudget = "5" | an amount in USD, more than 0 and at most 10,000,000 | write a plain number without quotes, such as 250',
    ],
  },
  {
    mistake: "numbers in other forms of the same number",
    yaml: "costs: { monthlyBudget: 1_000.50, anomalyThreshold: 1e2, emails: [a@acme.example] }",
  },
]);

mistakes("lists written as text", [
  {
    mistake: "mail addresses",
    yaml: `costs:
  monthlyBudget: 5
  emails: a@acme.example, b@acme.example`,
    says: [
      'costs.emails = "a@acme.example, b@acme.example" | must be a list | write ["a@acme.example", "b@acme.example"], or one "- " per line',
    ],
  },
  {
    mistake: "accounts",
    yaml: `repositories:
  sharing:
    accounts: 777788889999, 777788880000`,
    says: [
      'repositories.sharing.accounts = "777788889999, 777788880000" | must be a list | write ["777788889999", "777788880000"], or one "- " per line',
    ],
  },
  {
    mistake: "one account",
    yaml: `repositories:
  sharing:
    accounts: 777788889999`,
    says: [
      'repositories.sharing.accounts = 777788889999 | must be a list | write ["777788889999"], or one "- " per line',
    ],
  },
  {
    mistake: "services",
    yaml: `teams:
  - name: payments
    contact: a@acme.example
    services: api, web`,
    says: [
      'teams[0].services = "api, web" | must be a list | write [{ name: api }, { name: web }], or one "- " per line',
    ],
  },
  {
    mistake: "subnets and networks",
    yaml: `network:
  vpc:
    id: vpc-0123456789abcdef0
    subnetIds: subnet-0123456789abcdef0, subnet-0123456789abcdef1
    routeTableIds: rtb-0123456789abcdef0
  allowedCidrs: 10.0.0.0/8`,
    says: [
      'network.vpc.subnetIds = "subnet-0123456789abcdef0, subnet-0123456789abcdef1" | must be a list | write ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"], or one "- " per line',
      'network.vpc.routeTableIds = "rtb-0123456789abcdef0" | must be a list | write ["rtb-0123456789abcdef0"], or one "- " per line',
      'network.allowedCidrs = "10.0.0.0/8" | must be a list | write ["10.0.0.0/8"], or one "- " per line',
    ],
  },
  {
    mistake: "tags of a lifecycle rule",
    yaml: `repositories:
  lifecycle:
    rules:
      - tags: v*, release-*
        keep: 5`,
    says: [
      'repositories.lifecycle.rules[0].tags = "v*, release-*" | must be a list | write ["v*", "release-*"], or one "- " per line',
    ],
  },
  {
    mistake: "thresholds",
    yaml: `costs:
  monthlyBudget: 5
  emails: [a@acme.example]
  actualThresholds: 80, 100`,
    says: ['costs.actualThresholds = "80, 100" | must be a list | write [80, 100], or one "- " per line'],
  },
  {
    mistake: "a mapping without a dash",
    yaml: `findings:
  subscriptions:
    protocol: email
    endpoint: a@acme.example`,
    says: [
      'findings.subscriptions = {"protocol":"email","endpoint":"a@acme.example"} | must be a list | put "- " in front of it, or write it as [{ ... }]',
    ],
  },
  {
    mistake: "a key without a value",
    yaml: `costs:
  monthlyBudget: 5
  emails:`,
    says: ["costs.emails = null | must be a list | list its entries below it"],
  },
]);

mistakes("characters that nobody sees", [
  {
    mistake: "a zero-width space",
    yaml: 'accountId: "111122223333\u200b"',
    says: [
      'accountId = "111122223333\\u200b" | an AWS account id is exactly twelve digits | write it in quotes, such as "111122223333"',
    ],
  },
  {
    mistake: "a mark of writing from right to left",
    yaml: 'contact: "platform@acme.example\u200f"',
    says: [
      'contact = "platform@acme.example\\u200f" | a mail address, name@domain, of at most 254 characters that a tag takes (letters, digits and _ . : / = + - @): it is the Contact tag | write one plain address, such as that of a mailing list',
    ],
  },
  {
    mistake: "a no-break space",
    yaml: 'environment: "dev\u00a0"',
    says: [
      'environment = "dev\\u00a0" | lowercase letters and digits, in groups joined by single hyphens | write it like "payments" or "card-vault"',
    ],
  },
  {
    mistake: "a soft hyphen in a key",
    yaml: '"cost\u00adCentre": acme',
    says: ['cost\\u00adCentre = "acme" | unknown key | did you mean costCentre?'],
  },
  {
    mistake: "an escape sequence of a terminal",
    yaml: 'environment: "\\e[31m"',
    says: [
      'environment = "\\u001b[31m\\u001b" | lowercase letters and digits, in groups joined by single hyphens | write it like "payments" or "card-vault"',
    ],
  },
]);
