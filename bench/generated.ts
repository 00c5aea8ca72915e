/** One generated repository, in plain terms, so that both programs declare the same. */
export interface GeneratedRepository {
  team: string;
  service: string;
}

/** Services of each generated team. */
const SERVICES = 5;

/** The account that may pull every generated repository. */
export const PARTNER = "777788889999";
/** The account that the repositories are in. */
export const ACCOUNT = "111122223333";

/** Repositories, five services for each team. */
export function generate(count: number): GeneratedRepository[] {
  return Array.from({ length: count }, (_, i) => ({
    team: `team-${Math.floor(i / SERVICES)}`,
    service: `service-${i % SERVICES}`,
  }));
}
