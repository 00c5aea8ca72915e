import type { ImageFinding } from "../../images/finding";

/** A finding in an image of payments-api-dev, of which a test names only what it is about. */
export function imageFinding(fields: Partial<ImageFinding> = {}): ImageFinding {
  return {
    id: "CVE-2026-1111",
    severity: "HIGH",
    title: "A title",
    repository: "payments-api-dev",
    team: "payments",
    digest: "sha256:1",
    tags: ["v1"],
    package: "openssl",
    installed: "3.0.11",
    fixedIn: "3.0.15",
    ...fields,
  };
}
