# SPDX-License-Identifier: Apache-2.0
"""rastream stac serve, seen by pystac-client and stac-api-validator."""
import contextlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pystac_client = pytest.importorskip("pystac_client", reason="pystac-client is not installed")


@contextlib.contextmanager
def served(program, target):
    """The server's URL; it must end by Ctrl-C with exit code 0."""
    server = subprocess.Popen([str(program), "stac", "serve", str(target)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        assert " items at http" in line, server.stderr.read()
        yield line.split(" at ")[1].split()[0]
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0, server.stderr.read()
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """Two collections of 30 items each, with boxes, times and cloud cover."""
    folder = tmp_path_factory.mktemp("served")
    root = {"type": "Catalog", "id": "root", "stac_version": "1.0.0", "description": "two collections", "links": []}
    for c in ("a", "b"):
        extent = {"spatial": {"bbox": [[0, 40, 31, 42]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", "2020-01-30T00:00:00Z"]]}}
        collection = {"type": "Collection", "id": c, "stac_version": "1.0.0", "description": f"collection {c}", "license": "CC-BY-4.0",
                      "extent": extent, "links": []}
        (folder / c).mkdir()
        for i in range(30):
            ring = [[i, 40], [i + 1, 40], [i + 1, 41 + i % 2], [i, 41], [i, 40]]
            item = {"type": "Feature", "stac_version": "1.0.0", "id": f"{c}-{i:02}", "collection": c,
                    "geometry": {"type": "Polygon", "coordinates": [ring]}, "bbox": [i, 40, i + 1, 41 + i % 2],
                    "properties": {"datetime": f"2020-01-{i + 1:02}T00:00:00Z", "eo:cloud_cover": i * 3.5, "platform": f"p{i % 3}",
                                   "tags": [f"t{i % 2}", "all"]},
                    "links": [], "assets": {"data": {"href": f"./{c}-{i:02}.tif", "type": "image/tiff"}}}
            (folder / c / f"{c}-{i:02}.json").write_text(json.dumps(item))
            collection["links"].append({"rel": "item", "href": f"./{c}-{i:02}.json"})
        (folder / c / "collection.json").write_text(json.dumps(collection))
        root["links"].append({"rel": "child", "href": f"./{c}/collection.json"})
    (folder / "catalog.json").write_text(json.dumps(root))
    return folder / "catalog.json"


@pytest.fixture(scope="module")
def url(program, catalog):
    with served(program, catalog) as url:
        yield url


SEARCHES = [
    {}, {"collections": ["a"]}, {"ids": ["a-03", "b-07"]}, {"bbox": [2.5, 40, 5.5, 41]}, {"datetime": "2020-01-05/2020-01-09"},
    {"intersects": {"type": "Point", "coordinates": [10.5, 40.5]}}, {"query": {"eo:cloud_cover": {"lt": 20}}},
    {"filter": {"op": "and", "args": [{"op": ">", "args": [{"property": "eo:cloud_cover"}, 50]}, {"op": "=", "args": [{"property": "platform"}, "p1"]}]}},
    {"filter": "\"eo:cloud_cover\" BETWEEN 10 AND 30 AND platform LIKE 'p%'"}, {"max_items": 7, "limit": 3}, {"limit": 11},
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("search", SEARCHES, ids=lambda s: json.dumps(s)[:40])
def test_pystac_client_finds_what_a_walk_finds(rastream, url, catalog, search, method):
    client = pystac_client.Client.open(url)
    found = client.search(method=method, **search)
    ids = [item.id for item in found.items()]
    arguments = []
    for name, value in search.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if name in ("collections", "ids", "bbox"):
            text = ",".join(map(str, value))
        arguments.append(f"--{name.replace('_', '-')}={text}")
    walked = rastream("stac", "search", catalog, *arguments, "--ndjson")
    assert walked.code == 0, walked.err
    expected = [json.loads(line)["id"] for line in walked.out.splitlines()]
    assert sorted(ids) == sorted(expected) and len(set(ids)) == len(ids)
    if "max_items" not in search:
        assert found.matched() == len(expected) > 0


def test_pystac_client_reads_collections_items_and_queryables(url, catalog):
    client = pystac_client.Client.open(url)
    assert [c.id for c in client.get_collections()] == ["a", "b"]
    collection = client.get_collection("a")
    assert len(list(collection.get_items())) == 30
    item = collection.get_item("a-03")
    assert item.assets["data"].get_absolute_href() == (catalog.parent / "a/a-03.tif").as_uri()
    assert collection.get_item("absent") is None
    assert "eo:cloud_cover" in client.get_queryables()["properties"]
    assert "eo:cloud_cover" in client.get_merged_queryables(["a", "b"])["properties"]
    assert [i.id for i in client.search(sortby="-properties.eo:cloud_cover", max_items=2).items()] == ["a-29", "b-29"]
    few = next(client.search(fields="properties.platform", max_items=1).items_as_dicts())
    assert set(few["properties"]) == {"platform"} and "geometry" not in few


def test_stac_api_validator_finds_no_error(url):
    tool = shutil.which("stac-api-validator", path=str(Path(sys.executable).parent)) or shutil.which("stac-api-validator")
    if tool is None:
        pytest.skip("stac-api-validator is not installed")
    geometry = {"type": "Polygon", "coordinates": [[[2, 40], [6, 40], [6, 42], [2, 42], [2, 40]]]}
    command = [tool, "--root-url", url, "--collection", "a", "--geometry", json.dumps(geometry)]
    for conformance in ("core", "collections", "features", "item-search"):
        command += ["--conformance", conformance]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    output = done.stdout + done.stderr
    assert "Errors" in output, output
    # It fetches JSON schemas, which a machine without a network does not have; all else must be right.
    errors = [line for line in output.split("Errors")[-1].splitlines() if line.startswith("- ")]
    assert [line for line in errors if "schemas.stacspec.org" not in line] == [], output
