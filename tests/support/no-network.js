// Loaded before a program that must stay offline: any connection or name look-up ends it.
const dns = require("node:dns");
const net = require("node:net");

function refuse(what) {
  return () => {
    process.stderr.write(`${what} although offline\n`);
    process.exit(99);
  };
}
net.Socket.prototype.connect = refuse("a connection");
dns.lookup = refuse("a name look-up");
