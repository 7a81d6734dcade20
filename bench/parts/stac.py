# SPDX-License-Identifier: Apache-2.0
"""STAC catalogs: reading items from a tree of files and from one file, building and saving, beside pystac in one run."""
import shutil

from measuring import BUILD, PEERS, WORK, json_lines, table

N = 10_000
LARGE = [100_000, 1_000_000]


def run(options):
    folder = WORK / "stac"
    ours = {threads: json_lines([BUILD / "bench_stac_io", folder, N, threads])[0] for threads in (0, 1)}
    peer = json_lines([options.peers, PEERS / "stac_peers.py", folder, N])[0] if options.peers else None
    large = [json_lines([BUILD / "bench_stac_io", folder, n, 0])[0] for n in LARGE]
    shutil.rmtree(folder, ignore_errors=True)
    return {"ours": ours[0], "one_thread": ours[1], "pystac": peer, "large": large}


def per_item(seconds, n):
    return f"{seconds / n * 1e6:.1f} µs"


def page(result):
    ours, one, peer = result["ours"], result["one_thread"], result["pystac"]
    rows = []
    for what, keys, factor_of in (("read items from a tree of files", ["walk_s"], one), ("read items from one file", ["read_s"], one),
                                  ("build with sub-catalogs and save", ["build_s", "save_s"], ours)):
        seconds = [sum(r[key] for key in keys) if r else None for r in (peer, one, ours)]
        factor = f"{seconds[0] / sum(factor_of[key] for key in keys):.0f}" if peer else ""
        rows.append([what, *[per_item(s, N) if s is not None else "" for s in seconds], factor])
    text = f"## STAC catalogs of {N} items with seven assets\n\nTime an item. The factor is of one thread; of building "
    text += "and saving, of all.\n\n" + table(["", "pystac", "rastream, 1 thread", "rastream", "factor"], rows)
    rows = [[f"{r['n']}", per_item(r["build_s"] + r["save_s"], r["n"]), per_item(r["walk_s"], r["n"]), per_item(r["read_s"], r["n"])]
            for r in [ours, *result["large"]]]
    return text + "\n\n" + table(["items", "build and save", "read the tree", "read one file"], rows)
