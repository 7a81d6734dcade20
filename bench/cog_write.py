#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures writing a cloud-optimized GeoTIFF (deflate, overviews) beside gdal_translate -of COG; prints a table.

usage: bench/cog_write.py [--side N] [--repeat N] [--codec NAME] [--levels N ...]
  --side N      cells along a side of the uint16 scene (default: 10980, a Sentinel-2 tile)
  --input FILE  write this raster instead
  --codec NAME  deflate or zstd
  --levels N    of our codec, several compared (default: its own)

Both read the same uncompressed tiles from the page cache. CPU and wall are of the whole process; the first run is not
counted, of the others the median is.
"""
import argparse

from run import BUILD, WORK, measure, median, table


def repeat(n, command, out):
    runs = []
    for _ in range(n + 1):
        for path in WORK.glob(out.name + "*"):
            path.unlink()
        runs.append(measure([*command, out] if command[0] == "gdal_translate" else [command[0], command[1], out, *command[2:]]))
    return {**median(runs[1:]), "mb": out.stat().st_size / 1e6}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=10980)
    parser.add_argument("--input")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--codec", default="deflate")
    parser.add_argument("--levels", type=int, nargs="+", default=[-1])
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    source = args.input or WORK / f"scene_{args.side}.tif"
    if not args.input and not source.exists():
        measure([BUILD / "bench_cog_write", "--make", source, args.side])
    rows = {}
    for threads in (1, 2):
        for level in args.levels:
            name = f"rastream, {threads} thread{'s' * (threads > 1)}" + (f", level {level}" if level > 0 else "")
            rows[name] = repeat(args.repeat, [BUILD / "bench_cog_write", source, threads, args.codec, level], WORK / "ours.tif")
        for resampling in ("NEAREST", "CUBIC"):
            rows[f"GDAL, {threads} thread{'s' * (threads > 1)}, {resampling.lower()}"] = repeat(
                args.repeat, ["gdal_translate", "-q", "-of", "COG", "-co", f"COMPRESS={args.codec.upper()}", "-co", "PREDICTOR=YES",
                              "-co", f"NUM_THREADS={threads}", "-co", f"OVERVIEW_RESAMPLING={resampling}", source], WORK / "gdal.tif")
    lines = [[name, f"{r['wall_s']:.2f} s", f"{r['cpu_s']:.2f} s", f"{r['peak_mib']:.0f} MiB", f"{r['mb']:.1f} MB"] for name, r in rows.items()]
    print(table(["writing a COG", "wall", "CPU", "peak memory", "file"], lines))


if __name__ == "__main__":
    main()
