# SPDX-License-Identifier: GPL-2.0-or-later
# listener.py SOCKET FILE: receives datagrams at SOCKET, until it is ended, and adds their lines to FILE, which it
# makes when it listens. A name that begins with @ is one of an abstract socket.
import socket
import sys

path, out = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(path.replace("@", "\0", 1) if path[0] == "@" else path)
with open(out, "wb", 0) as f:
    while True:
        f.write(s.recv(65536).rstrip(b"\n") + b"\n")
