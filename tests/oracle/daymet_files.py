# SPDX-License-Identifier: Apache-2.0
"""Small files in the layout of Daymet V4 daily data, whole or with one thing wrong."""
from dataclasses import dataclass, field
from pathlib import Path

import netCDF4
import numpy as np

FILL = np.float32(-9999)
UNITS = {"tmin": "degrees C", "tmax": "degrees C", "dayl": "s"}
GRID_MAPPING = {
    "grid_mapping_name": "lambert_conformal_conic",
    "longitude_of_central_meridian": -100.0,
    "latitude_of_projection_origin": 42.5,
    "false_easting": 0.0,
    "false_northing": 0.0,
    "standard_parallel": np.array([25.0, 60.0]),
    "semi_major_axis": 6378137.0,
    "inverse_flattening": 298.257223563,
}
PROJ = "+proj=lcc +lat_0=42.5 +lon_0=-100 +lat_1=25 +lat_2=60 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"


def first_noon(year):
    """Time coordinate of the first of January: days since 1950-01-01."""
    return float((np.datetime64(f"{year}-01-01") - np.datetime64("1950-01-01")).astype(int)) + 0.5


def write_variable_file(path, name, cells, x, y, year=1980, *, units=None, stored_name=None, times=None, chunks=None,
                        has_grid_mapping=True):
    """One file with `cells` (time, y, x) float32, NaN stored as Daymet's fill value; the keywords break the layout."""
    cells = np.asarray(cells, "f4")
    stored_name = stored_name or name
    with netCDF4.Dataset(path, "w", format="NETCDF4") as nc:
        nc.Conventions = "CF-1.6"
        nc.start_year = np.int16(year)
        for dim, size in (("x", len(x)), ("y", len(y)), ("time", None), ("nv", 2)):
            nc.createDimension(dim, size)
        for dim, values in (("x", x), ("y", y)):
            v = nc.createVariable(dim, "f4", (dim,))
            v.units, v.standard_name = "m", f"projection_{dim}_coordinate"
            v[:] = values
        if times is None:
            times = first_noon(year) + np.arange(len(cells))
        v = nc.createVariable("time", "f4", ("time",), chunksizes=(1,))
        v.units, v.calendar, v.bounds = "days since 1950-01-01 00:00:00", "standard", "time_bnds"
        v[:] = times
        v = nc.createVariable("time_bnds", "f4", ("time", "nv"), chunksizes=(1, 2))
        v[:] = np.stack([np.floor(times), np.floor(times) + 1], 1)
        if has_grid_mapping:
            nc.createVariable("lambert_conformal_conic", "i2").setncatts(GRID_MAPPING)
        chunks = chunks or (1, len(y), len(x))
        v = nc.createVariable(stored_name, "f4", ("time", "y", "x"), fill_value=FILL, zlib=True, complevel=4, shuffle=False,
                              chunksizes=chunks)
        v.missing_value = FILL
        v.units = UNITS[name] if units is None else units
        v.coordinates = "lat lon"
        if has_grid_mapping:
            v.grid_mapping = "lambert_conformal_conic"
        v[:] = np.where(np.isnan(cells), FILL, cells)
    return Path(path)


def weather(n_days=365, ny=12, nx=10, seed=0):
    """Made-up but lifelike tmin, tmax (degrees C) and dayl (s), with some cells missing; spring falls into the season."""
    rng = np.random.default_rng(seed)
    day = np.arange(n_days)[:, None, None]
    wave = -np.cos(2 * np.pi * (day - 15) / 365)
    mean = 8 + rng.uniform(-3, 3, (1, ny, nx)) + 14 * wave + rng.normal(0, 3, (n_days, ny, nx))
    half = rng.uniform(3, 8, (n_days, ny, nx))
    dayl = 43200 + 9000 * wave + 200 * np.linspace(-1, 1, ny)[None, :, None] + np.zeros((1, 1, nx))
    cells = {"tmin": mean - half, "tmax": mean + half, "dayl": dayl}
    missing = rng.random((ny, nx)) < 0.2
    return {k: np.where(missing, np.nan, np.round(v, 2)).astype("f4") for k, v in cells.items()}


@dataclass
class Year:
    """tmin, tmax and dayl of one year, and how to name them on the command line."""
    folder: Path
    cells: dict
    x: np.ndarray
    y: np.ndarray
    year: int = 1980
    paths: dict = field(default_factory=dict)

    def write(self, name, **broken):
        cells = broken.pop("cells", self.cells[name])
        x, y = broken.pop("x", self.x), broken.pop("y", self.y)
        year = broken.pop("year", self.year)
        path = self.folder / f"daymet_v4_daily_na_{name}_{self.year}.nc"
        self.paths[name] = write_variable_file(path, name, cells, x, y, year, **broken)
        return self.paths[name]

    @property
    def arguments(self):
        return [text for name in ("tmin", "tmax", "dayl") for text in (f"--{name}", self.paths[name])]


def make_year(folder, cells, x=None, y=None, year=1980):
    _, ny, nx = cells["tmin"].shape
    x = -2000250.0 + 1000 * np.arange(nx) if x is None else x
    y = 984000.0 - 1000 * np.arange(ny) if y is None else y
    folder.mkdir(parents=True, exist_ok=True)
    out = Year(folder, cells, np.asarray(x), np.asarray(y), year)
    for name in UNITS:
        out.write(name)
    return out
