// Node worker_threads: one trial, asked by key=value arguments, answered in lines of JSON.
// CommonJS: a worker starts faster with it than with an ES module.
"use strict";
const { Worker, isMainThread, parentPort } = require("node:worker_threads");

// serve echoes byte arrays. After "sink" it counts them and tells the count each `every` messages; after "keep" it holds
// on to a transferred buffer until it is asked for it.
function serve() {
  let every = 0, messages = 0, bytes = 0, kept = null, keep = false;
  parentPort.on("message", (m) => {
    if (m instanceof Uint8Array) {
      if (keep) {
        kept = m;
        parentPort.postMessage("have");
      } else if (every === 0) {
        parentPort.postMessage(m);
      } else {
        bytes += m.length;
        if (++messages % every === 0) parentPort.postMessage(bytes);
      }
    } else if (m === "keep") {
      keep = true;
      parentPort.postMessage("ready");
    } else if (m === "back") {
      parentPort.postMessage(kept, [kept.buffer]);
    } else {
      every = m.sink;
      parentPort.postMessage("ready");
    }
  });
}

class Isolate {
  constructor() {
    this.inbox = [];
    this.wake = null;
    this.worker = new Worker(__filename);
    this.worker.on("error", (e) => { throw e; });
    this.worker.on("message", (m) => {
      if (this.wake === null) this.inbox.push(m);
      else { const wake = this.wake; this.wake = null; wake(m); }
    });
  }
  next() {
    if (this.inbox.length > 0) return this.inbox.shift();
    return new Promise((done) => { this.wake = done; });
  }
  async ask(m, moved) {
    this.worker.postMessage(m, moved);
    return this.next();
  }
  end() { return this.worker.terminate(); }
}

const now = () => process.hrtime.bigint();
// say resolves when the line is out: an exit drops what is not.
const say = (line) => new Promise((done) => { process.stdout.write(JSON.stringify(line) + "\n", done); });

async function start() {
  const iso = new Isolate();
  const got = await iso.ask(payload(64));
  if (got.length !== 64) throw new Error("first reply has " + got.length + " bytes");
  return iso;
}

function payload(size) {
  const p = new Uint8Array(size);
  for (let i = 0; i < size; i++) p[i] = (i * 7 + (i >> 8) + 1) & 255;
  return p;
}

async function sample(r, one) {
  for (let i = 0; i < r.warmup; i++) await one();
  const ns = [];
  const deadline = now() + BigInt(r.ms) * 1000000n;
  while (ns.length < r.n && (ns.length < 20 || now() < deadline)) ns.push(await one());
  await say({ ns });
}

let lines = null;
async function barrier(name) {
  await say({ barrier: name });
  lines ??= require("node:readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  await lines.next();
}

const measures = {
  async spawn(r) {
    await sample(r, async () => {
      const began = now();
      const iso = await start();
      const took = Number(now() - began);
      await iso.end();
      return took;
    });
  },
  async lives(r) {
    for (let i = 0; i < r.warmup; i++) await (await start()).end();
    let lived = 0;
    const began = now(), deadline = began + BigInt(r.ms) * 1000000n;
    await Promise.all(Array.from({ length: r.spawners }, async () => {
      while (now() < deadline) {
        await (await start()).end();
        lived++;
      }
    }));
    await say({ amount: lived, seconds: Number(now() - began) / 1e9 });
  },
  async roundtrip(r) {
    const iso = await start();
    const p = payload(r.size);
    const first = await iso.ask(p);
    if (Buffer.compare(first, p) !== 0) throw new Error("what came back is not what was sent");
    await sample(r, async () => {
      const began = now();
      const got = await iso.ask(p);
      const took = Number(now() - began);
      if (got.length !== r.size) throw new Error(got.length + " bytes came back");
      return took;
    });
    await iso.end();
  },
  async oneway(r) {
    const iso = await start();
    const p = payload(r.size);
    const every = Math.max(1, Math.floor((4 << 20) / r.size));
    await iso.ask({ sink: every });
    let sent = 0, arrived = 0;
    // Two batches are on their way at most: postMessage itself never waits.
    const batch = async () => {
      for (let i = 0; i < every; i++) iso.worker.postMessage(p);
      sent += every * r.size;
      if (sent - arrived > every * r.size) arrived = await iso.next();
    };
    const drain = async () => { while (arrived < sent) arrived = await iso.next(); };
    for (let i = 0; i < r.warmup; i += every) await batch();
    await drain();
    const before = arrived, began = now(), deadline = began + BigInt(r.ms) * 1000000n;
    do await batch(); while (now() < deadline);
    await drain();
    await say({ amount: arrived - before, seconds: Number(now() - began) / 1e9 });
    await iso.end();
  },
  async transfer(r) {
    const iso = await start();
    let p = payload(r.size);
    await iso.ask("keep");
    await sample(r, async () => {
      const began = now();
      await iso.ask(p, [p.buffer]);
      const took = Number(now() - began);
      p = await iso.ask("back");
      if (p.length !== r.size) throw new Error("the buffer came back with " + p.length + " bytes");
      return took;
    });
    await iso.end();
  },
  async memory(r) {
    await barrier("before");
    const all = [];
    for (let i = 0; i < r.n; i++) all.push(await start());
    await barrier("after");
  },
};

async function main() {
  const r = {};
  for (const arg of process.argv.slice(2)) {
    const [key, value] = arg.split("=");
    r[key] = key === "measure" ? value : Number(value);
  }
  if (!measures[r.measure]) throw new Error("unknown measure " + r.measure);
  await measures[r.measure](r);
  process.exit(0);
}

if (isMainThread) main().catch((e) => { console.error(e); process.exit(1); });
else serve();
