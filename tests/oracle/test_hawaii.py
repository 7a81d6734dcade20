# SPDX-License-Identifier: Apache-2.0
"""The whole real file of Hawaii's day length with made-up temperatures beside it, against the reference program."""
import shutil

import netCDF4
import numpy as np
import pyproj
import pytest
import rioxarray  # noqa: F401
import xarray as xr

import reference_program
from conftest import SHARED
from daymet_files import FILL, PROJ, UNITS, first_noon

BOX = (-156.1, 18.9, -154.8, 20.3)
FILE = "daymet_v4_daily_hi_dayl_1980.nc"
N_VALID = 19123


def temperatures(valid, seed=3):
    """tmin and tmax in cold highlands and warm coasts: some cells reach no bloom, most reach it on another day."""
    rng = np.random.default_rng(seed)
    ny, nx = valid.shape
    day = np.arange(365)[:, None, None]
    level = np.linspace(-14, 20, nx)[None, None, :] + np.linspace(-4, 4, ny)[None, :, None]
    mean = level + 6 * -np.cos(2 * np.pi * (day - 20) / 365) + rng.normal(0, 4, (365, 1, 1))
    mean = mean + rng.normal(0, 1, (1, ny, nx))
    half = rng.uniform(2, 7, (365, ny, 1))
    return {name: np.round(np.where(valid, mean + sign * half, np.nan), 2).astype("f4") for name, sign in (("tmin", -1), ("tmax", 1))}


def write_beside(path, name, cells):
    """`name` with the real file's grid, coordinates, chunks and codec."""
    with netCDF4.Dataset(SHARED / "data/daymet" / FILE) as old, netCDF4.Dataset(path, "w") as new:
        old.set_auto_mask(False)
        for dim, d in old.dimensions.items():
            new.createDimension(dim, None if d.isunlimited() else len(d))
        for v in old.variables.values():
            is_data = v.name == "dayl"
            attributes = {k: v.getncattr(k) for k in v.ncattrs()}
            fill = attributes.pop("_FillValue", None)
            chunks = v.chunking()
            w = new.createVariable(name if is_data else v.name, v.dtype, v.dimensions, fill_value=fill, shuffle=False, complevel=4,
                                   zlib=chunks != "contiguous", chunksizes=None if chunks == "contiguous" else chunks)
            w.set_auto_mask(False)
            w.setncatts(attributes | ({"units": UNITS[name]} if is_data else {}))
            if is_data:
                w[:] = np.where(np.isnan(cells), FILL, cells)
            elif v.dimensions:
                w[:] = v[:]


@pytest.fixture(scope="module")
def hawaii(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hawaii")
    paths = {"dayl": folder / FILE}
    shutil.copy(shared_data / "daymet" / FILE, paths["dayl"])
    with netCDF4.Dataset(paths["dayl"]) as nc:
        valid = ~np.ma.getmaskarray(nc["dayl"][0])
    for name, cells in temperatures(valid).items():
        paths[name] = folder / FILE.replace("dayl", name)
        write_beside(paths[name], name, cells)
    return paths


@pytest.fixture(scope="module")
def arguments(hawaii):
    return [text for name in ("tmin", "tmax", "dayl") for text in (f"--{name}", hawaii[name])]


@pytest.fixture(scope="module")
def weather(hawaii):
    """The three files as Xarray reads them."""
    return xr.open_mfdataset([hawaii[n] for n in ("tmin", "tmax", "dayl")], engine="netcdf4", decode_coords="all",
                             drop_variables=("lat", "lon"), chunks={"time": 73},
                             compat="override")


def reference_dates(weather, has_data):
    """Dates of the cells in `has_data`, by the reference program; NaN elsewhere."""
    reference = reference_program.load(SHARED)
    stacked = weather[["tmin", "tmax", "dayl"]].stack(cell=("y", "x")).isel(cell=np.flatnonzero(has_data))
    dates = reference_program.spring_index(reference, *(stacked[n].drop_vars(("cell", "y", "x")) for n in ("tmin", "tmax", "dayl")))
    out = {}
    for name in dates:
        full = np.full((4, has_data.size), np.nan)
        full[:, np.flatnonzero(has_data)] = dates[name].transpose("plant", "cell").values
        out[name] = full.reshape(4, *has_data.shape)
    return out


@pytest.fixture(scope="module")
def expected(weather):
    valid = np.isfinite(weather.dayl.isel(time=0).values)
    assert valid.sum() == N_VALID
    return reference_dates(weather, valid)


def test_the_synthetic_temperatures_give_early_late_and_missing_dates(expected):
    bloom = expected["first-bloom"]
    assert np.nanmin(expected["first-leaf"]) < 60 and np.nanmax(bloom) > 200
    assert np.isfinite(bloom).sum() > 2 * N_VALID
    assert np.isfinite(bloom[3]).sum() < N_VALID


@pytest.mark.parametrize("how", ["exact", "generic"])
def test_every_cell_has_the_date_of_the_reference_program(how, arguments, expected, maps_of, tmp_path):
    maps = maps_of(how, arguments, tmp_path / "out.zarr")
    for name, dates in expected.items():
        np.testing.assert_array_equal(maps[name].values, dates)


def test_by_default_one_cell_in_ten_thousand_may_be_a_day_off(arguments, expected, maps_of, tmp_path):
    maps = maps_of("built-in", arguments, tmp_path / "out.zarr")
    for name, dates in expected.items():
        got = maps[name].values
        np.testing.assert_array_equal(np.isnan(got), np.isnan(dates))
        differ = np.flatnonzero(np.nan_to_num(got) != np.nan_to_num(dates))
        assert len(differ) <= 1e-4 * np.isfinite(dates).sum()
        assert (np.abs(got.flat[differ] - dates.flat[differ]) <= 1).all()


def test_a_box_in_degrees_takes_the_cells_that_rioxarray_takes(arguments, weather, expected, maps_of, tmp_path):
    maps = maps_of("exact", arguments, tmp_path / "out.zarr", "--bbox=" + ",".join(map(str, BOX)))
    box = pyproj.Transformer.from_crs("EPSG:4326", PROJ, always_xy=True).transform_bounds(*BOX)
    clipped = weather.dayl.isel(time=0).rio.write_crs(PROJ).rio.clip_box(*box)
    np.testing.assert_array_equal(maps.x, clipped.x)
    np.testing.assert_array_equal(maps.y, clipped.y)
    j, i = (int(np.flatnonzero(weather[d].values == clipped[d].values[0])[0]) for d in ("y", "x"))
    for name, dates in expected.items():
        np.testing.assert_array_equal(maps[name], dates[:, j:j + maps.sizes["y"], i:i + maps.sizes["x"]])


def test_coarse_cells_have_the_dates_of_the_mean_weather(arguments, weather, maps_of, tmp_path):
    coarse = weather[["tmin", "tmax", "dayl"]].coarsen(x=4, y=4, boundary="trim").mean()
    dates = reference_dates(coarse, np.isfinite(coarse.dayl.isel(time=0).values))
    maps = maps_of("exact", arguments, tmp_path / "out.zarr", "--coarsen", 4)
    np.testing.assert_allclose(maps.x, coarse.x)
    np.testing.assert_allclose(maps.y, coarse.y)
    for name, expected_dates in dates.items():
        np.testing.assert_array_equal(maps[name].values, expected_dates)


def test_the_time_of_the_real_file_is_its_year(hawaii, rastream):
    result = rastream("info", hawaii["dayl"])
    assert "1980-01-01T12:00:00 to 1980-12-30T12:00:00" in result.out
    assert first_noon(1980) == 10957.5
