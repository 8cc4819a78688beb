#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An app that speaks with the service manager: does one word of its command line after the other.

    send:TEXT       a message of sd_notify(3); "|" is a line break, "\\r" the other kind
    child:TEXT      the same from a child that waits until it has been dealt with
    watchdog:N      WATCHDOG=1 twice in each interval, N times
    reload:SIGNAL   reload in the manner of Type=notify-reload at that signal
    store:NAME=TEXT put a file with TEXT into the descriptor store
    fds             print names, kinds and texts of the descriptors that were passed
    env             print what there is in the environment
    sleep:SECONDS
    serve[:SECONDS] answer each connection of the sockets that were passed with the socket's name; until there are
                    none for so long
    exit:STATUS
    wait            until SIGTERM
"""

import array
import os
import select
import signal
import socket
import stat
import sys
import time


def send(text, fds=()):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(os.environ["NOTIFY_SOCKET"])
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        s.sendmsg([text.replace("|", "\n").replace("\\r", "\r").encode()], rights)


def barrier():
    ours, theirs = os.pipe()
    send("BARRIER=1", [theirs])
    os.close(theirs)
    select.select([ours], [], [], 10)


def child(text):
    if os.fork() == 0:
        send(text)
        barrier()
        os._exit(0)
    os.wait()


def watchdog(n):
    interval = int(os.environ["WATCHDOG_USEC"]) / 2e6
    for _ in range(int(n)):
        send("WATCHDOG=1")
        time.sleep(interval)
    print("silent from now on")


def reload(name):
    def handle(*_):
        send(f"RELOADING=1|MONOTONIC_USEC={int(time.monotonic() * 1e6)}|STATUS=reloading")
        print(f"reloaded by {name}")
        send("READY=1|STATUS=reloaded")
    signal.signal(getattr(signal, "SIG" + name), handle)


def store(word):
    name, text = word.split("=")
    fd = os.memfd_create(name)
    os.write(fd, text.encode())
    send(f"FDSTORE=1|FDNAME={name}", [fd])


def passed():
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    n = int(os.environ.get("LISTEN_FDS", "0")) if os.environ.get("LISTEN_PID") == str(os.getpid()) else 0
    return [(3 + i, names[i]) for i in range(n)]


def fds(_):
    for fd, name in passed():
        mode = os.fstat(fd).st_mode
        text = os.pread(fd, 100, 0).decode() if stat.S_ISREG(mode) else ""
        print(f"fd {fd} {name} {'socket' if stat.S_ISSOCK(mode) else 'file'} {text}".rstrip())


def serve(seconds):
    sockets = {socket.socket(fileno=fd): name for fd, name in passed()}
    while ready := select.select(sockets, [], [], float(seconds) if seconds else None)[0]:
        for s in ready:
            if s.type == socket.SOCK_DGRAM:
                text, peer = s.recvfrom(100)
                s.sendto(f"{sockets[s]} {text.decode()}".encode(), peer)
            else:
                with s.accept()[0] as connection:
                    connection.recv(4096)
                    connection.sendall(f"{sockets[s]}\n".encode())


def wait(_):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        signal.pause()


def env(_):
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDNAMES"):
        print(f"{name}={os.environ.get(name)}")


verbs = {"send": send, "child": child, "watchdog": watchdog, "reload": reload, "store": store, "fds": fds, "env": env,
         "sleep": lambda seconds: time.sleep(float(seconds)), "serve": serve, "wait": wait,
         "exit": lambda status: sys.exit(int(status))}
sys.stdout.reconfigure(line_buffering=True)
for argument in sys.argv[1:]:
    verb, _, value = argument.partition(":")
    verbs[verb](value)
