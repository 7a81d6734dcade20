# SPDX-License-Identifier: Apache-2.0
"""365 x 1000 x 1000 float32 cells from chunks (1, 1000, 1000) to (365, 100, 100) within 512 MiB, beside rechunker on Dask."""
import shutil

from measuring import BUILD, PEERS, WORK, measure, table, threads_name


def measured(command):
    return {k: v for k, v in measure(command).items() if k != "output"}


def run(options):
    if not options.rechunker:
        return {}
    peer, results = PEERS / "rechunk_peer.py", {}
    for codec in ("zstd", "none"):
        folder = WORK / f"rechunk_{codec}"
        measure([options.rechunker, peer, "make", folder, codec])
        rows = results[codec] = {}
        for threads in (1, 2):
            command = [BUILD / "rastream", "convert", folder / "slices.zarr", folder / "ours.zarr", "--chunks", "time=-1,y=100,x=100",
                       "--codec", codec, "--memory", "512MiB", "--threads", threads, "--no-verify", "--overwrite", "--quiet"]
            rows[f"rastream, {threads_name(threads)}"] = measured(command)
            rows[f"rechunker, {threads_name(threads)}"] = measured([options.rechunker, peer, "rechunk", folder, codec, threads])
        measure([options.rechunker, peer, "compare", folder, codec])
        for name in ("ours.zarr", "theirs.zarr", "scratch.zarr"):
            shutil.rmtree(folder / name, ignore_errors=True)
    return results


def page(result):
    parts = []
    for codec, readers in result.items():
        rows = []
        for name, r in readers.items():
            ours = readers["rastream, " + name.split(", ")[1]]
            ratios = ["", ""] if r is ours else [f" ({r[k] / ours[k]:.1f}x)" for k in ("wall_s", "cpu_s")]
            rows.append([name, f"{r['wall_s']:.1f} s{ratios[0]}", f"{r['cpu_s']:.1f} s{ratios[1]}", f"{r['peak_mib']:.0f} MiB"])
        parts.append(f"## Rechunking 1.46 GB from (1, 1000, 1000) to (365, 100, 100), codec {codec}\n\n"
                     + table(["of ours in brackets", "wall", "CPU", "peak memory"], rows))
    return "\n\n".join(parts)
