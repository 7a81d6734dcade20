# SPDX-License-Identifier: Apache-2.0
"""convert, verify, lint and dump on every real file there is, and what Xarray says of the copies."""
import json
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data"
PROGRAM = Path(os.environ.get("RASTREAM", ROOT / "build/release/rastream")).resolve()
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is absent")

SUFFIXES = {".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".tif", ".tiff"}


def is_store(path):
    return any((path / name).exists() for name in (".zgroup", ".zarray", "zarr.json"))


def real_files():
    for topic in ("daymet", "netcdf", "geotiff", "zarr", "sar"):
        for path in sorted((DATA / topic).rglob("*")):
            if path.is_file() and path.suffix.lower() in SUFFIXES:
                yield path
            elif path.is_dir() and is_store(path) and not is_store(path.parent):
                yield path


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=300)


def test_every_real_file_is_copied_and_read_back_or_refused_by_name(tmp_path):
    refused = {}
    n_copied = 0
    for n, path in enumerate(real_files()):
        done = run("convert", path, tmp_path / f"{n}.zarr", "--quiet", "--zarr-format", 2 + n % 2)
        if done.returncode == 0:
            n_copied += 1
        else:
            refused[str(path.relative_to(DATA))] = (done.returncode, done.stderr.strip())
    assert n_copied >= 200
    for path, (code, message) in refused.items():
        # Unsupported and named; or text that is not UTF-8, which Zarr cannot hold.
        assert code == 7 or (code == 2 and "is not UTF-8 text" in message), (path, code, message)
        assert message.count("\n") == 0, message


@pytest.mark.parametrize("name, finding", [
    ("netcdf/xarray/example_1.nc", ("coordinates", "warning", "variable 'lon'")),
    ("netcdf/xarray/example_1.nc", ("time", "note", "variable 'time'")),
    ("netcdf/rioxarray/input/MODIS_ARRAY.nc", ("crs", "warning", "variable '__xarray_dataarray_variable__'")),
    ("geotiff/rio-tiler/cog_scale.tif", ("nodata", "warning", "variable 'band_data'")),
    ("geotiff/rio-tiler/cog_int16.tif", ("geotransform", "note", "variable 'band_data'")),
    ("netcdf/netcdf-c/ncdump/ref_nccopy3_subset.nc", ("packing", "warning", "variable 'SALT'")),
    ("sar/zarrs/slcs_example.zarr", ("time", "warning", "variable 'time'")),
])
def test_lint_finds_what_a_look_at_the_file_found(name, finding):
    found = json.loads(run("lint", DATA / name, "--json").stdout)["findings"]
    assert finding in {(f["check"], f["severity"], f["place"]) for f in found}


@pytest.mark.parametrize("name", ["daymet/daymet_v4_daily_hi_dayl_1980.nc", "netcdf/xarray/bears.nc"])
def test_lint_has_nothing_to_say_of_good_files(name):
    done = run("lint", DATA / name)
    assert done.returncode == 0, done.stdout


def test_lint_ends_with_a_finding_or_an_error_on_every_real_file():
    for path in real_files():
        done = run("lint", path)
        assert done.returncode in (0, 1, 6, 7), (path, done.stderr)


def test_verify_refuses_every_malformed_tiff():
    malformed = sorted((DATA / "geotiff/image-tiff/fuzz_images").rglob("id=*"))
    assert malformed
    for path in malformed:
        done = run("verify", path, "--quiet")
        assert done.returncode == 6, (path, done.stdout, done.stderr)


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", ["netcdf/rioxarray/input/MODIS_ARRAY.nc", "netcdf/xarray/example_1.nc", "netcdf/hidefix/jan.nc4"])
def test_xarray_sees_the_same_in_the_copy(name, zarr_format, tmp_path):
    done = run("convert", DATA / name, tmp_path / "copy.zarr", "--quiet", "--zarr-format", zarr_format)
    assert done.returncode == 0, done.stderr
    with xarray.open_dataset(DATA / name, decode_times=False) as source, \
            xarray.open_zarr(tmp_path / "copy.zarr", decode_times=False) as copy:
        assert set(copy.variables) == set(source.variables)
        for variable in source.variables:
            assert copy[variable].dims == source[variable].dims
            assert copy[variable].dtype == source[variable].dtype, variable
            np.testing.assert_array_equal(copy[variable].values, source[variable].values)


@pytest.mark.parametrize("name", ["netcdf/rioxarray/input/MODIS_ARRAY.nc", "netcdf/xarray/example_1.nc"])
def test_cdl_makes_the_file_that_ncdump_shows(name, tmp_path):
    cdl = tmp_path / "a.cdl"
    cdl.write_text(run("dump", DATA / name, "--format", "cdl").stdout)
    subprocess.run(["ncgen", "-4", "-o", tmp_path / "a.nc", cdl], check=True)
    def dumped(path):
        return subprocess.run(["ncdump", "-n", "same", path], capture_output=True, text=True, check=True).stdout
    assert dumped(tmp_path / "a.nc") == dumped(DATA / name)


def test_a_variable_that_cannot_be_read_is_named_by_info_and_convert(tmp_path):
    with h5py.File(tmp_path / "in.h5", "w") as file:
        file["wind"] = np.arange(4.0)
        file["pairs"] = np.zeros(3, [("u", "f4"), ("v", "f4")])
    assert "variable 'pairs' is compound" in run("info", tmp_path / "in.h5").stdout
    done = run("convert", tmp_path / "in.h5", tmp_path / "out.zarr")
    assert done.returncode == 0, done.stderr
    assert "left out: variable 'pairs', which is compound" in done.stdout
    assert run("convert", tmp_path / "in.h5", tmp_path / "two.zarr", "--variables", "pairs").returncode == 7
