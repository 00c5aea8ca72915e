// Loaded before a measured program: peak resident set size in KiB, on standard error at exit.
process.on("exit", () => {
  process.stderr.write(`peak-memory ${process.resourceUsage().maxRSS}\n`);
});
