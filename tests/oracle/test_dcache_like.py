# SPDX-License-Identifier: Apache-2.0
"""The stand-in for dCache is held to what others expect: litmus, davix and dcachefs."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "servers"))
from started import Started  # noqa: E402


@pytest.fixture
def place():
    with Started("dcache_like.py") as server:
        server.ask({"put": "/pnfs/a/x.txt", "text": "Hello world!"})
        server.ask({"put": "/pnfs/a/z.txt", "text": "x"})
        yield server


def run(*command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, **options)


@pytest.mark.skipif(shutil.which("litmus") is None, reason="litmus is not installed")
def test_litmus_finds_nothing_to_complain_of(tmp_path):
    with Started("dcache_like.py", "--proxy") as server:
        done = run("litmus", "-k", server.url("door") + "/", cwd=tmp_path)
    summaries = re.findall(r"summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed", done.stdout)
    assert [name for name, *_ in summaries] == ["basic", "copymove", "props", "locks", "http"]
    assert all(failed == "0" and of == passed for _, of, passed, failed in summaries), done.stdout


@pytest.mark.skipif(shutil.which("davix-ls") is None, reason="davix is not installed")
def test_davix_lists_reads_and_writes_through_door_and_pool(place, tmp_path):
    door = place.url("door")
    assert run("davix-ls", door + "/pnfs/a").stdout.split("\n")[0:1] != [""]
    assert run("davix-get", door + "/pnfs/a/x.txt").stdout == "Hello world!"
    (tmp_path / "up").write_text("from davix")
    assert run("davix-put", tmp_path / "up", door + "/pnfs/a/up.txt").returncode == 0
    assert place.ask({"get": "/pnfs/a/up.txt"})["text"] == "from davix"
    assert run("davix-rm", door + "/pnfs/a/up.txt").returncode == 0
    assert place.ask({"get": "/pnfs/a/up.txt"}) is None
    assert {seen["server"] for seen in place.ask({"requests": True})} >= {"door", "pool"}


def test_dcachefs_finds_what_it_expects_of_a_dcache(place):
    dcachefs = pytest.importorskip("dcachefs")
    fs = dcachefs.dCacheFileSystem(api_url=place.url("api") + "/api/v1", webdav_url=place.url("door"), skip_instance_cache=True)
    assert sorted(fs.ls("/pnfs/a", detail=False)) == ["/pnfs/a/x.txt", "/pnfs/a/z.txt"]
    assert fs.info("/pnfs/a/x.txt")["size"] == 12
    assert fs.isdir("/pnfs/a") and fs.exists("/pnfs/a/x.txt") and not fs.exists("/pnfs/a/none")
    assert fs.cat("/pnfs/a/x.txt") == b"Hello world!"
    fs.mv("/pnfs/a/x.txt", "/pnfs/a/y.txt")
    assert fs.du("/pnfs") == 13
    fs.rm("/pnfs/a/y.txt")
    assert place.ask({"get": "/pnfs/a/y.txt"}) is None
