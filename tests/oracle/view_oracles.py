# SPDX-License-Identifier: Apache-2.0
"""Sources and views in NumPy and Xarray."""
import numpy as np
import xarray as xr

from expected_cells import Expected, is_float, number, oracle


@oracle
def values(dims, shape, dtype, cells):
    return Expected(xr.DataArray(np.array([number(c) for c in cells], dtype).reshape(shape), dims=dims))


@oracle
def full(dims, shape, chunks, value, dtype):
    return Expected(xr.DataArray(np.full(shape, number(value), dtype), dims=dims))


@oracle
def arange(dim, start, step, size, dtype):
    # Half a step more than the last cell, so that rounding does not decide whether it is there.
    cells = np.arange(start, start + step * (size - 0.5), step, dtype) if step else np.full(size, start, dtype)
    return Expected(xr.DataArray(cells, dims=[dim]))


@oracle
def isel(a, dim, start, stop, step):
    # Here -1 lies before the first cell: the slice is already normalised.
    return Expected(a.isel({dim: list(range(start, stop, step))}))


@oracle
def call_isel(a, dim, start=None, stop=None, step=None, index=None):
    return Expected(a.isel({dim: slice(start, stop, step) if index is None else index}))


@oracle
def take(a, dim, indices):
    return Expected(a.isel({dim: indices}))


def with_missing(a, value):
    """Xarray's dtype for cells that may be missing; bool becomes float64 where Xarray would make objects."""
    if is_float(a) or not np.isnan(value):
        return a
    return a.astype("f4" if a.dtype.itemsize <= 2 and a.dtype != bool else "f8")


@oracle
def pad(a, dim, before, after, mode, value):
    widths = [(before, after) if d == dim else (0, 0) for d in a.dims]
    if mode != "constant":
        return Expected(xr.DataArray(np.pad(a.values, widths, mode), dims=a.dims))
    a = with_missing(a, number(value))
    return Expected(xr.DataArray(np.pad(a.values, widths, mode, constant_values=number(value)), dims=a.dims))


@oracle
def shift(a, dim, by, value):
    a = with_missing(a, number(value))
    return Expected(a.shift({dim: by}, fill_value=a.dtype.type(number(value))))


@oracle
def roll(a, dim, by):
    return Expected(a.roll({dim: by}))


@oracle
def concat(*arrays, dim):
    dims = arrays[0].dims
    cells = np.concatenate([a.transpose(*dims).values for a in arrays], axis=dims.index(dim))
    return Expected(xr.DataArray(cells, dims=dims))


@oracle
def expand_dims(a, dim, axis):
    return Expected(a.expand_dims(dim, axis=axis))


@oracle
def transpose(a, dims):
    return Expected(a.transpose(*dims))


@oracle
def broadcast_to(a, dims, shape):
    return Expected(a.broadcast_like(xr.DataArray(np.zeros(shape), dims=dims)).transpose(*dims))


@oracle
def call_broadcast_like(a, other):
    return Expected(a.broadcast_like(other))


@oracle
def rename_dims(a, **names):
    return Expected(a.rename(dict(zip(names["from"], names["to"]))))


@oracle
def rechunk(a, dims, chunks):
    return Expected(a)


@oracle
def squeeze(a, dim):
    return Expected(a.squeeze(dim))
