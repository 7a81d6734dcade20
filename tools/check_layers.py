#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes point only to the same folder or to one further left. Exits 1 and names each include that does not."""
import pathlib
import re
import sys

LAYERS = ["base", "array", "geo", "store", "format", "catalog", "graph", "ops", "plan", "exec", "draw", "cli"]
SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src" / "rastream"


def wrong_includes():
    for path in sorted(SOURCE.rglob("*.[ch]*")):
        layer = path.relative_to(SOURCE).parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#include "rastream/([a-z]+)/', line)
            if not found:
                continue
            if found[1] not in LAYERS or LAYERS.index(found[1]) > LAYERS.index(layer):
                yield f"{path.relative_to(SOURCE)}:{number}: {layer} may not include {found[1]}"


def main():
    if not SOURCE.is_dir():
        sys.exit(f"no sources at {SOURCE}")
    wrong = list(wrong_includes())
    print("\n".join(wrong) if wrong else "layers: every include points left")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
