# SPDX-License-Identifier: Apache-2.0
"""Makes the GeoTIFF files of the benchmark, and reads one as peers do.

usage: geotiff_peers.py make FOLDER | rioxarray FILE | rasterio FILE
"""
import json
import pathlib
import sys
import time
import warnings

import numpy as np
import rasterio

SIDE = 10980  # of a Sentinel-2 tile of 10 m
FILES = {"uint16.tif": ("uint16", 2, 512), "uint16_256.tif": ("uint16", 2, 256), "float32.tif": ("float32", 3, 512)}


def scene():
    """Something like land: smooth hills, fields with sharp edges, and noise of a few digital numbers."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype("f4")
    hills = 1500 + 900 * np.sin(x / 701) * np.cos(y / 523) + 200 * np.sin((x + 2 * y) / 97)
    fields = random.integers(0, 1200, (SIDE // 60, SIDE // 60)).astype("f4").repeat(60, 0).repeat(60, 1)
    return hills + fields + random.normal(0, 12, (SIDE, SIDE)).astype("f4")


def make(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cells = None
    for name, (dtype, predictor, tile) in FILES.items():
        if (folder / name).exists():
            continue
        cells = scene() if cells is None else cells
        with rasterio.open(folder / "new.tif", "w", driver="GTiff", width=SIDE, height=SIDE, count=1, dtype=dtype, tiled=True,
                           blockxsize=tile, blockysize=tile, compress="deflate", predictor=predictor, crs="EPSG:32631",
                           transform=rasterio.Affine(10, 0, 6e5, 0, -10, 5.8e6), num_threads="all_cpus") as file:
            file.write((cells / 10000 if dtype == "float32" else cells.clip(0)).astype(dtype), 1)
        (folder / "new.tif").rename(folder / name)


def read(how, path):
    if how == "rioxarray":
        import rioxarray
        with rioxarray.open_rasterio(path) as array:
            return array.values
    with rasterio.open(path, num_threads="all_cpus") as file:
        return file.read()


def main():
    warnings.simplefilter("ignore")
    how, path = sys.argv[1:3]
    if how == "make":
        return make(path)
    for _ in range(3):
        begin, cpu = time.perf_counter(), time.process_time()
        cells = read(how, path)
        time_s = time.perf_counter() - begin
        print(json.dumps({"reader": how, "time_s": time_s, "cpu_s": time.process_time() - cpu, "gb_per_s": cells.nbytes / time_s / 1e9}))


if __name__ == "__main__":
    main()
