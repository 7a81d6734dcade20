# SPDX-License-Identifier: Apache-2.0
"""Xarray computes anew what rastream's functions on labelled arrays wrote: cells, dimensions and coordinates.

    RASTREAM_OPERATOR_ORACLE=/tmp/oracle build/dev/suites_test --gtest_filter='*Oracle.*'
    RASTREAM_OPERATOR_ORACLE=/tmp/oracle pytest tests/oracle/labelled_check.py

The cases are those of tests/suites/labelled_oracle_test.cpp; how near cells must be is said in expected_cells.py.
"""
import json
import os
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import operator_oracles as oracles
from expected_cells import Expected, is_float
from fold_oracles import sum_slack

ROOT = os.environ["RASTREAM_OPERATOR_ORACLE"]
HEADER = Path(__file__).resolve().parents[2] / "src/rastream/ops/labelled.h"
with open(os.path.join(ROOT, "labelled.json")) as file:
    CASES = json.load(file)


@lru_cache(maxsize=None)
def opened(name):
    """The variable of a store; times stay numbers, as in rastream."""
    ds = xr.open_zarr(os.path.join(ROOT, "labelled", name + ".zarr"), chunks=None, decode_times=False,
                      decode_coords="all")
    (variable,) = ds.data_vars
    return ds[variable].load()


def sums(a, dims, skipna, name):
    result = getattr(a, name)(dims, **({"skipna": skipna} if is_float(a) else {}))
    near = result if result.dtype.kind == "f" else result.astype("f8")
    slack = sum_slack(a, near, dims) if name in ("sum", "mean") and result.dtype.kind == "f" else 0
    return Expected(result, slack=slack, signs=False)


def reduction(name):
    return lambda a, dims, skipna: sums(a, dims, skipna, name)


def elementwise(name):
    def apply(*inputs):
        """Xarray aligns and broadcasts, the oracle without coordinates says the cells."""
        aligned = list(xr.align(*[x for x in inputs if isinstance(x, xr.DataArray)], join="inner"))
        terms = [aligned.pop(0) if isinstance(x, xr.DataArray) else x for x in inputs]
        labelled = xr.apply_ufunc(lambda *cells: np.zeros(np.broadcast_shapes(*map(np.shape, cells))), *terms)
        bare = [t.drop_vars(list(t.coords)) if isinstance(t, xr.DataArray) else t for t in terms]
        expected = oracles.ORACLES[name](*bare)
        expected.array = labelled.copy(data=expected.array.transpose(*labelled.dims).values)
        return expected

    return apply


def where(*inputs):
    if len(inputs) == 3:
        return elementwise("where")(*inputs)
    a, condition = inputs
    a, condition = xr.align(a, condition, join="inner")
    wide = a if is_float(a) else a.astype("f8")
    return Expected(wide.where(condition))


def clip(a, least, greatest):
    return Expected(a.clip(least, greatest, keep_attrs=False))


def isel(a, dim, start=None, stop=None, step=None, index=None):
    if index is None:
        return Expected(a.isel({dim: slice(start, stop, step)}))
    return Expected(a.isel({dim: index}))


def sel(a, dim, label=None, nearest=False, first=None, last=None, date=None, text=None):
    if date:
        times = xr.decode_cf(a.to_dataset(name="cells"))["cells"].sel({dim: date})
        return Expected(a.isel({dim: np.isin(np.arange(a.sizes[dim]), positions(a, dim, times))}))
    if text:
        return Expected(a.sel({dim: text}))
    if first is not None:
        return Expected(a.sel({dim: slice(first, last)}))
    return Expected(a.sel({dim: label}, method="nearest" if nearest else None))


def positions(a, dim, chosen):
    every = xr.decode_cf(a.to_dataset(name="cells"))[dim].values
    return np.flatnonzero(np.isin(every, chosen[dim].values))


def pad(a, dim, before, after, mode):
    return Expected(a.pad({dim: (before, after)}, mode=mode))


def rolling_sum(a, dim, window):
    result = a.astype("f8").rolling({dim: window}).sum().astype(a.dtype if is_float(a) else "f8")
    size = float(np.abs(a.astype("f8")).sum())
    return Expected(result, slack=4 * window * np.finfo(result.dtype).eps * size, signs=False)


def cumsum(a, dim, skipna):
    result = a.cumsum(dim, **({"skipna": skipna} if is_float(a) else {}))
    slack = 0
    if is_float(a):
        slack = 2 * a.sizes[dim] * np.finfo(a.dtype).eps * float(np.abs(a.astype("f8")).sum())
    return Expected(result, slack=slack, signs=False)


def argmax(a, dim, skipna):
    bare = oracles.ORACLES["argmax"](a.drop_vars(list(a.coords)), dim, skipna).array
    return Expected(a.isel({dim: 0}, drop=True).copy(data=bare.values))


def coarsen_mean(a, dims, factors):
    result = a.coarsen(dict(zip(dims, factors)), boundary="trim").mean()
    eps = np.finfo(result.dtype).eps
    return Expected(result, slack=4 * np.prod(factors) * eps * float(np.abs(a.astype("f8")).max()), signs=False)


def clip_box(a, box):
    import rioxarray  # noqa: F401: it registers .rio

    return Expected(a.rio.write_crs("EPSG:4326").rio.clip_box(*box))


def from_values(cells, dim, dtype, labels):
    return Expected(xr.DataArray(np.array(cells, dtype), dims=[dim], coords={dim: labels} if labels else None))


def exactly(f):
    return lambda *inputs, **params: Expected(f(*inputs, **params))


FUNCTIONS = {
    "operator+": elementwise("add"), "operator*": elementwise("multiply"), "operator/": elementwise("divide"),
    "operator>": elementwise("greater"), "operator>=": elementwise("greater_equal"),
    "operator<": elementwise("less"), "operator<=": elementwise("less_equal"),
    "operator&&": elementwise("logical_and"), "operator||": elementwise("logical_or"),
    "operator!": elementwise("logical_not"),
    "operator-": lambda *inputs: elementwise("negative" if len(inputs) == 1 else "subtract")(*inputs),
    "apply_elementwise": lambda *inputs, name: elementwise(name)(*inputs),
    **{name: elementwise(name) for name in
       ("sin", "cos", "exp", "log", "sqrt", "floor", "absolute", "round", "isnan", "isfinite", "real", "imag", "conj",
        "angle")},
    **{name: reduction(name) for name in ("sum", "mean", "min", "max")},
    "any": exactly(lambda a, dims, above: (a > above).any(dims)),
    "astype": lambda a, dtype: oracles.ORACLES["astype"](a, dtype),
    "rename": exactly(lambda a, name: a.rename(name)),
    "transpose": exactly(lambda a, dims: a.transpose(*dims)),
    "rechunk": exactly(lambda a, dims, chunks: a),
    "expand_dims": exactly(lambda a, dim, label: a.expand_dims({dim: [label]})),
    "concat": exactly(lambda *arrays, dim: xr.concat(arrays, dim, join="override", coords="minimal",
                                                     compat="override")),
    "where": where, "clip": clip, "isel": isel, "sel": sel, "pad": pad, "rolling_sum": rolling_sum, "cumsum": cumsum,
    "argmax": argmax, "coarsen_mean": coarsen_mean, "clip_box": clip_box, "from_values": from_values,
}


def coordinate_problem(made, wanted):
    """Why the coordinates differ; empty when they do not."""
    # A single cell has no text label: text coordinates have a dimension in rastream.
    wanted = {k: c for k, c in wanted.coords.items() if not (c.ndim == 0 and c.dtype.kind in "UTOS")}
    if set(made.coords) != set(wanted):
        return f"coordinates {sorted(made.coords)} instead of {sorted(wanted)}"
    for name, coordinate in wanted.items():
        if made[name].dims != coordinate.dims:
            return f"coordinate {name} along {made[name].dims} instead of {coordinate.dims}"
        if coordinate.dtype.kind in "UTO":
            same = [str(v) for v in made[name].values.ravel()] == [str(v) for v in coordinate.values.ravel()]
        else:
            same = np.array_equal(made[name].values, coordinate.values, equal_nan=True)
        if not same:
            return f"coordinate {name} is {made[name].values} instead of {coordinate.values}"
    return ""


def test_every_labelled_function_has_an_oracle_and_a_case():
    text = HEADER.read_text()
    declared = set(re.findall(r"^DataArray (operator\S+?|\w+)\(", text, re.M))
    assert len(declared) > 40
    assert declared - set(FUNCTIONS) == set(), "no oracle: add one to FUNCTIONS"
    assert declared - {case["function"] for case in CASES} == set(), "no case: add one to labelled_oracle_test.cpp"


@pytest.mark.parametrize("function", sorted({case["function"] for case in CASES}))
def test_labelled(function):
    problems = []
    cases = [case for case in CASES if case["function"] == function]
    for case in cases:
        inputs = [opened(i["array"]) if "array" in i else oracles.number(i["literal"]) for i in case["inputs"]]
        with np.errstate(all="ignore"):
            expected = FUNCTIONS[function](*inputs, **case["params"])
        made = opened(case["output"])
        problem = oracles.difference(made, expected) or coordinate_problem(made, expected.array)
        if problem:
            problems.append(f"{problem}\n    {case}")
    assert not problems, f"{len(problems)} of {len(cases)} cases differ:\n" + "\n".join(problems[:5])
