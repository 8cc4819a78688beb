# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fetcher in the hands of a test: it speaks to slipway-store as slipway-fetch does, or as the test wants it to.

What it has are the blobs of a layout (kit.Layout). A test changes what it does by overriding methods.
"""

import array
import json
import os
import socket
import subprocess
import tempfile
import threading

from kit import MANIFEST, check, sha256

PIECE = 65536


def file_of(data):
    """A file with these bytes, to be read only."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return os.open(file.name, os.O_RDONLY | os.O_CLOEXEC)


class Fetcher(threading.Thread):
    def __init__(self, layout):
        super().__init__(daemon=True)
        self.layout = layout
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.asked, self.forgotten = [], []
        self.lock = threading.Lock()

    def say(self, fds=(), **message):
        data = json.dumps(message).encode()
        self.say_bytes(data, fds)

    def say_bytes(self, data, fds=()):
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        with self.lock:
            try:
                self.ours.sendmsg([data], ancillary)
            except OSError:
                pass
        for fd in fds:
            os.close(fd)

    def blob(self, digest):
        return (self.layout.path / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()

    def run(self):
        while True:
            try:
                data = self.ours.recv(70000)
            except OSError:
                return
            if not data:
                return
            message = json.loads(data)
            self.asked.append(message)
            getattr(self, "do_" + message["do"].replace("-", "_"))(message)

    def do_manifest(self, message):
        data = self.blob(message["reference"])
        self.say([file_of(data)], id=message["id"], digest=sha256(data), type=MANIFEST, size=len(data))

    def do_document(self, message):
        data = self.blob(message["digest"])
        self.say([file_of(data)], id=message["id"], digest=message["digest"], size=len(data))

    def do_referrers(self, message):
        self.error(message, 2, "no such thing")

    def do_url(self, message):
        self.error(message, 2, "no such thing")

    def do_cancel(self, message):
        pass

    def do_forget(self, message):
        self.forgotten.append(message["digest"])

    def error(self, message, number, text, kind="system"):
        self.say(id=message["id"], error={"kind": kind, "errno": number, "text": text})

    def do_blob(self, message):
        threading.Thread(target=self.send_blob, args=(message, self.blob(message["digest"])), daemon=True).start()

    def send_blob(self, message, data):
        """In pieces, as it comes from a network."""
        with tempfile.NamedTemporaryFile() as file:
            self.say([os.open(file.name, os.O_RDONLY | os.O_CLOEXEC)], id=message["id"], bytes=0)
            for at in range(0, len(data), PIECE):
                file.write(data[at:at + PIECE])
                file.flush()
                self.say(id=message["id"], bytes=min(at + PIECE, len(data)))
            self.say(id=message["id"], bytes=len(data), done=True)


class Pull:
    """A slipway-store at work, with the test as its client."""

    def __init__(self, program, store, fetcher, name="registry.example/test:latest", document=None, digest=None,
                 env=None, **more):
        self.fetcher = fetcher
        self.client, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fetcher.start()
        self.process = subprocess.Popen(
            [program], stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
            env={**os.environ, "SLIPWAY_STATE_DIR": str(store), "LC_ALL": "C", **(env or {})})
        theirs.close()
        if document is None:
            index = json.loads((fetcher.layout.path / "index.json").read_text())
            document = fetcher.blob(index["manifests"][0]["digest"])
        request = {"do": "pull", "name": name, "type": MANIFEST, "digest": digest or sha256(document), **more}
        request = {key: value for key, value in request.items() if value is not None}
        fd = file_of(document)
        socket.send_fds(self.client, [json.dumps(request).encode()], [fd, fetcher.theirs.fileno()])
        os.close(fd)
        fetcher.theirs.close()
        self.messages = []

    def receive(self, timeout=120):
        self.client.settimeout(timeout)
        try:
            data = self.client.recv(70000)
        except ConnectionResetError:
            data = b""
        if not data:
            return None
        message = json.loads(data)
        self.messages.append(message)
        return message

    def wait_for(self, key, timeout=120):
        """The next message with such a key; None at the end."""
        while (message := self.receive(timeout)) is not None:
            if key in message:
                return message
        return None

    def finish(self):
        """All that it says, to the end. Returns what it said last."""
        while self.receive() is not None:
            pass
        self.process.wait()
        self.stderr = self.process.stderr.read()
        check(self.messages or self.process.returncode in (0, -9), f"it said nothing: {self.stderr}")
        return self.messages[-1] if self.messages else None

    def succeeds(self):
        last = self.finish()
        check("end" in last, f"it failed: {last}")
        return last["end"]

    def fails(self):
        last = self.finish()
        check("error" in last, f"it did not fail: {last}")
        return last["error"]
