#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures rastream beside its peers in one run; writes build/bench/results.json and docs/benchmarks.md.

usage: bench/run.py [--peers PYTHON] [--peer-programs DIR] [--conus] [--repeat N]
  --peers PYTHON        a Python with dask, xarray and h5py (default: $PEERS_PYTHON, then ~/peers/bin/python)
  --peer-programs DIR   holds spring_index_dask.py (default: ../shared/peers)
  --conus               also one year of the CONUS box's size: 12 GB of files, some minutes to make
"""
import argparse
import json
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
WORK = ROOT / "build" / "bench"
MIB = 1 << 20


def measure(command, **kwargs):
    """Wall and CPU seconds, peak bytes and output of a whole process."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{output}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024, "output": output}


def median(runs):
    return {key: statistics.median(r[key] for r in runs) for key in ("wall_s", "cpu_s", "peak_mib")}


def repeat(n, make_command):
    runs = []
    for i in range(n + 1):  # the first warms the page cache
        out = WORK / "out.zarr"
        shutil.rmtree(out, ignore_errors=True)
        runs.append(measure(make_command(out)))
    return median(runs[1:])


def weather(folder, **window):
    """Paths of tmin, tmax, dayl, made once."""
    if not (folder / "catalog.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        flags = [f"--{k}={v}" for k, v in window.items()]
        measure([BUILD / "rastream", "make-daymet", folder, *flags])
    found = {v: next(folder.rglob(f"daymet_v4_daily_na_{v}_1980.nc")) for v in ("tmin", "tmax", "dayl")}
    return found


def inputs(files):
    return [f"--{v}={files[v]}" for v in ("tmin", "tmax", "dayl")]


def spring_index(files, repeats):
    rows = {}
    for name, extra in {"built-in, 1 thread": ["--threads=1"], "built-in, 2 threads": ["--threads=2"],
                        "built-in --float32, 1 thread": ["--threads=1", "--float32"],
                        "built-in --float32, 2 threads": ["--threads=2", "--float32"]}.items():
        rows[name] = repeat(repeats, lambda out: [BUILD / "rastream", "spring-index", *inputs(files), f"--out={out}",
                                                  "--memory=512MiB", "--quiet", *extra])
    for threads in (1, 2):
        rows[f"generic, {threads} thread{'s' * (threads > 1)}"] = repeat(
            repeats, lambda out: [BUILD / "spring_index_generic", *inputs(files), f"--out={out}", "--group=1980",
                                  "--memory=512MiB", f"--threads={threads}"])
    return rows


def peer_spring_index(files, python, programs):
    flat = WORK / "flat"
    flat.mkdir(exist_ok=True)
    for path in files.values():
        link = flat / path.name
        if not link.exists():
            link.symlink_to(path)
    out = WORK / "peer.zarr"
    shutil.rmtree(out, ignore_errors=True)
    run = measure([python, programs / "spring_index_dask.py", flat, out, "--plants", "3", "--bloom"])
    return {k: run[k] for k in ("wall_s", "cpu_s", "peak_mib")}


def differing_dates(python, ours, peer):
    """Cells of all plants whose dates differ, of how many."""
    code = ("import sys, numpy as np, xarray as xr\n"
            "a, b = (xr.open_zarr(p, group='1980').load() for p in sys.argv[1:])\n"
            "n = d = far = 0\n"
            "for v in ('first-leaf', 'first-bloom'):\n"
            "    x, y = a[v].values, b[v].values\n"
            "    same = (x == y) | (np.isnan(x) & np.isnan(y))\n"
            "    n += x.size; d += int((~same).sum()); far += int((np.abs(x - y) > 1).sum() + (np.isnan(x) != np.isnan(y)).sum())\n"
            "print(n, d, far)\n")
    return [int(n) for n in subprocess.run([python, "-c", code, ours, peer], check=True, capture_output=True, text=True).stdout.split()]


def decode(files, python):
    path = files["tmin"]
    rows = {}
    for threads in (1, 2):
        run = measure([BUILD / "bench_decode", path, "tmin", str(threads)])
        lines = [json.loads(line) for line in run["output"].strip().splitlines()]
        row = {"gb_per_s": max(line["decoded_gb_s"] for line in lines if "decoded_gb_s" in line)}
        rows[f"rastream, {threads} thread{'s' * (threads > 1)}"] = row
    if python:
        code = ("import h5py, sys, time\n"
                "v = h5py.File(sys.argv[1])['tmin']\n"
                "best = 1e9\n"
                "for _ in range(3):\n"
                "    t = time.perf_counter()\n"
                "    for i in range(v.shape[0]): v[i]\n"
                "    best = min(best, time.perf_counter() - t)\n"
                "print(v.size * 4 / best / 1e9)\n")
        gbps = float(subprocess.run([python, "-c", code, path], check=True, capture_output=True, text=True).stdout)
        rows["h5py"] = {"gb_per_s": gbps}
    return rows


def open_files(n):
    """Opens n copies of a file in Daymet's layout, without the metadata cache, filling it, and with it."""
    small = weather(WORK / "small", x0=4200, y0=4300, nx=4, ny=4, fill=0.41)["tmin"]
    folder = WORK / "open_files"
    run = measure([BUILD / "bench_open_files", small, str(n), folder])
    shutil.rmtree(folder, ignore_errors=True)
    return [json.loads(line) for line in run["output"].strip().splitlines()]


def best(command):
    """The fastest of the repeats that a program prints as JSON lines."""
    return min((json.loads(line) for line in measure(command)["output"].strip().splitlines()), key=lambda r: r["time_s"])


def geotiff(python):
    """Whole scenes of 10980 x 10980 cells: deflate with predictor 2 (uint16) and 3 (float32)."""
    peers = ROOT / "bench" / "geotiff_peers.py"
    measure([python, peers, "make", WORK / "geotiff"])
    results = {}
    for path in sorted((WORK / "geotiff").glob("*.tif")):
        rows = results[path.stem] = {}
        for threads in (1, 2):
            name = f"{threads} thread{'s' * (threads > 1)}"
            rows[f"rastream, {name}"] = best([BUILD / "bench_geotiff", path, threads])
            rows[f"GDAL, {name}"] = best([BUILD / "bench_geotiff", path, threads, 3, "gdal"])
        for peer in ("rioxarray", "rasterio"):
            rows[peer if peer == "rioxarray" else "rasterio, all threads"] = best([python, peers, peer, path])
    return results


def plan_cost():
    return [json.loads(line) for line in measure([BUILD / "bench_plan"])["output"].strip().splitlines()]


def machine():
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory), "commit": commit, "date": time.strftime("%Y-%m-%d")}


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(r) + " |" for r in rows])


def spring_table(rows, peer):
    lines = []
    for name, r in ([("Dask + Xarray, threads", peer)] if peer else []) + list(rows.items()):
        ratios = [f"{peer[k] / r[k]:.0f}x" if peer and r is not peer else "" for k in ("cpu_s", "wall_s")]
        lines.append([name, f"{r['wall_s']:.2f} s", f"{r['cpu_s']:.2f} s", f"{r['peak_mib']:.0f} MiB", *ratios])
    return table(["leaf + bloom + mean, 1000 x 1000 cells x 300 days", "wall", "CPU", "peak memory", "CPU ratio", "wall ratio"], lines)


def write_page(results):
    m = results["machine"]
    notes = (ROOT / "bench" / "notes.md")
    parts = [f"# Benchmarks\n\nWritten by `./dev bench`: {m['date']}, commit {m['commit']}, {m['cpu']}, {m['cores']} cores, "
             f"{m['memory_gib']} GiB. Synthetic Daymet-like files (41 % of the cells without data, chunks 1 x 1000 x 1000, deflate 4), "
             "in the page cache; whole processes; medians.",
             "## The main job\n\n" + spring_table(results["spring_index"], results.get("peer"))]
    if "dates" in results:
        parts.append("\n".join(f"Dates of {name} against Dask + Xarray: {d} of {n} differ, {far} by more than a day or in being missing."
                               for name, (n, d, far) in results["dates"].items()))
    if "conus" in results:
        rows = [[name, f"{r['wall_s']:.1f} s", f"{r['cpu_s']:.1f} s", f"{r['peak_mib']:.0f} MiB"] for name, r in results["conus"].items()]
        parts.append("## One year of the CONUS box's size\n\n" + table(["5734 x 3088 cells x 300 days", "wall", "CPU", "peak memory"], rows))
    base = results["decode"].get("h5py", {}).get("gb_per_s")
    rows = [[name, f"{r['gb_per_s']:.2f} GB/s", f"{r['gb_per_s'] / base:.2f}x" if base else ""] for name, r in results["decode"].items()]
    parts.append("## Decoding NetCDF-4 chunks (tmin)\n\n" + table(["", "decoded", "of h5py"], rows))
    rows = [[r["cache"], f"{r['open_s']:.2f} s", f"{r['index_s']:.2f} s", f"{r['cpu_s']:.2f} s"] for r in results["open_files"]]
    parts.append(f"## Opening {results['open_files'][0]['n_files']} NetCDF-4 files in Daymet's layout\n\n"
                 + table(["metadata cache", "open all", "find all chunks", "CPU"], rows))
    for name, readers in results.get("geotiff", {}).items():
        base = readers["rioxarray"]["time_s"]
        rows = [[reader, f"{r['time_s']:.2f} s", f"{r['cpu_s']:.2f} s", f"{r['gb_per_s']:.2f} GB/s", f"{base / r['time_s']:.2f}x"]
                for reader, r in readers.items()]
        parts.append(f"## Reading a GeoTIFF of 10980 x 10980 cells ({name})\n\n" + table(["", "wall", "CPU", "cells", "of rioxarray"], rows))
    rows = [[str(r["threads"]), str(r["chunks"]), f"{r['plan_ms']:.2f} ms", f"{r['us_per_task']:.2f} us"] for r in results["plan"]]
    parts.append("## Planning\n\n" + table(["threads", "chunks", "plan", "cost of a task"], rows))
    if notes.exists():
        parts.append(notes.read_text().strip())
    (ROOT / "docs" / "benchmarks.md").write_text("\n\n".join(parts) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("PEERS_PYTHON", str(pathlib.Path.home() / "peers" / "bin" / "python"))
    parser.add_argument("--peers", default=default)
    parser.add_argument("--peer-programs", type=pathlib.Path, default=ROOT.parent / "shared" / "peers")
    parser.add_argument("--conus", action="store_true")
    parser.add_argument("--repeat", type=int, default=3)
    a = parser.parse_args()
    python = a.peers if pathlib.Path(a.peers).exists() and (a.peer_programs / "spring_index_dask.py").exists() else None
    if not python:
        print("peers: not installed, so ratios are left out")
    WORK.mkdir(parents=True, exist_ok=True)
    results = {"machine": machine()}
    files = weather(WORK / "tile", x0=4200, y0=4300, nx=1000, ny=1000, fill=0.41)
    results["spring_index"] = spring_index(files, a.repeat)
    if python:
        results["peer"] = peer_spring_index(files, python, a.peer_programs)
        results["dates"] = {}
        for name, extra in {"the built-in": [], "the built-in with --float32": ["--float32"]}.items():
            out = WORK / "dates.zarr"
            shutil.rmtree(out, ignore_errors=True)
            measure([BUILD / "rastream", "spring-index", *inputs(files), f"--out={out}", "--quiet", *extra])
            results["dates"][name] = differing_dates(python, out, WORK / "peer.zarr")
        out = WORK / "dates.zarr"
        shutil.rmtree(out, ignore_errors=True)
        measure([BUILD / "spring_index_generic", *inputs(files), f"--out={out}", "--group=1980"])
        results["dates"]["the generic form"] = differing_dates(python, out, WORK / "peer.zarr")
    results["decode"] = decode(files, python)
    results["open_files"] = open_files(4400)
    if python:
        results["geotiff"] = geotiff(python)
    results["plan"] = plan_cost()
    if a.conus:
        files = weather(WORK / "conus", x0=2080, y0=3800, nx=5734, ny=3088, fill=0.41)
        results["conus"] = {}
        for threads in (1, 2):
            out = WORK / "out.zarr"
            shutil.rmtree(out, ignore_errors=True)
            run = measure([BUILD / "rastream", "spring-index", *inputs(files), f"--out={out}", "--memory=1GiB", "--quiet", f"--threads={threads}"])
            results["conus"][f"{threads} thread{'s' * (threads > 1)}"] = {k: run[k] for k in ("wall_s", "cpu_s", "peak_mib")}
    (WORK / "results.json").write_text(json.dumps(results, indent=1))
    write_page(results)
    print((ROOT / "docs" / "benchmarks.md").read_text())


if __name__ == "__main__":
    main()
