# SPDX-License-Identifier: Apache-2.0
"""Makes the store of the rechunking benchmark, and rechunks it as rechunker does, which plans an intermediate store for
Dask. Zarr v2, zstd 3 or no codec. Needs a Python with rechunker, dask and zarr < 3.

usage: rechunk_peer.py make|compare FOLDER CODEC | rechunk FOLDER CODEC THREADS
"""
import os
import shutil
import sys

import numcodecs
import numpy as np
import zarr

SHAPE = (365, 1000, 1000)
SLICES = (1, 1000, 1000)
COLUMNS = (365, 100, 100)
CODECS = {"zstd": numcodecs.Zstd(3), "none": None}


def make(folder, codec):
    """Weather-like cells: a season, a gradient and noise of one decimal."""
    path = os.path.join(folder, "slices.zarr")
    if os.path.exists(os.path.join(path, "a", "364.0.0")):
        return
    a = zarr.open_group(path, mode="w").create_dataset("a", shape=SHAPE, chunks=SLICES, dtype="f4", compressor=CODECS[codec], fill_value=np.nan)
    a.attrs["_ARRAY_DIMENSIONS"] = ["time", "y", "x"]
    random = np.random.default_rng(1)
    slope = np.linspace(0, 20, SHAPE[1], dtype="f4")[:, None]
    for day in range(SHAPE[0]):
        noise = random.standard_normal(SHAPE[1:], dtype="f4")
        a[day] = np.round(15 - slope + 10 * np.sin(2 * np.pi * day / 365) + noise, 1)


def rechunk(folder, codec, threads):
    import dask
    import rechunker

    source, target, scratch = (os.path.join(folder, name) for name in ("slices.zarr", "theirs.zarr", "scratch.zarr"))
    for path in (target, scratch):
        shutil.rmtree(path, ignore_errors=True)
    with dask.config.set(scheduler="threads", num_workers=threads):
        rechunker.rechunk(zarr.open_group(source, mode="r")["a"], COLUMNS, f"{512 // threads}MB", target, temp_store=scratch,
                          target_options={"compressor": CODECS[codec]}, temp_options={"compressor": None}).execute()


def compare(folder):
    theirs = zarr.open(os.path.join(folder, "theirs.zarr"), mode="r")
    ours = zarr.open_group(os.path.join(folder, "ours.zarr"), mode="r")["a"]
    if ours.chunks != COLUMNS or not np.array_equal(theirs[:], ours[:]):
        sys.exit("the two copies differ")


def main():
    what, folder, codec = sys.argv[1:4]
    if what == "make":
        make(folder, codec)
    elif what == "compare":
        compare(folder)
    else:
        rechunk(folder, codec, int(sys.argv[4]))


if __name__ == "__main__":
    main()
