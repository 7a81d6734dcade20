# SPDX-License-Identifier: Apache-2.0
"""Recorded traffic of STAC APIs, played back on loopback.

A cassette is a YAML file of VCR: interactions, each a request (method, uri, body) and its response. Hosts of the recording become
folders of the loopback server, https://a.b/x is /a.b/x here, in the bodies too, so that links lead back to it.
"""
import gzip
import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml


def read_cassette(path):
    return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["interactions"]


def body_text(body):
    text = body.get("string") if isinstance(body, dict) else body
    if isinstance(text, bytes):
        text = gzip.decompress(text) if text[:2] == b"\x1f\x8b" else text
        text = text.decode()
    return text or ""


def normal(method, url, body):
    """What makes two requests the same: method, URL with its query sorted, and the body as JSON."""
    parts = urllib.parse.urlsplit(url)
    query = sorted(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
    return method, parts.path.rstrip("/") or "/", tuple(query), json.dumps(json.loads(body), sort_keys=True) if body else None


class Replay:
    """A server that answers what was recorded, and keeps what it was asked."""

    def __init__(self, interactions):
        self.answers = {}
        self.recorded = []
        hosts = set()
        for one in interactions:
            hosts.update(re.findall(r"https://[\w.-]+", one["request"]["uri"]))
        self.hosts = sorted(hosts)
        for one in interactions:
            request, response = one["request"], one["response"]
            body = request["body"]
            key = normal(request["method"], self.local(request["uri"], ""), body.decode() if isinstance(body, bytes) else body)
            self.recorded.append(key)
            code = response["status"]["code"]
            self.answers.setdefault(key, []).append((code, body_text(response["body"])))
        self.asked = []
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                key = normal(self.command, self.path, self.rfile.read(length).decode() if length else None)
                replay.asked.append(key)
                queue = replay.answers.get(key)
                code, text = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else (404, '{"code": "not recorded"}')
                data = replay.local(text, replay.url).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def local(self, text, base):
        for host in self.hosts:
            text = text.replace(host, f"{base}/{host[len('https://'):]}")
        return text

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
