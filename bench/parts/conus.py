# SPDX-License-Identifier: Apache-2.0
"""The main job on one year of the CONUS box's size: 12 GB of files, some minutes to make."""
from measuring import WORK, measure, table, threads_name, weather
from parts.spring_index import built_in, fresh


def run(options):
    files = weather(WORK / "conus", x0=2080, y0=3800, nx=5734, ny=3088, fill=0.41)
    rows = {}
    for threads in (1, 2):
        measured = measure(built_in(files, fresh("out.zarr"), "--memory=1GiB", f"--threads={threads}"))
        rows[threads_name(threads)] = {k: measured[k] for k in ("wall_s", "cpu_s", "peak_mib")}
    return rows


def page(result):
    rows = [[name, f"{r['wall_s']:.1f} s", f"{r['cpu_s']:.1f} s", f"{r['peak_mib']:.0f} MiB"] for name, r in result.items()]
    return "## One year of the CONUS box's size\n\n" + table(["5734 x 3088 cells x 300 days", "wall", "CPU", "peak memory"], rows)
