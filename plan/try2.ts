import { runProgram } from "./run";
(async () => {
  const t = Date.now();
  const r = await runProgram(process.argv[2]!, "bench");
  console.log(r.resources.length, Date.now() - t, Math.round(process.resourceUsage().maxRSS / 1024) + "MB");
})();
