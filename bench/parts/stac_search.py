# SPDX-License-Identifier: Apache-2.0
"""Finding items: an index of 10^6 items, a crawl of 100,000 files, and pages of an API on loopback beside pystac-client.

pystac's crawl is measured on 2,000 of the files, pystac-client on 20,000 of the items, and both are scaled up. For a trial
$RASTREAM_BENCH_ITEMS says how many items there are (1000000); files are a tenth of them.
"""
import json
import os
import random
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from measuring import BUILD, WORK, judged, measure, python_with, table

N_INDEXED = N_PAGED = int(os.environ.get("RASTREAM_BENCH_ITEMS", "1000000"))
N_FILES = N_INDEXED // 10
PEER_FILES = min(2_000, N_FILES)
PEER_PAGED = min(20_000, N_PAGED)
ITEMS_A_FILE = 10_000
GOALS = {  # name: (what is limited, its limit, as text)
    "crawl": ("wall_s", 3, "3 s"),
    "page an API": ("peak_mib", 128, "128 MiB"),
}
SEARCH_GOAL_MS = 5
PEER = "import sys, time, {module}\nt = time.perf_counter()\nn = {work}\nprint(n, time.perf_counter() - t)"


def item(i, r):
    west, south = round(r.uniform(-179, 177), 4), round(r.uniform(-80, 78), 4)
    ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]
    return {"type": "Feature", "stac_version": "1.0.0", "id": f"item-{i}", "collection": f"c{i % 10}",
            "geometry": {"type": "Polygon", "coordinates": [ring]}, "bbox": [west, south, west + 1, south + 1],
            "properties": {"datetime": f"20{15 + i % 10}-{1 + i // 10 % 12:02}-{1 + i // 120 % 28:02}T10:00:00Z",
                           "eo:cloud_cover": round(r.uniform(0, 100), 2), "platform": "sentinel-2a", "gsd": 10},
            "links": [], "assets": {"data": {"href": f"./{i}.tif", "type": "image/tiff"}}}


def catalog_of(folder, hrefs):
    links = [{"rel": "item", "href": href} for href in hrefs]
    (folder / "catalog.json").write_text(json.dumps({"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "d", "links": links}))


def make_pages(folder):
    """A catalog of files with 10,000 items each."""
    if (folder / "catalog.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    r = random.Random(1)
    names = []
    for k in range(0, N_INDEXED, ITEMS_A_FILE):
        features = [item(i, r) for i in range(k, min(k + ITEMS_A_FILE, N_INDEXED))]
        names.append(f"./{k}.json")
        (folder / names[-1]).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    catalog_of(folder, names)


def make_files(folder, n):
    if (folder / "catalog.json").exists():
        return
    r = random.Random(2)
    names = []
    for i in range(n):
        (folder / f"{i // 1000}").mkdir(parents=True, exist_ok=True)
        names.append(f"./{i // 1000}/{i}.json")
        (folder / names[-1]).write_text(json.dumps(item(i, r)))
    catalog_of(folder, names)


class Api:
    """A STAC API with `n` items, 1,000 a page."""

    def __init__(self, n):
        text = json.dumps(item(0, random.Random(3)))
        front, back = text.split('"item-0"')

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                base = f"http://127.0.0.1:{self.server.server_port}"
                if "/search" in self.path:
                    at = int(self.path.split("at=")[1]) if "at=" in self.path else 0
                    features = ",".join(f'{front}"item-{i}"{back}' for i in range(at, min(at + 1000, n)))
                    links = [{"rel": "next", "href": f"{base}/search?at={at + 1000}"}] if at + 1000 < n else []
                    body = f'{{"type":"FeatureCollection","features":[{features}],"links":{json.dumps(links)}}}'
                else:
                    body = json.dumps({"type": "Catalog", "id": "api", "stac_version": "1.0.0", "description": "d",
                                       "conformsTo": ["https://api.stacspec.org/v1.0.0/item-search"],
                                       "links": [{"rel": "search", "href": f"{base}/search", "type": "application/geo+json"}]})
                data = body.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.url

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def peer(options, module, work, n):
    """Wall seconds of a peer for `n` items, of which its own start is no part; None where it is not installed."""
    python = python_with(module, options)
    if not python:
        print(f"stac_search: {module} is not installed")
        return None
    done = subprocess.run([python, "-W", "ignore", "-c", PEER.format(module=module, work=work)], capture_output=True, text=True, check=True)
    count, seconds = done.stdout.split()
    return {"wall_s": float(seconds) * n / int(count)}


def without_output(measured):
    return {key: measured[key] for key in ("wall_s", "cpu_s", "peak_mib")}


def run(options):
    program = BUILD / "rastream"
    pages, files, few = (WORK / f"stac_{name}_{n}" for name, n in (("pages", N_INDEXED), ("files", N_FILES), ("files", PEER_FILES)))
    make_pages(pages)
    make_files(files, N_FILES)
    make_files(few, PEER_FILES)
    index = [program, "stac", "index", "--threads", 2]
    work = {"index items": without_output(measure([*index, pages, "-o", WORK / "pages.index", "--new"]))}
    searches = json.loads(measure([BUILD / "bench_stac_index", WORK / "pages.index"])["output"])
    crawls = [without_output(measure([*index, files, "-o", WORK / "files.index", "--new"])) for _ in range(options.repeat + 1)]
    work["crawl"] = min(crawls[1:], key=lambda r: r["wall_s"])
    work["crawl again, nothing changed"] = without_output(measure([*index, files, "-o", WORK / "files.index"]))
    walk = f"sum(1 for _ in pystac.Catalog.from_file('{few}/catalog.json').get_items(recursive=True))"
    work["crawl, pystac"] = peer(options, "pystac", walk, N_FILES)
    with Api(N_PAGED) as url:
        work["page an API"] = without_output(measure([program, "stac", "search", url, "--method", "GET", "--save", WORK / "paged.ndjson"]))
    with Api(PEER_PAGED) as url:
        walk = f"sum(1 for _ in pystac_client.Client.open('{url}').search(method='GET').items())"
        work["page an API, pystac-client"] = peer(options, "pystac_client", walk, N_PAGED)
    (WORK / "paged.ndjson").unlink()
    return {"n_items": N_INDEXED, "n_files": N_FILES, "work": work, "searches": searches}


def work_row(name, r, n):
    what, limit, text = GOALS.get(name, ("wall_s", None, ""))
    goal = f"{text}: {judged(r[what], limit, False)}" if limit else ""
    return [f"{name} ({n})", f"{r['wall_s']:.2f} s", f"{r['peak_mib']:.0f} MiB" if "peak_mib" in r else "scaled up", goal]


def page(result):
    rows = [work_row(name, r, f"{result['n_files']} files" if name.startswith("crawl") else f"{result['n_items']} items")
            for name, r in result["work"].items() if r]
    searches = [[name, f"{ms:.2f} ms", f"{SEARCH_GOAL_MS} ms: {judged(ms, SEARCH_GOAL_MS, False)}"]
                for name, ms in result["searches"].items() if name != "items"]
    return ("## Finding items\n\n" + table(["work", "wall", "peak memory", "goal"], rows) +
            f"\n\nA page of 100 items from an opened index of {result['n_items']}, the median of 21:\n\n" +
            table(["search", "wall", "goal"], searches))
