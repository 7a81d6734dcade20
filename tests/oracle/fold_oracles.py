# SPDX-License-Identifier: Apache-2.0
"""Reductions and scans. Sums are taken in float64 (64-bit integers) in the order of the index, which is what NumPy's
accumulate does; Xarray's own result must be near."""
import numpy as np
import xarray as xr

from expected_cells import ORACLES, Expected, is_float, oracle


def accumulator(a):
    return np.dtype("f8") if is_float(a) else np.dtype("u8") if a.dtype.kind == "u" else np.dtype("i8")


def result_dtype(a, dtype=""):
    return np.dtype(dtype) if dtype else a.dtype if is_float(a) else accumulator(a)


def accumulate(ufunc, a, dim, skipna, start):
    """All partial results along `dim`, which becomes the first axis, from `start` on."""
    cells = np.moveaxis(a.values, a.get_axis_num(dim), 0).astype(accumulator(a))
    if skipna and is_float(a):
        cells = np.where(np.isnan(cells), start, cells)
    begin = np.full((1, *cells.shape[1:]), start, cells.dtype)
    return ufunc.accumulate(np.concatenate([begin, cells]), axis=0)


def dropped(a, dim, cells):
    return xr.DataArray(cells, dims=[d for d in a.dims if d != dim])


@oracle
def sum_(a, dim, skipna, dtype):
    if dtype and np.dtype(dtype).kind == "f":
        a = a.astype("f8")
        return Expected(dropped(a, dim, accumulate(np.add, a, dim, skipna, 0)[-1].astype(dtype)), signs=False)
    total = accumulate(np.add, a, dim, skipna, 0)[-1].astype(result_dtype(a, dtype))
    return Expected(dropped(a, dim, total), signs=False)


@oracle
def call_sum(a, dims, skipna):
    if not is_float(a):
        return Expected(a.sum(dims))
    result = a.sum(dims, skipna=skipna)
    return Expected(result, slack=sum_slack(a, result, dims), signs=False)


def sum_slack(a, result, dims):
    """How far the order of additions may move a sum: n eps sum|x|; anything where it may overflow."""
    size = np.abs(a.astype("f8")).sum(dims).values
    n = int(np.prod([a.sizes[d] for d in dims]))
    limits = np.finfo(result.dtype)
    return np.where(size < limits.max / 2, 2 * n * limits.eps * size, np.inf)


@oracle
def prod(a, dim, skipna, dtype):
    total = accumulate(np.multiply, a, dim, skipna, 1)[-1].astype(result_dtype(a, dtype))
    return Expected(dropped(a, dim, total), signs=False)


@oracle
def mean(a, counts=None, *, dim, skipna, dtype):
    kind = np.dtype(dtype) if dtype else a.dtype if is_float(a) else np.dtype("f8")
    wide = a if is_float(a) else a.astype("f8")
    total = accumulate(np.add, wide, dim, skipna and counts is None, 0)[-1]
    if counts is not None:
        n = counts.sum(dim).values
    else:
        n = a.count(dim).values if skipna else a.sizes[dim]
    cells = np.where(n == 0, np.nan, total / np.where(n == 0, 1, n)).astype(kind)
    return Expected(dropped(a, dim, cells), signs=False)


@oracle
def call_mean(a, dims, skipna):
    result = a.mean(dims, skipna=skipna)
    return Expected(result, slack=sum_slack(a, result, dims), signs=False)


@oracle
def call_prod(a, dims, skipna):
    result = a.prod(dims, skipna=skipna) if is_float(a) else a.prod(dims)
    if not is_float(a):
        return Expected(result)
    # Where a partial product may leave the normal range, the order decides between 0, inf and NaN.
    wide = np.abs(a.astype("f8"))
    spread = np.abs(np.log2(wide.where(wide > 0, 1).where(np.isfinite(wide), np.inf))).sum(dims)
    n = int(np.prod([a.sizes[d] for d in dims]))
    slack = np.where(spread < 120, 2 * n * np.finfo(result.dtype).eps * np.abs(result.values), np.inf)
    return Expected(result, slack=slack, signs=False)


@oracle
def count(a, dim):
    return Expected(a.count(dim))


@oracle
def call_count(a, dims):
    return Expected(a.count(dims))


def extreme(name, skipping, spreading):
    def one(a, dim, skipna):
        f = skipping if skipna else spreading
        return Expected(dropped(a, dim, f.reduce(a.values, axis=a.get_axis_num(dim))), signs=False)

    def several(a, dims, skipna):
        return Expected(getattr(a, name)(dims, **({"skipna": skipna} if is_float(a) else {})), signs=False)

    ORACLES[name] = one
    ORACLES["call." + name] = several


extreme("min", np.fmin, np.minimum)
extreme("max", np.fmax, np.maximum)


@oracle
def any_(a, dim):
    return Expected(a.any(dim))


@oracle
def all_(a, dim):
    return Expected(a.all(dim))


@oracle
def call_any(a, dims):
    return Expected(a.any(dims))


@oracle
def call_all(a, dims):
    return Expected(a.all(dims))


def picked(a, dim, index):
    axis = a.get_axis_num(dim)
    return dropped(a, dim, np.take_along_axis(a.values, np.expand_dims(index, axis), axis).squeeze(axis))


def counted(a, skipna):
    return ~np.isnan(a.values) if skipna else np.ones(a.shape, bool)


@oracle
def first(a, dim, skipna):
    return Expected(picked(a, dim, counted(a, skipna).argmax(a.get_axis_num(dim))))


@oracle
def last(a, dim, skipna):
    axis = a.get_axis_num(dim)
    return Expected(picked(a, dim, a.shape[axis] - 1 - np.flip(counted(a, skipna), axis).argmax(axis)))


def arg_extreme(skipping, plain):
    def one(a, dim, skipna):
        axis = a.get_axis_num(dim)
        if not (skipna and is_float(a)):
            return Expected(dropped(a, dim, plain(a.values, axis=axis)))
        # numpy.nanargmax takes NaN for -inf, so it may point at one; where all are NaN it raises, rastream gives 0.
        best = skipping.reduce(a.values, axis=axis, keepdims=True)
        return Expected(dropped(a, dim, (a.values == best).argmax(axis)))

    return one


ORACLES["argmax"] = arg_extreme(np.fmax, np.argmax)
ORACLES["argmin"] = arg_extreme(np.fmin, np.argmin)


def variance(a, dim, skipna, ddof):
    """Variance in long double, and how far Welford's recurrence may be from it."""
    cells = np.moveaxis(a.values, a.get_axis_num(dim), 0).astype("g")
    used = ~np.isnan(cells) if skipna and is_float(a) else np.ones(cells.shape, bool)
    n = used.sum(0)
    safe = np.where(used, cells, 0)
    centre = safe.sum(0) / np.where(n == 0, 1, n)
    squares = (np.where(used, cells - centre, 0) ** 2).sum(0)
    truth = np.where(n > ddof, squares / np.where(n > ddof, n - ddof, 1), np.nan)
    mean_square = np.where(n > ddof, (safe**2).sum(0) / np.where(n > ddof, n - ddof, 1), 0)
    # Squares of cells beyond 1e150 overflow in float64.
    wild = (np.abs(safe) > 1e150).any(0)
    slack = np.where(wild, np.inf, 8 * cells.shape[0] * np.finfo("f8").eps * mean_square)
    return truth, slack


def var_like(is_std):
    def one(a, dim, skipna, ddof):
        kind = a.dtype if is_float(a) else np.dtype("f8")
        truth, slack = variance(a, dim, skipna, ddof)
        if is_std:
            slack = np.sqrt(truth + slack) - np.sqrt(np.maximum(truth - slack, 0))
            truth = np.sqrt(truth)
        rounded = truth.astype(kind)
        slack = np.where(np.isfinite(slack), slack + np.spacing(np.abs(rounded)), np.inf)
        return Expected(dropped(a, dim, rounded), slack=slack, signs=False)

    return one


ORACLES["var"] = var_like(False)
ORACLES["std"] = var_like(True)


def scan(ufunc, start):
    def one(a, dim, skipna):
        cells = accumulate(ufunc, a, dim, skipna, start)[1:].astype(result_dtype(a))
        return Expected(xr.DataArray(np.moveaxis(cells, 0, a.get_axis_num(dim)), dims=a.dims), signs=False)

    return one


ORACLES["cumsum"] = scan(np.add, 0)
ORACLES["cumprod"] = scan(np.multiply, 1)


@oracle
def ffill(a, dim):
    return Expected(a.ffill(dim) if is_float(a) else a)
