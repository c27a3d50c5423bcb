#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds many connections to a target, and opens each again that the target ends.

    crowd.py PORTAL TARGET [silent=N] [discovery=N] [sessions=N] [again=N]

silent connections send nothing; discovery sessions and normal sessions log in without CHAP, and then only
answer NOP-Ins.  Silent connections come from 100 addresses of 127.0.1.0/24, discovery sessions from 50 of
127.0.2.0/24, normal sessions from 127.0.0.1, each with an initiator name of its own.  again: how many are opened
again in a second, 500 unless given.  Prints "held" when each has been opened once, and at SIGTERM how often a
connection was opened, and how many are open.
"""
import collections
import errno
import resource
import selectors
import signal
import socket
import struct
import sys
import time

LOGIN, NOP_OUT, NOP_IN = 0x43, 0x40, 0x20
PENDING_MAX = 32  # connections that are not open, or not logged in, so that none is cut for the others


class Member:
    """One connection that is to be held."""

    def __init__(self, kind, number):
        self.kind = kind
        self.number = number
        self.sock = None
        self.pending = False
        self.data = b""

    def source(self):
        if self.kind == "silent":
            return f"127.0.1.{self.number % 100 + 1}"
        if self.kind == "discovery":
            return f"127.0.2.{self.number % 50 + 1}"
        return "127.0.0.1"

    def request(self, target):
        """The Login Request, which goes from the operational stage to the full feature phase."""
        keys = [("InitiatorName", f"iqn.2026-01.org.example:{self.kind}-{self.number}")]
        keys += [("TargetName", target)] if self.kind == "sessions" else [("SessionType", "Discovery")]
        data = "".join(f"{k}={v}\0" for k, v in keys).encode()
        bhs = struct.pack(">BBHI", LOGIN, 0x87, 0, len(data)) + bytes([0x80, 0, 0, 0, 0, 1, 0, 0])
        bhs += struct.pack(">IIII", 1, 0, 1, 1) + bytes(16)
        return bhs + data + bytes(-len(data) % 4)

    def answer(self):
        """Takes the PDUs that are complete.  Returns the answers to NOP-Ins that want one."""
        out = b""
        while len(self.data) >= 48:
            size = 48 + (int.from_bytes(self.data[5:8], "big") + 3) // 4 * 4
            if len(self.data) < size:
                break
            head, self.data = self.data[:48], self.data[size:]
            self.pending = False
            if head[0] & 0x3f == NOP_IN and head[20:24] != b"\xff" * 4:
                stat_sn = int.from_bytes(head[24:28], "big")
                out += bytes([NOP_OUT, 0x80]) + bytes(6) + head[8:16] + b"\xff" * 4 + head[20:24]
                out += head[28:32] + struct.pack(">I", stat_sn) + bytes(16)
        return out


class Crowd:
    def __init__(self, portal, target, wanted, again):
        host, port = portal.rsplit(":", 1)
        self.address = host.strip("[]"), int(port)
        self.target = target
        self.again = again
        self.selector = selectors.DefaultSelector()
        self.closed = collections.deque(
            Member(kind, n) for kind, count in wanted.items() for n in range(count))
        self.total = len(self.closed)
        self.opened = self.pending = self.open = 0
        self.ended = False

    def begin(self, member):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: ports are not used up
        sock.bind((member.source(), 0))
        member.sock, member.data = sock, b""
        member.pending = True
        self.pending += 1
        self.opened += 1
        rc = sock.connect_ex(self.address)
        if rc not in (0, errno.EINPROGRESS):
            raise OSError(rc, "connect")
        self.selector.register(sock, selectors.EVENT_WRITE, member)

    def settle(self, member):
        if not member.pending:
            self.pending -= 1
            self.open += 1

    def end(self, member):
        self.selector.unregister(member.sock)
        member.sock.close()
        self.pending -= member.pending
        self.open -= not member.pending
        self.closed.append(member)

    def serve(self, member, events):
        try:
            if events & selectors.EVENT_WRITE:
                self.selector.modify(member.sock, selectors.EVENT_READ, member)
                if member.kind != "silent":
                    member.sock.sendall(member.request(self.target))
                    return
                member.pending = False
                self.settle(member)
                return
            data = member.sock.recv(65536)
            if data == b"":
                self.end(member)
                return
            member.data += data
            was = member.pending
            member.sock.sendall(member.answer())
            if was:
                self.settle(member)
        except OSError:
            self.end(member)

    def run(self):
        started = last = time.monotonic()
        held, tokens = False, 0.0
        while not self.ended:
            now = time.monotonic()
            tokens = min(tokens + (now - last) * self.again, 50.0)
            last = now
            while self.closed and self.pending < PENDING_MAX and (self.opened < self.total or tokens >= 1):
                tokens -= self.opened >= self.total
                self.begin(self.closed.popleft())
            if not held and self.opened >= self.total and self.pending == 0:
                held = True
                print(f"held after {now - started:.1f} s", flush=True)
            for key, events in self.selector.select(0.02):
                self.serve(key.data, events)
        print(f"opened {self.opened} open {self.open}", flush=True)


def main():
    portal, target = sys.argv[1:3]
    opts = {k: int(v) for k, v in (arg.split("=", 1) for arg in sys.argv[3:])}
    again = opts.pop("again", 500)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and sum(opts.values()) + 50 > hard:
        raise SystemExit(f"crowd.py: ulimit -n allows {hard} open files only")
    crowd = Crowd(portal, target, opts, again)

    def stop(*_):
        crowd.ended = True

    signal.signal(signal.SIGTERM, stop)
    crowd.run()


main()
