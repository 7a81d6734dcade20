# SPDX-License-Identifier: Apache-2.0
"""Finding items: an index of 10^6 items, a crawl of 100,000 files, and pages of an API on loopback beside pystac-client.

pystac's crawl is measured on 2,000 of the files, pystac-client on 20,000 of the items, and both are scaled up.
"""
import json
import random
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from measuring import BUILD, WORK, measure, table

N_INDEXED = 1_000_000
N_FILES = 100_000
N_PAGED = 1_000_000
PEER_FILES = 2_000
PEER_PAGED = 20_000
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
    for k in range(N_INDEXED // 10_000):
        features = [item(i, r) for i in range(k * 10_000, (k + 1) * 10_000)]
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


def peer(module, work, n):
    """Seconds a peer takes for `n` items, of which its own start is no part."""
    done = subprocess.run([sys.executable, "-c", PEER.format(module=module, work=work)], capture_output=True, text=True, check=True)
    count, seconds = done.stdout.split()
    return float(seconds) * n / int(count)


def run(options):
    program = BUILD / "rastream"
    pages, files, few = WORK / "stac_pages", WORK / "stac_files", WORK / "stac_few"
    make_pages(pages)
    make_files(files, N_FILES)
    make_files(few, PEER_FILES)
    result = {}
    made = measure([program, "stac", "index", pages, "-o", WORK / "pages.index", "--new"])
    result["index 10^6 items"] = made
    result["searches"] = json.loads(subprocess.run([BUILD / "bench_stac_index", WORK / "pages.index"], capture_output=True, text=True, check=True).stdout)
    crawls = [measure([program, "stac", "index", files, "-o", WORK / "files.index", "--new", "--threads", 2]) for _ in range(options.repeat + 1)]
    result["crawl 100,000 files"] = min(crawls[1:] or crawls, key=lambda r: r["wall_s"])
    result["update, nothing changed"] = measure([program, "stac", "index", files, "-o", WORK / "files.index", "--threads", 2])
    result["pystac crawl"] = {"wall_s": peer("pystac", f"sum(1 for _ in pystac.Catalog.from_file('{few}/catalog.json').get_items(recursive=True))", N_FILES)}
    with Api(N_PAGED) as url:
        result["page 10^6 items"] = measure([program, "stac", "search", url, "--method", "GET", "--save", WORK / "paged.ndjson"])
    with Api(PEER_PAGED) as url:
        result["pystac-client pages"] = {"wall_s": peer("pystac_client", f"sum(1 for _ in pystac_client.Client.open('{url}').search(method='GET').items())", N_PAGED)}
    return result


def page(result):
    searches = "\n".join(f"| {name} | {ms:.2f} ms |" for name, ms in result["searches"].items() if name != "items")
    rows = [[name, f"{r['wall_s']:.2f} s", f"{r['peak_mib']:.0f} MiB" if "peak_mib" in r else "scaled up"] for name, r in result.items() if name != "searches"]
    return ("## Finding items\n\n" + table(["work", "wall", "peak memory"], rows) +
            "\n\nA page of 100 items from an opened index of 10^6:\n\n| search | median |\n|---|---|\n" + searches + "\n")
