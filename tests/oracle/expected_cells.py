# SPDX-License-Identifier: Apache-2.0
"""The cells that an oracle asks for, and how near rastream's must be.

How near a cell must be, and why:

| operators                            | a cell must be               | because                                        |
|--------------------------------------|------------------------------|------------------------------------------------|
| views, sources, integers, + - * /,   | equal, signs of zero too     | IEEE 754 defines the result                    |
| sqrt, comparisons, rounding, choices |                              |                                                |
| minimum, maximum, clip, min, max     | equal; 0 and -0 are one      | NumPy's own sign of zero depends on its SIMD   |
| sums, products, scans, means         | equal to NumPy's accumulate; | rastream adds in float64 in index order;       |
|                                      | within n eps sum|x| of       | Xarray adds pairwise, for float32 in float32   |
|                                      | Xarray; 0 and -0 are one     |                                                |
| var, std                             | within 8 n eps of the exact  | Welford's recurrence; the bound is relative to |
|                                      | moments                      | the mean square, so none where those overflow  |
| transcendental functions             | within ULP[name] of the long | Highway promises 4; NumPy's own differ         |
|                                      | double result                | by host, so neither is the truth               |
"""
import numpy as np

# Units in the last place of the result's dtype between a cell and the correctly rounded result.
VECTORISED, LIBRARY, PRODUCT = 4, 2, 2
ULP = {
    **dict.fromkeys(["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "arcsin", "arccos", "arctan",
                     "sinh", "tanh"], VECTORISED),
    **dict.fromkeys(["tan", "cosh", "arctan2", "hypot", "power"], LIBRARY),
    **dict.fromkeys(["deg2rad", "rad2deg"], PRODUCT),
}


class Expected:
    """The cells that a result must have. `slack`: how far a cell may be from them, an array or a number, infinite where
    overflow makes any order of additions right; `signs`: whether 0 and -0 are different; `near`: (cells, slack) of a
    second, less exact oracle."""

    def __init__(self, array, slack=0, signs=True, near=None):
        self.array, self.slack, self.signs, self.near = array, slack, signs, near


def difference(made, expected):
    """Why `made` is not as expected; empty when it is."""
    array = expected.array
    if made.dims != array.dims or made.shape != array.shape:
        return f"dims {dict(made.sizes)} instead of {dict(array.sizes)}"
    if made.dtype != array.dtype:
        return f"dtype {made.dtype} instead of {array.dtype}"
    wrong = differing(made.values, array.values, expected.slack)
    if expected.signs and made.dtype.kind == "f":
        wrong |= (made.values == 0) & (array.values == 0) & (np.signbit(made.values) != np.signbit(array.values))
    if wrong.any():
        return cell_text(made, array, wrong)
    if expected.near:
        cells, slack = expected.near
        wrong = differing(made.values, cells.values, slack)
        if wrong.any():
            return "Xarray: " + cell_text(made, cells, wrong)
    return ""


def differing(made, wanted, slack):
    with np.errstate(all="ignore"):
        equal = made == wanted
        if made.dtype.kind == "f":
            equal |= np.isnan(made) & np.isnan(wanted)
            equal |= np.abs(made.astype("g") - wanted.astype("g")) <= slack
            equal |= np.isinf(slack)
    return ~equal


def cell_text(made, wanted, wrong):
    at = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
    cells = f"{made.values[at]!r} instead of {wanted.values[at]!r}"
    return f"cell {at} is {cells}; {int(wrong.sum())} of {wrong.size} differ"


def number(value):
    """A parameter: NaN and the infinities are text in JSON."""
    return float(value.replace("Infinity", "inf")) if isinstance(value, str) else value


def is_float(a):
    return np.dtype(a.dtype).kind == "f"


# The function that says what each operator gives; filled by the modules of the operators' families.
ORACLES = {}


def oracle(f):
    ORACLES[f.__name__.rstrip("_").replace("call_", "call.")] = f
    return f
