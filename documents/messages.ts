/**
 * A message about an event. `<name>` in its texts stands for the value at a path into the event.
 *
 * EventBridge inserts values as they are, without escaping them: inside a JSON string, a value with a quotation mark or a
 * backslash would break the message, and its delivery would fail. So the paths refer only to identifiers, statuses and
 * numbers that AWS writes, never to descriptions, error texts or a caller's user agent, and each to a single value: a list
 * or an object keeps its quotation marks in a JSON template, and the message is dropped without an error. A path that the
 * event does not have becomes empty text.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export interface Message {
  /** The heading in chat, a few words. Long names are in `text` only, which has every value. */
  title: string;
  /** One or two sentences with everything that a person on call needs, without lists that grow with the registry. */
  text: string;
  /** JSON paths into the event, by the name that the texts use. */
  inputPaths: Record<string, string>;
}

/** An input transformer of an EventBridge target. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
export interface InputTransformer {
  inputPaths: Record<string, string>;
  inputTemplate: string;
}

/**
 * The message for mail and for other programs. A template for plain text is a JSON string, and SNS gets it as one: the
 * mail shows a single line in quotation marks. Several lines would each be in quotation marks (aws-cdk #38121).
 */
export function textMessage({ text, inputPaths }: Message): InputTransformer {
  return { inputPaths, inputTemplate: JSON.stringify(text) };
}

/** The message for chat channels. */
export function chatMessage({ title, text, inputPaths }: Message): InputTransformer {
  return { inputPaths, inputTemplate: chatNotification(title, text) };
}

/**
 * A message in the custom notification schema of Amazon Q Developer in chat applications, which otherwise shows only
 * notifications of AWS services and drops plain text without an error. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function chatNotification(title: string, description: string): string {
  return JSON.stringify({
    version: "1.0",
    source: "custom",
    content: { textType: "client-markdown", title, description },
  });
}
