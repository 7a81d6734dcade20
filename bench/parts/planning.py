# SPDX-License-Identifier: Apache-2.0
"""What planning a million chunks costs, and what a task costs beside its work."""
from measuring import BUILD, json_lines, table


def run(options):
    return json_lines([BUILD / "bench_plan"])


def page(result):
    rows = [[str(r["threads"]), str(r["chunks"]), f"{r['plan_ms']:.2f} ms", f"{r['us_per_task']:.2f} us"] for r in result]
    return "## Planning\n\n" + table(["threads", "chunks", "plan", "cost of a task"], rows)
