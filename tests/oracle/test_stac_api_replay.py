# SPDX-License-Identifier: Apache-2.0
"""Traffic that pystac-client recorded, asked for again by rastream, all of it: the same requests, the same items.

pystac-client reads the landing page once more by its "root" link where it opens a collection, and some of its tests do the same
thing twice; both are the same request again, so that requests are compared as sets.
"""
import json
import subprocess
from dataclasses import dataclass, field

import pytest

from conftest import BUILD
from stac_replay import Replay, normal, read_cassette

EARTH = "https://earth-search.aws.element84.com/v1"
PLANET = "https://planetarycomputer.microsoft.com/api/stac/v1"
NAIP = ["-c", "naip", "--bbox=-73.21,43.99,-73.12,44.05"]
Q = "--q"


@dataclass
class Play:
    cassette: str
    command: str
    url: str
    arguments: list = field(default_factory=list)
    n: int = None  # items or collections that are printed; None: all that the recording holds
    code: int = 0
    # Requests of the recording that are another call's: of tests that do several things.
    others: tuple = ()


PLAYS = [
    Play("test_cli/TestCLICollections.test_collections[inprocess]", "collections", EARTH),
    Play("test_cli/TestCLICollections.test_collection_search[inprocess]", "collections", EARTH, [Q, "sentinel"], n=5),
    Play("test_cli/TestCLICollections.test_save[inprocess]", "collections", EARTH),
    Play("test_cli/TestCLISearch.test_save[inprocess]", "search", EARTH, ["-c", "cop-dem-glo-30", "--max-items", "10"]),
    Play("test_cli/TestCLISearch.test_altering_conforms_to[inprocess---clear-conforms-to]", "search", EARTH,
         ["-c", "cop-dem-glo-30", "--clear-conforms-to"], n=0, code=7),
    Play("test_cli/TestCLISearch.test_altering_conforms_to[inprocess---remove-conforms-to=ITEM_SEARCH]", "search", EARTH,
         ["-c", "cop-dem-glo-30", "--remove-conforms-to", "ITEM_SEARCH"], n=0, code=7),
    Play("test_item_search/TestItemSearch.test_results", "search", PLANET, ["-c", "naip", "--limit", "10", "--max-items", "20"]),
    Play("test_item_search/TestItemSearch.test_result_paging", "search", PLANET, NAIP + ["--limit", "10", "--max-items", "20"], n=20),
    Play("test_item_search/TestItemSearch.test_item_collection", "search", PLANET, NAIP + ["--limit", "10", "--max-items", "20"], n=20),
    Play("test_item_search/TestItemSearch.test_items_as_dicts", "search", PLANET, NAIP + ["--limit", "10", "--max-items", "20"], n=20),
    Play("test_item_search/TestItemSearch.test_get_all_items", "search", PLANET, NAIP + ["--limit", "10", "--max-items", "20"]),
    Play("test_item_search/TestItemSearch.test_get_all_items_deprecated", "search", PLANET, NAIP + ["--limit", "10", "--max-items", "20"]),
    Play("test_item_search/TestItemSearchQuery.test_query_json_syntax", "search", PLANET, NAIP + ["--query", "gsd>=0", "gsd<=1"]),
    Play("test_client/test_get_items_without_ids", "search", "https://stac.eoapi.dev/", ["--max-items", "10"], n=10),
    Play("test_client/TestAPICollectionSearch.test_search", "collections", "https://emc.spacebel.be/", n=0, code=3),
    Play("test_collection_client/TestCollectionClient.test_get_items_with_ids", "search", PLANET,
         ["--method", "GET", "-c", "aster-l1t", "--ids", "AST_L1T_00312272006020322_20150518201805",
          "AST_L1T_00312272006020313_20150518201753", "AST_L1T_00312272006020304_20150518201753"],
         others=("/collections/aster-l1t",)),
    Play("test_collection_client/TestCollectionClient.test_get_item_with_item_search", "search", PLANET,
         ["--method", "GET", "-c", "aster-l1t", "--ids", "AST_L1T_00312272006020322_20150518201805"], n=1,
         others=("/collections/aster-l1t", "/collections/aster-l1t/items", "for-sure-not-a-real-id")),
    Play("test_collection_client/TestCollectionClient.test_get_item_with_item_search", "search", PLANET,
         ["--method", "GET", "-c", "aster-l1t", "--ids", "for-sure-not-a-real-id"], n=0,
         others=("/collections/aster-l1t", "/collections/aster-l1t/items", "AST_L1T_00312272006020322")),
]

# Those whose recording lacks the landing page, because pystac-client's test makes the search without opening the API.
WITHOUT_LANDING = [
    Play("test_collection_search/TestCollectionSearch.test_client_side_bbox", "collections", EARTH, ["--limit", "10", "--bbox=60,0,70,10"], n=8),
    Play("test_collection_search/TestCollectionSearch.test_client_side_q", "collections", EARTH, ["--limit", "10", Q, "sentinel"], n=5),
    Play("test_collection_search/TestCollectionSearch.test_client_side_datetime", "collections", EARTH,
         ["--limit", "10", "--datetime", "2024-09-15T00:00:00+00:00/2024-09-16T00:00:00+00:00"], n=6),
    Play("test_collection_search/TestCollectionSearch.test_q_results", "collections", "https://emc.spacebel.be",
         ["--limit", "10", Q, '"monthly cloudless mosaics"', "--add-conforms-to", "COLLECTION_SEARCH", "COLLECTION_SEARCH_FREE_TEXT"]),
]
LANDING = {"type": "Catalog", "id": "made", "stac_version": "1.0.0", "description": "", "links": [],
           "conformsTo": ["https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/item-search",
                          "https://api.stacspec.org/v1.0.0/collections"]}


def landing(url):
    return {"request": {"method": "GET", "uri": url, "body": None},
            "response": {"status": {"code": 200}, "body": {"string": json.dumps(LANDING)}}}


def play(rastream, shared_data, one, extra=()):
    folder = shared_data / "stac/pystac-client/cassettes"
    interactions = list(extra) + read_cassette(folder / f"{one.cassette}.yaml")
    with Replay(interactions) as replay:
        result = rastream("stac", one.command, replay.local(one.url, replay.url), *one.arguments, "--ndjson")
    assert result.code == one.code, result.err
    return replay, [json.loads(line) for line in result.out.splitlines() if line.startswith("{")]


def recorded_ids(replay, what):
    ids = []
    for answers in replay.answers.values():
        for code, text in answers[:1]:
            page = json.loads(text) if code == 200 else {}
            ids += [one["id"] for one in page.get(what, [])]
    return ids


def needs_landing(one):
    return one.cassette.startswith("test_item_search") or one in WITHOUT_LANDING


@pytest.mark.parametrize("one", PLAYS + WITHOUT_LANDING, ids=lambda one: one.cassette + (" -" + one.arguments[-1][:12] if one.arguments else ""))
def test_requests_and_items_are_those_recorded(rastream, shared_data, one):
    extra = [landing(one.url)] if needs_landing(one) else []
    replay, found = play(rastream, shared_data, one, extra)
    mine = {key for key in replay.recorded if not any(str(other) in (key[1].split("/api/stac/v1")[-1], *(v for _, v in key[2])) or
                                                      any(str(other) in v for _, v in key[2]) for other in one.others)}
    if one.code == 3:
        # The recording ends at the landing page: what follows it is asked of nobody.
        assert set(replay.recorded) <= set(replay.asked)
        return
    assert set(replay.asked) == mine
    ids = [item["id"] for item in found]
    if one.n is not None:
        assert len(ids) == one.n
    expected = recorded_ids(replay, "features" if one.command == "search" else "collections")
    assert set(ids) <= set(expected)
    if one.n is None:
        assert ids == list(dict.fromkeys(expected))[:len(ids)] and len(ids) in (len(expected), 10, 20)


@dataclass
class Calls:
    """What has no command: calls of StacApi, and the ids or the error that each of them gives."""

    cassette: str
    url: str
    calls: list
    results: list


SENTINEL2 = ["sentinel-s2-l2a"]
ASTER = {"collection": "aster-l1t"}
ASTER_ITEM = "AST_L1T_00312272006020322_20150518201805"
GDPCIR = "cil-gdpcir-cc-by"
GDPCIR_ITEM = "cil-gdpcir-NUIST-NESM3-ssp585-r1i1p1f1-day"
LANDING_ALONE = [{"call": "landing"}]
MICROSOFT = [["microsoft-pc"]]

CALLS = [
    Calls("test_client/TestAPI.test_environment_variable", PLANET, LANDING_ALONE, MICROSOFT),
    Calls("test_client/TestAPI.test_from_file", PLANET, LANDING_ALONE, MICROSOFT),
    Calls("test_stac_api_io/TestSTAC_IOOverride.test_request_input", PLANET, LANDING_ALONE, MICROSOFT),
    Calls("test_stac_api_io/TestSTAC_IOOverride.test_str_input", PLANET, LANDING_ALONE, MICROSOFT),
    Calls("test_stac_api_io/TestSTAC_IOOverride.test_timeout_smoke_test", PLANET, LANDING_ALONE, MICROSOFT),
    Calls("test_stac_api_io/test_stac_io_in_pystac", PLANET + "/", LANDING_ALONE, MICROSOFT),
    # Without conformance to collections they are the landing page's children.
    Calls("test_client/TestConformsTo.test_changing_conforms_to_changes_behavior", EARTH[:-1] + "0",
          [{"call": "collections", "most": 1}, {"call": "add_conformance", "class": "COLLECTIONS"}, {"call": "collections", "most": 1}],
          [SENTINEL2, ["https://api.stacspec.org/v1.0.0/collections"], SENTINEL2]),
    Calls("test_client/TestSigning.test_sign_with_return_warns", PLANET, [{"call": "collection", "collection": "sentinel-2-l2a"}],
          [["sentinel-2-l2a"]]),
    Calls("test_client/test_collections_are_clients", PLANET + "/", [{"call": "item", "collection": GDPCIR, "item": GDPCIR_ITEM}],
          [[GDPCIR_ITEM]]),
    Calls("test_client/test_get_collection_returns_none_if_not_found", EARTH, [{"call": "collection", "collection": "foo"}], ["not_found"]),
    Calls("test_client/test_query_string_in_collections_url", "https://paituli.csc.fi/geoserver/ogc/stac/v1",
          [{"call": "collection", "collection": "sentinel2-l2a"}], [["sentinel2-l2a"]]),
    Calls("test_collection_client/TestCollectionClient.test_get_item", PLANET,
          [{"call": "item", **ASTER, "item": ASTER_ITEM}, {"call": "item", **ASTER, "item": "for-sure-not-a-real-id"}],
          [[ASTER_ITEM], "not_found"]),
    Calls("test_collection_client/TestCollectionClient.test_get_items", PLANET, [{"call": "items", **ASTER, "most": 1}], [[ASTER_ITEM]]),
    Calls("test_collection_search/TestCollectionSearch.test_enabled_but_client_side_q", "https://emc.spacebel.be",
          [{"call": "add_conformance", "class": "COLLECTION_SEARCH"},
           {"call": "collections", "most": 2, "search": {"q": "sentinel", "limit": 5}}],
          [None, ["EOP:ESA:Sentinel-6", "EOP:ESA:Sentinel-5P"]]),
]


def call(url, calls):
    lines = "".join(json.dumps(one) + "\n" for one in calls)
    done = subprocess.run([str(BUILD / "stac_calls"), url], input=lines, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.cassette)
def test_calls_ask_what_was_recorded_and_get_what_was_answered(shared_data, one):
    interactions = read_cassette(shared_data / f"stac/pystac-client/cassettes/{one.cassette}.yaml")
    is_without_landing = "TestCollectionSearch" in one.cassette
    with Replay(([landing(one.url)] if is_without_landing else []) + interactions) as replay:
        results = call(replay.local(one.url, replay.url), one.calls)
    roots = {key for key in replay.recorded if key[1] == normal("GET", replay.local(one.url, ""), None)[1]}
    assert set(replay.asked) | roots == set(replay.recorded), "what is asked, but for the landing page's \"root\" link"
    assert set(replay.asked) & roots
    for wanted, result in zip(one.results, results, strict=True):
        if wanted is not None:
            assert result == ({"error": wanted} if isinstance(wanted, str) else {"ids": wanted})


def test_nothing_that_was_recorded_is_left_out(shared_data):
    folder = shared_data / "stac/pystac-client/cassettes"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {one.cassette + ".yaml" for one in PLAYS + WITHOUT_LANDING + CALLS}


def mock_pages(shared_data, what):
    folder = shared_data / "stac/rustac/crates/io/mocks"
    return [json.loads((folder / f"{what}-page-{k}.json").read_text()) for k in (1, 2)]


def interaction(url, page, method="GET", body=None):
    return {"request": {"method": method, "uri": url, "body": body},
            "response": {"status": {"code": 200}, "body": {"string": json.dumps(page)}}}


def test_rustacs_pages_of_a_search_are_followed_by_their_tokens(rastream, shared_data):
    one, two = mock_pages(shared_data, "search")
    link = next(link for link in one["links"] if link["rel"] == "next")
    traffic = [landing(PLANET), interaction(PLANET + "/search", one, "POST", '{"limit": 1, "collections": ["sentinel-2-l2a"]}'),
               interaction(link["href"], two, "POST", json.dumps(link["body"]))]
    with Replay(traffic) as replay:
        result = rastream("stac", "search", replay.local(PLANET, replay.url), "-c", "sentinel-2-l2a", "--limit", "1", "--max-items", "2", "--ndjson")
    assert result.code == 0, result.err
    assert replay.asked == replay.recorded
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == [one["features"][0]["id"], two["features"][0]["id"]]


def test_rustacs_pages_of_collections_are_all_listed(rastream, shared_data):
    one, two = mock_pages(shared_data, "collections")
    root = "https://stac.eoapi.dev"
    traffic = [landing(root), interaction(root + "/collections", one), interaction(root + "/collections?offset=10", two)]
    with Replay(traffic) as replay:
        result = rastream("stac", "collections", replay.local(root, replay.url), "--ndjson")
    assert result.code == 0, result.err
    assert replay.asked == replay.recorded
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == [c["id"] for page in (one, two) for c in page["collections"]]


def test_rustacs_pages_of_a_collections_items_are_followed_by_get(shared_data):
    one, two = mock_pages(shared_data, "items")
    name = "sentinel-2-l2a"
    collection = {"type": "Collection", "id": name, "stac_version": "1.0.0", "description": "", "license": "other",
                  "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
                  "links": [link for link in one["links"] if link["rel"] == "items"]}
    url = f"{PLANET}/collections/{name}"
    next_url = next(link["href"] for link in one["links"] if link["rel"] == "next")
    traffic = [landing(PLANET), interaction(url, collection), interaction(f"{url}/items?collections={name}&limit=1", one), interaction(next_url, two)]
    with Replay(traffic) as replay:
        results = call(replay.local(PLANET, replay.url), [{"call": "items", "collection": name, "most": 2, "search": {"limit": 1}}])
    assert replay.asked == replay.recorded
    assert results == [{"ids": [page["features"][0]["id"] for page in (one, two)]}]
