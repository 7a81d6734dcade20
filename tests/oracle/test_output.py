# SPDX-License-Identifier: Apache-2.0
"""What spring-index writes opens in other programs with its cells, names, coordinates and CRS."""
import json
import shutil
import subprocess
import warnings

import numpy as np
import pytest
import rioxarray  # noqa: F401
import xarray as xr
import zarr
from pyproj import CRS

from daymet_files import PROJ

PLANTS = ["lilac", "arnold red", "zabelli", "mean"]


@pytest.fixture(params=[2, 3], ids=["v2", "v3"])
def zarr_format(request):
    return request.param


@pytest.fixture
def store(rastream, year, tmp_path, zarr_format):
    path = tmp_path / "spring.zarr"
    result = rastream("spring-index", *year.arguments, "--out", path, "--zarr-format", zarr_format, "--chunk", 5)
    assert result.code == 0, result.err
    return path


@pytest.fixture
def maps(store):
    return xr.open_zarr(store, group="1980", decode_coords="all")


def test_the_group_is_the_year_and_opens_without_a_warning(store):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = xr.open_zarr(store, group="1980", decode_coords="all")
    assert set(ds.data_vars) == {"first-leaf", "first-bloom"}


def test_the_maps_are_float64_over_plant_y_x(maps):
    for name in ("first-leaf", "first-bloom"):
        assert maps[name].dims == ("plant", "y", "x")
        assert maps[name].dtype == np.float64


def test_plants_are_strings_that_select(maps):
    assert list(maps.plant.values) == PLANTS
    assert maps["first-leaf"].sel(plant="arnold red").shape == (12, 10)


def test_coordinates_are_those_of_the_input(maps, year):
    np.testing.assert_array_equal(maps.x, year.x)
    np.testing.assert_array_equal(maps.y, year.y)
    assert maps.x.attrs["standard_name"] == "projection_x_coordinate"
    assert maps.x.attrs["units"] == "m"


def test_rioxarray_finds_daymets_crs(maps):
    for thing in (maps, maps["first-leaf"], maps["first-bloom"].sel(plant="mean")):
        assert thing.rio.crs is not None
        got, expected = (CRS.from_user_input(crs).to_cf() for crs in (thing.rio.crs, PROJ))
        for name in ("grid_mapping_name", "standard_parallel", "latitude_of_projection_origin", "longitude_of_central_meridian",
                     "false_easting", "false_northing", "semi_major_axis", "inverse_flattening"):
            assert got[name] == pytest.approx(expected[name]), name
    assert maps.rio.transform().a == 1000 and maps.rio.transform().e == -1000


def test_the_grid_mapping_keeps_daymets_attributes(maps):
    mapping = maps["lambert_conformal_conic"]
    assert list(mapping.attrs["standard_parallel"]) == [25, 60]
    assert int(mapping) == -32767


def test_missing_cells_are_nan_where_the_weather_is_missing(maps, year):
    has_weather = np.isfinite(year.cells["tmin"][0])
    assert 0 < has_weather.sum() < has_weather.size
    for plant in range(4):
        np.testing.assert_array_equal(np.isfinite(maps["first-leaf"].values[plant]), has_weather)


def test_the_mean_is_the_rounded_mean_of_the_plants(maps):
    for name in ("first-leaf", "first-bloom"):
        cells = maps[name].values
        np.testing.assert_array_equal(cells[3], np.round(cells[:3].mean(axis=0)))
        assert np.nanmin(cells) > 20 and np.nanmax(cells) < 300


def test_zarr_python_sees_chunks_fill_value_and_cells(store, maps, zarr_format):
    group = zarr.open_group(store, mode="r", path="1980")
    leaf = group["first-leaf"]
    assert leaf.metadata.zarr_format == zarr_format
    assert leaf.chunks == (1, 5, 5) and leaf.shape == (4, 12, 10)
    assert np.isnan(leaf.fill_value)
    np.testing.assert_array_equal(leaf[:], maps["first-leaf"].values)


def test_chosen_plants_are_alone_with_their_mean(rastream, year, tmp_path, maps):
    result = rastream("spring-index", *year.arguments, "--out", tmp_path / "two.zarr", "--plants", "zabelli,lilac")
    assert result.code == 0, result.err
    two = xr.open_zarr(tmp_path / "two.zarr", group="1980")
    assert list(two.plant.values) == ["zabelli", "lilac", "mean"]
    for plant in ("zabelli", "lilac"):
        np.testing.assert_array_equal(two["first-leaf"].sel(plant=plant), maps["first-leaf"].sel(plant=plant))


def test_groups_stand_side_by_side_in_one_store(rastream, year, store, zarr_format):
    before = xr.open_zarr(store, group="1980").load()
    result = rastream("spring-index", *year.arguments, "--out", store, "--group", "again", "--zarr-format", zarr_format)
    assert result.code == 0, result.err
    for group in ("again", "1980"):
        assert xr.open_zarr(store, group=group).equals(before)


def test_a_group_of_the_other_format_is_refused(rastream, year, store, zarr_format):
    result = rastream("spring-index", *year.arguments, "--out", store, "--group", "again", "--zarr-format", 5 - zarr_format)
    assert result.code == 2, result.err
    assert not (store / "again").exists()


def test_rastream_reads_its_own_crs_back(rastream, store):
    info = json.loads(rastream("info", "--json", store, "--group", "1980").out)
    assert "Lambert" in info["crs"]["wkt"]


@pytest.mark.skipif(shutil.which("gdal_translate") is None, reason="gdal-bin is absent")
def test_gdal_sees_the_cells_of_a_v2_store(store, maps, tmp_path, zarr_format):
    if zarr_format == 3:
        return
    raw = tmp_path / "leaf.bin"
    source = f'ZARR:"{store}":/1980/first-leaf:2'
    assert "Size is 10, 12" in subprocess.run(["gdalinfo", source], capture_output=True, text=True, check=True).stdout
    subprocess.run(["gdal_translate", "-q", "-of", "ENVI", source, raw], check=True)
    np.testing.assert_array_equal(np.fromfile(raw, "<f8").reshape(12, 10), maps["first-leaf"].values[2])
