# SPDX-License-Identifier: Apache-2.0
"""What rastream reads of a GeoTIFF is what rasterio reads: cells, dtype, CRS, geotransform, nodata, mask and overviews.

    export RASTREAM_GEOTIFF_READ_ORACLE=/tmp/oracle
    python tests/oracle/geotiff_check.py                                   makes files beside those of shared/data
    build/dev/format_test --gtest_filter='GeoTiffReadOracle.*'                 writes what is read of all of them
    pytest tests/oracle/geotiff_check.py
"""
import itertools
import json
import math
import os
import pathlib
import sys
import warnings

import numpy as np
import pytest
import rasterio
from rasterio.enums import MaskFlags

ROOT = pathlib.Path(os.environ["RASTREAM_GEOTIFF_READ_ORACLE"])
COMPLEX_INTEGERS = {"complex_int16": "complex64"}


def make_files():
    folder = ROOT / "in"
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    dtypes = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "complex64", "complex128"]
    codecs = {"none": ["1"], "deflate": ["1", "2", "3"], "lzw": ["1", "2", "3"], "zstd": ["1", "2", "3"], "packbits": ["1"],
              "lzma": ["1"]}
    for dtype, (codec, predictors), order in itertools.product(dtypes, codecs.items(), ("LITTLE", "BIG")):
        for predictor, interleave in itertools.product(predictors, ("pixel", "band")):
            if predictor == "3" and not dtype.startswith("float") or predictor == "2" and dtype.startswith("complex"):
                continue
            smooth = np.arange(2 * 70 * 90).reshape(2, 70, 90) // 3
            cells = (smooth + random.integers(0, 9, smooth.shape)).astype(dtype)
            name = f"{dtype}-{codec}-{predictor}-{order}-{interleave}.tif"
            options = {} if codec == "none" else {"compress": codec}
            if predictor != "1":
                options["predictor"] = predictor
            with rasterio.open(folder / name, "w", driver="GTiff", width=90, height=70, count=2, dtype=dtype, endianness=order,
                               interleave=interleave, tiled=True, blockxsize=32, blockysize=48, nodata=3,
                               transform=rasterio.Affine(10, 0, 5e5, 0, -20, 4e6), crs="EPSG:32631", **options) as file:
                file.write(cells)


def record():
    return json.loads((ROOT / "out/record.json").read_text())


def cells(variable):
    return np.fromfile(ROOT / "out" / variable["cells"], variable["dtype"]).reshape(variable["shape"])


def bits(array):
    return np.ascontiguousarray(array).view(np.uint8)


def equal_numbers(a, b):
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))


def number(value):
    return float(value) if isinstance(value, str) else value


def open_theirs(entry):
    group = entry["group"]
    options = {"overview_level": int(group.rsplit("_", 1)[1]) - 1} if group else {}
    return rasterio.open(entry["path"], **options)


def check_entry(entry):
    ours = entry["variables"]
    band = ours["band_data"]
    with open_theirs(entry) as file:
        theirs = file.read()
        assert band["shape"] == list(theirs.shape)
        # int8 is a type of its own since GDAL 3.7; complex integers have none in NumPy.
        assert band["dtype"] == str(theirs.dtype)
        if any("compression 7" in c for c in band["codecs"]):  # versions of libjpeg differ
            assert np.abs(cells(band).astype(float) - theirs).mean() < 3
        else:
            np.testing.assert_array_equal(bits(cells(band)), bits(theirs))
        transform = [float(n) for n in ours["spatial_ref"]["attributes"]["GeoTransform"].split()]
        with rasterio.open(entry["path"]) as whole:  # GDAL leaves the one of an overview undefined where there is none
            expected = whole.transform if whole.transform.is_identity else file.transform
        assert np.allclose(transform, expected.to_gdal(), rtol=1e-15, atol=0)
        wkt = ours["spatial_ref"]["attributes"].get("crs_wkt")
        crs = file.crs or (file.gcps[1] if file.gcps[0] else None)
        assert (wkt is None) == (crs is None)
        if wkt:
            assert rasterio.crs.CRS.from_wkt(wkt) == crs
        if "_FillValue" in band["attributes"]:
            assert equal_numbers(float(number(band["attributes"]["_FillValue"])), float(file.nodata))
        elif file.nodata is not None and not band["dtype"].startswith("complex"):
            assert not can_hold(band["dtype"], file.nodata)
        has_mask = file.mask_flag_enums[0] == [MaskFlags.per_dataset]
        assert has_mask == ("mask" in ours)
        if has_mask:
            np.testing.assert_array_equal(cells(ours["mask"]), file.dataset_mask())
        assert len(file.overviews(1)) == band["attributes"]["overviews"] or entry["group"]
        if "x" in ours:
            x, _ = rasterio.transform.xy(expected, [0] * file.width, range(file.width))
            np.testing.assert_allclose(cells(ours["x"]), x, rtol=1e-12)


def can_hold(dtype, value):
    if dtype.startswith("float"):
        return True
    info = np.iinfo(dtype)
    return info.min <= value <= info.max and value == int(value)


@pytest.mark.parametrize("entry", record() if (ROOT / "out/record.json").exists() else [],
                         ids=lambda e: pathlib.Path(e["path"]).name + e["group"])
def test_a_file_is_what_rasterio_reads(entry):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "error" not in entry:
            return check_entry(entry)
        if "fuzz_images" in entry["path"]:  # versions of GDAL differ in which of them they refuse
            return
        with pytest.raises(Exception), open_theirs(entry) as file:
            file.read()


def test_most_files_are_read_by_our_own_code():
    entries = [e for e in record() if "error" not in e]
    through_gdal = [e for e in entries if any(c.startswith("read by GDAL") for c in e["variables"]["band_data"]["codecs"])]
    assert len(through_gdal) < 0.1 * len(entries), sorted({c for e in through_gdal for c in e["variables"]["band_data"]["codecs"]})


if __name__ == "__main__":
    make_files()
