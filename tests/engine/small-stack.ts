import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { EngineProject, withoutAwsx } from "./engine";

export const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
export const REPOSITORY = "aws:ecr/repository:Repository";

export const teamsOf = (config: Record<string, any>) => config["ecr-platform:teams"] as any[];

/** A stack of two teams, which is up in seconds. */
export const smallTeams = (config: Record<string, any>) => {
  withoutAwsx(config);
  config["ecr-platform:teams"] = [
    { name: "payments", contact: "p@acme.example", services: [{ name: "api" }, { name: "ledger" }] },
    { name: "data", contact: "d@acme.example", services: [{ name: "etl" }] },
  ];
};

/** What the stack has once it is whole. */
export async function wholeOf(project: EngineProject): Promise<string[]> {
  return (await runProgram(project.folder, readStackConfig(project.folder, "dev"))).resources
    .filter(({ custom }) => custom)
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
}

export const madeIn = (project: EngineProject) =>
  Object.values(project.world().resources)
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
