#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shop of tools/demo: PostgreSQL has what is for sale, Redis counts who has asked.

The image has Python and no drivers, so both are spoken to here, as far as it takes.
"""

import base64
import hashlib
import hmac
import http.server
import os
import signal
import socket
import struct
import sys


def count_visitor():
    with socket.create_connection(("localhost", 6379), timeout=5) as connection:
        connection.sendall(b"INCR visitors\r\n")
        return int(connection.makefile("rb").readline()[1:])


def send(stream, kind, body):
    stream.write(kind + struct.pack(">i", len(body) + 4) + body)
    stream.flush()


def receive(stream):
    kind, size = struct.unpack(">ci", stream.read(5))
    body = stream.read(size - 4)
    if kind == b"E":
        raise RuntimeError(body.replace(b"\0", b" ").decode())
    return kind, body


def log_in(stream, password):
    """SCRAM-SHA-256, RFC 5802: the password itself does not travel."""
    send(stream, b"", struct.pack(">i", 3 << 16) + b"user\0postgres\0\0")
    receive(stream)
    first = "n=,r=" + base64.b64encode(os.urandom(18)).decode()
    send(stream, b"p", b"SCRAM-SHA-256\0" + struct.pack(">i", len(first) + 3) + b"n,," + first.encode())
    challenge = receive(stream)[1][4:].decode()
    fields = dict(field.split("=", 1) for field in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(fields["s"]), int(fields["i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    last = "c=biws,r=" + fields["r"]
    signature = hmac.digest(hashlib.sha256(key).digest(), f"{first},{challenge},{last}".encode(), "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()
    send(stream, b"p", f"{last},p={proof}".encode())
    rows(stream)


def rows(stream):
    """The first column of all that comes until the server is ready again."""
    values = []
    while (message := receive(stream))[0] != b"Z":
        if message[0] == b"D":
            size, = struct.unpack_from(">i", message[1], 2)
            values.append(message[1][6:6 + size].decode())
    return values


def goods():
    with open("/run/secrets/db-password", "rb") as file:
        password = file.read().strip()
    with socket.create_connection(("db", 5432), timeout=5) as connection:
        stream = connection.makefile("rwb")
        log_in(stream, password)
        send(stream, b"Q", b"SELECT name FROM goods ORDER BY name\0")
        return rows(stream)


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = "healthy\n"
        if self.path != "/healthy":
            text = f"For sale: {', '.join(goods())} (says PostgreSQL)\nYou are visitor {count_visitor()} (says Redis)\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format, *arguments):
        if self.path != "/healthy":
            print(self.address_string(), format % arguments)


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
http.server.ThreadingHTTPServer(("", 8000), Shop).serve_forever()
