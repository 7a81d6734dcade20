# SPDX-License-Identifier: Apache-2.0
"""The lecture's Daymet example from end to end: an archive without a catalog, a catalog over it, the part that is needed copied, and the
spring index from the copies; beside pystac and stac2dcache, with which the lecture does it."""
import datetime
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import daymet_files

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "servers"))
from started import Started  # noqa: E402

pystac = pytest.importorskip("pystac", reason="pystac is not installed")

BOXES = {"na": (-178.13, 14.07, -53.06, 82.91), "hi": (-160.31, 17.95, -154.77, 23.52), "pr": (-67.99, 16.84, -64.12, 19.94)}
VARIABLES = ("dayl", "prcp", "srad", "swe", "tmax", "tmin", "vp")
UNITS = {"prcp": "mm/day", "srad": "W/m2", "swe": "kg/m2", "vp": "Pa"}
YEARS = (2021, 2022)


def file_name(region, variable, year):
    return f"daymet_v4_daily_{region}_{variable}_{year}.nc"


def write_files(folder, region, year, seed):
    cells = daymet_files.weather(ny=6, nx=7, seed=seed)
    x = -2000250.0 + 1000 * np.arange(7)
    y = 984000.0 - 1000 * np.arange(6)
    for variable in VARIABLES:
        values = cells.get(variable, cells["tmin"][:3] + 100)
        path = folder / file_name(region, variable, year)
        daymet_files.write_variable_file(path, variable, values, x, y, year, units=UNITS.get(variable, daymet_files.UNITS.get(variable)))


class Archive:
    """Files on a web server that lists nothing."""

    def __init__(self, server):
        self.folder = Path(server.ports["folder"])
        self.url = server.url()
        for r, region in enumerate(BOXES):
            for year in YEARS:
                write_files(self.folder, region, year, seed=100 * r + year)
        for path in self.folder.iterdir():
            path.chmod(0o644)

    def path(self, region, variable, year):
        return self.folder / file_name(region, variable, year)


@pytest.fixture(scope="module")
def archive():
    with Started("apache_dav.py") as server:
        if server.ports is None:
            pytest.skip("apache2 is not installed")
        yield Archive(server)


def catalog_of_pystac(archive, folder):
    """As the lecture's notebook makes it."""
    catalog = pystac.Catalog(id="daymet-daily-v4", description="Daymet V4")
    for region, box in BOXES.items():
        west, south, east, north = box
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        for year in YEARS:
            times = {"start_datetime": datetime.datetime(year, 1, 1), "end_datetime": datetime.datetime(year, 12, 31)}
            item = pystac.Item(id=f"{region}-{year}", geometry={"type": "Polygon", "coordinates": [ring]}, bbox=list(box), datetime=None,
                               properties={"region": region}, **times)
            for v in VARIABLES:
                item.add_asset(v, pystac.Asset(href=f"{archive.url}/{file_name(region, v, year)}", media_type="application/netcdf"))
            catalog.add_item(item)
    catalog.generate_subcatalogs("${region}")
    catalog.normalize_and_save(str(folder), catalog_type=pystac.CatalogType.SELF_CONTAINED)


def catalog_of_ours(archive, folder, rastream):
    template = archive.url + "/daymet_v4_daily_{region}_{variable}_{year}.nc"
    made = rastream("stac", "create", "daymet", folder / "flat", "--flat", "--regions", "na,hi,pr", "--years", f"{YEARS[0]}:{YEARS[-1]}",
                    "--href-template", template)
    assert made.code == 0, made.err
    moved = rastream("stac", "subcatalogs", folder / "flat", "${region}", "--out", folder)
    assert moved.code == 0, moved.err


@pytest.fixture(params=["pystac", "rastream"])
def catalog(request, archive, rastream, tmp_path):
    """catalog.json with the sub-catalogs na, hi and pr."""
    folder = tmp_path / "catalog"
    if request.param == "pystac":
        catalog_of_pystac(archive, folder)
    else:
        catalog_of_ours(archive, folder, rastream)
    return folder


def succeed(rastream, *arguments):
    result = rastream(*arguments)
    assert result.code == 0, result.out + result.err
    return result


def bytes_below(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and ".rastream" not in p.parts}


def maps(rastream, out, *arguments):
    succeed(rastream, "spring-index", *arguments, "--out", out, "--group", "2022", "--threads", 1, "--quiet")
    return bytes_below(out)


@pytest.fixture
def original_maps(archive, rastream, tmp_path):
    """From the archive's own files."""
    files = [text for v in ("tmin", "tmax", "dayl") for text in (f"--{v}", archive.path("hi", v, 2022))]
    cells = maps(rastream, tmp_path / "original.zarr", *files)
    leaf = xr.open_zarr(tmp_path / "original.zarr", group="2022")["first-leaf"].values
    assert np.isfinite(leaf).any()
    return cells


def test_puerto_rico_2022_is_found_by_its_id(catalog, archive, rastream):
    lines = succeed(rastream, "stac", "search", catalog, "--ids", "pr-2022", "--ndjson").out.splitlines()
    assert len(lines) == 1
    item = json.loads(lines[0])
    assert item["properties"]["region"] == "pr" and set(item["assets"]) == set(VARIABLES)
    assert item["assets"]["vp"]["href"] == f"{archive.url}/{file_name('pr', 'vp', 2022)}"


def test_tmin_of_hawaii_is_copied_its_links_updated_and_the_spring_index_computed_from_it(catalog, archive, rastream, tmp_path,
                                                                                         original_maps):
    data = tmp_path / "data"
    done = json.loads(succeed(rastream, "stac", "copy", catalog / "hi", data, "--asset", "tmin", "--update", "--workers", 4, "--json").out)
    assert (done["copied"], done["intact"], done["failed"]) == (2, 0, [])
    assert sorted(bytes_below(data)) == [f"hi-{y}/{file_name('hi', 'tmin', y)}" for y in YEARS]

    saved = pystac.Catalog.from_file(str(catalog / "catalog.json"))
    assert sorted(c.id for c in saved.get_children()) == sorted(BOXES)
    for region in BOXES:
        for year in YEARS:
            item = saved.get_item(f"{region}-{year}", recursive=True)
            for v in VARIABLES:
                name = file_name(region, v, year)
                is_copied = region == "hi" and v == "tmin"
                expected = str(data / item.id / name) if is_copied else f"{archive.url}/{name}"
                assert item.assets[v].get_absolute_href() == expected
                if is_copied:
                    assert Path(expected).read_bytes() == archive.path(region, v, year).read_bytes()

    again = json.loads(succeed(rastream, "stac", "copy", catalog / "hi", data, "--asset", "tmin", "--update", "--json").out)
    assert (again["copied"], again["intact"]) == (0, 2)
    # tmin from here, tmax and dayl from where they are.
    assert maps(rastream, tmp_path / "copied.zarr", "--catalog", catalog, "--item", "hi-2022") == original_maps


def test_a_catalog_that_is_copied_with_its_files_needs_the_archive_no_more(catalog, rastream, tmp_path, original_maps):
    out = tmp_path / "own"
    succeed(rastream, "stac", "copy", catalog, "--out", out, "--item", "hi-2022", "--asset", "tmin", "--asset", "tmax", "--asset", "dayl")
    moved = tmp_path / "moved"
    out.rename(moved)
    saved = pystac.Catalog.from_file(str(moved / "catalog.json"))
    item = saved.get_item("hi-2022", recursive=True)
    for v in ("tmin", "tmax", "dayl"):
        assert Path(item.assets[v].get_absolute_href()).parent == Path(item.get_self_href()).parent
    assert len(list(saved.get_items(recursive=True))) == len(BOXES) * len(YEARS)
    assert maps(rastream, tmp_path / "own.zarr", "--catalog", moved, "--item", "hi-2022") == original_maps


def test_the_part_of_a_file_gives_the_spring_index_of_that_part(catalog, archive, rastream, tmp_path):
    with xr.open_dataset(archive.path("na", "tmin", 2022), decode_coords="all") as whole:
        cells = whole["tmin"].isel(y=slice(1, 5), x=slice(2, 6))
        import pyproj
        lonlat = pyproj.Transformer.from_crs(daymet_files.PROJ, "EPSG:4326", always_xy=True)
        lon, lat = lonlat.transform(*np.meshgrid(cells.x, cells.y))
        middle = (lon[1:3, 1:3], lat[1:3, 1:3])
    box = ",".join(repr(float(v)) for v in (middle[0].min(), middle[1].min(), middle[0].max(), middle[1].max()))
    data = tmp_path / "part"
    succeed(rastream, "stac", "copy", catalog / "na", data, f"--bbox={box}", "--item", "na-2022", "--asset", "tmin", "--asset", "tmax",
            "--asset", "dayl", "--update")
    for v in ("tmin", "tmax", "dayl"):
        part = data / "na-2022" / file_name("na", v, 2022)
        assert part.stat().st_size < archive.path("na", v, 2022).stat().st_size
        with xr.open_dataset(part, decode_coords="all") as got, xr.open_dataset(archive.path("na", v, 2022), decode_coords="all") as all:
            assert 0 < got.sizes["x"] < 7 and 0 < got.sizes["y"] < 6 and got.sizes["time"] == 365
            xr.testing.assert_identical(got[v], all[v].sel(x=got.x, y=got.y))
    maps(rastream, tmp_path / "part.zarr", "--catalog", catalog, "--item", "na-2022")
    files = [text for v in ("tmin", "tmax", "dayl") for text in (f"--{v}", archive.path("na", v, 2022))]
    maps(rastream, tmp_path / "box.zarr", *files, f"--bbox={box}")
    ours, boxed = (xr.open_zarr(tmp_path / name, group="2022").load() for name in ("part.zarr", "box.zarr"))
    xr.testing.assert_equal(ours, boxed)


def test_what_fails_is_listed_and_runs_again(archive, rastream, tmp_path):
    catalog = tmp_path / "catalog"
    catalog_of_pystac(archive, catalog)
    hidden = archive.path("pr", "swe", 2021)
    hidden.rename(hidden.with_suffix(".away"))
    arguments = ("stac", "copy", catalog / "pr", tmp_path / "data", "--asset", "swe", "--asset", "vp", "--report", tmp_path / "report.json")
    try:
        failed = rastream(*arguments)
    finally:
        hidden.with_suffix(".away").rename(hidden)
    assert failed.code == 3 and "item 'pr-2021', asset 'swe'" in failed.err and "copied 3 files" in failed.out
    report = json.loads((tmp_path / "report.json").read_text())
    assert [(f["item"], f["asset"], f["code"]) for f in report["failed"]] == [("pr-2021", "swe", "not_found")]
    again = succeed(rastream, *arguments[:4], "--failed", tmp_path / "report.json")
    assert "copied 1 file" in again.out
    assert (tmp_path / "data/pr-2021" / hidden.name).read_bytes() == hidden.read_bytes()


def test_copies_go_to_a_webdav_server_and_links_to_its_urls(archive, rastream, tmp_path):
    catalog = tmp_path / "catalog"
    catalog_of_pystac(archive, catalog)
    (archive.folder / "copies").mkdir(mode=0o777)
    (archive.folder / "copies").chmod(0o777)
    target = archive.url.replace("http://", "webdav://") + "/copies"
    arguments = ("stac", "copy", catalog / "hi", target, "--asset", "vp", "--json")
    assert json.loads(succeed(rastream, *arguments).out)["copied"] == 2
    again = json.loads(succeed(rastream, *arguments, "--update").out)
    assert (again["copied"], again["intact"]) == (0, 2)
    for year in YEARS:
        name = file_name("hi", "vp", year)
        assert (archive.folder / f"copies/hi-{year}/{name}").read_bytes() == archive.path("hi", "vp", year).read_bytes()
        item = pystac.Item.from_file(str(catalog / f"hi/hi-{year}/hi-{year}.json"))
        assert item.assets["vp"].href == f"{target}/hi-{year}/{name}"


COPY_BY_STAC2DCACHE = """
import sys, pystac
from stac2dcache.utils import copy_asset
if __name__ == "__main__":
    catalog, out = sys.argv[1:]
    root = pystac.Catalog.from_file(catalog)
    copy_asset(root.get_child("hi"), "tmin", update_catalog=True, to_uri=out, max_workers=1)
    root.save()
"""


def test_stac2dcache_makes_the_same_files_and_links(archive, rastream, tmp_path):
    pytest.importorskip("stac2dcache", reason="stac2dcache is not installed")
    script = tmp_path / "copy_them.py"
    script.write_text(COPY_BY_STAC2DCACHE)
    assets = {}
    for who in ("theirs", "ours"):
        catalog, out = tmp_path / who / "catalog", tmp_path / who / "data"
        catalog_of_pystac(archive, catalog)
        if who == "theirs":
            subprocess.run([sys.executable, "-W", "ignore", script, catalog / "catalog.json", out], check=True, timeout=300)
        else:
            succeed(rastream, "stac", "copy", catalog / "hi", out, "--asset", "tmin", "--update")
        items = pystac.Catalog.from_file(str(catalog / "catalog.json")).get_items(recursive=True)
        assets[who] = {(i.id, key): a.to_dict() for i in items for key, a in i.assets.items()}, bytes_below(out)
        for asset in assets[who][0].values():
            asset["href"] = asset["href"].replace(str(tmp_path / who), "")
    assert assets["ours"] == assets["theirs"]
