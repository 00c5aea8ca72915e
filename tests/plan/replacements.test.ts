import assert from "node:assert/strict";
import * as fs from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { parseConfig } from "../../config/load";
import { resourceTypeFile } from "../../aws/resource-types";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { diffRuns } from "../../plan/diff";
import { summaryText } from "../../plan/difference-text";
import { renderMarkdown } from "../../plan/markdown";
import { replaces } from "../../plan/replacements";
import { reportOf } from "../../plan/report";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { summaryOf } from "../../plan/summary";
import { renderText } from "../../plan/text";
import { generatedStacks, pulumiConfig } from "../../preflight/generated";
import { planned, runOf } from "../support/planned";
import { copyOfProject, editStack, ROOT } from "../support/project";

describe("what a change of an input does", () => {
  let folder: string;
  let everything: ProgramRun;
  before(async () => {
    folder = copyOfProject();
    // What the committed stacks do not switch on.
    editStack(folder, "prod", (config) => {
      const findings = config["ecr-platform:findings"];
      findings.securityHub = "enable";
      findings.subscriptions.push({
        protocol: "lambda",
        endpoint: "arn:aws:lambda:eu-west-1:444455556666:function:alerts",
      });
      findings.microsoftTeams = [
        {
          name: "ops",
          tenantId: "11111111-2222-4333-8444-555555555555",
          teamId: "11111111-2222-4333-8444-555555555556",
          channelId: "19%3Ax%40thread.tacv2",
        },
      ];
      config["ecr-platform:scanning"].inspector.memberAccounts = ["555566667777"];
      config["ecr-platform:registry"].replicateFrom = ["555566667777"];
    });
    everything = await runProgram(folder, readStackConfig(folder, "prod"));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("is known for every input that the program declares", async () => {
    const runs = [everything];
    for (const stack of stacksOf(ROOT)) {
      runs.push(await runProgram(ROOT, readStackConfig(ROOT, stack)));
    }
    for (const generated of generatedStacks(20, 7)) {
      const config = pulumiConfig(generated, "ecr-platform");
      const toRun = { project: "ecr-platform", stack: generated.stack, config };
      if (parseConfig(toRun).settings !== undefined) {
        runs.push(await runProgram(ROOT, toRun));
      }
    }
    const unknown = runs
      .flatMap(({ resources }) => resources.filter(({ custom }) => custom))
      .flatMap(({ type, inputs, replaceOnChanges = [] }) =>
        Object.keys(inputs)
          .filter((input) => replaces(type, input) === "maybe" && !replaceOnChanges.includes(input))
          .map((input) => `${resourceTypeFile(type)}: ${type} ${input}`),
      );
    assert.deepEqual(
      [...new Set(unknown)],
      [],
      "add each input to `replace` or `update`, and the actions that write it to `write`",
    );
  });

  it("replaces what AWS cannot change, and updates the rest in place", () => {
    const cases: [type: string, input: string, effect: boolean][] = [
      ["aws:inspector2/enabler:Enabler", "accountIds", false],
      ["aws:securityhub/account:Account", "enableDefaultStandards", true],
      ["aws:lambda/permission:Permission", "sourceAccount", true],
      ["aws:ecr/repository:Repository", "encryptionConfigurations", true],
      ["aws:ecr/repository:Repository", "imageTagMutability", false],
      ["aws:sns/topic:Topic", "tags", false],
      ["aws:sns/topic:Topic", "region", true],
    ];
    for (const [type, input, effect] of cases) {
      assert.equal(replaces(type, input), effect, `${type} ${input}`);
    }
  });

  it("replaces a chat channel that moves to another workspace, team or tenant: its API cannot change them", () => {
    const channels = everything.resources.filter(({ type }) => type.startsWith("aws:chatbot/"));
    assert.deepEqual(
      channels.map(({ name, replaceOnChanges }) => [name, replaceOnChanges]),
      [
        ["findings-chat-slack-security", ["configurationName", "slackTeamId"]],
        ["findings-chat-teams-ops", ["configurationName", "teamId", "tenantId"]],
      ],
    );
    for (const channel of channels) {
      const input = channel.replaceOnChanges?.at(-1) ?? "";
      const moved = { ...channel, inputs: { ...channel.inputs, [input]: "another" } };
      assert.equal(diffRuns(runOf(channel), runOf(moved)).changed[0]?.replaced, true);
    }
  });

  describe("that the program does not know", () => {
    const change = (type: string, input: string, protect = false) => {
      const before = planned("r", { [input]: "a" }, { type, protect });
      return { before: runOf(before), after: runOf({ ...before, inputs: { [input]: "b" } }) };
    };
    it("may replace the resource, whether the type or the input is unknown", () => {
      for (const [type, input] of [
        ["aws:x/y:Z", "size"],
        ["aws:sns/topic:Topic", "fifoTopic"],
      ] as const) {
        const { before, after } = change(type, input);
        const [changed] = diffRuns(before, after).changed;
        assert.equal(changed?.replaced, "maybe");
        assert.equal(changed?.fields[0]?.replaces, "maybe");
      }
    });
    it("is a danger to protected resources, and every report says so", () => {
      const { before, after } = change("aws:sns/topic:Topic", "fifoTopic", true);
      assert.deepEqual(
        diffRuns(before, after).dangers.map(({ name, what }) => [name, what]),
        [["r", "may be replaced"]],
      );
      const report = reportOf(after, DEFAULT_ASSUMPTIONS, { before: { revision: "main", run: before } });
      // In CI the text is colored.
      const text = stripVTControlCharacters(renderText(report, { policies: false }));
      assert.match(
        stripVTControlCharacters(summaryText(summaryOf([report])!)),
        /\nRisks: 1\n {2}deletes: dev: r \(aws\.sns\.Topic\) is protected and may be replaced$/,
      );
      assert.match(text, /± aws\.sns\.Topic r.* may be replaced\n {6}fifoTopic: a => b \(may replace\)/);
      const summary = summaryOf([report])!;
      const markdown = renderMarkdown({ reports: [report], failed: [], summary }, { policies: false });
      assert.match(
        markdown,
        /\n> \*\*Images or protected resources would be deleted\*\*\n>\n> - dev: r \(aws\.sns\.Topic\) is protected and may be replaced\n/,
      );
      assert.match(
        markdown,
        /`r` aws\.sns\.Topic \*\*protected\*\* \*\*may be replaced\*\*\n {2}- `fifoTopic`: .* \*\*\(may replace\)\*\*/,
      );
    });
    it("replaces no component, which only groups resources", () => {
      const before = planned("c", { size: 1 }, { type: "ecr-platform:index:Registry", custom: false });
      const [changed] = diffRuns(runOf(before), runOf({ ...before, inputs: { size: 2 } })).changed;
      assert.equal(changed?.replaced, false);
    });
  });
});
