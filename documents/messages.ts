/**
 * A message about an event. `<name>` in its texts stands for the value at a path into the event.
 *
 * EventBridge inserts values as they are, without escaping them: inside a JSON string, a value with a quotation mark or a
 * backslash would break the message, and its delivery would fail. So the paths name only identifiers, statuses and numbers
 * that AWS writes, never descriptions, error texts or a caller's user agent, and each names one value: a list or an object
 * keeps its quotation marks in a JSON template, and the message is dropped without an error. A path that the event lacks
 * leaves nothing behind.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export interface Message {
  /** The heading in chat, a few words: a long name stands only in `text`, which names every value. */
  title: string;
  /** One sentence with everything that a person on call needs, and never a list that grows with the registry. */
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
 * The message for people who read mail, and for other programs. A template for plain text is a JSON string, and SNS gets
 * it as one: the mail shows a single line in quotation marks. Several lines would be quoted one by one (aws-cdk #38121).
 */
export function textMessage({ text, inputPaths }: Message): InputTransformer {
  return { inputPaths, inputTemplate: JSON.stringify(text) };
}

/** The message for chat channels. */
export function chatMessage({ title, text, inputPaths }: Message): InputTransformer {
  return { inputPaths, inputTemplate: chatNotification(title, text) };
}

/**
 * A message in the only form, besides that of AWS's own services, which Amazon Q Developer in chat applications shows.
 * It drops plain text without an error. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function chatNotification(title: string, description: string): string {
  return JSON.stringify({
    version: "1.0",
    source: "custom",
    content: { textType: "client-markdown", title, description },
  });
}
