// Loaded before a program that is to be killed: it ends by SIGKILL right before its n-th call of the file system that
// touches a stack's file or its temporary file. Without a number it writes down how many calls there were.
const fs = require("node:fs");

const [limit, report] = [Number(process.env.KILL_BEFORE ?? 0), process.env.CALLS];
const ours = new Set();
let calls = 0;
for (const name of [
  "openSync",
  "writeSync",
  "writeFileSync",
  "fchmodSync",
  "fsyncSync",
  "closeSync",
  "readdirSync",
  "renameSync",
  "rmSync",
]) {
  const real = fs[name];
  fs[name] = (...args) => {
    const about =
      name === "readdirSync"
        ? args[0] === process.env.FOLDER
        : /\.Pulumi\..*\.tmp$/.test(args[0]) || ours.has(args[0]);
    if (about && ++calls === limit) {
      process.kill(process.pid, "SIGKILL");
    }
    if (about && name === "writeFileSync" && typeof args[0] === "number") {
      // Half of it first, as a disk may.
      real(args[0], args[1].slice(0, args[1].length / 2));
      if (++calls === limit) {
        process.kill(process.pid, "SIGKILL");
      }
      return real(args[0], args[1].slice(args[1].length / 2));
    }
    const result = real(...args);
    if (about && name === "openSync") {
      ours.add(result);
    }
    return result;
  };
}
process.on("exit", () => {
  if (report !== undefined) {
    fs.appendFileSync(report, `${calls}\n`);
  }
});
