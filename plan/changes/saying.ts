import { listed, type ChangeKind, type Risk, type Statement } from "./change";

/** Makes the statements about one subject. */
export class Saying {
  /**
   * @param kind what the statements are about
   * @param risk what is at risk where something gets weaker
   */
  constructor(
    private readonly kind: ChangeKind,
    private readonly risk: Risk,
  ) {}

  say(what: string, weaker = false): Statement[] {
    return [{ kind: this.kind, ...(weaker ? { risk: this.risk } : {}), what }];
  }

  /**
   * Says what is so now and was before, where the words differ.
   * @param inSentence puts the words for now into a sentence. Default they are one
   */
  becomes(
    was: string,
    is: string,
    weaker: boolean,
    inSentence: (words: string) => string = (words) => words,
  ): Statement[] {
    return was === is ? [] : this.say(`${inSentence(is)}; before, ${was}`, weaker);
  }

  /**
   * Says what a list lost and got.
   * @param weaker which of the two is a risk. Default neither
   */
  lists(
    before: readonly string[],
    after: readonly string[],
    words: {
      gone: (words: string) => string;
      come: (words: string) => string;
      weaker?: "gone" | "come" | undefined;
    },
  ): Statement[] {
    const gone = before.filter((one) => !after.includes(one));
    const come = after.filter((one) => !before.includes(one));
    return [
      ...(gone.length === 0 ? [] : this.say(words.gone(listed(gone)), words.weaker === "gone")),
      ...(come.length === 0 ? [] : this.say(words.come(listed(come)), words.weaker === "come")),
    ];
  }
}
