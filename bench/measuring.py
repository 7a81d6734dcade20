# SPDX-License-Identifier: Apache-2.0
"""How every part of the benchmark measures: whole processes, their wall and CPU seconds and peak memory."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
WORK = ROOT / "build" / "bench"
PEERS = ROOT / "bench"


def measure(command, **kwargs):
    """Wall and CPU seconds, peak MiB and output of a whole process."""
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


def python_with(module, options):
    """The first Python that has a module: the peers', this one, the oracles'. None where no one has it."""
    for python in (options.peers, sys.executable, ROOT / "build" / "python" / "bin" / "python"):
        if python and pathlib.Path(python).exists():
            if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
                return python
    return None


def json_lines(command):
    """What a program prints as JSON lines."""
    return [json.loads(line) for line in measure(command)["output"].strip().splitlines()]


def best(rows):
    """The fastest of the repeats."""
    return min(rows, key=lambda r: r["time_s"])


def judged(reached, limit, is_least):
    """A figure beside its goal, for a table."""
    return "met" if (reached >= limit if is_least else reached <= limit) else "**not met**"


def threads_name(n):
    return f"{n} thread{'s' * (n > 1)}"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(r) + " |" for r in rows])


def weather(folder, **window):
    """Paths of tmin, tmax, dayl, made once."""
    if not (folder / "catalog.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        flags = [f"--{k}={v}" for k, v in window.items()]
        measure([BUILD / "rastream", "make-daymet", folder, *flags])
    return {v: next(folder.rglob(f"daymet_v4_daily_na_{v}_1980.nc")) for v in ("tmin", "tmax", "dayl")}


def tile():
    """A tile of 1000 x 1000 cells, 41 % of them without data."""
    return weather(WORK / "tile", x0=4200, y0=4300, nx=1000, ny=1000, fill=0.41)
