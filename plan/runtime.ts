import * as v8 from "node:v8";
import * as rpc from "@pulumi/pulumi/runtime/rpc";

// What Pulumi's runtime does for each resource and a run of the program offline does not need: most of its time and
// memory (docs/performance.md).

/**
 * Runs a function without stack traces. Pulumi takes one for every resource and every promise, each of which is mapped
 * back to the sources. V8 takes none where the limit is not a plain number.
 */
export async function withoutStackTraces<T>(run: () => Promise<T>): Promise<T> {
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  Object.defineProperty(Error, "stackTraceLimit", {
    configurable: true,
    get: () => 0,
    set: () => undefined,
  });
  try {
    return await run();
  } finally {
    Object.defineProperty(
      Error,
      "stackTraceLimit",
      limit ?? { value: 10, writable: true, configurable: true },
    );
  }
}

type TransferProperties = typeof rpc.transferProperties;

/** As Pulumi's own function, except that an output is made when it is first read. */
function lazily(transferProperties: TransferProperties): TransferProperties {
  return (onto, label, props) => {
    const resolvers: rpc.OutputResolvers = {};
    for (const name of Object.keys(props).filter((key) => key !== "id" && key !== "urn")) {
      type Resolve = (typeof resolvers)[string];
      let resolve: Resolve | undefined;
      let result: Parameters<Resolve> | undefined;
      Object.defineProperty(onto, name, {
        configurable: true,
        enumerable: true,
        get: () => {
          Reflect.deleteProperty(onto, name);
          resolve = transferProperties(onto, label, { [name]: props[name] as unknown })[name];
          if (result !== undefined) {
            resolve?.(...result);
          }
          return Reflect.get(onto, name) as unknown;
        },
      });
      resolvers[name] = (...given) => {
        result = given;
        resolve?.(...given);
      };
    }
    return resolvers;
  };
}

/**
 * Runs a function whose resources make their outputs when these are first read. Pulumi makes every output of a resource
 * in its constructor, with about twenty promises and closures, and a program reads few of them.
 */
export async function withLazyOutputs<T>(run: () => Promise<T>): Promise<T> {
  const runtime = rpc as { transferProperties: TransferProperties };
  const { transferProperties } = runtime;
  runtime.transferProperties = lazily(transferProperties);
  try {
    return await run();
  } finally {
    runtime.transferProperties = transferProperties;
  }
}

/**
 * Runs the program with the least that a run offline needs. Most of its objects are garbage soon, and V8 would let the
 * heap grow to four times what is in use before it collects them.
 */
export function leanly<T>(run: () => Promise<T>): Promise<T> {
  v8.setFlagsFromString("--heap-growing-percent=50");
  return withoutStackTraces(() => withLazyOutputs(run));
}
