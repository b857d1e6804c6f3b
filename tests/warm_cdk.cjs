"use strict";
// The CDK CLI of a warm checkout (tests/warm.py), in a process that has loaded it: `node warm_cdk.cjs SCRIPTS 3`, where
// 3 is the number of a socket that listens. A run has the words, the folder and the environment of who asks; it ends as a
// process does, when nothing is left to wait for. There is one at a time: who asks meanwhile is told so, or waits (`wait`
// as third word).
const child_process = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const net = require("node:net");
const path = require("node:path");
const vm = require("node:vm");

const [, , scripts, number, busy] = process.argv;
// As scripts/cdk.cjs loads it, without the call at the end.
const library = fs.realpathSync(path.join(scripts, "..", "node_modules", "aws-cdk", "lib"));
const file = path.join(library, "index.js");
const compiled = fs.readdirSync(library).find((name) => name.startsWith("index.js.") && name.endsWith(".compiled"));
const script = new vm.Script(Module.wrap(fs.readFileSync(file, "utf8")), {
  filename: file,
  cachedData: compiled && fs.readFileSync(path.join(library, compiled)),
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const cli = new Module(file);
cli.filename = file;
script.runInThisContext().call(cli.exports, cli.exports, Module.createRequire(file), cli, file, library);

const [ENDED, TAKEN] = [0, 3];
let asking;
const waiting = [];

function frame(kind, content = Buffer.alloc(0)) {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

for (const [kind, stream] of [[1, process.stdout], [2, process.stderr]]) {
  stream.write = (text, encoding, done) => {
    const told = typeof encoding === "function" ? encoding : done;
    asking?.write(frame(kind, Buffer.from(text, typeof encoding === "string" ? encoding : undefined)));
    if (told) process.nextTick(told);
    return true;
  };
}

// What the CLI starts says to who asks what it would say to this process: the app.
const { spawn } = child_process;
child_process.spawn = (...words) => {
  const options = words.pop();
  const files = [].concat(options.stdio ?? "pipe");
  const child = spawn(...words, { ...options, stdio: files.map((each) => (each === "inherit" ? "pipe" : each)) });
  if (files[1] === "inherit") child.stdout.on("data", (text) => process.stdout.write(text));
  if (files[2] === "inherit") child.stderr.on("data", (text) => process.stderr.write(text));
  return child;
};

const exit = process.exit;
process.exit = (code) => { // as yargs does after --version
  fs.writeSync(asking._handle.fd, frame(ENDED, Buffer.from([code ?? process.exitCode ?? 0])));
  exit(0);
};

const server = net.createServer((connection) => {
  if (!asking) return serve(connection);
  if (busy !== "wait") return connection.end();
  connection.unref();
  waiting.push(connection);
});

function serve(connection) {
  asking = connection;
  connection.ref();
  let request = "";
  connection.on("error", () => {});
  connection.on("close", () => asking === connection && exit(0)); // who asked was interrupted
  connection.setEncoding("utf8").on("data", (part) => {
    request += part;
    if (!request.endsWith("\n")) return;
    connection.write(frame(TAKEN));
    const { words, folder, environment } = JSON.parse(request);
    process.chdir(folder);
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, environment);
    process.argv.splice(2, Infinity, ...words);
    server.unref();
    connection.unref();
    cli.exports.cli();
  });
}

process.on("beforeExit", () => {
  const ended = asking;
  asking = undefined;
  ended.end(frame(ENDED, Buffer.from([process.exitCode ?? 0])));
  process.exitCode = undefined;
  server.ref();
  if (waiting.length) serve(waiting.shift());
});
server.listen({ fd: Number(number) });
