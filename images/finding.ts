/** One vulnerability in one package of one image, found by Inspector or by ECR. */
export interface ImageFinding {
  /** CVE or advisory, such as `CVE-2026-1234`. */
  id: string;
  severity: string;
  title: string;
  repository: string;
  team: string;
  digest: string;
  tags: string[];
  package: string;
  installed: string;
  /** Version without it; undefined where there is none yet. */
  fixedIn?: string;
  /** CVSS or Inspector's score, 0 to 10. */
  score?: number;
  /** Whether an exploit is known; undefined under basic scanning, which does not say. */
  exploit?: boolean;
  /** ISO 8601; undefined under basic scanning, which does not say. */
  firstSeen?: string;
  url?: string;
}
