import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mock } from "node:test";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { clientConfig } from "../../images/clients";

describe("a call to AWS", () => {
  let server: Server;
  afterEach(() => {
    mock.timers.reset();
    server.closeAllConnections();
    server.close();
  });

  it("fails after a minute without an answer", async () => {
    const asked = new Promise<void>((resolve) => {
      server = createServer(() => {
        resolve();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new ECRClient({
      ...clientConfig({ region: "eu-west-1", endpoint }),
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    mock.timers.enable({ apis: ["setTimeout"] });
    let outcome = "waits";
    const call = client.send(new DescribeRepositoriesCommand({})).then(
      () => (outcome = "answered"),
      (error: Error) => (outcome = error.name),
    );
    // Connecting has a timer of its own, which ends when the server is reached.
    await asked;
    mock.timers.tick(59_000);
    await new Promise(setImmediate);
    assert.equal(outcome, "waits");
    mock.timers.tick(1_000);
    assert.equal(await call, "TimeoutError");
  });
});
