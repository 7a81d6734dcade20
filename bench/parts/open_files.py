# SPDX-License-Identifier: Apache-2.0
"""Opening thousands of small files in Daymet's layout: without the metadata cache, filling it, and with it."""
import shutil

from measuring import BUILD, WORK, json_lines, table, weather


def run(options):
    small = weather(WORK / "small", x0=4200, y0=4300, nx=4, ny=4, fill=0.41)["tmin"]
    folder = WORK / "open_files"
    rows = json_lines([BUILD / "bench_open_files", small, 4400, folder])
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def page(result):
    rows = [[r["cache"], f"{r['open_s']:.2f} s", f"{r['index_s']:.2f} s", f"{r['cpu_s']:.2f} s"] for r in result]
    return f"## Opening {result[0]['n_files']} NetCDF-4 files in Daymet's layout\n\n" + table(["metadata cache", "open all", "find all chunks", "CPU"], rows)
