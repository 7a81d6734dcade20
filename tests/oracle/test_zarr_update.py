# SPDX-License-Identifier: Apache-2.0
"""Zarr stores that change: Xarray's are appended to by rastream, rastream's by Xarray, and both see the same cells."""
import warnings

import numpy as np
import pytest
import xarray as xr
import zarr

N_STEPS = 25
warnings.filterwarnings("ignore", message=".*(Consolidated|not recognized|Unclosed|specification).*")


def dataset(begin, end):
    time = np.datetime64("1980-01-01", "ns") + np.arange(begin, end) * np.timedelta64(1, "D")
    step, y, x = np.meshgrid(np.arange(begin, end), np.arange(7), np.arange(9), indexing="ij")
    t = (step * 100 + y * 10 + x).astype("f4")
    t[:, 2] = np.nan
    ds = xr.Dataset(
        {"t": (("time", "y", "x"), t, {"units": "degrees C"}), "n": (("time", "y"), (step * 7 + y)[..., 0].astype("i2"))},
        {"time": time, "y": 10.0 + np.arange(7), "x": np.arange(9) * 2.5, "place": ("y", list("abcdefg"))})
    ds.time.encoding = {"units": "days since 1980-01-01", "dtype": "int64", "calendar": "standard"}
    return ds


def encoding(zarr_format, chunks, shards):
    named = {"chunks": chunks, **({"shards": shards} if shards else {})}
    return {"t": named, "n": {"chunks": chunks[:2]}}


LAYOUTS = [(2, (4, 7, 9), None), (2, (1, 3, 4), None), (2, (30, 7, 9), None), (3, (4, 7, 3), None),
           (3, (2, 7, 3), (8, 7, 9)), (3, (3, 4, 9), (6, 8, 9))]


def write(ds, path, layout):
    zarr_format, chunks, shards = layout
    ds.to_zarr(path, zarr_format=zarr_format, encoding=encoding(*layout))


def opened(path, **options):
    return xr.open_zarr(path, chunks=None, **options).load()


def netcdf(ds, path):
    ds.to_netcdf(path, encoding={"time": {"units": "days since 1980-01-01", "dtype": "int64"}})
    return path


def converted(rastream, *arguments):
    done = rastream("convert", *arguments, "--quiet")
    assert done.code == 0, done.err


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_we_append_to_a_store_of_xarray_is_what_xarray_appends(rastream, tmp_path, layout):
    out = tmp_path / "out.zarr"
    write(dataset(0, 5), out, layout)
    begin = 5
    for end in (6, 13, N_STEPS):
        converted(rastream, netcdf(dataset(begin, end), tmp_path / f"{begin}.nc"), out, "--append", "time")
        begin = end
    for consolidated in (True, False):
        xr.testing.assert_identical(opened(out, consolidated=consolidated), dataset(0, N_STEPS))
    if layout[2] is not None:
        return  # Xarray refuses to append to a part of a shard
    theirs = tmp_path / "theirs.zarr"
    write(dataset(0, 5), theirs, layout)
    dataset(5, N_STEPS).to_zarr(theirs, append_dim="time", safe_chunks=False)
    for name in ("t", "n", "time"):
        ours, other = zarr.open(out)[name], zarr.open(theirs)[name]
        assert str(ours.metadata.to_dict()) == str(other.metadata.to_dict())
        np.testing.assert_array_equal(ours[:], other[:])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_region_of_a_store_of_xarray_is_what_numpy_assigns(rastream, tmp_path, layout):
    out = tmp_path / "out.zarr"
    write(dataset(0, N_STEPS), out, layout)
    expected = dataset(0, N_STEPS)
    for n, (time, y) in enumerate([((3, 10), (0, 7)), ((20, 25), (2, 5)), ((0, 1), (6, 7))]):
        part = dataset(0, N_STEPS).isel(time=slice(*time), y=slice(*y))
        part["t"] = part.t * 0 - n
        part["n"] = part.n * 0 + n
        box = {"time": slice(*time), "y": slice(*y)}
        expected.t[box] = part.t.values
        expected.n[box] = part.n.values
        converted(rastream, netcdf(part, tmp_path / f"{n}.nc"), out, "--region",
                  f"time={time[0]}:{time[1]},y={y[0]}:{y[1]}")
    xr.testing.assert_identical(opened(out), expected)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_xarray_appends_to_our_store_and_we_say_that_the_manifest_is_of_another_time(rastream, tmp_path, zarr_format):
    out = tmp_path / "out.zarr"
    converted(rastream, netcdf(dataset(0, 8), tmp_path / "a.nc"), out, "--zarr-format", zarr_format, "--append", "time")
    converted(rastream, netcdf(dataset(8, 11), tmp_path / "b.nc"), out, "--append", "time")
    assert rastream("verify", out).code == 0
    xr.testing.assert_identical(opened(out), dataset(0, 11))
    # Xarray takes the text of a v3 store for another dtype than its own.
    dataset(11, N_STEPS).drop_vars("place").to_zarr(out, append_dim="time")
    xr.testing.assert_identical(opened(out), dataset(0, N_STEPS))
    verified = rastream("verify", out)
    assert verified.code == 6 and "changed metadata" in verified.out + verified.err
    assert rastream("head", out, "t").code == 6
    refused = rastream("convert", netcdf(dataset(N_STEPS, 27), tmp_path / "c.nc"), out, "--append", "time", "--quiet")
    assert refused.code == 6 and len(refused.error_lines) == 1
    for file in (out / ".rastream").iterdir():
        file.unlink()
    (out / ".rastream").rmdir()
    converted(rastream, tmp_path / "c.nc", out, "--append", "time")
    xr.testing.assert_identical(opened(out), dataset(0, 27))


def test_times_in_other_units_are_stored_in_those_of_the_store(rastream, tmp_path):
    out = tmp_path / "out.zarr"
    write(dataset(0, 5), out, LAYOUTS[0])
    part = dataset(5, 9)
    part.to_netcdf(tmp_path / "part.nc", encoding={"time": {"units": "hours since 1970-01-01", "dtype": "float64"}})
    converted(rastream, tmp_path / "part.nc", out, "--append", "time")
    xr.testing.assert_identical(opened(out), dataset(0, 9))


@pytest.mark.parametrize("change, words", [
    (lambda ds: ds.assign(t=ds.t.astype("f8")), "is float64, the stored one is float32"),
    (lambda ds: ds.isel(y=slice(0, 6)), "has 6 cells along 'y', expected 7"),
    (lambda ds: ds.assign_coords(x=ds.x + 1), "'x' at (0,) is 1"),
    (lambda ds: ds.assign_coords(time=ds.time - np.timedelta64(3, "D")), "go on where the stored one ends"),
    (lambda ds: ds.drop_vars("n"), "variable 'n' of"),
    (lambda ds: ds.assign(new=ds.t), "variable 'new' is not in"),
    (lambda ds: ds.transpose("time", "x", "y"), "has dimensions (time, x, y)"),
])
def test_what_does_not_fit_is_refused_in_one_line_and_changes_nothing(rastream, tmp_path, change, words):
    out = tmp_path / "out.zarr"
    write(dataset(0, 5), out, LAYOUTS[0])
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*")}
    path = netcdf(change(dataset(5, 9)), tmp_path / "part.nc")
    done = rastream("convert", path, out, "--append", "time", "--quiet")
    assert done.code == 2 and len(done.error_lines) == 1 and words in done.err, done.err
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*")} == before
    assert [p.name for p in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("dtype, order, fill", [(">f4", "C", None), ("<i2", "F", -1), (">c16", "F", 0), ("|b1", "C", None),
                                                ("<f8", "F", np.nan)])
def test_arrays_of_zarr_python_in_any_order_take_cells(rastream, tmp_path, dtype, order, fill):
    out = tmp_path / "out.zarr"
    cells = (np.arange(6 * 5).reshape(6, 5) % 7).astype(dtype)
    group = zarr.open_group(out, mode="w", zarr_format=2)
    array = group.create_array("v", shape=(4, 5), chunks=(3, 2), dtype=dtype, order=order, fill_value=fill)
    array.attrs["_ARRAY_DIMENSIONS"] = ["a", "b"]
    array[:] = cells[:4]
    part = tmp_path / "part.zarr"
    other = zarr.open_group(part, mode="w", zarr_format=2)
    piece = other.create_array("v", shape=(2, 5), chunks=(2, 5), dtype=dtype, fill_value=fill)
    piece.attrs["_ARRAY_DIMENSIONS"] = ["a", "b"]
    piece[:] = cells[4:]
    converted(rastream, part, out, "--append", "a")
    np.testing.assert_array_equal(zarr.open_group(out)["v"][:], cells)
