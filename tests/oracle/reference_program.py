# SPDX-License-Identifier: Apache-2.0
"""The RS-DAT notebooks' spring index on Dask and Xarray, with the peer program's own functions."""
import importlib.util

import dask.array as da
import numpy as np
import pytest
import xarray as xr


def load(shared):
    path = shared / "peers/spring_index_dask.py"
    if not path.exists():
        pytest.skip("the reference program is absent")
    spec = importlib.util.spec_from_file_location("spring_index_dask", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spring_index(reference, tmin, tmax, dayl, n_days=300):
    """The steps of the reference program's main() after reading: tmin and tmax in degrees C, dayl in s, (time, ...)."""
    days = xr.DataArray(da.arange(1, n_days + 1), dims=("time",))
    tmin, tmax, dayl = (a.isel(time=slice(0, n_days)) for a in (tmin, tmax, dayl))
    gdh = reference.growing_degree_hours(dayl / 3600, tmin * 1.8 + 32, tmax * 1.8 + 32)
    gdh = gdh.chunk({"time": n_days}).persist()
    padded = gdh.pad(time=(7, 0), mode="edge")
    dde2 = padded.rolling(time=3).sum().isel(time=slice(7, None))
    dd57 = (padded.rolling(time=8).sum() - padded.rolling(time=5).sum()).isel(time=slice(7, None))
    synop = (dde2 >= 637).cumsum(dim="time")
    c = reference.coefficients(reference.LEAF, 3)
    shift = xr.DataArray(da.array(reference.LEAF_SHIFT), dims=("plant",), coords={"plant": reference.PLANTS})
    leaf = reference.first_day(c[:, 0] * (days - 1) + c[:, 1] * synop + c[:, 2] * dde2 + c[:, 3] * dd57) + shift
    since = days - leaf
    after = since > 0
    b = reference.coefficients(reference.BLOOM, 3)
    score = b[:, 0] * xr.where(after, np.floor(since), 0.0) + b[:, 1] * gdh.where(after, 0.0).cumsum(dim="time")
    out = {"first-leaf": leaf, "first-bloom": reference.first_day(score)}
    for name, plants in out.items():
        mean = plants.mean(dim="plant", skipna=False).round().expand_dims(plant=["mean"])
        out[name] = xr.concat([plants, mean], dim="plant")
    return xr.Dataset(out).compute()
