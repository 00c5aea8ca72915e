import js from "@eslint/js";
import markdown from "@eslint/markdown";
import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";
import plainEnglish from "./scripts/plain-english.cjs";

export default tseslint.config(
  { ignores: ["bin/", "**/node_modules/", "coverage/", ".emulator/", "preflight/.venv/"] },
  { plugins: { "plain-english": plainEnglish }, rules: { "plain-english/terms": "error" } },
  { files: ["**/*.md"], plugins: { markdown }, language: "markdown/gfm" },
  {
    files: ["**/*.{ts,js,mjs,cjs}"],
    extends: [js.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
  },
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    files: ["**/*.ts"],
    plugins: { "@pulumi": pulumi },
    rules: {
      // Destructuring is how a key is left out.
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          name: "@pulumi/aws",
          message: "It loads every service. Import components/parts/aws.",
          allowTypeImports: true,
        },
      ],
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
    },
  },
  {
    files: ["tests/**"],
    rules: {
      // Recorded inputs are what was sent, of any shape; the assertions are the check.
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-restricted-imports": "off",
    },
  },
  {
    files: ["**/*.mjs", "**/*.js", "**/*.cjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: "readonly",
        require: "readonly",
        __dirname: "readonly",
        module: "writable",
        console: "readonly",
      },
    },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
