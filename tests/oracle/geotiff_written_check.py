# SPDX-License-Identifier: Apache-2.0
"""Other programs open the GeoTIFFs that rastream wrote: GDAL (of Debian and of rasterio's wheel) sees the same cells,
overviews, CRS, nodata and attributes, and the validators of GDAL and rio-cogeo find nothing to say.

    RASTREAM_GEOTIFF_ORACLE=/tmp/oracle build/dev/format_test --gtest_filter='GeoTiffOracle.*'
    RASTREAM_GEOTIFF_ORACLE=/tmp/oracle pytest tests/oracle/geotiff_written_check.py

The cells are those of src/rastream/format/geotiff/writer_oracle_test.cpp; a file's name says how it was made.
"""
import os
import struct
import subprocess
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rio_cogeo import cog_validate

ROOT = Path(os.environ["RASTREAM_GEOTIFF_ORACLE"])
FILES = sorted(ROOT.glob("*.tif"))
CRS_FILES = sorted((ROOT / "crs").glob("*.tif"))
# The Python for which Debian packages GDAL's own tools.
SYSTEM_PYTHON = "/usr/bin/python3"


class Made:
    """What a file's name says."""

    def __init__(self, path):
        dtype, self.codec, shape, _, self.interleave, size, self.resampling = path.stem.split("_")
        self.dtype = np.dtype(dtype)
        self.shape = tuple(map(int, shape.split("x")))
        self.is_big = size == "big"

    def cells(self):
        b, y, x = np.meshgrid(*(np.arange(n, dtype="u8") for n in self.shape), indexing="ij")
        with np.errstate(over="ignore"):
            hashed = (b * np.uint64(0x9E3779B97F4A7C15) + y // np.uint64(3) * np.uint64(0xC2B2AE3D27D4EB4F)
                      + x // np.uint64(2) * np.uint64(0x165667B19E3779F9))
        if self.dtype.kind == "c":
            return ((hashed >> np.uint64(44)).astype("f8") / 8 + 1j * x.astype("f8")).astype(self.dtype)
        if self.dtype.kind == "f":
            cells = ((hashed >> np.uint64(44)).astype("f8") / 8 - 1000).astype(self.dtype)
            cells[:, :7, :9] = np.nan
            return cells
        bits = 8 * self.dtype.itemsize
        return (hashed >> np.uint64(64 - bits)).astype(f"u{self.dtype.itemsize}").view(self.dtype)


def quarters(cells):
    """The up to four cells below each cell of the next level, in the order of reading, absent ones masked."""
    n, height, width = cells.shape
    padded = np.zeros((n, height + height % 2, width + width % 2), cells.dtype)
    padded[:, :height, :width] = cells
    is_inside = np.zeros(padded.shape, bool)
    is_inside[:, :height, :width] = True
    split = lambda a: np.stack([a[:, i::2, j::2] for i in (0, 1) for j in (0, 1)])  # noqa: E731
    return split(padded), split(is_inside)


def mean_of(values, dtype):
    if dtype.kind == "f":
        total = 0.0
        for v in values:
            total += float(v)
        return total / len(values)
    total, n = sum(int(v) for v in values), len(values)
    return -((n - 2 * total) // (2 * n)) if total < 0 else (2 * total + n) // (2 * n)


def halved(cells, resampling, nodata):
    if resampling == "nearest":
        return cells[:, ::2, ::2]
    four, counts = quarters(cells)
    counts &= ~np.isnan(four) if cells.dtype.kind == "f" else four != nodata
    out = four[0].copy()
    for index in np.ndindex(out.shape):
        values = four[(slice(None), *index)][counts[(slice(None), *index)]]
        if len(values):
            out[index] = mean_of(values, cells.dtype) if resampling == "average" else Counter(values.tolist()).most_common(1)[0][0]
    return out


def levels_of(made):
    """All overviews of the raster, largest first."""
    cells, tile = made.cells(), 64 if made.shape == (2, 150, 201) else 512
    out = []
    while max(cells.shape[1:]) > tile:
        cells = halved(cells, made.resampling, 7)
        out.append(cells)
    return out


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_cells_and_description_are_those_written(path):
    made = Made(path)
    with rasterio.open(path) as f:
        np.testing.assert_array_equal(f.read(), made.cells(), strict=True)
        assert f.crs.to_epsg() == 32631
        assert f.transform.to_gdal() == (500000, 10, 0, 4100010, 0, -20)
        nodata = {"f": "nan", "c": "None"}.get(made.dtype.kind, "7.0")
        assert str(f.nodata) == nodata
        assert set(f.scales) == {0.25} and set(f.offsets) == {-3} and set(f.units) == {"K"}
        assert set(f.descriptions) == {"température"}
        assert f.tags()["source"] == "a <test> & more" and f.tags()["TIFFTAG_SOFTWARE"] == "rastream"
        codec = {"default": "deflate", "none": None, "zstd": "zstd"}[made.codec]
        assert f.profile.get("compress") == codec
        assert f.profile["interleave"] == (made.interleave if made.shape[0] > 1 else "band")
    assert struct.unpack("<H", path.read_bytes()[2:4])[0] == (43 if made.is_big else 42)


@pytest.mark.parametrize("path", [p for p in FILES if "1x1_" not in p.stem], ids=lambda p: p.stem)
def test_overviews_are_made_as_asked(path):
    made = Made(path)
    expected = levels_of(made)
    with rasterio.open(path) as f:
        assert len(f.overviews(1)) == len(expected)
    for level, cells in enumerate(expected):
        with rasterio.open(path, overview_level=level) as f:
            np.testing.assert_array_equal(f.read(), cells, strict=True)


@pytest.mark.parametrize("path", FILES + CRS_FILES, ids=lambda p: p.stem)
def test_rio_cogeo_finds_neither_errors_nor_warnings(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        is_valid, errors, notes = cog_validate(path, strict=True, quiet=True)
    if path in FILES and Made(path).shape == (1, 700, 1):
        # It divides widths, of which 1 has no half, and says the same of the file that GDAL's COG driver makes.
        assert errors == ["Invalid Decimation 1 for overview level 0"]
    else:
        assert (is_valid, errors, notes) == (True, [], [])


def test_the_validator_of_gdal_finds_neither_errors_nor_warnings():
    code = """if True:
        import sys
        from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate
        for path in sys.stdin.read().split():
            notes, errors, _ = validate(path, full_check=True)
            if notes or errors:
                print(path, notes, errors)
    """
    names = "\n".join(map(str, FILES + CRS_FILES))
    done = subprocess.run([SYSTEM_PYTHON, "-c", code], input=names, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_gdal_of_the_system_sees_the_same_checksums():
    """gdalinfo is another version of GDAL than rasterio's: before 3.7 it takes int8 for uint8 in its checksums."""
    for path in [p for p in FILES if Made(p).dtype != np.int8][::9]:
        with rasterio.open(path) as f:
            expected = [f.checksum(b) for b in f.indexes]
        done = subprocess.run(["gdalinfo", "-checksum", path], capture_output=True, text=True, check=True)
        assert not done.stderr
        seen = [int(line.split("=")[1]) for line in done.stdout.splitlines() if "Checksum=" in line]
        assert seen[:len(expected)] == expected


@pytest.mark.parametrize("path", CRS_FILES, ids=lambda p: p.stem)
def test_every_crs_is_kept(path):
    with rasterio.open(path) as f:
        kept = CRS.from_user_input(f.crs)
    assert kept.equals(CRS.from_epsg(int(path.stem)), ignore_axis_order=True)


def test_there_are_files_to_check():
    assert len(FILES) > 200 and len(CRS_FILES) == 15
