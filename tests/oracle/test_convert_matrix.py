# SPDX-License-Identifier: Apache-2.0
"""From a file that another tool wrote, by `convert`, to a file that another tool reads: each format into each format, with
every dtype, codec and chunking of both, in combinations of two. Cells bit for bit; coordinates, CRS, nodata, attributes.
"""
import itertools
import warnings

import numpy as np
import pytest

import cube_files as files

KINDS = ["zarr2", "zarr3", "shards", "netcdf", "tif"]
DTYPES = ["bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "c8", "c16"]


def cases():
    """Each dtype with each source and each target, each source with each target, each codec and chunking with each format."""
    for (i, dtype), (s, source) in itertools.product(enumerate(DTYPES), enumerate(KINDS)):
        target = KINDS[(i + s) % len(KINDS)]
        codecs_in, codecs_out = list(files.FOREIGN_CODECS[source]), files.OUR_CODECS[target]
        chunks = list(files.CHUNKS)
        if dtype == "bool" and source == "tif":
            continue  # rasterio has none
        yield source, target, dtype, codecs_in[i % len(codecs_in)], codecs_out[(i + s) % len(codecs_out)], \
            chunks[(i + s) % len(chunks)], chunks[(i // 3 + s) % len(chunks)]


CASES = list(cases())


def test_the_cases_hold_every_pair():
    kinds = set(KINDS)
    assert {(s, t) for s, t, *_ in CASES} == set(itertools.product(kinds, kinds))
    assert {(s, d) for s, _, d, *_ in CASES} == set(itertools.product(kinds, DTYPES)) - {("tif", "bool")}
    assert len({(t, d) for _, t, d, *_ in CASES}) >= len(kinds) * len(DTYPES) - 1
    assert {(s, c) for s, _, _, c, *_ in CASES} == {(s, c) for s in kinds for c in files.FOREIGN_CODECS[s]}
    assert {(t, c) for _, t, _, _, c, *_ in CASES} == {(t, c) for t in kinds for c in files.OUR_CODECS[t]}
    assert {(s, c) for s, *_, c, _ in CASES} == set(itertools.product(kinds, files.CHUNKS))
    assert {(t, c) for _, t, *_, c in CASES} == set(itertools.product(kinds, files.CHUNKS))


def options(target, codec, chunking, time):
    out = []
    if target in ("zarr3", "shards"):
        out += ["--zarr-format", "3"]
    if codec:
        out += ["--codec", codec]
    if target != "tif":
        t, y, x = files.CHUNKS[chunking]
        out += ["--chunks", f"{time}={t},y={y},x={x}"]
        if target == "shards":
            out += ["--shards", f"{time}=-1,y={2 * y},x={3 * x}"]
    return out


def same_bits(found, expected):
    kind = f"V{expected.dtype.itemsize}"
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_array_equal(np.ascontiguousarray(found).view(kind), np.ascontiguousarray(expected).view(kind))


def check_arrays(found, expected):
    """Between formats that hold named arrays."""
    np.testing.assert_array_equal(found.x, expected.x)
    np.testing.assert_array_equal(found.y, expected.y)
    np.testing.assert_array_equal(found.time, expected.time)
    assert found.time_attributes == expected.time_attributes
    assert found.labels == expected.labels
    assert found.attributes == expected.attributes
    assert found.global_attributes == expected.global_attributes


@pytest.mark.parametrize("source, target, dtype, codec_in, codec_out, chunks_in, chunks_out", CASES)
def test_what_another_tool_wrote_is_read_by_another_tool(source, target, dtype, codec_in, codec_out, chunks_in, chunks_out, rastream,
                                                         tmp_path):
    to_tif, from_tif = target == "tif", source == "tif"
    expected = (files.raster_cube if from_tif else files.cube)(dtype)
    if (to_tif or from_tif) and dtype == "u8":
        expected.nodata = 200  # rasterio has no larger one
    path, out = tmp_path / ("in" + files.SUFFIX[source]), tmp_path / ("out" + files.SUFFIX[target])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zarr-python: strings of v3 have no specification yet
        files.write(path, source, expected, codec_in, chunks_in)
        time = "band" if from_tif else "time"
        result = rastream("convert", path, out, *options(target, codec_out, chunks_out, time))
        assert result.code == 0, result.out + result.err
        assert "read back: metadata and " in result.out
        found = files.read(out, target)
    cells = expected.cells.astype("u1") if to_tif and dtype == "bool" else expected.cells
    same_bits(found.cells, cells)
    assert found.crs.equals(expected.crs, ignore_axis_order=True)
    if expected.nodata is None:
        assert found.nodata is None or dtype in ("bool", "c8", "c16")
    else:
        assert found.nodata == expected.nodata
    if not to_tif and not from_tif:
        return check_arrays(found, expected)
    np.testing.assert_allclose(found.x, expected.x, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.y, expected.y, rtol=0, atol=1e-6)
    for name in files.ATTRIBUTES:
        value = found.attributes[name]
        assert (value[0] if isinstance(value, list) else value) == files.ATTRIBUTES[name], name
