# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators in NumPy, and the decoding of stored values."""
import numpy as np
import xarray as xr

from expected_cells import ORACLES, ULP, Expected, is_float, number, oracle


def apply(function, *inputs):
    return xr.apply_ufunc(function, *inputs)


def without_float16(function, *inputs):
    """`function` of the inputs; where NumPy would answer in float16 it is asked in float32, as rastream has no half."""
    result = apply(function, *inputs)
    if result.dtype != np.float16:
        return result
    return apply(function, *[x.astype("f4") if isinstance(x, xr.DataArray) else x for x in inputs])


def exact(function, signs=True):
    return lambda *inputs: Expected(without_float16(function, *inputs), signs=signs)


def as_long(x):
    return x.astype("g") if isinstance(x, xr.DataArray) else np.longdouble(x)


def transcendental(function, name):
    def oracle(*inputs):
        dtype = without_float16(function, *inputs).dtype
        # The operands are first rounded to the dtype that is computed in, as NumPy does.
        rounded = [x.astype(dtype) if isinstance(x, xr.DataArray) else dtype.type(x) for x in inputs]
        truth = without_float16(function, *map(as_long, rounded)).astype(dtype)
        return Expected(truth, slack=ULP[name] * np.spacing(np.abs(truth.values)).astype("g"))

    return oracle


def power(x, y):
    """NumPy raises an error for integers to negative powers; rastream gives the whole part."""
    dtype = apply(np.add, x, y).dtype
    if dtype.kind == "f":
        return transcendental(np.power, "power")(x, y)
    if dtype == bool:
        dtype = np.dtype("i1")

    def whole(a, b):
        a, b = np.broadcast_arrays(np.asarray(a).astype(dtype), np.asarray(b).astype(dtype))
        powers = np.power(a, np.maximum(b, 0))
        if dtype.kind == "u":
            return powers
        below = np.where(a == 1, 1, np.where(a == -1, np.where(b % 2 == 0, 1, -1), 0))
        return np.where(b < 0, below, powers).astype(dtype)

    return Expected(apply(whole, x, y))


def fill_na(x, y):
    # NumPy has no fillna; Xarray's is this choice.
    return Expected(apply(lambda a, b: np.where(np.isnan(a), b, a), x, y))


def limited(x, least, greatest):
    # What numpy.clip is documented to equal; clip itself does not take a literal x as weak.
    def clip(a, low, high):
        dtype = np.result_type(a, low, high)
        return np.minimum(np.maximum(a, low), high).astype(dtype)

    return Expected(apply(clip, x, least, greatest), signs=False)


def choose(condition, x, y):
    return Expected(apply(lambda c, a, b: np.where(np.asarray(c) != 0, a, b), condition, x, y))


UFUNCS = {name: getattr(np, name) for name in """
    add subtract multiply divide floor_divide remainder minimum maximum negative absolute sign square sqrt exp expm1 log
    log1p log2 log10 sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh hypot deg2rad rad2deg floor ceil trunc round
    isnan isfinite isinf equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor
    logical_not bitwise_and bitwise_or bitwise_xor invert real imag conj""".split()}
# np.angle makes float64 of bool, unlike every other function that makes floating numbers of it.
UFUNCS["angle"] = lambda x: np.arctan2(np.zeros_like(x), x)
EITHER_ZERO = {"minimum", "maximum"}

ORACLES |= {name: transcendental(f, name) if name in ULP else exact(f, signs=name not in EITHER_ZERO)
            for name, f in UFUNCS.items()}
ORACLES |= {"power": power, "fillna": fill_na, "where": choose, "clip": limited}




@oracle
def astype(a, dtype):
    target = np.dtype(dtype)
    if not is_float(a) or target.kind not in "iu":
        return Expected(a.astype(target))
    # NumPy leaves NaN and overflow undefined; rastream gives 0.
    info = np.iinfo(target)
    whole = np.trunc(a.values.astype("g"))
    fits = (whole >= info.min) & (whole <= info.max)
    return Expected(a.copy(data=np.where(fits, whole, 0).astype(target)))


@oracle
def constant(value, dtype):
    return Expected(xr.DataArray(np.array(number(value), dtype)))


def is_stored(value, stored):
    """Cells equal to an attribute, compared in the stored dtype, or for 64-bit integers as float64."""
    if is_float(stored):
        return stored == stored.dtype.type(value)
    return stored.astype("f8") == value


@oracle
def cf_decode(stored, fill, missing, valid_min, valid_max, scale_factor, add_offset, dtype):
    cells = stored.values
    hidden = np.zeros(cells.shape, bool)
    for value in [fill, *missing]:
        if value is not None:
            hidden |= is_stored(number(value), cells)
    compared = cells if is_float(cells) else cells.astype("f8")
    if valid_min is not None:
        hidden |= ~(compared >= compared.dtype.type(valid_min))
    if valid_max is not None:
        hidden |= ~(compared <= compared.dtype.type(valid_max))
    out = cells.astype(dtype)
    out[hidden] = np.nan
    if scale_factor is not None:
        out = out * out.dtype.type(scale_factor)
    if add_offset is not None:
        out = out + out.dtype.type(add_offset)
    return Expected(stored.copy(data=out))
