# SPDX-License-Identifier: Apache-2.0
"""STAC catalogs: reading items from a tree of files and from one file, building and saving, beside pystac in one run.

pystac waits for no disk, so neither do we where a factor is given; beside it stands what waiting costs us, which is our default.
$RASTREAM_BENCH_ITEMS is the number of items of the largest catalog, of one file each (1000000: some 10 GB), $RASTREAM_BENCH_FOLDER
where catalogs are written.
"""
import json
import os
import pathlib
import shutil
import tempfile

from measuring import BUILD, PEERS, WORK, judged, json_lines, measure, python_with, table

BESIDE = [2_900, 10_000]
ALONE = [100_000, 1_000_000]
MOST = int(os.environ.get("RASTREAM_BENCH_ITEMS", "1000000"))
READ_GOALS = [("from a tree of files", "walk_s", 40), ("from one file", "read_s", 100)]
SAVE_GOAL = 300
LINEAR_GOAL = 1.5  # a small file system cache and a large one are not the same


def ours(folder, n, threads, *sync):
    measured = measure([BUILD / "bench_stac_io", folder, n, threads, *sync])
    return json.loads(measured["output"]) | {"peak_mib": measured["peak_mib"]}


def run(options):
    python = python_with("pystac", options)
    WORK.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ.get("RASTREAM_BENCH_FOLDER", WORK)))
    result = {"synced": {}, "one_thread": {}, "ours": {}, "pystac": {}}
    try:
        for n in [n for n in BESIDE + ALONE if n <= MOST]:
            result["synced"][n] = ours(folder / f"synced{n}", n, 0, "sync")
            result["ours"][n] = ours(folder / f"all{n}", n, 0)
            if n not in BESIDE:
                continue
            result["one_thread"][n] = ours(folder / f"one{n}", n, 1)
            if python:
                result["pystac"][n] = json_lines([python, "-W", "ignore", PEERS / "stac_peers.py", folder / f"one{n}", n])[0]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {who: {str(n): r for n, r in runs.items()} for who, runs in result.items()}


def per_item(seconds, n):
    return f"{seconds / int(n) * 1e6:.1f} µs"


def saving(r):
    return r["build_s"] + r["save_s"]


def read_row(title, key, goal, n, result):
    one, all_of_them, peer = (result[who].get(n) for who in ("one_thread", "ours", "pystac"))
    row = [title, per_item(peer[key], n) if peer else "", per_item(one[key], n), per_item(all_of_them[key], n)]
    if not peer:
        return [*row, "", ""]
    factor = peer[key] / one[key]
    return [*row, f"{factor:.0f}x", f"{goal}x: {judged(factor, goal, True)}"]


def save_row(n, r, result):
    peer, first = result["pystac"].get(n), next(iter(result["ours"].items()))
    factor = saving(peer) / saving(r) if peer else None
    growth = saving(r) / int(n) / (saving(first[1]) / int(first[0]))
    if peer and int(n) == BESIDE[-1]:
        goal = f"{SAVE_GOAL}x: {judged(factor, SAVE_GOAL, True)}"
    else:
        goal = f"linear: {judged(growth, LINEAR_GOAL, False)}" if int(n) in ALONE else ""
    return [n, f"{peer['build_s']:.2f} s, {peer['save_s']:.2f} s" if peer else "", f"{r['build_s']:.3f} s, {r['save_s']:.3f} s",
            per_item(saving(r), n), f"{result['synced'][n]['save_s']:.3f} s", f"{factor:.0f}x" if peer else "", f"{r['peak_mib']:.0f} MiB", goal]


def page(result):
    n = list(result["one_thread"])[-1]
    reading = [read_row(title, key, goal, n, result) for title, key, goal in READ_GOALS]
    making = [save_row(n, r, result) for n, r in result["ours"].items()]
    return (f"## Reading {n} STAC items of seven assets\n\nTime an item; the factor is that of one thread.\n\n" +
            table(["", "pystac", "rastream, 1 thread", "rastream", "factor", "goal"], reading) +
            "\n\n## Building and saving STAC catalogs\n\nItems with seven assets, in sub-catalogs by year; built, then saved.\n\n" +
            table(["items", "pystac", "rastream", "an item", "saved, on the disk", "factor", "peak memory", "goal"], making))
