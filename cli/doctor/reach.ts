import * as dns from "node:dns/promises";
import * as net from "node:net";
import { dnsSuffix, registryHost } from "../../aws/arns";
import type { Context } from "../context";
import { fail, ok, type Result } from "./result";

/** Whether an address takes connections. */
async function reach(host: string, port: number): Promise<string | undefined> {
  try {
    await dns.lookup(host);
  } catch {
    return `${host} has no address`;
  }
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 5000 });
    const done = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => {
      done(undefined);
    });
    socket.once("timeout", () => {
      done(`${host}:${port} does not answer`);
    });
    socket.once("error", ({ message }) => {
      done(`${host}:${port} cannot be reached: ${message}`);
    });
  });
}

export async function checkReach({ connection, settings }: Context): Promise<Result> {
  const { place } = settings;
  const targets =
    connection.endpoint === undefined
      ? [
          { host: `api.ecr.${place.region}.${dnsSuffix(place.partition)}`, port: 443 },
          { host: registryHost(place), port: 443 },
          { host: `s3.${place.region}.${dnsSuffix(place.partition)}`, port: 443 },
        ]
      : [connection.endpoint].map((address) => {
          const { hostname, port, protocol } = new URL(address);
          return { host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) };
        });
  const problems = await Promise.all(targets.map(({ host, port }) => reach(host, port)));
  const bad = problems.filter((problem) => problem !== undefined);
  return bad.length === 0
    ? ok(targets.map(({ host }) => host).join(", "))
    : fail(
        bad.join("; "),
        "see that the network lets port 443 out, and that a proxy is set where one is needed",
      );
}
