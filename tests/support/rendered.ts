import assert from "node:assert/strict";
import type { InputTransformer } from "../../documents/messages";

/** The values at a path: `$.a.b`, `$.a[0].b`, or `$.a[*].b` for a list of them. */
function valueAt(path: string, event: unknown): unknown {
  const steps = path.replace(/^\$\.?/, "").split(/\.|(?=\[)/);
  const walk = (value: any, [step, ...rest]: string[]): unknown => {
    if (step === undefined) {
      return value;
    }
    if (step === "[*]") {
      return Array.isArray(value) ? value.map((one) => walk(one, rest)) : undefined;
    }
    return walk(value?.[step.replace(/^\[(\d+)\]$/, "$1")], rest);
  };
  return walk(event, steps);
}

/**
 * What a target gets of an event, as EventBridge documents it for variables inside strings: values are not escaped, lists
 * and objects lose their quotation marks, and a path that the event lacks leaves nothing behind. The result has to be
 * JSON, or it is not delivered.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
 */
export function rendered({ inputPaths, inputTemplate }: InputTransformer, event: unknown): string {
  const text = inputTemplate.replace(/<([\w-]+)>/g, (_, name: string) => {
    const path = inputPaths[name];
    assert.ok(path !== undefined, `<${name}> has no input path`);
    const value = valueAt(path, event);
    return value === undefined || value === null
      ? ""
      : typeof value === "string"
        ? value
        : JSON.stringify(value).replaceAll('"', "");
  });
  assert.doesNotThrow(() => JSON.parse(text), `not JSON: ${text}`);
  return text;
}
