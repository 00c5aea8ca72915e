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

/** All that the stand-in knows, in one file, so that a test can look into it and change it behind Pulumi's back. */
export interface World {
  account: string;
  region: string;
  /** By id. */
  resources: Record<string, WorldResource>;
  calls: WorldCall[];
  /** Images by repository name: a repository with images is not deleted without force. */
  images: Record<string, number>;
  /** Fails so many-th next create, once. */
  failCreate?: number;
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
