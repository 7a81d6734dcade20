# SPDX-License-Identifier: Apache-2.0
"""What the door, the pool and the REST frontend share: bodies, answers, credentials, the record of requests."""
import base64
import http.server
import json
import socketserver
import threading
import time
import urllib.parse
from email.utils import formatdate

from dcache.tree import Refused


def date_of(ms):
    return formatdate(ms / 1000, usegmt=True)


def path_of(url_path):
    """('a', 'b') of the percent-encoded '/a/b'; 400 for what is no plain path."""
    if "#" in url_path:
        raise Refused(400, "a fragment is no part of a request")
    try:
        return plain_path([urllib.parse.unquote(part, errors="strict") for part in url_path.split("/")])
    except UnicodeDecodeError:
        raise Refused(400, "names are UTF-8") from None


def plain_path(names):
    names = [name for name in names if name]
    if any(name in (".", "..") or "\0" in name or "/" in name for name in names):
        raise Refused(400, "not a plain path")
    return tuple(names)


def href_of(path, is_folder=False):
    text = "/" + "/".join(urllib.parse.quote(name) for name in path)
    return text if text.endswith("/") or not is_folder else text + "/"


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler, place):
        super().__init__(("127.0.0.1", 0), handler)
        self.place = place  # what all servers share, see dcache_like.py
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    role = ""

    def log_message(self, *_):
        pass

    def version_string(self):
        return "dCache/like"

    @property
    def place(self):
        return self.server.place

    def handle_expect_100(self):
        """The answer waits until it is known whether the body is wanted here."""
        return True

    def dispatch(self):
        self.body_read = False
        url = urllib.parse.urlsplit(self.path)
        self.url_path, self.query = url.path, dict(urllib.parse.parse_qsl(url.query))
        self.place.record(self)
        try:
            self.place.faults(self)
            if "#" in self.path:
                raise Refused(400, "a fragment is no part of a request")
            getattr(self, "on_" + self.command.lower(), self.on_unknown)()
        except Refused as e:
            self.drain()
            self.answer(e.status, json.dumps({"error": e.text}).encode(), {"Content-Type": "application/json", **e.headers})

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.dispatch
        raise AttributeError(name)

    def on_unknown(self):
        raise Refused(501, "not a method of this server")

    def read_body(self):
        if self.body_read:
            return b""
        self.body_read = True
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self.read_chunks()
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        if len(data) < length:
            self.close_connection = True
            raise Refused(400, "the body ended early")
        return data

    def read_chunks(self):
        data = b""
        while True:
            line = self.rfile.readline(100)
            try:
                length = int(line.split(b";")[0], 16)
            except ValueError:
                self.close_connection = True
                raise Refused(400, "chunk") from None
            data += self.rfile.read(length)
            self.rfile.readline(10)
            if length == 0:
                return data

    def drain(self):
        """A body that nobody read must not be taken for the next request."""
        if self.headers.get("Expect") or self.headers.get("Transfer-Encoding"):
            self.close_connection = not self.body_read
            return
        try:
            self.read_body()
        except Refused:
            pass

    def answer(self, status, body=b"", headers=()):
        if self.headers.get("Expect") and not self.body_read:
            self.close_connection = True  # the client may or may not send what it announced
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)
        self.wfile.flush()

    def authorize(self, writes, path):
        """401 without a valid credential, 403 where the credential does not reach."""
        place = self.place
        if not place.tokens and not place.users:
            return
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer" and value in place.tokens:
            token = place.tokens[value]
            if token.get("expires", float("inf")) < time.time():
                raise Refused(401, "macaroon expired", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
            root = path_of(token.get("path", "/"))
            if (writes and token.get("read_only")) or path[: len(root)] != root:
                raise Refused(403, "the macaroon does not allow it")
            return
        if kind == "Basic" and value in (base64.b64encode(f"{u}:{p}".encode()).decode() for u, p in place.users.items()):
            return
        if not writes and path and path[0] == "public":
            return
        raise Refused(401, "who are you?", {"WWW-Authenticate": 'Basic realm="dcache"'})
