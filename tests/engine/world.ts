import * as fs from "node:fs";

/** One resource as the stand-in for AWS keeps it. */
export interface WorldResource {
  /** Type token, such as `aws:ecr/repository:Repository`. */
  type: string;
  /** Logical name in the program that made it. */
  name: string;
  outs: Record<string, unknown>;
}

/** One call that changed something, in order. */
export interface WorldCall {
  operation: "create" | "update" | "delete";
  type: string;
  name: string;
}

/** Something that goes wrong in the so many-th call of a kind from now. */
export interface Fault {
  operation: WorldCall["operation"];
  /** Only calls for this type. Default all. */
  type?: string;
  /** 1 is the next call. */
  at: number;
  /**
   * `fail`: AWS throttles; `hang-before`: the call never reaches AWS, nor returns; `hang-after`: it takes effect in AWS
   * and never returns; `slow`: it takes two seconds.
   */
  how: "fail" | "hang-before" | "hang-after" | "slow";
}

/** All that the stand-in knows, in one file, so that a test can look into it and change it behind Pulumi's back. */
export interface World {
  account: string;
  region: string;
  /** By type and id: in AWS a repository and its policies share theirs. */
  resources: Record<string, WorldResource>;
  calls: WorldCall[];
  /** Images by repository name: a repository with images is not deleted without force. */
  images: Record<string, number>;
  /** What goes wrong next, once. */
  fault?: Fault;
  /** A call that hangs was reached. */
  hanging?: boolean;
  /** Ids given so far. */
  ids: number;
}

export function readWorld(file: string): World {
  return JSON.parse(fs.readFileSync(file, "utf8")) as World;
}

export function writeWorld(file: string, world: World): void {
  // Whole or not at all, for the stand-in may be killed.
  fs.writeFileSync(`${file}.new`, JSON.stringify(world, null, 1));
  fs.renameSync(`${file}.new`, file);
}
