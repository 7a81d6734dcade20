# SPDX-License-Identifier: Apache-2.0
"""Other programs open what rastream wrote: xarray, zarr-python and GDAL see the same cells, coordinates and text.

    RASTREAM_ZARR_ORACLE=/tmp/oracle build/dev/format_test --gtest_filter='ZarrOracle.*'
    RASTREAM_ZARR_ORACLE=/tmp/oracle pytest tests/oracle/zarr_check.py     (or: python tests/oracle/zarr_check.py)

The cells are those of src/rastream/format/zarr/oracle_test.cpp.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import xarray as xr
import zarr

ROOT = os.environ["RASTREAM_ZARR_ORACLE"]
STORES = {2: os.path.join(ROOT, "v2.zarr"), 3: os.path.join(ROOT, "v3.zarr")}
PLANTS = ["lilac", "arnold red", "zabelli", "été"]


def expected_leaf():
    plant, y, x = np.meshgrid(np.arange(4), np.arange(25), np.arange(30), indexing="ij")
    leaf = 100.0 * plant + y + x / 100
    leaf[:, :10, :10] = np.nan
    return leaf


def expected_days():
    return (7 + np.arange(25 * 30).reshape(25, 30)) % 120


def check_dataset(ds):
    np.testing.assert_array_equal(ds["first-leaf"].values, expected_leaf())
    assert ds["first-leaf"].dims == ("plant", "y", "x")
    assert ds["first-leaf"].dtype == np.float64
    assert ds["first-leaf"].attrs["units"] == "day of year"
    np.testing.assert_array_equal(ds.n_days.values, expected_days())
    np.testing.assert_array_equal(ds.y.values, 12000.0 - 1000 * np.arange(25))
    np.testing.assert_array_equal(ds.x.values, (-5000.0 + 1000 * np.arange(30)).astype("f4"))
    assert list(ds.plant.values) == PLANTS
    assert float(ds["first-leaf"].sel(plant="zabelli", y=-12000, x=24000)) == 224.29
    assert int(ds.lambert_conformal_conic) == -32767
    assert list(ds.lambert_conformal_conic.attrs["standard_parallel"]) == [25, 60]
    assert ds.attrs["Conventions"] == "CF-1.6"


def test_xarray_opens_each_group_with_and_without_consolidated_metadata():
    for path in STORES.values():
        for group in ("1980", "1981"):
            for consolidated in (True, False):
                for chunks in (None, {}):
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        check_dataset(xr.open_zarr(path, group=group, consolidated=consolidated, chunks=chunks))


def test_xarray_masks_the_fill_value_of_integers():
    for path in STORES.values():
        ds = xr.open_zarr(path, group="1980")
        assert ds.n_days.encoding["_FillValue"] == -1


def test_xarray_opens_without_a_warning():
    for path in STORES.values():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check_dataset(xr.open_zarr(path, group="1980"))


def test_the_group_alone_has_consolidated_metadata():
    for path in STORES.values():
        check_dataset(xr.open_zarr(os.path.join(path, "1980"), consolidated=True))


def test_xarray_opens_the_tree():
    for path in STORES.values():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = xr.open_datatree(path, engine="zarr")
        assert {"1980", "1981"} <= set(tree.children)
        check_dataset(tree["1981"].to_dataset())


def test_zarr_python_reads_cells_and_metadata():
    for version, path in STORES.items():
        root = zarr.open_group(path, mode="r", use_consolidated=True)
        assert sorted(root.group_keys()) == ["1980", "1981"]
        group = zarr.open_group(path, mode="r", path="1980", use_consolidated=False)
        leaf = group["first-leaf"]
        assert leaf.metadata.zarr_format == version
        assert leaf.chunks == (1, 10, 10)
        assert np.isnan(leaf.fill_value)
        np.testing.assert_array_equal(leaf[:], expected_leaf())
        assert list(group["plant"][:]) == PLANTS
        assert group["lambert_conformal_conic"][()] == -32767
        assert "_ARRAY_DIMENSIONS" in leaf.attrs or version == 3


def test_zarr_python_reads_shards():
    group = zarr.open_group(os.path.join(ROOT, "shards.zarr"), mode="r")
    numbers = np.arange(7, 7 + 25 * 30).reshape(25, 30)
    assert len(list(group.array_keys())) == 6
    for name, array in group.arrays():
        assert array.shards == (10, 14) and array.chunks == (5, 7)
        expected = numbers % 120
        if name.startswith("complex64"):
            expected = (expected - 1j * (numbers % 7)).astype("complex64")
        np.testing.assert_array_equal(array[...], expected)


def test_xarray_can_append_a_variable_beside_ours():
    for version, path in STORES.items():
        copy = path + ".copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(path, copy)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            extra = xr.Dataset({"extra": (("y", "x"), np.ones((25, 30)))}, attrs={"Conventions": "CF-1.6"})
            extra.to_zarr(copy, group="1980", mode="a", zarr_format=version)
            ds = xr.open_zarr(copy, group="1980", consolidated=False)
        assert float(ds.extra.sum()) == 750
        check_dataset(ds)
        shutil.rmtree(copy)


def test_gdal_reads_the_v2_store():
    if shutil.which("gdalmdiminfo") is None:
        print("gdalmdiminfo is absent: not checked with GDAL")
        return
    path = STORES[2]
    info = json.loads(subprocess.check_output(["gdalmdiminfo", path], text=True))
    assert set(info["groups"]) >= {"1980", "1981"}
    year = info["groups"]["1980"]
    arrays = {a["name"]: a for a in year["arrays"]} if isinstance(year["arrays"], list) else year["arrays"]
    leaf = arrays["first-leaf"]
    assert [d.split("/")[-1] for d in leaf["dimensions"]] == ["plant", "y", "x"]
    with tempfile.TemporaryDirectory() as folder:
        raw = os.path.join(folder, "leaf.bin")
        subprocess.check_call(["gdal_translate", "-q", "-of", "ENVI", f'ZARR:"{path}":/1980/first-leaf:2', raw])
        np.testing.assert_array_equal(np.fromfile(raw, "<f8").reshape(25, 30), expected_leaf()[2])
    text = subprocess.check_output(["gdalmdiminfo", "-detailed", "-array", "/1980/plant", path], text=True)
    for plant in PLANTS:
        assert plant in text, text


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
    sys.exit(0)
