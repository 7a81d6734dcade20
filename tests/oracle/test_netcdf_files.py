# SPDX-License-Identifier: Apache-2.0
"""Every NetCDF file of the shared data, and one made by ncgen of every CDL there: dimensions, attributes and each cell are
those of netCDF4-python; what it cannot open is refused in one line."""
import re
import shutil
import subprocess

import netCDF4
import numpy as np
import pytest

from conftest import BUILD, SHARED, run_program
from dumped import Dump

SUFFIXES = {".nc", ".nc4", ".h5", ".cdf"}
FOLDERS = [SHARED / "data/netcdf", SHARED / "data/daymet"]
FILES = sorted(p for f in FOLDERS if f.is_dir() for p in f.rglob("*") if p.suffix in SUFFIXES)
CDLS = sorted(p for f in FOLDERS if f.is_dir() for p in f.rglob("*.cdl"))
MALFORMED = {"ref_test_corrupt_magic.nc"}
# A CDL may declare gigabytes of cells that it does not give: such files are not read here.
MOST_CELLS = 1 << 26
# ncgen has not their filters, or finds them wrong.
NOT_MADE = {"ref_filtered.cdl", "ref_multi.cdl", "ref_tst_vlen_data2.cdl"}


@pytest.fixture(scope="session")
def dump_cells():
    program = BUILD / "dump_cells"
    assert program.exists(), f"{program} is not built"
    return lambda *arguments: run_program(program, *arguments)


def same_attribute(ours, theirs):
    if isinstance(theirs, bytes):
        theirs = theirs.decode()
    if isinstance(theirs, str):  # netCDF4-python takes zeros out of texts
        return isinstance(ours, str) and ours.replace("\0", "") == theirs.replace("\0", "")
    if isinstance(theirs, list):
        return (ours if isinstance(ours, list) else [ours]) == theirs
    theirs = np.atleast_1d(theirs)
    return ours.dtype == theirs.dtype.newbyteorder("=") and np.array_equal(ours, theirs, equal_nan=theirs.dtype.kind == "f")


def check_attributes(ours, theirs, where):
    for name in theirs.ncattrs():
        try:
            value = theirs.getncattr(name)
        except KeyError:  # of a type that netCDF4-python does not know either
            continue
        if isinstance(value, np.ndarray) and value.dtype.kind not in "iufb":
            continue
        if name not in ours and not isinstance(value, (str, list)) and np.asarray(value).dtype.kind == "V":
            continue
        assert name in ours, f"{where}: attribute {name}"
        assert same_attribute(ours[name], value), f"{where}: {name}: {ours[name]!r}, expected {value!r}"


def texts_of_chars(chars):
    """The last dimension of chars runs along the text."""
    chars = np.asarray(chars)
    if chars.ndim == 0:
        return np.array(chars[()].rstrip(b"\0").decode("utf-8", "replace"), dtype=object)
    rows = chars.reshape(-1, chars.shape[-1]) if chars.shape[-1] else np.empty((int(np.prod(chars.shape[:-1])), 0), "S1")
    texts = [b"".join(c if c else b"\0" for c in row).rstrip(b"\0").decode("utf-8", "replace") for row in rows]
    out = np.empty(len(texts), dtype=object)
    out[:] = texts
    return out.reshape(chars.shape[:-1])


def check_variable(ours, theirs, where):
    theirs.set_auto_maskandscale(False)
    theirs.set_auto_chartostring(False)
    cells = theirs[...]
    is_char = theirs.dtype == np.dtype("S1")
    dims = list(theirs.dimensions)[: -1 if is_char and theirs.ndim > 0 else None]
    assert [re.sub(r"phony_dim_\d+", "phony", d) for d in ours.dims] == [re.sub(r"phony_dim_\d+", "phony", d) for d in dims], where
    if is_char:
        cells = texts_of_chars(cells)
    if theirs.dtype is str or is_char:
        assert ours.dtype == "string", where
        assert np.array_equal(ours.cells, np.asarray(cells, dtype=object)), where
    elif ours.dtype == "bool":
        assert np.array_equal(ours.cells, cells != 0), where
    else:
        assert ours.cells.dtype == theirs.dtype.newbyteorder("="), where
        if theirs.get_fill_value() is None:
            return  # cells that nobody wrote hold anything
        assert ours.cells.tobytes() == np.ascontiguousarray(cells, dtype=ours.cells.dtype).tobytes(), where
    check_attributes(ours.attributes, theirs, where)


def check_group(dump_cells, path, group, folder):
    where = f"{path.name}:{group.path}"
    names = list(group.variables)
    if any(np.prod(v.shape, dtype=float) > MOST_CELLS for v in group.variables.values()):
        return len(names)
    ours = Dump(dump_cells, path, folder / "dump", group.path, names)
    assert ours.result.code == 0, ours.result.err
    assert set(ours.variables) | set(ours.refused) == set(names), where
    assert sorted(ours.groups) == sorted(group.groups), where
    for name, dimension in group.dimensions.items():
        if not name.startswith("phony_dim_"):
            assert ours.dimensions[name] == (dimension.size, dimension.isunlimited()), f"{where}: {name}"
    check_attributes(ours.attributes, group, where)
    for name, variable in ours.variables.items():
        check_variable(variable, group.variables[name], f"{where}/{name}")
    for name, reason in ours.refused.items():
        if reason.endswith("twice"):
            continue  # its dimensions have one name: labels would not tell them apart
        is_ordinary = group.variables[name].dtype is str or getattr(group.variables[name].dtype, "kind", "V") in "iufS"
        assert not (is_ordinary and isinstance(group.variables[name].datatype, np.dtype)), f"{where}/{name} {reason}"
    shutil.rmtree(folder / "dump")
    n = len(ours.variables)
    return n + sum(check_group(dump_cells, path, g, folder) for g in group.groups.values())


@pytest.mark.skipif(not FILES, reason="shared/data is absent")
def test_the_collection_is_whole():
    assert len(FILES) > 40 and len(CDLS) > 80


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_file_reads_as_netcdf4_python_reads_it(dump_cells, path, tmp_path):
    try:
        theirs = netCDF4.Dataset(path)
    except OSError:
        assert path.name in MALFORMED, f"netCDF4 does not open {path}"
        result = dump_cells(path, "/", tmp_path / "dump")
        assert result.code == 6, result.err
        assert len(result.error_lines) == 1 and str(path) in result.err
        return
    except TypeError:  # nested compounds, which netCDF4-python has no type for
        assert Dump(dump_cells, path, tmp_path / "dump").result.code == 0
        return
    with theirs:
        check_group(dump_cells, path, theirs, tmp_path)


@pytest.mark.parametrize("path", CDLS, ids=lambda p: p.name)
def test_a_file_made_by_ncgen_reads_as_netcdf4_python_reads_it(dump_cells, path, tmp_path):
    n_made = 0
    for kind in ("nc3", "nc6", "nc7", "nc4"):
        made = tmp_path / f"{path.stem}_{kind}.nc"
        done = subprocess.run(["ncgen", "-k", kind, "-o", made, path], capture_output=True, text=True)
        if done.returncode != 0 or not made.exists():
            continue  # this model cannot hold it
        try:
            theirs = netCDF4.Dataset(made)
        except (OSError, RuntimeError, TypeError):
            continue
        with theirs:
            check_group(dump_cells, made, theirs, tmp_path)
        n_made += 1
    assert n_made > 0 or path.name in NOT_MADE
