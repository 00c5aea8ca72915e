import type { CostEstimate } from "../cost";
import { usd } from "../words";
import { Saying } from "./saying";
import type { Statement } from "./change";

const costs = new Saying("cost", "cost");

/** What each line of the estimate costs now, and did before. */
export function costStatements(before: CostEstimate, after: CostEstimate): Statement[] {
  const amounts = ({ lines }: CostEstimate) => new Map(lines.map(({ item, usd: amount }) => [item, amount]));
  const [old, now] = [amounts(before), amounts(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((item) =>
    costs.becomes(
      usd(old.get(item) ?? 0),
      usd(now.get(item) ?? 0),
      false,
      (amount) => `the estimate for ${item}: ${amount} a month`,
    ),
  );
}
