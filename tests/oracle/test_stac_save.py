# SPDX-License-Identifier: Apache-2.0
"""What rastream stac saves is what pystac saves."""
import json
import warnings

import pystac
import pytest
from pystac.utils import datetime_to_str, str_to_datetime

from conftest import SHARED
from stac_compare import tree

DATA = SHARED / "data/stac"
CATALOGS = [
    "pystac-client/data/test-case-1/catalog.json",
    "pystac/catalogs/test-case-4/catalog.json",
    "stac2dcache/data/test-catalog/catalog.json",
    "stac2dcache/data/s2-catalog/catalog.json",
]
KINDS = {
    "self-contained": pystac.CatalogType.SELF_CONTAINED,
    "relative-published": pystac.CatalogType.RELATIVE_PUBLISHED,
    "absolute-published": pystac.CatalogType.ABSOLUTE_PUBLISHED,
}

warnings.simplefilter("ignore")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is absent")


def read(path):
    return pystac.Catalog.from_file(str(path)) if "Collection" != json.loads(path.read_text()).get("type") \
        else pystac.Collection.from_file(str(path))


def same_times(document):
    """pystac writes times anew: 2020-01-01T00:00:00.000Z becomes 2020-01-01T00:00:00Z."""
    def time(value):
        return datetime_to_str(str_to_datetime(value)) if isinstance(value, str) else value

    properties = document.get("properties", {})
    if "datetime" in properties:
        properties["datetime"] = time(properties["datetime"])
    temporal = document.get("extent", {}).get("temporal", {})
    if "interval" in temporal:
        temporal["interval"] = [[time(t) for t in pair] for pair in temporal["interval"]]
    # A new item without bounds: pystac leaves out bbox where geometry is null.
    if document.get("geometry") is None:
        document.pop("bbox", None)
    return document


def assert_same(ours, theirs):
    assert sorted(ours) == sorted(theirs)
    for name in ours:
        assert same_times(ours[name]) == same_times(theirs[name]), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CATALOGS[:3])  # of the last pystac asks the web for a collection
def test_a_saved_catalog_is_pystacs(rastream, tmp_path, name, kind):
    done = rastream("stac", "save", DATA / name, tmp_path / "ours", "--kind", kind)
    assert done.code == 0, done.err
    catalog = read(DATA / name)
    catalog.normalize_hrefs(str(tmp_path / "theirs"))
    catalog.save(KINDS[kind])
    assert_same(tree(tmp_path / "ours", "@"), tree(tmp_path / "theirs", "@"))


@pytest.mark.parametrize("name", CATALOGS)
def test_a_tree_is_described_as_pystac_does(rastream, capsys, name):
    read(DATA / name).describe()
    assert rastream("stac", "describe", DATA / name).out == capsys.readouterr().out


@pytest.mark.parametrize("layout", ["${year}", "${year}/${month}/${date}", "${region}", "${properties.gsd}-${collection_id}/${id}"])
def test_subcatalogs_are_pystacs(rastream, tmp_path, layout):
    flat = tmp_path / "flat"
    done = rastream("stac", "create", "daymet", flat, "--flat", "--years", "2019:2021", "--regions", "hi,pr")
    assert done.code == 0, done.err
    done = rastream("stac", "subcatalogs", flat, layout, "--out", tmp_path / "ours")
    assert done.code == 0, done.err
    catalog = pystac.Catalog.from_file(str(flat / "catalog.json"))
    made = catalog.generate_subcatalogs(layout)
    assert done.out.startswith(f"{len(made)} new catalogs\n")
    catalog.normalize_hrefs(str(tmp_path / "theirs"))
    catalog.save(pystac.CatalogType.SELF_CONTAINED)
    assert_same(tree(tmp_path / "ours"), tree(tmp_path / "theirs"))


def test_pystac_reads_the_catalog_of_daymet(rastream, tmp_path):
    done = rastream("stac", "create", "daymet", tmp_path / "daymet", "--years", "2000:2002")
    assert done.code == 0, done.err
    catalog = pystac.Catalog.from_file(str(tmp_path / "daymet/catalog.json"))
    assert [child.id for child in catalog.get_children()] == ["region-na", "region-pr", "region-hi"]
    items = list(catalog.get_items(recursive=True))
    assert len(items) == 9
    item = catalog.get_child("region-pr").get_item("pr-2001")
    assert sorted(item.assets) == ["dayl", "prcp", "srad", "swe", "tmax", "tmin", "vp"]
    assert item.assets["tmin"].href.endswith("/daymet_v4_daily_pr_tmin_2001.nc")
    assert item.bbox == [-67.9927, 16.8444, -64.1196, 19.9382]
    assert item.get_collection().id == "region-pr"
    assert item.datetime.year == 2001


def test_saving_a_second_time_changes_no_file(rastream, tmp_path):
    source = DATA / CATALOGS[0]
    rastream("stac", "save", source, tmp_path / "a")
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (tmp_path / "a").rglob("*.json")}
    assert "0 files written" in rastream("stac", "save", tmp_path / "a", tmp_path / "a").out
    assert before == {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (tmp_path / "a").rglob("*.json")}
