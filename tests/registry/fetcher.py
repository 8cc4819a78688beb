# SPDX-License-Identifier: LGPL-2.1-or-later
"""The asking side of slipway-fetch, and a registry that misbehaves, for tests."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """An answer that is an error."""

    def __init__(self, error):
        super().__init__(error["text"])
        self.kind, self.errno, self.text = error["kind"], error["errno"], error["text"]


class Registry:
    """tests/registry/evil, running."""

    def __init__(self, *options, tls=None, layer=3 << 20):
        self.dir = tempfile.TemporaryDirectory()
        self.log = pathlib.Path(self.dir.name) / "log"
        self.go_on = pathlib.Path(self.dir.name) / "go-on"
        command = [HERE / "evil", "--log", self.log, "--layer", str(layer), "--go-on", self.go_on, *options]
        if tls:
            command += ["--tls", *tls]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        said = json.loads(self.process.stdout.readline())
        self.__dict__.update(said)
        self.host = self.registry.split("://")[1]

    def requests(self, repository=None, **wanted):
        """What was asked for, of one repository, with all that is wanted."""
        entries = [json.loads(line) for line in self.log.read_text().splitlines()]
        if repository:
            entries = [e for e in entries if f"/v2/{repository}/" in e["path"]]
        return [e for e in entries if all(e[key] == value for key, value in wanted.items())]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.dir.cleanup()


def endpoint(host, repository, **more):
    return {"host": host, "repository": repository, **more}


class Fetcher:
    """slipway-fetch, running, and a connection to it."""

    def __init__(self, program, incoming, **environment):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(60)
        self.last, self.answers, self.files = 0, {}, {}
        keep = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self.process = subprocess.Popen(
            [program],
            stdin=theirs,
            stderr=subprocess.PIPE,
            env={**keep, "SLIPWAY_FETCH_INCOMING": str(incoming), "SLIPWAY_FETCH_BACKOFF_MS": "20", **environment},
        )
        theirs.close()

    def send(self, message, file=None):
        socket.send_fds(self.socket, [json.dumps(message).encode()], [file] if file is not None else [])

    def begin(self, *endpoints, reference="localhost/app:latest", **more):
        with memfile(json.dumps({"reference": reference, "tag": "latest", "endpoints": endpoints, **more})) as file:
            self.send({"do": "begin"}, file.fileno())
        return self

    def receive(self):
        """Waits for a message. Return: it, None when nobody is there any more."""
        data, fds, _, _ = socket.recv_fds(self.socket, 65537, 4)
        if not data:
            return None
        message = json.loads(data)
        assert len(fds) <= 1, fds
        message["file"] = os.fdopen(fds[0], "rb") if fds else None
        return message

    def ask(self, what, file=None, **fields):
        """Return: the id."""
        self.last += 1
        self.send({"do": what, "id": self.last, **fields}, file)
        return self.last

    def wait(self, wanted):
        """The next message of a request."""
        while not self.answers.get(wanted):
            message = self.receive()
            assert message is not None, "slipway-fetch has ended: " + self.process.stderr.read().decode()
            self.answers.setdefault(message["id"], []).append(message)
        return self.answers[wanted].pop(0)

    def call(self, what, file=None, **fields):
        answer = self.wait(self.ask(what, file, **fields))
        if "error" in answer:
            raise Failed(answer["error"])
        if answer["file"]:
            with answer["file"] as came:
                answer["text"] = os.pread(came.fileno(), 1 << 30, 0)
        return answer

    def blob(self, digest, size):
        """Fetches one to its end. Return: its bytes and all messages."""
        return self.follow(self.ask("blob", digest=digest, size=size))

    def follow(self, wanted, file=None):
        messages = []
        while True:
            message = self.wait(wanted)
            messages.append(message)
            if message["file"]:
                file = message["file"]
            if "error" in message:
                raise Failed(message["error"])
            if message.get("done"):
                data = os.pread(file.fileno(), 1 << 30, 0)
                assert len(data) >= message["bytes"]
                return data[:message["bytes"]], messages

    def end(self):
        """Hangs up. Return: the status that it ends with."""
        self.socket.close()
        status = self.process.wait(timeout=60)
        said = self.process.stderr.read().decode()
        self.process.stderr.close()
        assert not said, said
        return status

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self.process.poll() is None:
            self.socket.close()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        said = self.process.stderr.read().decode()
        self.process.stderr.close()
        if args[0] is None:
            assert self.process.returncode == 0, (self.process.returncode, said)
            assert not said, said


def memfile(text):
    file = os.fdopen(os.memfd_create("document"), "wb+")
    file.write(text.encode() if isinstance(text, str) else text)
    file.flush()
    return file


def make_certificate(directory, name="127.0.0.1", key=None):
    """A certificate that signs itself. Return: its path and its key's."""
    cert, key_path = f"{directory}/{name}.crt", f"{directory}/{name}.key"
    alt = ("IP:" if name[0].isdigit() else "DNS:") + name
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName={alt}", "-keyout", key_path, "-out", cert],
        check=True, capture_output=True,
    )
    return cert, key_path
