# SPDX-License-Identifier: Apache-2.0
"""Decoding the chunks of a NetCDF-4 variable beside h5py and netCDF4."""
import json

from measuring import BUILD, json_lines, measure, table, threads_name, tile

H5PY = """
import h5py, json, sys, time
v = h5py.File(sys.argv[1])['tmin']
"""
NETCDF4 = """
import json, netCDF4, sys, time
v = netCDF4.Dataset(sys.argv[1])['tmin']
v.set_auto_maskandscale(False)
"""
READ_ALL = """
best = 1e9
for _ in range(3):
    t = time.perf_counter()
    for i in range(v.shape[0]): v[i]
    best = min(best, time.perf_counter() - t)
n = 4
for length in v.shape: n *= length
print(json.dumps({"gb_per_s": n / best / 1e9}))
"""


def run(options):
    path = tile()["tmin"]
    rows = {}
    for threads in (1, 2):
        lines = json_lines([BUILD / "bench_decode", path, "tmin", threads])
        rows[f"rastream, {threads_name(threads)}"] = {"gb_per_s": max(line["decoded_gb_s"] for line in lines if "decoded_gb_s" in line)}
    if options.peers:
        for name, program in {"h5py": H5PY, "netCDF4": NETCDF4}.items():
            rows[name] = json.loads(measure([options.peers, "-c", program + READ_ALL, path])["output"])
    return rows


def page(result):
    base = result.get("h5py", {}).get("gb_per_s")
    rows = [[name, f"{r['gb_per_s']:.2f} GB/s", f"{r['gb_per_s'] / base:.2f}x" if base else ""] for name, r in result.items()]
    return "## Decoding NetCDF-4 chunks (tmin)\n\n" + table(["", "decoded", "of h5py"], rows)
