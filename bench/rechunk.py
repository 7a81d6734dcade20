# SPDX-License-Identifier: Apache-2.0
"""Rechunks 365 x 1000 x 1000 float32 cells from (1, 1000, 1000) to (365, 100, 100) within 512 MiB: rastream beside
rechunker, which plans an intermediate store for Dask. Both read and write Zarr v2 with zstd 3.

usage: rechunk.py [--program build/release/rastream] [--folder /var/tmp/rechunk] [--threads 2]
Needs a Python with rechunker, dask, zarr < 3 and numcodecs."""
import argparse
import os
import shutil
import subprocess
import sys
import time

import numcodecs
import numpy as np
import zarr

SHAPE = (365, 1000, 1000)
SLICES = (1, 1000, 1000)
COLUMNS = (365, 100, 100)


def make(path):
    """Weather-like cells: a season, a gradient and noise of two decimals."""
    store = zarr.open_group(path, mode="w")
    a = store.create_dataset("a", shape=SHAPE, chunks=SLICES, dtype="f4", compressor=numcodecs.Zstd(3), fill_value=np.nan)
    a.attrs["_ARRAY_DIMENSIONS"] = ["time", "y", "x"]
    random = np.random.default_rng(1)
    slope = np.linspace(0, 20, SHAPE[1], dtype="f4")[:, None]
    for day in range(SHAPE[0]):
        noise = random.standard_normal(SHAPE[1:], dtype="f4")
        a[day] = np.round(15 - slope + 10 * np.sin(2 * np.pi * day / 365) + noise, 1)


def rechunk_with_dask(source, target, scratch, threads):
    import dask
    from rechunker import rechunk

    for path in (target, scratch):
        shutil.rmtree(path, ignore_errors=True)
    with dask.config.set(scheduler="threads", num_workers=threads):
        plan = rechunk(zarr.open_group(source, mode="r")["a"], COLUMNS, f"{512 // threads}MB", target, temp_store=scratch,
                       target_options={"compressor": numcodecs.Zstd(3)}, temp_options={"compressor": None})
        plan.execute()


def measured(command):
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {command}\n{output}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="build/release/rastream")
    parser.add_argument("--folder", default="/var/tmp/rechunk")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only-dask", action="store_true", help=argparse.SUPPRESS)
    a = parser.parse_args()
    source, ours, theirs = (os.path.join(a.folder, name) for name in ("slices.zarr", "ours.zarr", "theirs.zarr"))
    if a.only_dask:
        return rechunk_with_dask(source, theirs, os.path.join(a.folder, "scratch.zarr"), a.threads)
    os.makedirs(a.folder, exist_ok=True)
    if not os.path.exists(os.path.join(source, "a", "364.0.0")):
        make(source)
    runs = {"rastream": [a.program, "convert", source, ours, "--chunks", "time=-1,y=100,x=100", "--memory", "512MiB", "--threads",
                         str(a.threads), "--no-verify", "--overwrite"],
            "rechunker": [sys.executable, __file__, "--only-dask", "--folder", a.folder, "--threads", str(a.threads)]}
    print(f"{'':10} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}")
    for name, command in runs.items():
        wall, cpu, peak, output = measured(command)
        print(f"{name:10} {wall:8.2f} {cpu:8.2f} {peak:9.0f}")
        if output:
            print("    " + output.strip().replace("\n", "\n    "))
    if not np.array_equal(zarr.open(theirs, mode="r")[:], zarr.open_group(ours, mode="r")["a"][:]):
        sys.exit("the two copies differ")


if __name__ == "__main__":
    main()
