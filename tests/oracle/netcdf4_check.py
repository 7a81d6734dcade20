# SPDX-License-Identifier: Apache-2.0
"""Other programs open the NetCDF-4 that rastream wrote: netCDF4, h5py, Xarray by both engines, ncdump and GDAL.

    RASTREAM_NETCDF4_ORACLE=/tmp/oracle build/dev/format_test --gtest_filter='NetCdf4Oracle.*'
    RASTREAM_NETCDF4_ORACLE=/tmp/oracle pytest tests/oracle/netcdf4_check.py

The cells are those of src/rastream/format/hdf5/writer_oracle_test.cpp.
"""
import glob
import json
import os
import shutil
import subprocess
import warnings

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

ROOT = os.environ["RASTREAM_NETCDF4_ORACLE"]
FILES = sorted(glob.glob(os.path.join(ROOT, "*-*-*.nc")))
CHUNKS = {"whole": (5, 6, 7), "rows": (1, 6, 7), "edges": (2, 4, 3)}
LEAF = np.array([0, 1, 2, np.nan, 4, 5, 6, 7, 8, 9, 10, 11], "f4").reshape(3, 2, 2)


def numbered(dtype):
    n = 7 + np.arange(5 * 6 * 7).reshape(5, 6, 7)
    return n % 3 == 0 if dtype == "bool" else (n % 120).astype(dtype)


def test_there_are_files_of_every_kind():
    assert len(FILES) == 11 * 2 * 3


@pytest.mark.parametrize("path", FILES, ids=os.path.basename)
def test_cells_and_layout_are_those_that_were_written(path):
    dtype, codec, layout = os.path.basename(path)[:-3].split("-")
    expected = numbered(dtype)
    with netCDF4.Dataset(path) as file:
        v = file["v"]
        v.set_auto_maskandscale(False)
        stored = expected.astype("i1") if dtype == "bool" else expected
        assert v.dtype == stored.dtype and v.dimensions == ("a", "b", "c")
        np.testing.assert_array_equal(v[:], stored)
        is_run = codec == "none" and layout == "whole"
        assert v.chunking() == ("contiguous" if is_run else list(CHUNKS[layout]))
        assert v.filters()["zlib"] == (codec == "deflate")
        assert v.filters()["shuffle"] == (codec == "deflate" and stored.dtype.itemsize > 1)
        if codec == "deflate":
            assert v.filters()["complevel"] == 4
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["v"][:], expected)
        assert [d[0].name for d in file["v"].dims] == ["/a", "/b", "/c"]
    for engine in ("netcdf4", "h5netcdf"):
        with xr.open_dataset(path, engine=engine) as ds:
            assert ds.v.dtype == dtype and ds.v.dims == ("a", "b", "c")
            np.testing.assert_array_equal(ds.v.values, expected)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_are_complex_to_others(dtype):
    path = os.path.join(ROOT, dtype + ".nc")
    expected = (np.arange(6).reshape(3, 2) - 1j).astype(dtype)
    with h5py.File(path) as file:
        assert file["v"].dtype == dtype
        np.testing.assert_array_equal(file["v"][:], expected)
    with netCDF4.Dataset(path, auto_complex=True) as file:
        np.testing.assert_array_equal(file["v"][:], expected)
    with xr.open_dataset(path, engine="h5netcdf") as ds:
        np.testing.assert_array_equal(ds.v.values, expected)


def check_product(ds):
    np.testing.assert_array_equal(ds["first-leaf"].values, LEAF)
    np.testing.assert_array_equal(ds.packed.values, LEAF / 2)
    assert ds["first-leaf"].dims == ("time", "y", "x")
    assert list(ds.time.values.astype("datetime64[h]").astype(str)) == [
        "1980-01-01T12", "1980-01-02T12", "1980-01-03T12"]
    assert list(ds.plant.values) == ["lilac", "zabelli 丁香"]
    assert list(ds.y.values) == [20, 10] and ds.x.dtype == np.float32
    assert int(ds.crs) == -32767 and list(ds.crs.attrs["standard_parallel"]) == [25, 60]
    assert ds.attrs == {"Conventions": "CF-1.8", "institution": "Universität"}
    assert list(ds.flags.attrs["flag_meanings"]) == ["good", "bad"]
    assert ds.flags.dims == ("plant", "station")
    np.testing.assert_array_equal(ds.flags.values, [[7, 8], [9, 10]])


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])
def test_xarray_opens_the_product_without_a_warning(engine):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xr.open_dataset(os.path.join(ROOT, "product.nc"), engine=engine) as ds:
            check_product(ds)
            assert ds.encoding["unlimited_dims"] == {"time"}
        for group in ("1980", "1981"):
            with xr.open_dataset(os.path.join(ROOT, "groups.nc"), group=group, engine=engine) as ds:
                check_product(ds)
                assert ds.encoding["unlimited_dims"] == set()
        with xr.open_datatree(os.path.join(ROOT, "groups.nc"), engine=engine) as tree:
            assert set(tree.children) == {"1980", "1981"}


def test_netcdf4_can_append_and_rewrite():
    copy = os.path.join(ROOT, "copy.nc")
    shutil.copy(os.path.join(ROOT, "product.nc"), copy)
    with netCDF4.Dataset(copy, "a") as file:
        file["time"][3] = 10960.5
        file["packed"][3] = [[1, 1], [1, 1]]
        file["first-leaf"].long_name = "day of first leaf"
        file.createVariable("more", "f4", ("y", "x"))[:] = 1
    with xr.open_dataset(copy) as ds:
        assert ds.sizes["time"] == 4 and float(ds.packed[3].sum()) == 4
        assert float(ds.more.sum()) == 4
        check_product(ds.isel(time=slice(0, 3)).drop_vars("more"))
    os.remove(copy)


def test_h5py_sees_scales_fill_values_and_order():
    with h5py.File(os.path.join(ROOT, "product.nc"), track_order=True) as file:
        assert list(file)[:3] == ["station", "time", "y"]
        assert np.isnan(file["first-leaf"].fillvalue) and file["packed"].fillvalue == -1
        assert [d.keys() for d in file["packed"].dims] == [["time"], ["y"], ["x"]]
        assert file["packed"].dims[1][0] == file["y"]


def test_ncdump_prints_the_product():
    text = subprocess.check_output(["ncdump", "-h", os.path.join(ROOT, "product.nc")], text=True)
    for line in ("time = UNLIMITED ; // (3 currently)", "y = 2 ;", "float first-leaf(time, y, x) ;",
                 "first-leaf:_FillValue = NaNf ;", 'x:units = "m" ;', "string plant(plant) ;",
                 'string flags:flag_meanings = "good", "bad" ;', ':institution = "Universität" ;'):
        assert line in text, text
    kind = subprocess.check_output(["ncdump", "-k", os.path.join(ROOT, "product.nc")], text=True)
    assert kind.strip() == "netCDF-4"


def test_gdal_reads_rasters_and_arrays():
    path = os.path.join(ROOT, "product.nc")
    info = json.loads(subprocess.check_output(["gdalinfo", "-json", f'NETCDF:"{path}":packed'], text=True))
    assert [b["noDataValue"] for b in info["bands"]] == [-1, -1, -1]
    assert info["geoTransform"] == [0.5, 1.0, 0.0, 25.0, 0.0, -10.0]
    tree = json.loads(subprocess.check_output(["gdalmdiminfo", path], text=True))
    assert {"first-leaf", "packed", "plant"} <= set(tree["arrays"])


if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", __file__]))
