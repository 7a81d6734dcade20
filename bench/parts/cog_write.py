# SPDX-License-Identifier: Apache-2.0
"""Writing a cloud-optimized GeoTIFF of 10980 x 10980 uint16 cells (deflate, overviews) beside gdal_translate -of COG.

Both read the same uncompressed tiles from the page cache.
"""
from measuring import BUILD, WORK, measure, median, table, threads_name

SIDE = 10980


def repeat(n, make_command):
    out = WORK / "cog.tif"
    runs = []
    for _ in range(n + 1):
        for path in WORK.glob(out.name + "*"):
            path.unlink()
        runs.append(measure(make_command(out)))
    return {**median(runs[1:]), "mb": out.stat().st_size / 1e6}  # the first warms the page cache


def run(options):
    source = WORK / "scene.tif"
    if not source.exists():
        measure([BUILD / "bench_cog_write", "--make", source, SIDE])
    rows = {}
    for threads in (1, 2):
        rows[f"rastream, {threads_name(threads)}"] = repeat(
            options.repeat, lambda out: [BUILD / "bench_cog_write", source, out, threads, "deflate", -1])
        rows[f"GDAL, {threads_name(threads)}"] = repeat(
            options.repeat, lambda out: ["gdal_translate", "-q", "-of", "COG", "-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=YES", "-co",
                                         f"NUM_THREADS={threads}", "-co", "OVERVIEW_RESAMPLING=NEAREST", source, out])
    return rows


def page(result):
    base = result["GDAL, 2 threads"]
    rows = [[name, f"{r['wall_s']:.2f} s", f"{r['cpu_s']:.2f} s", f"{r['peak_mib']:.0f} MiB", f"{r['mb']:.1f} MB", f"{base['cpu_s'] / r['cpu_s']:.1f}x"]
            for name, r in result.items()]
    return "## Writing a COG of 10980 x 10980 uint16 cells\n\n" + table(["deflate", "wall", "CPU", "peak memory", "file", "CPU, of GDAL on 2"], rows)
