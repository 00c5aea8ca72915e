import assert from "node:assert/strict";
import type { InputTransformer } from "../../documents/messages";

/** The value at a path, such as `$.a[0].b`. */
function valueAt(path: string, event: unknown): unknown {
  return path
    .replace(/^\$\./, "")
    .split(/\.|(?=\[)/)
    .reduce<any>((value, step) => value?.[step.replace(/^\[(\d+)\]$/, "$1")], event);
}

/**
 * What a target gets of an event, as EventBridge documents it for variables inside strings: values are not escaped, and a
 * path that the event lacks leaves nothing behind. The result has to be JSON, or it is not delivered. LocalStack's tests
 * have recorded from AWS the quotation marks around the text, what a missing path leaves, and that a list inside a string
 * of a JSON template is not delivered (tests/aws/services/events/test_events_inputs.py): lists and objects are refused here.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
 */
export function rendered({ inputPaths, inputTemplate }: InputTransformer, event: unknown): string {
  const text = inputTemplate.replace(/<([\w-]+)>/g, (_, name: string) => {
    const path = inputPaths[name];
    assert.ok(path !== undefined, `<${name}> has no input path`);
    const value = valueAt(path, event) ?? "";
    assert.ok(
      typeof value === "string" || typeof value === "number",
      `${path} is not one value: ${JSON.stringify(value)}`,
    );
    return String(value);
  });
  assert.doesNotThrow(() => JSON.parse(text), `not JSON: ${text}`);
  return text;
}
