# SPDX-License-Identifier: Apache-2.0
"""Makes the cells of the Zarr benchmark, and writes and reads them as peers do.

usage: zarr_peers.py make CELLS.npy | zarr-python|tensorstore CELLS.npy FOLDER zstd|blosc|sharded THREADS [REPEATS]
"""
import json
import pathlib
import resource
import shutil
import sys
import time

import numpy as np

CHUNK, SHARD, INNER = (1, 1024, 1024), (4, 2048, 2048), (1, 256, 256)
ZSTD = {"name": "zstd", "configuration": {"level": 1, "checksum": False}}
BLOSC = {"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 4, "blocksize": 0}}
BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
CODECS = {"zstd": [BYTES, ZSTD], "blosc": [BYTES, BLOSC],
          "sharded": [{"name": "sharding_indexed", "configuration": {
              "chunk_shape": INNER, "codecs": [BYTES, ZSTD], "index_codecs": [BYTES, {"name": "crc32c"}], "index_location": "end"}}]}


def make(path):
    if not pathlib.Path(path).exists():
        steps = np.random.default_rng(3).normal(0, 0.05, (64, 2048, 2048)).astype("f4")
        np.save(path, np.cumsum(steps, axis=2).round(2).astype("f4"))


def zarr_python(path, codec, threads):
    import zarr
    from zarr.codecs import BloscCodec, ZstdCodec
    zarr.config.set({"threading.max_workers": threads, "async.concurrency": max(threads, 10)})
    compressor = BloscCodec(cname="lz4", clevel=5, shuffle="shuffle", typesize=4) if codec == "blosc" else ZstdCodec(level=1)
    layout = {"chunks": INNER, "shards": SHARD} if codec == "sharded" else {"chunks": CHUNK}

    def write(cells):
        zarr.create_array(path, shape=cells.shape, dtype="f4", compressors=compressor, zarr_format=3, **layout)[...] = cells

    def read(cells):
        out = zarr.core.buffer.default_buffer_prototype().nd_buffer.from_ndarray_like(cells)
        zarr.open_array(path, mode="r").get_basic_selection(..., out=out)
    return write, read


def tensorstore(path, codec, threads):
    import tensorstore
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": path},
            "context": {"data_copy_concurrency": {"limit": threads}, "file_io_concurrency": {"limit": threads}}}

    def write(cells):
        grid = {"name": "regular", "configuration": {"chunk_shape": SHARD if codec == "sharded" else CHUNK}}
        metadata = {"shape": cells.shape, "data_type": "float32", "chunk_grid": grid, "codecs": CODECS[codec]}
        tensorstore.open(spec | {"metadata": metadata}, create=True).result().write(cells).result()

    def read(cells):
        tensorstore.array(cells, copy=False).write(tensorstore.open(spec).result()).result()
    return write, read


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    if sys.argv[1] == "make":
        return make(sys.argv[2])
    peer, npy, folder, codec, threads = sys.argv[1:6]
    cells = np.load(npy)
    path = f"{folder}/bench_zarr_peer.zarr"
    write, read = {"zarr-python": zarr_python, "tensorstore": tensorstore}[peer](path, codec, int(threads))

    back = np.ones_like(cells)  # what its first touch costs is the machine's business

    def timed(what, work, array):
        begin, cpu = time.perf_counter(), cpu_seconds()
        work(array)
        time_s = time.perf_counter() - begin
        print(json.dumps({"what": what, "codec": codec, "threads": int(threads), "time_s": time_s, "cpu_s": cpu_seconds() - cpu,
                          "gb_per_s": cells.nbytes / time_s / 1e9}), flush=True)

    repeats = int(sys.argv[6]) if len(sys.argv) > 6 else 3
    for _ in range(repeats):
        shutil.rmtree(path, ignore_errors=True)
        timed("write", write, cells)
    for _ in range(repeats):
        timed("read", read, back)
    if not np.array_equal(back, cells):
        sys.exit(f"{peer}: other cells came back than were written")
    shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
