# SPDX-License-Identifier: Apache-2.0
"""1.07 GB of float32 cells written to and read from Zarr v3, beside TensorStore and zarr-python."""
from measuring import BUILD, PEERS, WORK, best, json_lines, measure, table, threads_name

CODECS = {"zstd": "zstd 1, chunks of 4 MiB", "blosc": "blosc lz4 5 shuffle, chunks of 4 MiB",
          "sharded": "zstd 1, chunks of 256 KiB in shards of 64 MiB"}


def run(options):
    if not options.peers:
        return {}
    peers, cells = PEERS / "zarr_peers.py", WORK / "zarr_cells.npy"
    measure([options.peers, peers, "make", cells])
    results = {}
    for codec in CODECS:
        rows = results[codec] = {}
        for threads in (1, 2):
            for name, command in {"rastream": [BUILD / "bench_zarr_io"], "TensorStore": [options.peers, peers, "tensorstore"],
                                  "zarr-python": [options.peers, peers, "zarr-python"]}.items():
                lines = json_lines([*command, cells, WORK, codec, threads, options.repeat])
                rows[f"{name}, {threads_name(threads)}"] = {what: best(r for r in lines if r["what"] == what) for what in ("write", "read")}
    return results


def page(result):
    parts = []
    for codec, readers in result.items():
        rows = []
        for name, r in readers.items():
            ours = readers["rastream, " + name.split(", ")[1]]
            cells = [f"{r[what][k]:.2f} s" for what in ("write", "read") for k in ("time_s", "cpu_s")]
            ratios = ["" if r is ours else f"{r[what][k] / ours[what][k]:.1f}x" for what in ("write", "read") for k in ("time_s", "cpu_s")]
            rows.append([name, *[f"{c} ({x})" if x else c for c, x in zip(cells, ratios)]])
        parts.append(f"## Zarr v3 of 1.07 GB: {CODECS[codec]}\n\n"
                     + table(["of ours in brackets", "write, wall", "write, CPU", "read, wall", "read, CPU"], rows))
    return "\n\n".join(parts)
