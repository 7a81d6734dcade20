# SPDX-License-Identifier: Apache-2.0
"""The main job on 1000 x 1000 cells x 300 days beside Dask + Xarray, whose dates are compared with ours."""
import shutil
import subprocess

from measuring import BUILD, WORK, measure, median, table, threads_name, tile

# Cells of all plants whose dates differ, of how many.
COMPARE = """
import sys, numpy as np, xarray as xr
a, b = (xr.open_zarr(p, group='1980').load() for p in sys.argv[1:])
n = d = far = 0
for v in ('first-leaf', 'first-bloom'):
    x, y = a[v].values, b[v].values
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    n += x.size; d += int((~same).sum()); far += int((np.abs(x - y) > 1).sum() + (np.isnan(x) != np.isnan(y)).sum())
print(n, d, far)
"""


def inputs(files):
    return [f"--{v}={files[v]}" for v in ("tmin", "tmax", "dayl")]


def built_in(files, out, *extra):
    return [BUILD / "rastream", "spring-index", *inputs(files), f"--out={out}", "--quiet", *extra]


def generic(files, out, *extra):
    return [BUILD / "spring_index_generic", *inputs(files), f"--out={out}", "--group=1980", *extra]


def fresh(name):
    shutil.rmtree(WORK / name, ignore_errors=True)
    return WORK / name


def repeat(n, make_command):
    runs = [measure(make_command(fresh("out.zarr"))) for _ in range(n + 1)]
    return median(runs[1:])  # the first warms the page cache


def ours(files, n):
    rows = {}
    for name, extra in {"built-in": [], "built-in --float32": ["--float32"]}.items():
        for threads in (1, 2):
            rows[f"{name}, {threads_name(threads)}"] = repeat(
                n, lambda out: built_in(files, out, "--memory=512MiB", f"--threads={threads}", *extra))
    for threads in (1, 2):
        rows[f"generic, {threads_name(threads)}"] = repeat(
            n, lambda out: generic(files, out, "--memory=512MiB", f"--threads={threads}"))
    return rows


def dask(files, options):
    flat = WORK / "flat"
    flat.mkdir(exist_ok=True)
    for path in files.values():
        if not (flat / path.name).exists():
            (flat / path.name).symlink_to(path)
    run = measure([options.peers, options.peer_programs / "spring_index_dask.py", flat, fresh("peer.zarr"), "--plants", "3", "--bloom"])
    return {k: run[k] for k in ("wall_s", "cpu_s", "peak_mib")}


def differing_dates(files, options):
    found = {}
    for name, command in {"the built-in": built_in(files, WORK / "dates.zarr"),
                          "the built-in with --float32": built_in(files, WORK / "dates.zarr", "--float32"),
                          "the generic form": generic(files, WORK / "dates.zarr")}.items():
        fresh("dates.zarr")
        measure(command)
        output = subprocess.run([options.peers, "-c", COMPARE, WORK / "dates.zarr", WORK / "peer.zarr"], check=True, capture_output=True, text=True).stdout
        found[name] = [int(n) for n in output.split()]
    return found


def run(options):
    files = tile()
    result = {"ours": ours(files, options.repeat)}
    if options.peers:
        result["peer"] = dask(files, options)
        result["dates"] = differing_dates(files, options)
    return result


def page(result):
    peer = result.get("peer")
    rows = []
    for name, r in ([("Dask + Xarray, threads", peer)] if peer else []) + list(result["ours"].items()):
        ratios = [f"{peer[k] / r[k]:.0f}x" if peer and r is not peer else "" for k in ("cpu_s", "wall_s")]
        rows.append([name, f"{r['wall_s']:.2f} s", f"{r['cpu_s']:.2f} s", f"{r['peak_mib']:.0f} MiB", *ratios])
    text = "## The main job\n\n" + table(["leaf + bloom + mean, 1000 x 1000 cells x 300 days", "wall", "CPU", "peak memory", "CPU ratio", "wall ratio"], rows)
    for name, (n, d, far) in result.get("dates", {}).items():
        text += f"\n\nDates of {name} against Dask + Xarray: {d} of {n} differ, {far} by more than a day or in being missing."
    return text
