import { RuleTester } from "eslint";

const { rules } = require("../../scripts/plain-english.cjs");
const markdown = require("@eslint/markdown").default;

const term = (line: number, column: number) => ({ messageId: "term", line, column });

describe("the lint of the project's language", () => {
  new RuleTester({ plugins: { markdown }, language: "markdown/gfm" }).run("of Markdown", rules.terms, {
    valid: [
      "There is no VPC. It is no longer there, and is no wider than before.",
      "So many that nobody reads them. One of a team. Run `whoever` once a day.",
    ],
    invalid: [
      { code: "Once an account, and one comment a stack.", errors: [term(1, 1), term(1, 22)] },
      { code: "# Roles\n\n- After so\n  many days", errors: [term(3, 9)] },
      { code: "| a |\n| --- |\n| the tag is no `version` |", errors: [term(3, 11)] },
    ],
  });

  new RuleTester().run("of comments and messages", rules.terms, {
    valid: ["const whoever = `${anew} image`;"],
    invalid: [
      { code: "/**\n * A text that is\n * told.\n */", errors: [term(2, 16)] },
      { code: "// Whoever reads", errors: [term(1, 4)] },
      { code: 'throw new Error("it stands in the file");', errors: [term(1, 21)] },
      { code: "const text = `${image}: the image goes`;", errors: [term(1, 29)] },
    ],
  });
});
