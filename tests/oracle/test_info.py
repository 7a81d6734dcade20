# SPDX-License-Identifier: Apache-2.0
"""What info says of a file is what netCDF4-python, h5py, ncdump and rioxarray say of it."""
import json
import subprocess

import h5py
import netCDF4
import numpy as np
import pytest
import rioxarray  # noqa: F401
import xarray as xr
from pyproj import CRS

import daymet_files

HAWAII = "daymet/daymet_v4_daily_hi_dayl_1980.nc"
NCSS = [f"daymet/bbox_indianapolis_monthly/{v}_monavg_{y}_ncss.nc" for v in ("tmax", "tmin") for y in (2000, 2001)]
CALENDARS = [f"netcdf/netcdf-c/ncdump/ref_test_{n}_day_1900.nc" for n in (360, 365)]


@pytest.fixture
def info(rastream):
    def run(path):
        result = rastream("info", "--json", path)
        assert result.code == 0, result.err
        return json.loads(result.out)

    return run


def plain(value):
    """An attribute as JSON has it: lists, numbers, text."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def same(a, b):
    a, b = plain(a), plain(b)
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return np.array_equal(np.asarray(a, "f8"), np.asarray(b, "f8"), equal_nan=True)


def attributes_of(thing):
    return {name: thing.getncattr(name) for name in thing.ncattrs()}


def check_attributes(got, expected, where):
    assert list(got) == list(expected), where
    for name, value in expected.items():
        assert same(got[name], value), (where, name, got[name], value)


def check_against_netcdf4(got, path):
    with netCDF4.Dataset(path) as nc:
        assert got["dimensions"] == [{"name": n, "size": len(d), "unlimited": d.isunlimited()} for n, d in nc.dimensions.items()]
        check_attributes(got["attributes"], attributes_of(nc), "file")
        assert [v["name"] for v in got["variables"]] == list(nc.variables)
        for v in got["variables"]:
            expected = nc[v["name"]]
            assert tuple(v["dims"]) == expected.dimensions
            assert tuple(v["shape"]) == expected.shape
            assert np.dtype(v["dtype"]) == expected.dtype
            check_attributes(v["attributes"], attributes_of(expected), v["name"])


@pytest.mark.parametrize("name", [HAWAII, *NCSS, *CALENDARS])
def test_dimensions_variables_and_attributes_are_those_of_netcdf4(name, shared_data, info):
    path = shared_data / name
    check_against_netcdf4(info(path), path)


def test_a_generated_file_is_described_like_a_real_one(year, info):
    got = info(year.paths["tmin"])
    check_against_netcdf4(got, year.paths["tmin"])
    assert {"name": "time", "size": 365, "unlimited": True} in got["dimensions"]


def test_chunks_and_codecs_are_those_of_the_hdf5_file(shared_data, info):
    path = shared_data / HAWAII
    with h5py.File(path) as f:
        for v in info(path)["variables"]:
            expected = f[v["name"]]
            assert tuple(v["chunks"]) == (expected.chunks or expected.shape), v["name"]
            assert v["codecs"] == ([f"deflate {expected.compression_opts}"] if expected.compression == "gzip" else []), v["name"]
    assert tuple(next(v for v in info(path)["variables"] if v["name"] == "dayl")["chunks"]) == (1, 584, 284)


def test_shuffle_and_checksum_are_named_in_the_order_of_writing(tmp_path, info):
    path = tmp_path / "filters.h5"
    with h5py.File(path, "w") as f:
        f.create_dataset("a", data=np.zeros((20, 30), "f4"), chunks=(7, 8), shuffle=True, compression="gzip", compression_opts=6,
                         fletcher32=True)
    variable, = info(path)["variables"]
    assert variable["chunks"] == [7, 8]
    assert [codec.split()[0] for codec in variable["codecs"]] == ["shuffle", "deflate", "fletcher32"]


@pytest.mark.parametrize("name", [HAWAII, *NCSS, *CALENDARS])
def test_the_time_range_is_that_of_cftime(name, shared_data, info):
    path = shared_data / name
    with netCDF4.Dataset(path) as nc:
        time = next(v for v in nc.variables.values() if " since " in getattr(v, "units", ""))
        stamps = time[:].filled()
        ends = netCDF4.num2date(np.atleast_1d(stamps)[[0, -1]].astype("f8"), time.units, getattr(time, "calendar", "standard"))
    assert info(path)["time_range"] == [end.strftime("%4Y-%m-%dT%H:%M:%S") for end in ends]


@pytest.mark.parametrize("calendar", ["standard", "gregorian", "proleptic_gregorian", "julian", "noleap", "365_day", "all_leap", "360_day"])
@pytest.mark.parametrize("units", ["days since 1899-12-30", "hours since 1980-02-28 06:30:00", "seconds since 2000-02-29 12:00:00"])
def test_the_time_range_is_that_of_cftime_in_every_calendar(calendar, units, tmp_path, info):
    if "02-29" in units and calendar in ("noleap", "365_day"):
        units = "seconds since 2000-03-01 12:00:00"
    path = tmp_path / "calendar.nc"
    stamps = np.array([0, 59, 60, 365.25, 1000, 123456.0])
    with netCDF4.Dataset(path, "w") as nc:
        nc.createDimension("time", len(stamps))
        v = nc.createVariable("time", "f8", ("time",))
        v.units, v.calendar = units, calendar
        v[:] = stamps
    ends = netCDF4.num2date(stamps[[0, -1]], units, calendar)
    assert info(path)["time_range"] == [end.strftime("%4Y-%m-%dT%H:%M:%S") for end in ends]


@pytest.mark.filterwarnings("ignore:Variable.s. referenced in bounds")
@pytest.mark.parametrize("name", [HAWAII, NCSS[0]])
def test_the_crs_is_daymets_on_metres(name, shared_data, info):
    got = CRS.from_wkt(info(shared_data / name)["crs"]["wkt"])
    expected = CRS.from_proj4(daymet_files.PROJ)
    assert got.to_cf()["standard_parallel"] == pytest.approx(expected.to_cf()["standard_parallel"])
    assert got.axis_info[0].unit_name == "metre"
    with xr.open_dataset(shared_data / name, decode_coords="all") as ds:
        assert ds.rio.crs is not None


def test_no_crs_is_claimed_where_there_is_none(shared_data, info):
    assert info(shared_data / CALENDARS[0])["crs"] is None


@pytest.mark.parametrize("name", NCSS)
def test_coordinates_in_kilometres_are_shown_in_metres(name, shared_data, rastream):
    text = rastream("info", shared_data / name).out
    with netCDF4.Dataset(shared_data / name) as nc:
        assert nc["x"].units == "km"
        for axis in ("x", "y"):
            first = float(nc[axis][0]) * 1000
            line = next(s for s in text[text.index("coordinates\n"):].splitlines() if s.startswith(f"  {axis} "))
            assert line.endswith(" m")
            assert float(line.split(")")[1].split()[0]) == pytest.approx(first)


def test_the_header_matches_ncdump(shared_data, info):
    path = shared_data / HAWAII
    header = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True, check=True).stdout
    for v in info(path)["variables"]:
        cdl = {"float32": "float", "int16": "short"}[v["dtype"]]
        dims = f"({', '.join(v['dims'])})" if v["dims"] else ""
        assert f"\t{cdl} {v['name']}{dims} ;" in header
