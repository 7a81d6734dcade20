# SPDX-License-Identifier: Apache-2.0
"""The tutorial does what it says.

Blocks of docs/tutorial.md that are called `console` are transcripts (see test_transcripts.py), run one after the other in one folder.
A command that ends in `&` goes on until the page ends; the ports of the page are others here, that are free. Behind
dcache://surf/ is the stand-in for dCache. Blocks called `cpp` are parts of examples/.
"""
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from test_transcripts import PROGRAM, parse, pattern, squeezed

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/tutorial.md"
PORTS = ("8000", "8080")
TOKEN = "canary-macaroon-0123456789"
sys.path.insert(0, str(ROOT / "tests/servers"))
from started import Started  # noqa: E402


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [str(s.getsockname()[1]) for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Reader:
    """Types what the page says."""

    def __init__(self, folder, tape):
        (folder / "bin").mkdir()
        (folder / "bin/rastream").symlink_to(PROGRAM)
        (folder / "bin/python3").symlink_to(sys.executable)
        for name, content in self.configuration(folder, tape).items():
            (folder / name).write_text(content)
            (folder / name).chmod(0o600)
        self.folder, self.others = folder, []
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.environment = os.environ | {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
            "RASTREAM_STORES": str(folder / "stores.json"), "RASTREAM_CREDENTIALS": str(folder / "credentials.json")}

    @staticmethod
    def configuration(folder, tape):
        door, api = tape.url("door"), tape.url("api")
        stores = [{"url": "dcache://surf/", "type": "dcache", "webdav_url": door + "/pnfs", "api_url": api + "/api/v1"}]
        credentials = [{"url": url + "/", "token_file": str(folder / "token")} for url in (door, api)]
        return {"token": TOKEN, "stores.json": json.dumps({"stores": stores}), "credentials.json": json.dumps({"credentials": credentials})}

    def here(self, text):
        return re.sub(r"\b(8000|8080)\b", lambda found: self.ports[found[0]], text)

    def start(self, command):
        process = subprocess.Popen("exec " + command.rstrip(" &"), shell=True, cwd=self.folder, env=self.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.others.append(process)
        port = next(port for port in self.ports.values() if port in command)
        for _ in range(400):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", int(port))) == 0:
                    return
            assert process.poll() is None, command
            time.sleep(0.05)
        raise AssertionError(f"{command} does not listen")

    def type(self, command):
        if command.endswith("&"):
            self.start(command)
            return "", 0
        done = subprocess.run(command, shell=True, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=120)
        return done.stdout, done.returncode

    def end(self):
        for process in self.others:
            process.kill()
            process.wait(10)


@pytest.fixture
def tape():
    with Started("dcache_like.py") as server:
        server.ask({"set": {"tokens": {TOKEN: {}}}})
        for year in (1980, 1981):
            server.ask({"put": f"/pnfs/daymet/tmin_{year}.nc", "text": "x" * 5000, "locality": "NEARLINE", "modified_ms": 1683240455775})
        yield server


@pytest.fixture
def reader(tmp_path, tape):
    reader = Reader(tmp_path, tape)
    yield reader
    reader.end()


def test_every_command_prints_what_the_page_shows(reader):
    commands = [command for block in blocks("console") for command in parse(block)]
    assert len(commands) > 20
    for command, expected, code in commands:
        output, got_code = reader.type(reader.here(command))
        got = "".join(squeezed(line) + "\n" for line in output.splitlines() if line.strip())
        assert re.fullmatch(pattern([reader.here(line) for line in expected]), got), f"$ {command}\n{output}\nexpected\n" + "\n".join(expected)
        assert got_code == code, f"$ {command}\n{output}"


def test_the_code_of_the_page_is_that_of_an_example():
    def words(text):
        return " ".join(text.split())

    examples = [words(path.read_text()) for path in (ROOT / "examples").glob("*.cpp")]
    assert blocks("cpp")
    for block in blocks("cpp"):
        assert any(words(block) in example for example in examples), block
