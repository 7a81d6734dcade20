# SPDX-License-Identifier: Apache-2.0
"""Bad input gives one clear line on stderr, the exit code of its kind, and nothing under the name of the output."""
import os
import re
import resource
import shutil
import subprocess

import h5py
import numpy as np
import pytest
import xarray as xr

import daymet_files

WRONG_ARGUMENT, NOT_FOUND, NOT_PERMITTED, UNAVAILABLE, DAMAGED, UNSUPPORTED = 2, 3, 4, 5, 6, 7
IS_ROOT = os.geteuid() == 0


def check(result, code, *words):
    assert result.code == code, (result.code, result.out, result.err)
    assert len(result.error_lines) == 1, result.err
    for word in words:
        assert re.search(word, result.err, re.IGNORECASE), (word, result.err)


def has_result(out):
    """Whether a reader would find anything; the staging folder of a run that may go on is not for readers."""
    return any((out / name).exists() for name in ("1980", ".zgroup", ".zmetadata", "zarr.json"))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out/spring.zarr"


@pytest.fixture
def refused(rastream, year, out):
    """The year's files with more arguments: refused with this code and these words, and nothing written."""
    out.parent.mkdir()

    def run(code, *words, more=(), **options):
        result = rastream("spring-index", *year.arguments, "--out", out, "--quiet", *more, **options)
        check(result, code, *words)
        assert not has_result(out)

    return run


def test_the_files_are_good_before_anything_is_broken(rastream, year, out):
    result = rastream("spring-index", *year.arguments, "--out", out, "--quiet")
    assert (result.code, result.err) == (0, "")


# Files that are absent or no files of ours.


def test_a_missing_file_is_named(refused, year):
    year.paths["tmax"].unlink()
    refused(NOT_FOUND, year.paths["tmax"].name)


@pytest.mark.skipif(IS_ROOT, reason="root may read everything")
def test_an_unreadable_file_is_named(refused, year):
    year.paths["tmax"].chmod(0)
    refused(NOT_PERMITTED, year.paths["tmax"].name)


def test_a_folder_is_no_netcdf_file(refused, year):
    year.paths["tmin"].unlink()
    year.paths["tmin"].mkdir()
    refused(WRONG_ARGUMENT, year.paths["tmin"].name)


@pytest.mark.parametrize("content", [b"", b"this is text, not weather\n" * 40, b"\x89HDF\r\n\x1a\n", b"CDF\x01", bytes(4096)],
                         ids=["empty", "text", "signature alone", "classic signature alone", "zeros"])
def test_a_file_that_is_no_netcdf_is_damaged(refused, year, content):
    year.paths["tmax"].write_bytes(content)
    refused(DAMAGED, year.paths["tmax"].name)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_damaged(refused, year, share):
    path = year.paths["dayl"]
    os.truncate(path, int(path.stat().st_size * share))
    refused(DAMAGED, path.name)


def chunk_place(path, name, number):
    with h5py.File(path) as f:
        place = f[name].id.get_chunk_info(number)
        return place.byte_offset, place.size, place.chunk_offset


def overwrite_bytes(path, offset, content):
    with open(path, "r+b") as f:
        f.seek(offset)
        f.write(content)


def test_a_corrupt_chunk_is_named_with_its_region(refused, year):
    path = year.paths["tmin"]
    offset, size, start = chunk_place(path, "tmin", 100)
    assert start == (100, 0, 0)
    overwrite_bytes(path, offset + size // 4, os.urandom(size // 2))
    refused(DAMAGED, path.name, "tmin", r"100")


def test_a_chunk_of_zeros_is_damaged(refused, year):
    path = year.paths["tmax"]
    offset, size, _ = chunk_place(path, "tmax", 7)
    overwrite_bytes(path, offset, bytes(size))
    refused(DAMAGED, path.name, "tmax")


# Files that do not fit together.


def test_a_missing_variable_is_named_with_those_that_are_there(refused, year):
    year.write("tmax", stored_name="tmaximum")
    refused(NOT_FOUND, "'tmax'", "tmaximum", year.paths["tmax"].name)


def test_files_of_different_shape_are_refused(refused, year):
    year.write("dayl", cells=year.cells["dayl"][:, :-1], y=year.y[:-1])
    refused(WRONG_ARGUMENT, "dayl", "shape", year.paths["dayl"].name)


def test_files_on_different_grids_are_refused(refused, year):
    year.write("dayl", x=year.x + 1000)
    refused(WRONG_ARGUMENT, "'x'", year.paths["dayl"].name)


def test_a_single_coordinate_that_differs_is_found(refused, year):
    y = year.y.copy()
    y[-1] -= 1
    year.write("tmax", y=y)
    refused(WRONG_ARGUMENT, "'y'", year.paths["tmax"].name)


def test_files_of_different_times_are_refused(refused, year):
    times = daymet_files.first_noon(1980) + np.arange(365)
    times[200:] += 1
    year.write("tmax", times=times)
    refused(WRONG_ARGUMENT, "'time'", year.paths["tmax"].name)


def test_files_of_different_years_are_refused(refused, year):
    year.write("dayl", year=1981)
    refused(WRONG_ARGUMENT, "'time'", year.paths["dayl"].name)


@pytest.mark.parametrize("name,units", [("tmin", "rankine"), ("tmin", ""), ("tmax", "degrees"), ("dayl", "hours"), ("dayl", "degrees C")])
def test_unknown_units_are_named_with_what_was_expected(refused, year, name, units):
    year.write(name, units=units)
    refused(WRONG_ARGUMENT, "units", re.escape(units), name, year.paths[name].name)


def test_tmin_and_tmax_in_different_units_are_refused(refused, year):
    year.write("tmax", units="K", cells=year.cells["tmax"] + 273.15)
    refused(WRONG_ARGUMENT, "units", year.paths["tmax"].name)


@pytest.mark.parametrize("units,convert", [("K", lambda c: c + 273.15), ("degF", lambda c: c * 1.8 + 32)])
def test_kelvin_and_fahrenheit_give_the_same_dates(year, maps_of, tmp_path, units, convert):
    expected = maps_of("built-in", year.arguments, tmp_path / "celsius.zarr")
    for name in ("tmin", "tmax"):
        year.write(name, units=units, cells=convert(year.cells[name].astype("f8")))
    got = maps_of("built-in", year.arguments, tmp_path / "other.zarr")
    for name in ("first-leaf", "first-bloom"):
        np.testing.assert_array_equal(np.isnan(got[name]), np.isnan(expected[name]))
        difference = np.abs(np.nan_to_num(got[name].values - expected[name].values))
        assert difference.max() <= 1 and (difference > 0).mean() < 0.01


def test_a_file_without_a_grid_mapping_is_refused(refused, year):
    year.write("tmin", has_grid_mapping=False)
    refused(WRONG_ARGUMENT, "grid_mapping", year.paths["tmin"].name)


# Arguments.


@pytest.mark.parametrize("box", ["-100,40,-100.0001,40.0001", "5,45,10,50", "1,2,3", "a,b,c,d", "-100,50,-90,40", "nan,1,2,3",
                                 "-1000,-1000,1000,1000", "inf,inf,inf,inf"])
def test_a_box_that_takes_no_cells_or_is_none_is_refused(refused, box):
    refused(WRONG_ARGUMENT, "box|degrees|W,S,E,N", more=[f"--bbox={box}"])


@pytest.mark.parametrize("days", [400, 366, 0, -5])
def test_days_beyond_the_year_are_refused(refused, days):
    refused(WRONG_ARGUMENT, str(days), "days", more=[f"--days={days}"])


@pytest.mark.parametrize("more", [["--plants", "tulip"], ["--plants", "lilac,tulip"], ["--disable-rule", "no-such-rule"],
                                  ["--executor", "no-such-executor"], ["--memory", "much"], ["--memory", "-1GiB"], ["--memory", "0"],
                                  ["--coarsen", "-3"], ["--plants", "lilac,lilac"], ["--coarsen", "1000"], ["--zarr-format", "4"],
                                  ["--threads", "0"], ["--chunk", "0"], ["--years", "1980:1981"], ["--no-such-option"],
                                  ["--group", "../../elsewhere"], ["--bbox="]],
                         ids=" ".join)
def test_a_nonsense_argument_is_refused(rastream, year, out, tmp_path, more):
    result = rastream("spring-index", *year.arguments, "--out", out, "--quiet", *more)
    assert result.code == WRONG_ARGUMENT, (result.code, result.err)
    assert result.err.strip()
    assert "internal" not in result.err
    assert not out.exists() and sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_a_memory_too_small_says_what_needs_it(refused):
    refused(WRONG_ARGUMENT, "1 MiB", "memory|slabs|process|state", more=["--memory", "1MiB"])


def test_an_output_that_exists_is_not_touched_without_overwrite(rastream, year, out):
    command = ["spring-index", *year.arguments, "--out", out, "--quiet"]
    assert rastream(*command).code == 0
    before = {p: p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}
    check(rastream(*command, "--days", 250), WRONG_ARGUMENT, "overwrit", "1980")
    assert {p: p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()} == before
    assert rastream(*command, "--days", 250, "--overwrite").code == 0
    assert rastream("verify", out).code == 0


def test_a_failed_overwrite_leaves_the_old_data(rastream, year, out):
    command = ["spring-index", *year.arguments, "--out", out, "--quiet", "--overwrite"]
    assert rastream(*command).code == 0
    before = xr.open_zarr(out, group="1980").load()
    path = year.paths["tmin"]
    offset, size, _ = chunk_place(path, "tmin", 150)
    overwrite_bytes(path, offset, bytes(size))
    check(rastream(*command), DAMAGED, path.name)
    assert xr.open_zarr(out, group="1980").load().equals(before)


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(refused, out):
    out.parent.chmod(0o500)
    refused(NOT_PERMITTED, out.name)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("a file system of a given size can only be mounted by root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_and_leaves_no_output(rastream, tmp_path, small_disk):
    year = daymet_files.make_year(tmp_path / "in", daymet_files.weather(ny=150, nx=150))
    out = small_disk / "spring.zarr"
    check(rastream("spring-index", *year.arguments, "--out", out, "--quiet", "--chunk", 20), UNAVAILABLE, "space|disk", "spring.zarr")
    assert not (out / "1980").exists()


# Catalogs.


@pytest.fixture
def catalog(rastream, tmp_path):
    result = rastream("make-daymet", tmp_path / "c", "--region", "hi", "--stride", 40)
    assert result.code == 0, result.err
    return tmp_path / "c/catalog.json"


@pytest.fixture
def refused_catalog(rastream, catalog, out):
    def run(code, *words, item="hi-1980", more=()):
        result = rastream("spring-index", "--catalog", catalog, "--item", item, "--out", out, "--quiet", *more)
        check(result, code, *words)
        assert not out.exists()

    return run


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def item_of(catalog):
    return next(catalog.parent.rglob("hi-1980.json"))


def test_a_catalog_that_is_whole_works(rastream, catalog, out):
    result = rastream("spring-index", "--catalog", catalog, "--item", "hi-1980", "--out", out, "--quiet")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("name", ["catalog.json", "hi-1980.json"])
def test_broken_json_is_damaged(refused_catalog, catalog, name):
    path = next(catalog.parent.rglob(name))
    path.write_text(path.read_text()[:-30])
    refused_catalog(DAMAGED, name)


@pytest.mark.parametrize("text", ["", "[]", "null", "42", '{"type": "Catalog"}', "[" * 100000], ids=lambda t: t[:20] or "empty")
def test_json_that_is_no_catalog_is_damaged(refused_catalog, catalog, text):
    catalog.write_text(text)
    refused_catalog(DAMAGED, "catalog.json")


def test_a_missing_catalog_is_named(refused_catalog, catalog):
    catalog.unlink()
    refused_catalog(NOT_FOUND, "catalog.json")


def test_a_missing_item_is_named_with_those_that_are_there(refused_catalog):
    refused_catalog(NOT_FOUND, "hi-1999", "hi-1980", item="hi-1999")


def test_a_missing_asset_is_named(refused_catalog, catalog):
    edit(item_of(catalog), '"tmax"', '"warmth"')
    refused_catalog(NOT_FOUND, "tmax")


def test_a_missing_file_of_an_asset_is_named(refused_catalog, catalog):
    next(catalog.parent.rglob("*tmax*.nc")).unlink()
    refused_catalog(NOT_FOUND, "tmax")


def test_links_in_a_circle_end(refused_catalog, catalog):
    collection = next(catalog.parent.rglob("collection.json"))
    link = '{"rel": "child", "href": "%s", "type": "application/json"}, '
    edit(collection, '"links": [', '"links": [' + link % os.path.relpath(catalog, collection.parent) + link % "./collection.json")
    refused_catalog(NOT_FOUND, "no-such-item", item="no-such-item")


@pytest.mark.parametrize("href, code", [("gs://bucket/tmax.nc", UNSUPPORTED), ("http://127.0.0.1:1/tmax.nc", UNAVAILABLE)])
def test_an_asset_that_cannot_be_reached_is_named(refused_catalog, catalog, href, code):
    path = item_of(catalog)
    name = next(catalog.parent.rglob("*tmax*.nc")).name
    path.write_text(re.sub(r'"href": "[^"]*%s"' % re.escape(name), f'"href": "{href}"', path.read_text()))
    refused_catalog(code, href)


@pytest.mark.parametrize("years", ["1980:1970", "0:99999999", "nonsense", "1980:", ":1980", "1980:1981:1982", "-5:99999999999999999999"])
def test_absurd_years_are_refused_at_once(refused_catalog, years):
    refused_catalog(WRONG_ARGUMENT, "years", re.escape(years), more=[f"--years={years}"])


def test_a_year_that_the_catalog_lacks_stops_before_the_first(refused_catalog):
    refused_catalog(NOT_FOUND, "hi-1981", more=["--years", "1980:1981"])


# Sizes that a header merely claims.


def within_2_gib():
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def test_a_huge_dataset_that_was_never_written_is_not_allocated(refused, year):
    path = year.paths["tmin"]
    path.unlink()
    with h5py.File(path, "w") as f:
        f.create_dataset("tmin", shape=(2**14, 2**13, 2**13), dtype="f4", chunks=(1, 64, 64), compression="gzip")
    refused(WRONG_ARGUMENT, "tmin", preexec_fn=within_2_gib)


def test_info_of_a_huge_dataset_needs_no_memory(rastream, tmp_path):
    path = tmp_path / "huge.h5"
    with h5py.File(path, "w") as f:
        f.create_dataset("a", shape=(2**14, 2**13, 2**13), dtype="f8", chunks=(1, 64, 64))
        f.create_dataset("b", shape=(2**40,), dtype="f8", chunks=(1024,))
    result = rastream("info", path, preexec_fn=within_2_gib, limit_s=20)
    assert result.code == 0, result.err
    assert str(2**40) in result.out


def test_a_huge_chunk_that_holds_few_bytes_is_refused(rastream, tmp_path):
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as f:
        d = f.create_dataset("a", shape=(1, 20000, 20000), dtype="f4", chunks=(1, 20000, 20000), compression="gzip")
        d.id.write_direct_chunk((0, 0, 0), b"x\x9c\x03\x00\x00\x00\x00\x01")
    result = rastream("plot", path, "--variable", "a", "--out", tmp_path / "a.png", "--memory", "512MiB", preexec_fn=within_2_gib,
                      limit_s=60)
    assert result.code in (WRONG_ARGUMENT, DAMAGED), (result.code, result.err)
    assert len(result.error_lines) == 1 and not (tmp_path / "a.png").exists()


def test_a_name_with_blanks_and_signs_is_only_a_name(rastream, year, tmp_path):
    path = tmp_path / "a b; $(touch never) 'é'.nc"
    shutil.copy(year.paths["tmin"], path)
    result = rastream("info", path, cwd=tmp_path)
    assert result.code == 0, result.err
    assert not (tmp_path / "never").exists()
