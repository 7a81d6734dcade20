# SPDX-License-Identifier: Apache-2.0
"""Windows: each is reduced by itself, in the order of the index. Xarray's own result must be near."""
import numpy as np
import xarray as xr

from expected_cells import ORACLES, Expected, is_float, oracle
from fold_oracles import accumulate, accumulator


def reduce_windows(cells, reduce, skipna, least):
    """`cells`: windows along the last axis; NaN stands for what is not there. The result is NaN where fewer than
    `least` cells count."""
    floating = cells.dtype.kind == "f"
    present = ~np.isnan(cells) if floating else np.ones(cells.shape, bool)
    n = present.sum(-1)
    if reduce in ("min", "max"):
        f = {("min", True): np.fmin, ("max", True): np.fmax, ("min", False): np.minimum, ("max", False): np.maximum}
        out = f[reduce, skipna].reduce(cells, axis=-1)
    else:
        table = xr.DataArray(np.moveaxis(cells, -1, 0), dims=["w", *map(str, range(cells.ndim - 1))])
        out = accumulate(np.add, table, "w", skipna, 0)[-1]
        if reduce == "mean":
            out = out / np.where(n == 0, 1, n if skipna else cells.shape[-1])
    if floating:
        out = np.where(n < least, np.nan, out)
    return out


def rolling(reduce):
    def one(a, dim, window, min_periods):
        wide = a.astype("f8")
        windows = wide.rolling({dim: window}).construct("window").transpose(*a.dims, "window").values
        cells = reduce_windows(windows, reduce, True, min_periods or window)
        dtype = a.dtype if is_float(a) else np.dtype("f8")
        return Expected(xr.DataArray(cells.astype(dtype), dims=a.dims), signs=False,
                        near=near_rolling(a, dim, window, min_periods, reduce))

    return one


def near_rolling(a, dim, window, min_periods, reduce):
    """Xarray's own rolling sums, which carry rounding errors and infinities along."""
    wide = a.astype("f8")
    if not bool(np.isfinite(wide.where(wide.notnull(), 0)).all()) or float(np.abs(wide).max()) > 1e30:
        return None
    result = getattr(wide.rolling({dim: window}, min_periods=min_periods or window), reduce)()
    eps = np.finfo(a.dtype if is_float(a) else "f8").eps
    return result, 4 * a.sizes[dim] * eps * float(np.abs(wide).sum())


for _reduce in ("sum", "mean", "min", "max"):
    ORACLES[f"rolling_{_reduce}"] = rolling(_reduce)


def coarsening(reduce):
    def one(a, dims, factors, skipna):
        boxes = {d: (f"{d}_box", f"{d}_in") for d in a.dims}
        windows = dict(zip(dims, factors)) | {d: 1 for d in a.dims if d not in dims}
        built = a.coarsen(windows, boundary="trim").construct(boxes)
        built = built.transpose(*[boxes[d][0] for d in a.dims], *[boxes[d][1] for d in a.dims])
        shape = built.shape[: len(a.dims)]
        cells = built.values.reshape(*shape, int(np.prod(built.shape[len(a.dims):])))
        if reduce == "mean" and not is_float(a):
            cells = reduce_integer_mean(cells)
        else:
            cells = reduce_windows(cells, reduce, skipna, 0 if reduce == "sum" or not skipna else 1)
        keeps_dtype = is_float(a) or reduce in ("min", "max")
        dtype = a.dtype if keeps_dtype else np.dtype("f8") if reduce == "mean" else accumulator(a)
        cells = cells.astype(dtype)
        return Expected(xr.DataArray(cells, dims=a.dims), signs=False, near=near_coarsen(a, windows, reduce, skipna))

    return one


def reduce_integer_mean(cells):
    return reduce_windows(cells.astype("f8"), "mean", True, 1)


def near_coarsen(a, windows, reduce, skipna):
    if is_float(a) and float(np.abs(a.where(a.notnull(), 0)).max()) > 1e30 or a.dtype == bool:
        return None
    if not skipna:
        return None
    result = getattr(a.coarsen(windows, boundary="trim"), reduce)()
    eps = np.finfo(a.dtype if is_float(a) else "f8").eps
    return result, 4 * int(np.prod(list(windows.values()))) * eps * float(np.abs(a.astype("f8")).sum())


for _reduce in ("sum", "mean", "min", "max"):
    ORACLES[f"coarsen_{_reduce}"] = coarsening(_reduce)


@oracle
def diff(a, dim):
    return Expected(a.diff(dim))
