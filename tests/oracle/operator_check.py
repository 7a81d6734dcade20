# SPDX-License-Identifier: Apache-2.0
"""NumPy and Xarray compute anew what the operators of rastream made, cell by cell.

    RASTREAM_OPERATOR_ORACLE=/tmp/oracle build/dev/suites_test --gtest_filter='*Oracle.*'
    RASTREAM_OPERATOR_ORACLE=/tmp/oracle pytest tests/oracle/operator_check.py

The cases are those of tests/suites/operator_oracle_test.cpp; what each operator should give is in operator_oracles.py.
"""
import json
import os
from collections import Counter
from functools import lru_cache

import numpy as np
import pytest
import xarray as xr
import zarr

import operator_oracles as oracles
from expected_cells import Expected

ROOT = os.environ["RASTREAM_OPERATOR_ORACLE"]
with open(os.path.join(ROOT, "operators.json")) as file:
    RUN = json.load(file)
CASES = RUN["cases"]
FUNCTIONS = sorted({case["function"] for case in CASES})


@lru_cache
def group(name):
    return zarr.open_group(os.path.join(ROOT, name), mode="r", use_consolidated=True)


@lru_cache(maxsize=None)
def stored(store, name):
    array = group(store)[name]
    return xr.DataArray(array[...], dims=array.attrs["_ARRAY_DIMENSIONS"])


def cells(name):
    """A recorded array: a stretch of the variable that holds all cells of its dtype."""
    array = RUN["arrays"][name]
    begin, end = array["begin"], array["begin"] + int(np.prod(array["shape"]))
    flat = stored("cells.zarr", array["dtype"]).values[begin:end]
    return xr.DataArray(flat.reshape(array["shape"]), dims=array["dims"])


def operand(entry):
    if "array" in entry:
        return cells(entry["array"])
    return oracles.number(entry["literal"])


def expected_of(case):
    with np.errstate(all="ignore"):
        if case["function"] == "read":
            params = case["params"]
            whole = stored(os.path.basename(params["path"]), params["variable"])
            return Expected(whole[tuple(map(slice, params["begin"], params["end"]))])
        inputs = [operand(entry) for entry in case["inputs"]]
        return oracles.ORACLES[case["function"]](*inputs, **case["params"])


def test_every_registered_operator_has_an_oracle_and_cases():
    registered = set(RUN["operators"])
    without = registered - set(oracles.ORACLES) - {"read"} - set(oracles.TESTED_ELSEWHERE)
    assert not without, f"no oracle for {sorted(without)}: add one, or a reason to TESTED_ELSEWHERE"
    assert set(oracles.TESTED_ELSEWHERE) <= registered - set(oracles.ORACLES)
    counts = Counter(case["function"] for case in CASES if "output" in case)
    few = {name: counts[name] for name in registered - set(oracles.TESTED_ELSEWHERE) if counts[name] < 5}
    assert not few, few


@pytest.mark.parametrize("function", FUNCTIONS)
def test_operator(function):
    problems = []
    cases = [case for case in CASES if case["function"] == function and "output" in case]
    for case in cases:
        made = cells(case["output"])
        problem = oracles.difference(made, expected_of(case))
        if problem:
            problems.append(f"{problem}\n    {describe(case)}")
    assert not problems, f"{len(problems)} of {len(cases)} cases differ:\n" + "\n".join(problems[:5])


def test_what_was_refused_is_refused_by_numpy_too():
    taken = []
    for case in CASES:
        if "refused" not in case or oracles.may_be_refused(case["function"], case["refused"]):
            continue
        try:
            expected_of(case)
            taken.append(f"{describe(case)}: {case['refused']}")
        except (TypeError, OverflowError):
            pass
    assert not taken, f"{len(taken)} are refused:\n" + "\n".join(taken[:10])


def describe(case):
    inputs = []
    for entry in case["inputs"]:
        if "array" in entry:
            array = cells(entry["array"])
            inputs.append(f"{entry['array']}: {array.dtype} {dict(array.sizes)}")
        else:
            inputs.append(repr(entry["literal"]))
    return f"{case['function']}({'; '.join(inputs)}) {case['params']} -> {case.get('output')}, {case.get('how')}"
