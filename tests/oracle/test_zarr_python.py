# SPDX-License-Identifier: Apache-2.0
"""zarr-python and rastream: zip archives both ways, NumPy's times in every unit, text in shards."""
import warnings
import zipfile

import numpy as np
import pytest
import xarray as xr
import zarr
from zarr.storage import ZipStore

warnings.filterwarnings("ignore", message=".*(Consolidated|not recognized|specification|does not have).*")


def dataset():
    t = np.arange(10 * 7 * 9).reshape(10, 7, 9).astype("f4")
    t[:, 2] = np.nan
    return xr.Dataset({"t": (("time", "y", "x"), t)}, {"time": np.arange(10), "y": np.arange(7) * 10.0, "place": ("y", list("abcdéfg"))})


@pytest.mark.parametrize("zarr_format, more", [(2, ()), (3, ()), (3, ("--chunks", "y=4,x=3", "--shards", "time=-1,y=8,x=9"))])
def test_a_written_zip_is_a_zip_store(rastream, tmp_path, zarr_format, more):
    dataset().to_netcdf(tmp_path / "in.nc")
    archives = []
    for n_threads in (1, 2):
        out = tmp_path / f"{n_threads}" / "out.zarr.zip"
        out.parent.mkdir()
        done = rastream("convert", tmp_path / "in.nc", out, "--quiet", "--zarr-format", zarr_format, "--threads", n_threads, *more)
        assert done.code == 0, done.err
        assert [p.name for p in out.parent.iterdir()] == ["out.zarr.zip"]
        archives.append(out.read_bytes())
    assert archives[0] == archives[1]
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.namelist() == sorted(archive.namelist())
    for consolidated in (True, False):
        with ZipStore(out, mode="r") as store:
            xr.testing.assert_equal(xr.open_zarr(store, consolidated=consolidated, chunks=None).load(), dataset())
    assert rastream("verify", out).code == 0
    assert rastream("convert", out, tmp_path / "back.zarr", "--quiet").code == 0
    xr.testing.assert_equal(xr.open_zarr(tmp_path / "back.zarr", chunks=None).load(), dataset())


UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "3M", "25us", "10D"]


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("unit", UNITS)
def test_times_in_any_unit_become_those_of_numpy(rastream, tmp_path, unit, zarr_format):
    counts = np.array([0, 1, -1, 11, 12, 13, -13, 361, -1200, 555, 2300 // (20 if unit[-1] == "Y" else 1)], "i8")
    times = counts.astype(f"M8[{unit}]")
    path = tmp_path / "t.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    array = group.create_array("t", shape=times.shape, chunks=(4,), dtype=times.dtype,
                               **({"dimension_names": ["n"]} if zarr_format == 3 else {}))
    array[:] = times
    out = tmp_path / "copy.zarr"
    assert rastream("convert", path, out, "--quiet").code == 0
    copy = zarr.open_group(out)["t"]
    units = copy.attrs["units"]
    step = {"days": "D", "weeks": "W", "hours": "h", "minutes": "m", "seconds": "s", "milliseconds": "ms",
            "microseconds": "us", "nanoseconds": "ns"}[units.split(" since ")[0]]
    np.testing.assert_array_equal(copy[:].astype(f"M8[{step}]"), times.astype(f"M8[{step}]"))


@pytest.mark.parametrize("dtype", ["U5", "S6", str])
def test_text_in_shards_is_read(rastream, tmp_path, dtype):
    texts = np.array([f"t{n % 7}" * (n % 3) for n in range(30)]).reshape(5, 6)
    path = tmp_path / "t.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=3)
    array = group.create_array("t", shape=(5, 6), chunks=(2, 3), shards=(4, 6), dtype=dtype, dimension_names=["y", "x"])
    array[:] = texts.astype(dtype)
    out = tmp_path / "copy.zarr"
    done = rastream("convert", path, out, "--quiet")
    assert done.code == 0, done.err
    np.testing.assert_array_equal(zarr.open_group(out)["t"][:].astype(str), texts)
