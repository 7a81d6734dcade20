# SPDX-License-Identifier: Apache-2.0
"""HDF5 files that h5py and hdf5plugin write: every filter, every chunk index, every type has h5py's cells."""
import os
import pathlib
import subprocess
import sys

import h5py
import numpy as np
import pytest

from conftest import BUILD, run_program
from dumped import Dump
from packed_files import DTYPES, FILTERS, SHAPE, labelled_types, some_cells

# "latest" of a newer libhdf5 writes what the 1.10 of Debian 12 cannot read.
NEWEST = ("v110", "v110")

@pytest.fixture(scope="session")
def dump_cells():
    return lambda *arguments: run_program(BUILD / "dump_cells", *arguments)


def check_file(dump_cells, path, folder, is_ours=True):
    ours = Dump(dump_cells, path, folder)
    assert ours.result.code == 0, ours.result.err
    with h5py.File(path) as f:
        assert sorted(ours.variables) == sorted(f)
        for name, theirs in f.items():
            cells = theirs[...]
            wanted = cells.astype(ours.variables[name].cells.dtype)
            assert ours.variables[name].cells.tobytes() == wanted.tobytes(), name
            if not is_ours:
                assert cells.dtype.newbyteorder("=") == ours.variables[name].cells.dtype, name


def packed_file(name, folder):
    path = folder / f"{name}.h5"
    environment = {k: v for k, v in os.environ.items() if k != "HDF5_PLUGIN_PATH"}
    script = pathlib.Path(__file__).with_name("packed_files.py")
    subprocess.run([sys.executable, script, name, path], check=True, env=environment)
    return path


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"zfp"}))
def test_a_filter_is_undone(dump_cells, name, tmp_path):
    ours = Dump(dump_cells, packed_file(name, tmp_path), tmp_path / "dump")
    assert ours.result.code == 0, ours.result.err
    for label, dtype, checked in labelled_types():
        wanted = some_cells(dtype).astype(np.dtype(dtype).newbyteorder("="))
        assert ours.variables[label].cells.tobytes() == wanted.tobytes(), label


@pytest.mark.parametrize("name", ["bzip2", "lzf", "zstd", "lz4", "bitshuffle_lz4", "blosc_zstd_1", "szip_nn"])
def test_a_truncated_chunk_is_one_error(dump_cells, name, tmp_path):
    path = packed_file(name, tmp_path)
    with h5py.File(path, "r+") as f:
        dataset = f["little_f8_False"]
        mask, packed = dataset.id.read_direct_chunk((0, 0, 0))
        dataset.id.write_direct_chunk((0, 0, 0), packed[: len(packed) // 2], mask)
    result = dump_cells(path, "/", tmp_path / "dump")
    assert result.code == 6 and len(result.error_lines) == 1, result.err
    assert str(path) in result.err and "'little_f8_False'" in result.err


def test_a_filter_that_is_not_there_is_refused_by_name(dump_cells, tmp_path):
    path = packed_file("zfp", tmp_path)
    result = dump_cells(path, "/", tmp_path / "dump")
    assert result.code == 7 and len(result.error_lines) == 1, result.err
    assert "32013" in result.err and str(path) in result.err


INDEXES = {
    "single": ((30, 40), (30, 40), (30, 40)),
    "fixed": ((300, 40), (300, 40), (7, 9)),
    "fixed_pages": ((9000, 4), (9000, 4), (3, 3)),
    "fixed_larger_limit": ((300, 40), (1000, 50), (7, 9)),
    "extensible": ((300, 40), (None, 40), (7, 9)),
    "extensible_pages": ((60000,), (None,), (3,)),
    "extensible_last_axis": ((4, 9000), (4, None), (3, 2)),
    "tree": ((300, 40), (None, None), (7, 9)),
    "deep_tree": ((400, 400), (None, None), (4, 4)),
}


@pytest.mark.parametrize("name", INDEXES)
@pytest.mark.parametrize("libver", ["earliest", NEWEST], ids=["earliest", "v110"])
def test_a_chunk_index_finds_every_chunk(dump_cells, name, libver, tmp_path):
    shape, limits, chunks = INDEXES[name]
    path = tmp_path / "index.h5"
    with h5py.File(path, "w", libver=libver) as f:
        for filtered in ({}, {"compression": "gzip", "compression_opts": 1}):
            label = "packed" if filtered else "plain"
            whole = f.create_dataset(label, shape, "<i4", chunks=chunks, maxshape=limits, fillvalue=-7, **filtered)
            whole[...] = np.arange(np.prod(shape)).reshape(shape)
            grown = f.create_dataset(label + "_grown", [1] * len(shape), "<i4", chunks=chunks, maxshape=limits, fillvalue=-7, **filtered)
            grown[...] = 5
            grown.resize(shape)
            grown[tuple(n - 1 for n in shape)] = 6
            grown[tuple(n // 2 for n in shape)] = 7
            shrunk = f.create_dataset(label + "_shrunk", shape, "<i4", chunks=chunks, maxshape=limits, fillvalue=-7, **filtered)
            shrunk[...] = 3
            shrunk.resize([n // 2 for n in shape])
    check_file(dump_cells, path, tmp_path / "dump")


def test_types_of_h5py_are_read(dump_cells, tmp_path):
    path = tmp_path / "types.h5"
    with h5py.File(path, "w") as f:
        for dtype in DTYPES:
            f[dtype.replace("<", "little_").replace(">", "big_")] = some_cells(dtype)
        for dtype in ("<c8", ">c8", "<c16", ">c16"):
            label = dtype.replace("<", "little_").replace(">", "big_")
            f[label] = (some_cells("f8") - 3j * some_cells("f8")).astype(dtype)
        f["truth"] = some_cells("u1") % 2 == 0
        f["scalar"] = np.float32(2.5)
    check_file(dump_cells, path, tmp_path / "dump", is_ours=False)


def test_float16_is_read_as_float32(dump_cells, tmp_path):
    path = tmp_path / "half.h5"
    every = np.arange(1 << 16, dtype="u2").view("<f2")
    with h5py.File(path, "w") as f:
        f["plain"] = every
        f["big"] = every.astype(">f2")
        f.create_dataset("packed", data=every, chunks=(1000,), compression="lzf", shuffle=True)
    ours = Dump(dump_cells, path, tmp_path / "dump")
    for name in ("plain", "big", "packed"):
        cells = ours.variables[name].cells
        assert cells.dtype == np.float32
        np.testing.assert_array_equal(cells, every.astype("f4"))


def test_texts_of_h5py_are_read(dump_cells, tmp_path):
    path = tmp_path / "texts.h5"
    texts = ["lilac", "", "été", "arnold red" * 30]
    with h5py.File(path, "w") as f:
        f.create_dataset("variable", data=texts, dtype=h5py.string_dtype())
        f.create_dataset("chunked", data=texts, dtype=h5py.string_dtype(), chunks=(2,), compression="gzip")
        f.create_dataset("fixed", data=np.array([t.encode() for t in texts]))
        f.create_dataset("packed", data=np.array([t.encode() for t in texts]), chunks=(3,), compression="gzip", shuffle=True)
        f.create_dataset("chars", data=np.array([[b"a", b"b"], [b"c", b""]]))
    ours = Dump(dump_cells, path, tmp_path / "dump")
    assert ours.result.code == 0, ours.result.err
    for name in ("variable", "chunked", "fixed", "packed"):
        assert list(ours.variables[name].cells) == texts, name
    assert list(ours.variables["chars"].cells) == ["ab", "c"]


def test_what_has_no_dtype_is_refused_by_name(dump_cells, tmp_path):
    path = tmp_path / "refused.h5"
    with h5py.File(path, "w") as f:
        f["compound"] = np.zeros(3, dtype=[("a", "<i4"), ("b", "<f4")])
        f.create_dataset("vlen", (3,), h5py.vlen_dtype(np.int32))
        f.create_dataset("reference", (3,), h5py.ref_dtype)
        f.create_dataset("enumeration", (3,), h5py.enum_dtype({"red": 0, "green": 1}))
        f["opaque"] = np.zeros(3, dtype="V5")
        f["numbers"] = np.arange(3)
    names = ["compound", "vlen", "reference", "enumeration", "opaque"]
    ours = Dump(dump_cells, path, tmp_path / "dump", names=names)
    assert ours.result.code == 0, ours.result.err
    assert list(ours.variables) == ["numbers"]
    assert all(name in ours.refused[name] for name in names), ours.refused


@pytest.mark.parametrize("kind", ["virtual", "external"])
def test_cells_in_other_files_are_refused_by_name(dump_cells, kind, tmp_path):
    path = tmp_path / f"{kind}.h5"
    with h5py.File(tmp_path / "source.h5", "w") as f:
        f["v"] = np.arange(10)
    with h5py.File(path, "w") as f:
        if kind == "virtual":
            layout = h5py.VirtualLayout((10,), "<i8")
            layout[:] = h5py.VirtualSource(tmp_path / "source.h5", "v", (10,))
            f.create_virtual_dataset("v", layout)
        else:
            f.create_dataset("v", (10,), "<i8", external=[(tmp_path / "cells.raw", 0, 80)])
    result = dump_cells(path, "/", tmp_path / "dump")
    assert result.code == 7 and len(result.error_lines) == 1, result.err
    assert kind in result.err and "'v'" in result.err and str(path) in result.err
