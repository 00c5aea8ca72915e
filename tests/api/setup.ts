import * as path from "node:path";
import { ensurePython, pythonIn } from "../../scripts/python";
import { ROOT } from "../support/project";

const FOLDER = path.join(ROOT, ".emulator");

/** Python with moto in it, where `npm run api:setup` has put it. */
export const EMULATOR_PYTHON = pythonIn(FOLDER);

if (require.main === module) {
  console.log(ensurePython(FOLDER, path.join(__dirname, "requirements.txt")));
}
