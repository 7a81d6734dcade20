# SPDX-License-Identifier: Apache-2.0
"""ls, stat, cat, cp, mv, rm, mkdir and stage against the stand-in for dCache."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))
from started import Started  # noqa: E402

BUILD = Path(os.environ.get("RASTREAM_BUILD", HERE.parents[1] / "build/release"))
PROGRAM = Path(os.environ.get("RASTREAM", BUILD / "rastream")).resolve()
TOKEN = "canary-macaroon-0123456789"


class Session:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        urls = {name: server.url(name) for name in ("door", "api")}
        stores = [{"url": "dcache://surf/", "type": "dcache", "webdav_url": urls["door"] + "/pnfs", "api_url": urls["api"] + "/api/v1"},
                  {"url": urls["door"] + "/pnfs/dav", "type": "webdav"}]
        (folder / "stores.json").write_text(json.dumps({"stores": stores}))
        token = folder / "token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        credentials = folder / "credentials.json"
        credentials.write_text(json.dumps({"credentials": [{"url": url + "/", "token_file": str(token)} for url in urls.values()]}))
        credentials.chmod(0o600)
        self.environment = os.environ | {"RASTREAM_STORES": str(folder / "stores.json"), "RASTREAM_CREDENTIALS": str(credentials)}
        server.ask({"set": {"tokens": {TOKEN: {}}}})

    def put(self, path, text, **more):
        self.server.ask({"put": "/pnfs/" + path, "text": text, **more})

    def text(self, path):
        found = self.server.ask({"get": "/pnfs/" + path})
        return found and found["text"]

    def run(self, *arguments, code=0):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        assert TOKEN not in done.stdout + done.stderr
        return done


@pytest.fixture
def session(tmp_path):
    with Started("dcache_like.py") as server:
        s = Session(server, tmp_path)
        s.put("data/b.nc", "Hello world!", modified_ms=1683240455775)
        s.put("data/a b.nc", "x" * 5000)
        s.put("data/deep/c.nc", "deep")
        yield s


def test_ls_shows_names_and_with_l_what_is_known(session):
    assert session.run("ls", "dcache://surf/data").stdout == "a b.nc\nb.nc\ndeep/\n"
    assert session.run("ls", "-r", "dcache://surf/data").stdout == "a b.nc\nb.nc\ndeep/\ndeep/c.nc\n"
    line = session.run("ls", "-lb", "dcache://surf/data/b.nc").stdout.split()
    assert line == ["12", "2023-05-04T22:47:35Z", "ONLINE", "dcache://surf/data/b.nc"]
    assert session.run("ls", "dcache://surf/*/b*").stdout == "dcache://surf/data/b.nc\n"
    found = json.loads(session.run("ls", "--json", "dcache://surf/data").stdout)
    assert [entry["type"] for entry in found] == ["file", "file", "directory"]


def test_du_adds_up_what_lies_below(session):
    session.put("data/deep/tape.nc", "t" * 3000, locality="NEARLINE")
    assert session.run("du", "dcache://surf/data").stdout == "8.02 k  4 files  dcache://surf/data/  (3 k on tape alone)\n"
    rows = json.loads(session.run("du", "--json", "--max-depth", "5", "dcache://surf/data").stdout)
    assert rows == [{"name": "dcache://surf/data", "type": "directory", "size": 8016, "files": 4, "folders": 1, "nearline": 3000},
                    {"name": "dcache://surf/data/deep", "type": "directory", "size": 3004, "files": 2, "folders": 0, "nearline": 3000}]
    assert session.run("du", "-b", "dcache://surf/data/b*", "dcache://surf/data/deep/c.nc").stdout == (
        "12  1 file   dcache://surf/data/b.nc\n 4  1 file   dcache://surf/data/deep/c.nc\n")
    session.run("du", "dcache://surf/none", code=3)


def test_stat_tells_the_digest_and_a_missing_file_is_exit_3(session):
    out = session.run("stat", "dcache://surf/data/b.nc").stdout
    assert "adler32  1d09045e" in out and "size  12" in out
    assert "no such file" in session.run("stat", "dcache://surf/data/none", code=3).stderr


def test_cat_gives_bytes_and_parts_of_them(session):
    assert session.run("cat", "dcache://surf/data/b.nc", "dcache://surf/data/deep/c.nc").stdout == "Hello world!deep"
    assert session.run("cat", "--bytes", "6:11", "dcache://surf/data/b.nc").stdout == "world"
    assert session.run("cat", "--bytes", "-6:", "dcache://surf/data/b.nc").stdout == "world!"
    session.run("cat", "dcache://surf/data", code=2)


def test_cp_copies_trees_both_ways_and_skips_what_is_intact(session):
    out = session.run("cp", "-r", "dcache://surf/data", "copy").stdout
    assert out.startswith("copied 3 files")
    assert (session.folder / "copy/deep/c.nc").read_text() == "deep"
    assert session.run("cp", "-r", "dcache://surf/data/", "copy/").returncode == 0
    session.run("cp", "-r", "copy", "dcache://surf/new/place/")
    assert session.text("new/place/copy/a b.nc") == "x" * 5000
    assert "intact" in session.run("cp", "-r", "copy", "dcache://surf/new/place/").stdout
    assert not list(session.folder.rglob("*.rastream-tmp"))


def test_cp_between_two_servers_passes_no_secret_on(session):
    with Started("dcache_like.py") as other:
        other.ask({"put": "/there", "folder": True})
        session.run("cp", "dcache://surf/data/b.nc", other.url("door").replace("http", "webdav") + "/there/")
        assert other.ask({"get": "/there/b.nc"})["text"] == "Hello world!"
        assert TOKEN not in json.dumps(other.ask({"requests": True}))


def test_a_failure_is_one_line_and_the_rest_is_copied(session):
    session.put("data/tape.nc", "t", locality="NEARLINE")
    done = session.run("cp", "-r", "--report", "report.json", "dcache://surf/data", "copy", code=5)
    assert "on tape" in done.stderr and (session.folder / "copy/b.nc").exists()
    report = json.loads((session.folder / "report.json").read_text())
    assert len(report["done"]) == 3 and report["failed"][0]["from"] == "dcache://surf/data/tape.nc"
    session.run("cp", "-r", "--stage", "dcache://surf/data", "copy")
    assert (session.folder / "copy/data/tape.nc").read_text() == "t"


def test_stage_waits_until_files_are_on_disk(session):
    session.put("tape/x", "t", locality="NEARLINE")
    assert "request " in session.run("stage", "dcache://surf/tape/x").stdout
    assert session.run("stage", "--wait", "-r", "dcache://surf/tape").stdout == "1 file on disk\n"
    assert "ONLINE_AND_NEARLINE" in session.run("ls", "-l", "dcache://surf/tape").stdout


def test_stac_copy_brings_files_from_tape_where_it_is_told_to(session):
    asset = {"a": {"href": "dcache://surf/tape/a.nc"}, "b": {"href": "dcache://surf/data/b.nc"}}
    item = {"type": "Feature", "stac_version": "1.1.0", "id": "i", "geometry": None, "properties": {"datetime": "2020-01-01T00:00:00Z"},
            "links": [], "assets": asset}
    (session.folder / "item.json").write_text(json.dumps(item))
    session.put("tape/a.nc", "from tape", locality="NEARLINE")
    done = session.run("stac", "copy", "item.json", "copy", code=5)
    assert "'a'" in done.stderr and "--stage" in done.stderr and (session.folder / "copy/i/b.nc").exists()
    session.run("stac", "copy", "item.json", "copy", "--stage")
    assert (session.folder / "copy/i/a.nc").read_text() == "from tape"


def test_a_store_that_brings_nothing_from_tape_fails_its_files_alone(session):
    stores = json.loads((session.folder / "stores.json").read_text())
    del stores["stores"][0]["api_url"]
    (session.folder / "stores.json").write_text(json.dumps(stores))
    session.put("tape/a.nc", "from tape", locality="NEARLINE")
    session.put("tape/z.zarr/c/0", "chunk", locality="NEARLINE")
    session.put("tape/z.zarr/zarr.json", "{}")
    asset = {"a": {"href": "dcache://surf/tape/a.nc"}, "b": {"href": "dcache://surf/data/b.nc"}, "z": {"href": "dcache://surf/tape/z.zarr"}}
    item = {"type": "Feature", "stac_version": "1.1.0", "id": "i", "geometry": None, "properties": {"datetime": "2020-01-01T00:00:00Z"},
            "links": [], "assets": asset}
    (session.folder / "item.json").write_text(json.dumps(item))
    for options in [[], ["--stage"]]:
        done = session.run("stac", "copy", "item.json", "copy", "--report", "report.json", *options, code=None)
        assert done.returncode != 0 and (session.folder / "copy/i/b.nc").exists()
        failed = json.loads((session.folder / "report.json").read_text())["failed"]
        assert sorted(one["asset"] for one in failed) == ["a", "z"] and not (session.folder / "copy/i/z.zarr").exists()


def test_mv_renames_here_and_moves_there(session):
    session.run("mv", "dcache://surf/data/b.nc", "dcache://surf/data/new.nc")
    assert session.text("data/new.nc") == "Hello world!" and session.text("data/b.nc") is None
    session.run("mv", "dcache://surf/data/new.nc", "local.nc")
    assert (session.folder / "local.nc").read_text() == "Hello world!" and session.text("data/new.nc") is None


def test_rm_removes_files_and_with_r_folders_and_mkdir_makes_them(session):
    session.run("rm", "dcache://surf/data", code=2)
    session.run("rm", "dcache://surf/data/*.nc")
    assert session.run("ls", "dcache://surf/data").stdout == "deep/\n"
    session.run("rm", "-r", "dcache://surf/data")
    session.run("rm", "dcache://surf/data", code=3)
    session.run("rm", "-f", "dcache://surf/data")
    session.run("rm", "-r", "dcache://surf/", code=2)
    session.run("mkdir", "dcache://surf/a/b/c")
    assert session.run("ls", "-r", "dcache://surf/a").stdout == "b/\nb/c/\n"


def test_nothing_is_written_through_a_link_below_the_target(session):
    (session.folder / "outside").mkdir()
    (session.folder / "copy").mkdir()
    (session.folder / "copy/deep").symlink_to("../outside")
    session.run("cp", "-r", "dcache://surf/data/deep", "copy", code=4)
    assert not list((session.folder / "outside").iterdir())


def test_a_url_of_the_web_is_what_stores_json_says(session):
    session.put("dav/deep/x.txt", "x")
    url = session.server.url("door") + "/pnfs/dav"
    assert session.run("ls", "-r", url).stdout == "deep/\ndeep/x.txt\n"
    (session.folder / "new").write_text("new")
    session.run("cp", "new", url + "/made/new")
    assert session.text("dav/made/new") == "new"
    other = session.server.url("door") + "/pnfs/data/"
    session.run("mv", other + "b.nc", other + "c.nc", code=7)  # a plain web server renames nothing


def test_a_catalog_is_saved_to_mass_storage_and_read_there(session):
    session.run("stac", "create", "daymet", "dcache://surf/stac", "--years", "2000:2001", "--regions", "pr")
    assert session.run("stac", "describe", "dcache://surf/stac/catalog.json").stdout == (
        "* <Catalog id=daymet-daily-v4>\n    * <Collection id=region-pr>\n      * <Item id=pr-2000>\n      * <Item id=pr-2001>\n")
    again = session.run("stac", "save", "dcache://surf/stac/catalog.json", "dcache://surf/stac").stdout
    assert "0 files written, 4 unchanged" in again
    session.run("stac", "subcatalogs", "dcache://surf/stac/catalog.json", "${year}", "--out", "dcache://surf/by-year")
    assert '"pr-2001"' in session.text("by-year/region-pr/2001/pr-2001/pr-2001.json")
    session.run("stac", "save", "dcache://surf/stac/none.json", "dcache://surf/x", code=3)
    session.run("stac", "create", "daymet", "local", "--years", "2000:2001", "--regions", "pr")
    out = session.run("stac", "search", "local", "--datetime", "2001", "--save-catalog", "dcache://surf/found").stdout
    assert out == "1 item in dcache://surf/found/catalog.json: 3 files written\n"
    assert '"pr-2001"' in session.text("found/region-pr/pr-2001/pr-2001.json") and session.text("found/region-pr/pr-2000/pr-2000.json") is None
