/** An error that its reader can fix: reported without a stack trace, as text or as JSON. */
export class UserError extends Error {
  /**
   * @param problem what is wrong, and where
   * @param fix what to do about it
   */
  constructor(
    readonly problem: string,
    readonly fix: string,
  ) {
    super(`${problem}\nfix: ${fix}`);
  }
}
