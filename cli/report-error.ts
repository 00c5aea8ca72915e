import * as pulumi from "@pulumi/pulumi";

/** Tells of an error: what the program itself reports needs no stack trace; anything else is a defect, and does. */
export function reportError(error: unknown): void {
  console.error(pulumi.RunError.isInstance(error) ? error.message : error);
}

/** Ends quietly where the reader of the output is gone, as after `| head`. For commands that only look. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      throw error;
    }
  });
}
