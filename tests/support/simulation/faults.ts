import type { Random } from "./random";

type Fields = Record<string, unknown>;

/** Operations whose answers are malformed at times. */
export const CAN_BE_MALFORMED =
  /^(DescribeImages|BatchGetImage|BatchDeleteImage|DescribeTaskDefinition|GetFunction|DescribeTasks|DescribeServices|DescribeServiceRevisions)$/;

/** Answers that AWS's API reference does not allow, or that miss what was asked for. */
export function malformed(command: string, answer: object, random: Random): object {
  const fields = answer as Fields;
  const list = (key: string) => (fields[key] as Fields[] | undefined) ?? [];
  const without = (key: string, field?: string) => ({
    ...fields,
    [key]: list(key).map((one, i) => {
      const { [field ?? ""]: _, ...rest } = one;
      return i === 0 ? rest : one;
    }),
  });
  switch (command) {
    case "DescribeImages":
      return random.chance(0.5)
        ? without("imageDetails", "imageDigest")
        : without("imageDetails", "imagePushedAt");
    case "BatchGetImage":
      return random.of([
        {},
        without("images", "imageManifest"),
        { ...fields, images: list("images").map((one) => ({ ...one, imageManifest: "<html>" })) },
      ]);
    case "BatchDeleteImage":
    case "DescribeTaskDefinition":
    case "GetFunction":
      return {};
    case "DescribeTasks":
      return { ...fields, tasks: list("tasks").slice(1) };
    case "DescribeServiceRevisions":
      return { ...fields, serviceRevisions: list("serviceRevisions").slice(1) };
    case "DescribeServices":
      return { ...fields, services: list("services").slice(1) };
    default:
      return answer;
  }
}
