import { distance } from "fastest-levenshtein";

/** The known word nearest to a mistyped one, or undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const best = known
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  return best !== undefined && best.far <= Math.max(2, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}
