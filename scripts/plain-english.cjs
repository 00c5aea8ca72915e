// An ESLint rule for the words of comments, messages and Markdown. A space in a term matches a line break, too.
const UNIT = "(account|file|image|region|repository|run|stack|team|zone)";
const TERMS = [
  [`\\b(once|(one|two|three)( (?!in\\b|of\\b)\\w+)?) an? ${UNIT}\\b`, "per account, per zone"],
  ["\\bso many\\b(?! that\\b)", "N, at most N, the quantity's name"],
  ["\\bwhat {@link", "arguments of"],
  ["\\b(is|are|was|were|be|been|being) told\\b", "is notified of, has as argument"],
  ["\\b(tells?|told) of\\b", "reports"],
  ["\\b(hears?|heard) of\\b", "is notified of"],
  ["(?<!\\bthere )\\b(is|are|was|were) none\\b", "is not one, are not"],
  ["(?<!\\bthere )\\b(is|are|was|were) no (?!longer\\b|more\\b|less\\b|\\w+er than\\b)", "is not a, are not"],
  ["\\bwhat runs\\b", "images in use, running images"],
  ["\\bimages? (goes|go|stays?)\\b", "is deleted, is kept"],
  ["\\b(stands?|stood) in\\b", "is set in, is in"],
  ["\\bby (its|their) own words?\\b", "as reported by"],
  ["\\bcan(not)? be had\\b", "is available"],
  ["\\bwho(m)?ever\\b", "everyone who, the account that"],
  ["\\banew\\b", "again"],
].map(([term, instead]) => ({ expression: new RegExp(term.replaceAll(" ", "[\\s*]+"), "gi"), instead }));

/** @type {import("eslint").Rule.RuleModule} */
const terms = {
  meta: {
    type: "suggestion",
    messages: { term: "“{{words}}” is hard to read. Write, for example: {{instead}}." },
  },
  create(context) {
    const { sourceCode } = context;
    const check = (node) => {
      const [start, end] = sourceCode.getRange(node);
      const text = sourceCode.text.slice(start, end);
      for (const { expression, instead } of TERMS) {
        for (const { 0: words, index } of text.matchAll(expression)) {
          const loc = {
            start: sourceCode.getLocFromIndex(start + index),
            end: sourceCode.getLocFromIndex(start + index + words.length),
          };
          const data = { words: words.replaceAll(/[\s*]+/g, " "), instead };
          context.report({ loc, messageId: "term", data });
        }
      }
    };
    return {
      // Markdown
      text: check,
      // TypeScript and JavaScript
      Program: () => sourceCode.getAllComments().forEach(check),
      "Literal[value=type(string)]": check,
      TemplateElement: check,
    };
  },
};

module.exports = { rules: { terms } };
