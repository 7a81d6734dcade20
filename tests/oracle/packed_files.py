# SPDX-License-Identifier: Apache-2.0
"""Writes an HDF5 file through hdf5plugin: packed_files.py FILTER PATH.

A program of its own, because netCDF4-python sets a folder of plugins that replace those of hdf5plugin in its process.
"""
import sys

import numpy as np

SHAPE = (33, 50, 7)
DTYPES = ("i1", "u1", "<i2", ">i2", "<u2", "<i4", ">u4", "<i8", "<u8", ">i8", "<f4", ">f4", "<f8", ">f8")


def some_cells(dtype, shape=SHAPE):
    """They compress, though not to nothing."""
    random = np.random.default_rng(1)
    return (np.arange(np.prod(shape)).reshape(shape) // 50 % 100 + random.integers(0, 3, shape)).astype(dtype)


def plugin(kind, **options):
    import hdf5plugin

    return dict(getattr(hdf5plugin, kind)(**options))


FILTERS = {
    "lzf": lambda: dict(compression="lzf"),
    "lzf_shuffled": lambda: dict(compression="lzf", shuffle=True),
    "gzip": lambda: dict(compression="gzip", shuffle=True),
    "szip_nn": lambda: dict(compression="szip", compression_opts=("nn", 8)),
    "szip_ec": lambda: dict(compression="szip", compression_opts=("ec", 16)),
    "lz4": lambda: plugin("LZ4"),
    "lz4_blocks": lambda: plugin("LZ4", nbytes=512),
    "zstd": lambda: plugin("Zstd", clevel=5),
    "bzip2": lambda: plugin("BZip2", blocksize=5),
    "bitshuffle": lambda: plugin("Bitshuffle", cname="none"),
    "bitshuffle_lz4": lambda: plugin("Bitshuffle"),
    "bitshuffle_lz4_64": lambda: plugin("Bitshuffle", nelems=64),
    "bitshuffle_zstd": lambda: plugin("Bitshuffle", cname="zstd", clevel=3),
    "zfp": lambda: plugin("Zfp", reversible=True),
} | {
    f"blosc_{inner}_{shuffle}": lambda inner=inner, shuffle=shuffle: plugin("Blosc", cname=inner, clevel=5, shuffle=shuffle)
    for inner in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")
    for shuffle in (0, 1, 2)
}


def labelled_types():
    for dtype in DTYPES:
        for checked in (False, True):
            yield f"{dtype.replace('<', 'little_').replace('>', 'big_')}_{checked}", dtype, checked


def main(name, path):
    import h5py

    with h5py.File(path, "w") as f:
        for label, dtype, checked in labelled_types():
            if name == "zfp" and np.dtype(dtype).itemsize < 4:
                continue
            f.create_dataset(label, data=some_cells(dtype), chunks=(8, 25, 7), fletcher32=checked, **FILTERS[name]())


if __name__ == "__main__":
    main(*sys.argv[1:])
