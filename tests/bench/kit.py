# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private host to measure in."""

import atexit
import glob
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
HOST = os.path.join(HERE, "..", "host", "host")
NAME = f"bench-{os.getpid()}"


class Host:
    """A private host, for as long as this program runs."""

    def __init__(self, build, cgroup, packages, *options, programs=()):
        """@programs are those of the build that nothing but a measurement needs."""
        if programs:
            subprocess.run(["ninja", "-C", build, "--quiet", *programs], check=True)
        self.work = tempfile.TemporaryDirectory()
        images = self.output(os.path.join(HERE, "..", "images", "make"))
        subprocess.run(
            ["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", self.work.name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        atexit.register(self.stop)
        subprocess.run(
            [HOST, "start", NAME, f"--cgroup={cgroup}", f"--with={packages}", f"--owner={os.getpid()}"]
            + [f"--install={self.work.name}", f"--bind={images}:/srv/images", f"--bind={HERE}:/srv/bench"]
            + [f"--bind={os.path.realpath(build)}:/srv/build", *options],
            check=True,
        )

    @staticmethod
    def stop():
        subprocess.run([HOST, "stop", NAME], check=False)

    @staticmethod
    def output(*command, **options):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout.strip()

    def run(self, script):
        """Return: what a shell script in the host prints."""
        return self.output(HOST, "exec", NAME, "bash", "-euo", "pipefail", "-s", input=script)

    def file(self, path, text):
        self.run(f"mkdir -p {shlex.quote(os.path.dirname(path))}; cat >{shlex.quote(path)} <<'END-OF-FILE'\n{text}\nEND-OF-FILE")

    def usage(self):
        """Return: the file with the CPU time of all that is in the host."""
        for pattern in ("/sys/fs/cgroup/cpuacct/%s/cpuacct.usage", "/sys/fs/cgroup/cpu,cpuacct/%s/cpuacct.usage",
                        "/sys/fs/cgroup/%s/cpu.stat", "/sys/fs/cgroup/unified/%s/cpu.stat"):
            found = glob.glob(pattern % f"slipway-{NAME}")
            if found:
                return found[0]
        sys.exit("this machine does not count the CPU time of control groups")

    def alternate(self, cases, rounds):
        """Return: {name: [(wall, cpu), …]} in microseconds."""
        text = "".join("\n".join(case) + "\n" for case in cases)
        command = f"exec {shlex.quote(HOST)} exec {NAME} /srv/build/tests/alternate {rounds} 3<{self.usage()}"
        try:
            lines = self.output("bash", "-c", command, input=text).splitlines()
        except subprocess.CalledProcessError:
            sys.exit(self.run("journalctl --no-pager --lines=40 --output=short-monotonic"))
        samples = {}
        for line in lines:
            name, wall, cpu = line.split("\t")
            samples.setdefault(name, []).append((int(wall), int(cpu)))
        return samples
