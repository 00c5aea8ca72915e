/** A number of things, such as `1 image` and `2 images`; the plural of a noun in `y` ends in `ies`. */
export function quantity(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}
