#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Logs in and says what came of it: CHAP with every algorithm, both ways, from any local address.

    iscsi-login.py PORTAL TARGET|- [NAME=VALUE...]

TARGET - asks for discovery, and prints what SendTargets says.  NAME is one of
    initiator   its name
    from        the address to come from, such as 127.0.0.2
    user secret who it is
    algorithm   md5, sha1, sha256 or sha3_256, or several with commas, the first of them is wanted
    own wanted  the name and secret that the target must prove to have
    base64      1: binary values in base64
    hold        1: stay logged in until standard input ends
Prints the status of the last login response in hexadecimal, such as 0000 or 0201, and when it is
0000 "mutual" if the target has proved who it is.  A target that says something wrong is an error.
"""
import base64
import hashlib
import os
import socket
import struct
import sys

NUMBERS = {"md5": 5, "sha1": 6, "sha256": 7, "sha3_256": 8}
LOGIN, TEXT = 0x43, 0x44  # both immediate
SECURITY, OPERATIONAL, FULL = 0, 1, 3


class Peer:
    def __init__(self, portal, source):
        host, port = portal.rsplit(":", 1)
        self.sock = socket.create_connection(
            (host.strip("[]"), int(port)), 30, (source, 0) if source else None)

    def ask(self, opcode, flags, keys, ttt=0):
        data = "".join(f"{k}={v}\0" for k, v in keys).encode()
        bhs = struct.pack(">BBHI", opcode, flags, 0, len(data))
        if opcode == LOGIN:
            bhs += bytes([0x80, 0, 0, 0, 0, 9, 0, 0])
        else:
            bhs += bytes(8)
        bhs += struct.pack(">IIII", 1, ttt, 1, 1) + bytes(16)
        self.sock.sendall(bhs + data + bytes(-len(data) % 4))
        head = self.read(48)
        size = int.from_bytes(head[5:8], "big")
        text = self.read(size + -size % 4)[:size].decode()
        pairs = [p.split("=", 1) for p in text.split("\0") if p]
        return head, pairs

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise SystemExit("closed")
            data += more
        return data


def encode(data, as_base64):
    return "0b" + base64.b64encode(data).decode() if as_base64 else "0x" + data.hex()


def decode(text):
    if text[:2].lower() == "0b":
        return base64.b64decode(text[2:], validate=True)
    return bytes.fromhex(text[2:])


def response(name, ident, secret, challenge):
    return hashlib.new(name, bytes([ident]) + secret.encode() + challenge).digest()


def login(peer, target, opts):
    keys = [("InitiatorName", opts.get("initiator", "iqn.2026-01.org.example:login"))]
    keys += [("SessionType", "Discovery")] if target == "-" else [("TargetName", target)]

    def step(keys, to=None):
        flags = 0x80 | SECURITY << 2 | to if to is not None else SECURITY << 2
        head, pairs = peer.ask(LOGIN, flags, keys)
        status = head[36:38].hex()
        if status != "0000":
            assert not pairs, f"a refusal says {pairs}"
            print(status)
            raise SystemExit(0)
        return head, dict(pairs)

    if "user" not in opts:
        step(keys + [("AuthMethod", "None")], FULL)
        return False
    _, said = step(keys + [("AuthMethod", "CHAP,None")])
    if said["AuthMethod"] == "None":
        step([], FULL)
        return False
    names = opts.get("algorithm", "sha3_256").split(",")
    _, said = step([("CHAP_A", ",".join(str(NUMBERS.get(n, n)) for n in names))])
    name = next(n for n in NUMBERS if str(NUMBERS[n]) == said["CHAP_A"])
    assert name == names[0], f"{name} was chosen"
    challenge = decode(said["CHAP_C"])
    assert len(challenge) >= hashlib.new(name).digest_size
    ident = int(said["CHAP_I"], 0)
    as_base64 = opts.get("base64") == "1"
    keys = [("CHAP_N", opts["user"]),
            ("CHAP_R", encode(response(name, ident, opts["secret"], challenge), as_base64))]
    mine = os.urandom(24)
    if "wanted" in opts:
        keys += [("CHAP_I", 77), ("CHAP_C", encode(mine, as_base64))]
    head, said = step(keys, FULL)
    assert head[1] == 0x80 | SECURITY << 2 | FULL
    if "wanted" not in opts:
        return False
    assert said["CHAP_N"] == opts["own"], said["CHAP_N"]
    assert decode(said["CHAP_R"]) == response(name, 77, opts["wanted"], mine), "a wrong response"
    return True


def main():
    portal, target = sys.argv[1:3]
    opts = dict(arg.split("=", 1) for arg in sys.argv[3:])
    peer = Peer(portal, opts.get("from"))
    mutual = login(peer, target, opts)
    lines = ["0000 mutual" if mutual else "0000"]
    if target == "-":
        _, pairs = peer.ask(TEXT, 0x80, [("SendTargets", "All")], 0xffffffff)
        lines += [f"{key}={value}" for key, value in pairs]
    print("\n".join(lines), flush=True)
    if opts.get("hold") == "1":
        sys.stdin.read()


main()
