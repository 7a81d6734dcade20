#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures rastream beside its peers, part by part; each part runs all that it compares in one go. Writes
build/bench/results.json, which keeps the parts that were not run again, and docs/benchmarks.md.

usage: bench/run.py [--peers PYTHON] [--rechunker PYTHON] [--peer-programs DIR] [--repeat N] [PART ...]
  --peers PYTHON        a Python with dask, xarray, h5py, netCDF4, rioxarray, zarr and tensorstore
                        (default: $PEERS_PYTHON, then ~/peers/bin/python)
  --rechunker PYTHON    a Python with rechunker and zarr < 3 (default: $RECHUNKER_PYTHON)
  --peer-programs DIR   holds spring_index_dask.py (default: ../shared/peers)
  PART                  a file of bench/parts (default: all but conus, which needs 12 GB)
"""
import argparse
import importlib
import json
import os
import pathlib
import platform
import subprocess
import time

from measuring import ROOT, WORK

# In the order of the page.
PARTS = [
    "spring_index", "conus", "decode", "open_files", "geotiff", "cog_write", "zarr_io", "rechunk", "planning",
    "stac", "stac_search", "transfers",
]


def machine():
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{model}, {os.cpu_count()} cores, {round(memory)} GiB"


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def part(name):
    return importlib.import_module(f"parts.{name}")


def write_page(results):
    sections = [f"# Benchmarks\n\nWritten by `./dev bench` on {machine()}. Synthetic Daymet-like files (41 % of the cells without data, "
                "chunks 1 x 1000 x 1000, deflate 4), in the page cache; medians of whole processes, or the best of some repeats "
                "where a table compares work within one. Each table was measured in one run."]
    for name in PARTS:
        if results.get(name, {}).get("result"):
            sections.append(f"{part(name).page(results[name]['result'])}\n\n*{results[name]['date']}, commit {results[name]['commit']}*")
    notes = ROOT / "bench" / "notes.md"
    sections.append(notes.read_text().strip())
    (ROOT / "docs" / "benchmarks.md").write_text("\n\n".join(sections) + "\n")


def existing(path):
    return path if path and pathlib.Path(path).exists() else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=os.environ.get("PEERS_PYTHON", str(pathlib.Path.home() / "peers" / "bin" / "python")))
    parser.add_argument("--rechunker", default=os.environ.get("RECHUNKER_PYTHON"))
    parser.add_argument("--peer-programs", type=pathlib.Path, default=ROOT.parent / "shared" / "peers")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []])
    options = parser.parse_args()
    options.peers = existing(options.peers)
    options.rechunker = existing(options.rechunker)
    if not options.peers:
        print("peers: not installed, so ratios are left out")
    WORK.mkdir(parents=True, exist_ok=True)
    kept = WORK / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for name in options.parts or [p for p in PARTS if p != "conus"]:
        print(f"measuring {name} ...", flush=True)
        results[name] = {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "result": part(name).run(options)}
        kept.write_text(json.dumps(results, indent=1))
    write_page(results)
    print((ROOT / "docs" / "benchmarks.md").read_text())


if __name__ == "__main__":
    main()
