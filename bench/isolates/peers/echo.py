"""Python multiprocessing: one trial. The first argument is the start method, the others are key=value; the answer is in
lines of JSON. Messages are bytes (send_bytes), which skips pickle."""

import json
import multiprocessing
import sys
from time import perf_counter_ns as now


def serve(conn):
    """Echo; after b"sink" count, and tell the count at b"flush"; end at b""."""
    sink = False
    count = 0
    while True:
        m = conn.recv_bytes()
        if not m:
            return
        if m == b"sink":
            sink = True
        elif m == b"flush":
            conn.send_bytes(str(count).encode())
        elif sink:
            count += len(m)
        else:
            conn.send_bytes(m)


class Isolate:
    def __init__(self, context):
        self.conn, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs,))
        self.process.start()
        theirs.close()

    def ask(self, p):
        self.conn.send_bytes(p)
        return self.conn.recv_bytes()

    def end(self):
        self.conn.send_bytes(b"")
        self.process.join()
        self.process.close()
        self.conn.close()


def payload(size):
    period = bytes((i * 7 + (i >> 8) + 1) & 255 for i in range(min(size, 1 << 16)))
    return period * (size // len(period))


def say(**line):
    print(json.dumps(line), flush=True)


def sample(r, one):
    for _ in range(r["warmup"]):
        one()
    ns = []
    deadline = now() + r["ms"] * 1_000_000
    while len(ns) < r["n"] and (len(ns) < 20 or now() < deadline):
        ns.append(one())
    say(ns=ns)


HELLO = payload(64)


def start(context):
    iso = Isolate(context)
    if len(iso.ask(HELLO)) != len(HELLO):
        raise ValueError("first reply has the wrong length")
    return iso


def spawn(context, r):
    def one():
        began = now()
        iso = start(context)
        took = now() - began
        iso.end()
        return took

    sample(r, one)


def lives(context, r):
    for _ in range(r["warmup"]):
        start(context).end()
    lived = 0
    began = now()
    while now() - began < r["ms"] * 1_000_000:
        start(context).end()
        lived += 1
    say(amount=lived, seconds=(now() - began) / 1e9)


def roundtrip(context, r):
    iso = start(context)
    p = payload(r["size"])
    if iso.ask(p) != p:
        raise ValueError("what came back is not what was sent")

    def one():
        began = now()
        got = iso.ask(p)
        took = now() - began
        if len(got) != len(p):
            raise ValueError(f"{len(got)} bytes came back")
        return took

    sample(r, one)
    iso.end()


def oneway(context, r):
    iso = start(context)
    p = payload(r["size"])
    iso.conn.send_bytes(b"sink")
    for _ in range(r["warmup"]):
        iso.conn.send_bytes(p)
    before = int(iso.ask(b"flush"))
    sent = 0
    began = now()
    while sent == 0 or now() - began < r["ms"] * 1_000_000:
        iso.conn.send_bytes(p)
        sent += len(p)
    arrived = int(iso.ask(b"flush")) - before
    took = now() - began
    if arrived != sent:
        raise ValueError(f"{arrived} bytes arrived, {sent} were sent")
    say(amount=sent, seconds=took / 1e9)
    iso.end()


def barrier(name):
    say(barrier=name)
    sys.stdin.readline()


def memory(context, r):
    barrier("before")
    isolates = [start(context) for _ in range(r["n"])]
    barrier("after")
    for iso in isolates:
        iso.end()


def main():
    context = multiprocessing.get_context(sys.argv[1])
    r = {}
    for arg in sys.argv[2:]:
        key, value = arg.split("=")
        r[key] = value if key == "measure" else int(value)
    measures = {m.__name__: m for m in (spawn, lives, roundtrip, oneway, memory)}
    measures[r["measure"]](context, r)


if __name__ == "__main__":
    main()
