# SPDX-License-Identifier: Apache-2.0
"""Whole scenes of 10980 x 10980 cells, deflate with predictor 2 (uint16) and 3 (float32), beside GDAL and RioXarray."""
from measuring import BUILD, PEERS, WORK, best, json_lines, measure, table, threads_name


def run(options):
    results = {}
    if not options.peers:
        return results
    peers = PEERS / "geotiff_peers.py"
    measure([options.peers, peers, "make", WORK / "geotiff"])
    for path in sorted((WORK / "geotiff").glob("*.tif")):
        rows = results[path.stem] = {}
        for threads in (1, 2):
            rows[f"rastream, {threads_name(threads)}"] = best(json_lines([BUILD / "bench_geotiff", path, threads]))
            rows[f"GDAL, {threads_name(threads)}"] = best(json_lines([BUILD / "bench_geotiff", path, threads, 3, "gdal"]))
        rows["rioxarray"] = best(json_lines([options.peers, peers, "rioxarray", path]))
        rows["rasterio, all threads"] = best(json_lines([options.peers, peers, "rasterio", path]))
    return results


def page(result):
    parts = []
    for name, readers in result.items():
        base = readers["rioxarray"]["time_s"]
        rows = [[reader, f"{r['time_s']:.2f} s", f"{r['cpu_s']:.2f} s", f"{r['gb_per_s']:.2f} GB/s", f"{base / r['time_s']:.2f}x"]
                for reader, r in readers.items()]
        parts.append(f"## Reading a GeoTIFF of 10980 x 10980 cells ({name})\n\n" + table(["", "wall", "CPU", "cells", "of rioxarray"], rows))
    return "\n\n".join(parts)
