# SPDX-License-Identifier: Apache-2.0
"""pystac on the files of bench_stac_io: stac_peers.py FOLDER N. Prints a JSON line."""
import json
import sys
import time
from copy import deepcopy
from pathlib import Path

import pystac

folder, n = Path(sys.argv[1]), int(sys.argv[2])


def timed(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def build(items):
    catalog = pystac.Catalog(id="bench", description="made by a benchmark")
    catalog.add_items(items)
    catalog.generate_subcatalogs("${year}")
    catalog.normalize_hrefs(str(folder / "peer"))
    return catalog


read_s, found = timed(lambda: pystac.ItemCollection.from_file(str(folder / "items.json")))
items = [deepcopy(item) for item in found.items[:n]]
for item in items:
    item.clear_links()
build_s, catalog = timed(lambda: build(items))
save_s, _ = timed(lambda: catalog.save(pystac.CatalogType.SELF_CONTAINED))
walk_s, count = timed(lambda: sum(1 for _ in pystac.Catalog.from_file(str(folder / "catalog/catalog.json")).get_items(recursive=True)))
print(json.dumps({"n": len(items), "n_read": len(found.items), "n_walked": count, "build_s": build_s, "save_s": save_s,
                  "walk_s": walk_s, "read_s": read_s}))
