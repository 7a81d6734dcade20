# SPDX-License-Identifier: Apache-2.0
"""stac queryables, and stac search --save-catalog, of an API."""
import json
import os
import signal
import subprocess
from pathlib import Path

import pystac
import pytest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("RASTREAM_BUILD", HERE.parents[1] / "build/release"))
PROGRAM = Path(os.environ.get("RASTREAM", BUILD / "rastream")).resolve()


def run(*arguments, folder=None, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """Two regions with two years each, whose files are on the web."""
    folder = tmp_path_factory.mktemp("served") / "catalog"
    run("stac", "create", "daymet", folder, "--years", "2000:2001", "--regions", "hi,pr", "--href-template", "https://example.org/{region}_{variable}_{year}.nc")
    return folder


@pytest.fixture(scope="module")
def url(catalog):
    server = subprocess.Popen([PROGRAM, "stac", "serve", catalog], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield server.stdout.readline().split(" at ")[1].split()[0]
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def test_queryables_are_a_table_or_a_schema(url):
    rows = [row.split() for row in run("stac", "queryables", url).splitlines()]
    assert rows[0] == ["name", "type", "meaning"]
    assert ["datetime", "string", "(date-time)"] in [row[:3] for row in rows] and rows[-1] == ["and", "others"]
    schema = json.loads(run("stac", "queryables", url, "region-hi", "--json"))
    assert {row[0] for row in rows[1:-1]} == set(schema["properties"]) and schema["type"] == "object"
    assert set(json.loads(run("stac", "queryables", url, "region-hi", "region-pr", "--json"))["properties"]) == set(schema["properties"])
    run("stac", "queryables", url, "none", code=3)
    assert "FILTER" in run("stac", "queryables", url, "--clear-conforms-to", code=7)


def test_queryables_are_those_of_an_api(catalog):
    assert "expected the URL of a STAC API" in run("stac", "queryables", catalog, code=2)


def test_what_a_search_of_an_api_found_is_a_catalog(url, catalog, tmp_path):
    found = tmp_path / "found"
    assert run("stac", "search", url, "--ids", "hi-2000", "pr-2001", "--sortby", "id", "--save-catalog", "found", folder=tmp_path) == (
        "2 items in found/catalog.json: 5 files written\n")
    assert run("stac", "describe", found) == (
        "* <Catalog id=found>\n    * <Collection id=region-hi>\n      * <Item id=hi-2000>\n"
        "    * <Collection id=region-pr>\n      * <Item id=pr-2001>\n")
    run("stac", "validate", found, "--recursive")
    read = pystac.Catalog.from_file(found / "catalog.json")
    items = {item.id: item for item in read.get_items(recursive=True)}
    assert set(items) == {"hi-2000", "pr-2001"} and items["hi-2000"].get_collection().id == "region-hi"
    theirs = {item.id: item for item in pystac.Catalog.from_file(catalog / "catalog.json").get_items(recursive=True)}
    for item in items.values():
        assert {k: a.href for k, a in item.assets.items()} == {k: a.href for k, a in theirs[item.id].assets.items()}
        assert item.properties == theirs[item.id].properties
    links = json.loads((found / "region-hi/hi-2000/hi-2000.json").read_text())["links"]
    assert {link["rel"]: link["href"] for link in links} == {
        "root": "../../catalog.json", "parent": "../collection.json", "collection": "../collection.json"}


def test_a_catalog_of_what_was_found_has_whole_items_and_is_the_one_output(catalog, tmp_path):
    search = ["stac", "search", catalog, "--save-catalog", tmp_path / "found"]
    assert "whole items" in run(*search, "--fields", "id", code=2)
    for other in (["--json"], ["--ndjson"], ["--matched"], ["--save", tmp_path / "found.json"]):
        assert "excludes" in run(*search, *other, code=2)
    assert not list(tmp_path.iterdir())
    assert run(*search, "--ids", "none").startswith("0 items in ")
