# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests with hostile images share: making images, importing them, and watching what happens to the host.

A test is a function test_WHAT_IS_TRUE(host); its name is what TAP prints. `host` is a Host: a directory with a store
and with a bystander, a small tree that stands for the rest of the machine and must never change.
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import traceback

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "loongarch64": "loong64"}
ARCHITECTURE = ARCHITECTURES.get(platform.machine(), platform.machine())
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def entry(name, type=tarfile.REGTYPE, data=b"", **fields):
    """An entry of a layer: (TarInfo, content). Fields are those of TarInfo."""
    info = tarfile.TarInfo(name)
    info.type = type
    info.mode = 0o755 if type == tarfile.DIRTYPE else 0o644
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def directory(name, **fields):
    return entry(name, tarfile.DIRTYPE, **fields)


def symlink(name, target, **fields):
    return entry(name, tarfile.SYMTYPE, linkname=str(target), **fields)


def hardlink(name, target, **fields):
    return entry(name, tarfile.LNKTYPE, linkname=str(target), **fields)


def tar(*entries):
    """An archive as bytes, with names exactly as given: TarInfo.tobuf() does not clean them."""
    out = io.BytesIO()
    for info, data in entries:
        out.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        out.write(data)
        out.write(b"\0" * (-len(data) % 512))
    out.write(b"\0" * 1024)
    return out.getvalue()


class Layout:
    """An OCI image layout on disk, of which every part can be made wrong."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        (self.path / "blobs/sha256").mkdir(parents=True)
        (self.path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def blob(self, data):
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        digest = sha256(data)
        (self.path / "blobs/sha256" / digest[7:]).write_bytes(data)
        return digest, len(data)

    def descriptor(self, data, media_type, **more):
        digest, size = self.blob(data)
        return {"mediaType": media_type, "digest": digest, "size": size, **more}

    def config(self, layers, **more):
        return {"architecture": ARCHITECTURE, "os": "linux", "config": {"Cmd": ["/app"]},
                "rootfs": {"type": "layers", "diff_ids": [sha256(layer) for layer in layers]}, **more}

    def manifest(self, layers, config=None, compress=None, **more):
        config = self.config(layers) if config is None else config
        squeeze = compress or (lambda data: data)
        return {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.descriptor(config, CONFIG),
                "layers": [self.descriptor(squeeze(layer), LAYER) for layer in layers], **more}

    def index(self, *descriptors, **more):
        document = {"schemaVersion": 2, "manifests": list(descriptors), **more}
        (self.path / "index.json").write_text(json.dumps(document))
        return self

    def image(self, *layers, **more):
        return self.index(self.descriptor(self.manifest(layers, **more), MANIFEST))


def snapshot(root):
    """All that can be seen of a tree."""
    seen = {}
    for path in [root, *sorted(root.rglob("*"))]:
        st = path.lstat()
        content = None
        if stat.S_ISREG(st.st_mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(st.st_mode):
            content = os.readlink(path)
        attributes = tuple((name, os.getxattr(path, name, follow_symlinks=False))
                           for name in os.listxattr(path, follow_symlinks=False))
        seen[str(path.relative_to(root))] = (st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_nlink, content,
                                             attributes)
    return seen


class Skip(Exception):
    """This test cannot be run here, and why."""


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


class Host:
    def __init__(self, slipway, root):
        self.slipway = slipway
        self.root = pathlib.Path(root)
        self.store = self.root / "store"
        self.bystander = self.root / "bystander"
        self.n_layouts = 0
        (self.bystander / "victims").mkdir(parents=True)
        (self.bystander / "passwd").write_text("root:x:0:0::/:/bin/sh\n")
        (self.bystander / "victims/precious").write_text("do not touch\n")
        os.chmod(self.bystander / "passwd", 0o640)
        self.before = snapshot(self.bystander)

    def layout(self):
        self.n_layouts += 1
        return Layout(self.root / f"layout{self.n_layouts}")

    def run(self, *args, **more):
        # Another locale would change the words of strerror(3).
        env = {**os.environ, "SLIPWAY_STATE_DIR": str(self.store), "LC_ALL": "C"}
        return subprocess.run([self.slipway, *args], env=env, capture_output=True, text=True, errors="replace",
                              timeout=300, **more)

    def unchanged(self):
        check(snapshot(self.bystander) == self.before, "the bystander was changed")

    def store_is_clean(self):
        """Nothing half-made: no drafts, no layer and no blob that no image needs, no name that leads nowhere."""
        if not self.store.exists():
            return
        check(not list((self.store / "tmp").iterdir()), "something is left in tmp/")
        needed, blobs = set(), set()
        for image in (self.store / "images").iterdir():
            needed.update((image / "layers").read_text().split())
            check(hashlib.sha256((image / "config.json").read_bytes()).hexdigest() == image.name,
                  f"the config of {image.name} is another one")
            blobs.add(image.name)
            blobs.add(hashlib.sha256((image / "manifest.json").read_bytes()).hexdigest())
        check({p.name for p in (self.store / "layers").iterdir()} == needed, "layers and images do not match")
        check({p.name for p in (self.store / "blobs/sha256").iterdir()} == blobs, "blobs and images do not match")
        for name in (self.store / "names").iterdir():
            check(name.exists(), f"the name {name.name} leads nowhere")
            origin = self.store / "origins" / name.name / name.readlink().name / "origin.json"
            check(origin.exists(), f"nobody knows where {name.name} came from")
        for origin in (self.store / "origins").glob("*/*"):
            check((self.store / "images" / origin.name).exists(), f"{origin} is about no image")

    def refuses(self, source, why, *options):
        """The import fails, says why, and leaves the store and the host as they were."""
        done = self.run("import", *options, str(source), "localhost/test")
        check(done.returncode == 1, f"it was not refused, status {done.returncode}: {done.stdout}{done.stderr}")
        check(re.search(why, done.stderr), f"it was refused with other words: {done.stderr}")
        check(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.stderr), "the message can drive a terminal")
        self.unchanged()
        self.store_is_clean()

    def refuses_layers(self, why, *layers, options=(), **more):
        layout = self.layout().image(*(layer if isinstance(layer, bytes) else tar(*layer) for layer in layers), **more)
        self.refuses(f"oci:{layout.path}", why, *options)

    def imports(self, source, *options, name="localhost/test"):
        done = self.run("import", *options, str(source), *([name] if name else []))
        check(done.returncode == 0, f"it was refused: {done.stderr}")
        self.unchanged()
        self.store_is_clean()
        return done

    def accepts(self, *layers, **more):
        """Imports layers. Returns the directories they were unpacked into, base first."""
        layout = self.layout().image(*(layer if isinstance(layer, bytes) else tar(*layer) for layer in layers), **more)
        self.imports(f"oci:{layout.path}")
        return self.layers("localhost/test")

    def layers(self, name):
        shown = json.loads(self.run("inspect", name).stdout)
        return [self.store / "layers" / layer["chain_id"][7:] / "fs" for layer in shown[0]["layers"]]


def is_whiteout(path):
    st = os.lstat(path)
    return stat.S_ISCHR(st.st_mode) and st.st_rdev == 0


def is_opaque(path):
    try:
        return os.getxattr(path, "trusted.overlay.opaque", follow_symlinks=False) == b"y"
    except OSError:
        return False


def compressed(data):
    return gzip.compress(data, 6, mtime=0)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def main(module):
    if os.geteuid() != 0:
        skip_all("only root can unpack images")
    slipway = str(pathlib.Path(sys.argv[1]).resolve())
    tests = [(name, function) for name, function in vars(module).items() if name.startswith("test_")]
    print(f"1..{len(tests)}", flush=True)
    for number, (name, function) in enumerate(tests, 1):
        root = tempfile.mkdtemp(prefix="slipway-hostile-")
        title = name.removeprefix("test_").replace("_", " ")
        try:
            if number == 1:
                try:
                    os.setxattr(root, "trusted.overlay.opaque", b"y")
                    os.removexattr(root, "trusted.overlay.opaque")
                except OSError as error:
                    print(f"Bail out! {tempfile.gettempdir()} has no trusted attributes: {error}")
                    sys.exit(1)
            function(Host(slipway, root))
            print(f"ok {number} - {title}", flush=True)
        except Skip as why:
            print(f"ok {number} - {title} # SKIP {why}", flush=True)
        except Failure as failure:
            print(f"not ok {number} - {title}\n# " + str(failure).replace("\n", "\n# "), flush=True)
        except Exception:
            print(f"not ok {number} - {title}\n# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
        finally:
            shutil.rmtree(root, ignore_errors=True)
