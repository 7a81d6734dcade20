#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes point only to the same folder or to one further left, and no two headers define types of one name in one
namespace, which no compiler would notice. Exits 1 and names each include and type that is wrong."""
import collections
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


def types_of(path):
    """Names of the types that a header defines outside of others, with their namespaces."""
    namespace = []
    for line in path.read_text().splitlines():
        opened = re.match(r"namespace ([a-z0-9_:]*) ?\{", line)
        if opened:
            namespace.append(opened[1])
        elif line.startswith("}  // namespace") and namespace:
            namespace.pop()
        defined = re.match(r"(?:class|struct|enum|enum class) ([A-Z]\w*)(?: final)?(?: :[^;]*)? \{", line)
        if defined:
            yield "::".join([*namespace, defined[1]])


def doubled_types():
    places = collections.defaultdict(list)
    for path in sorted(SOURCE.rglob("*.h")):
        for name in types_of(path):
            places[name].append(str(path.relative_to(SOURCE)))
    for name, paths in sorted(places.items()):
        if len(paths) > 1:
            yield f"{', '.join(paths)}: each defines {name}"


def main():
    if not SOURCE.is_dir():
        sys.exit(f"no sources at {SOURCE}")
    wrong = [*wrong_includes(), *doubled_types()]
    print("\n".join(wrong) if wrong else "layers: every include points left, every type has a name of its own")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
