#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A site with files whose users log in at another host, as at NASA's archives (Earthdata Login: OAuth 2 code flow, RFC 6749, section 4.1).

usage: login_site.py FOLDER USER PASSWORD
Prints {"site": PORT of 127.0.0.1, "login": PORT of 127.0.0.2}. /protected/NAME is FOLDER/NAME for who has a session, all others are sent
to the login, which takes USER and PASSWORD and sends them back with a code, for which /begin gives a session.
{"forget": true} ends all sessions; {} tells how many logins there were and what fields Cookie and Authorization each host has seen.
"""
import base64
import http.server
import json
import pathlib
import re
import secrets
import sys
import threading
import urllib.parse

FOLDER, USER, PASSWORD = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
sessions, codes = set(), set()
seen = {"logins": 0, "site": [], "login": []}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def note(self, who):
        for name in ("Cookie", "Authorization"):
            if self.headers[name]:
                seen[who].append(f"{name}: {self.headers[name]}")

    def do_HEAD(self):
        self.do_GET()


class Site(Handler):
    def do_GET(self):
        self.note("site")
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/begin":
            return self.begin(query)
        if not url.path.startswith("/protected/"):
            return self.answer(404)
        cookie = re.search(r"session=(\w+)", self.headers["Cookie"] or "")
        if not cookie or cookie[1] not in sessions:
            back = f"http://127.0.0.1:{site.server_port}/begin"
            login_query = urllib.parse.urlencode({"client_id": "c", "response_type": "code", "redirect_uri": back, "state": self.path})
            return self.answer(302, Location=f"http://127.0.0.2:{login.server_port}/oauth/authorize?{login_query}")
        self.send_file(FOLDER / url.path.removeprefix("/protected/"))

    def begin(self, query):
        if query.get("code") not in codes:
            return self.answer(403, b"this code is not known")
        codes.discard(query["code"])
        session = secrets.token_hex(16)
        sessions.add(session)
        self.answer(302, Location=query["state"], Set_Cookie=f"session={session}; Path=/; HttpOnly")

    def send_file(self, path):
        if not path.is_file():
            return self.answer(404)
        body = path.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if not wanted:
            return self.answer(200, body, ETag='"1"', Accept_Ranges="bytes")
        begin, end = int(wanted[1]), min(int(wanted[2] or len(body) - 1) + 1, len(body))
        if begin >= end:
            return self.answer(416, Content_Range=f"bytes */{len(body)}")
        self.answer(206, body[begin:end], ETag='"1"', Content_Range=f"bytes {begin}-{end - 1}/{len(body)}")


class Login(Handler):
    def do_GET(self):
        self.note("login")
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path != "/oauth/authorize":
            return self.answer(404)
        if self.headers["Authorization"] != BASIC:
            return self.answer(401, f"not a user: {self.headers['Authorization']}".encode(), WWW_Authenticate='Basic realm="login"')
        seen["logins"] += 1
        code = secrets.token_hex(8)
        codes.add(code)
        back = urllib.parse.urlencode({"code": code, "state": query["state"]})
        self.answer(302, Location=f"{query['redirect_uri']}?{back}")


site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
login = http.server.ThreadingHTTPServer(("127.0.0.2", 0), Login)
for server in (site, login):
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"site": site.server_port, "login": login.server_port}), flush=True)
for line in sys.stdin:
    if json.loads(line).get("forget"):
        sessions.clear()
    print(json.dumps(seen), flush=True)
