import assert from "node:assert/strict";
import * as aws from "@pulumi/aws/ecr";
import * as pulumi from "@pulumi/pulumi";
import { withLazyOutputs } from "../../plan/runtime";
import { mock, resolved } from "../support/stack";

describe("the runtime of a plan", () => {
  const isMade = (repository: aws.Repository, output: string) =>
    Object.getOwnPropertyDescriptor(repository, output)?.get === undefined;

  it("makes an output when the program reads it, before or after the registration", async () => {
    await mock({});
    const { repository, arn } = await withLazyOutputs(async () => {
      const made = new aws.Repository("api", { name: "payments-api-dev" });
      const read = made.arn;
      await pulumi.runtime.disconnect();
      return { repository: made, arn: read };
    });
    assert.equal(isMade(repository, "arn"), true);
    assert.equal(isMade(repository, "name"), false);
    assert.equal(await resolved(arn), "arn:aws:ecr:eu-west-1:111122223333:payments-api-dev");
    assert.equal(await resolved(repository.name), "payments-api-dev");
    assert.equal(repository.name, repository.name);
  });

  it("leaves Pulumi's own outputs to whatever runs later", async () => {
    await withLazyOutputs(() => Promise.resolve());
    await mock({});
    const repository = new aws.Repository("api", { name: "payments-api-dev" });
    assert.equal(isMade(repository, "name"), true);
    await pulumi.runtime.disconnect();
  });
});
