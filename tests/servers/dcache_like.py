#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for dCache: a WebDAV door that redirects to a pool, and the REST frontend.

Prints {"door": PORT, "pool": PORT, "api": PORT} and then answers each JSON line on stdin with one on stdout:
  {"set": {SWITCH: VALUE}}           switches are the attributes of Place below
  {"put": PATH, "text": T, "locality": L, "created_ms": N, "modified_ms": N, "folder": true}
  {"get": PATH}                      {"text": T, "folder": B, "locality": L} or null
  {"requests": true}                 what was asked since the last such question
It ends when stdin closes, so that it cannot outlive the test that started it.
"""
import argparse
import json
import sys
import threading

from dcache.door import Door
from dcache.frontend import Frontend
from dcache.http import Server, plain_path
from dcache.locks import Locks
from dcache.pool import Pool
from dcache.tree import Node, Refused, Tree


class Place:
    """What the servers share, and the switches."""

    def __init__(self):
        self.tree, self.locks = Tree(), Locks()
        self.transfers, self.bulk, self.ports = {}, {}, {}
        self.tokens = {}  # {bearer: {"expires": unix, "read_only": bool, "path": "/x"}}
        self.users = {}  # {name: password}
        self.proxies = False  # bytes pass through the door, as litmus wants it
        self.redirects_all_puts = False  # also those without Expect: 100-continue
        self.redirect_status = 307
        self.refuses_tape = False  # GET of a file on tape is 503 rather than a recall
        self.refuses_full_folders = False  # DELETE of a folder that is not empty is 403
        self.knows_checksum_flag = True  # older ones tell checksums at /id only
        self.newest_first = False  # listings have no order of their own
        self.polls_until_staged = 1
        self.fail_next = []  # [{"role": R, "method": M, "status": N, "headers": {}}], each used once
        self.seen, self.seen_mutex = [], threading.Lock()

    def record(self, handler):
        with self.seen_mutex:
            self.seen.append({"server": handler.role, "method": handler.command, "url": handler.path,
                              "headers": {name.lower(): value for name, value in handler.headers.items()}})

    def faults(self, handler):
        with self.seen_mutex:
            for fault in self.fail_next:
                if fault.get("role", handler.role) == handler.role and fault.get("method", handler.command) == handler.command:
                    self.fail_next.remove(fault)
                    raise Refused(fault["status"], "as told", fault.get("headers", {}))

    def answer(self, asked):
        if "set" in asked:
            for name, value in asked["set"].items():
                assert hasattr(self, name), name
                setattr(self, name, value)
            return {}
        if "requests" in asked:
            with self.seen_mutex:
                seen, self.seen = self.seen, []
            return seen
        if "get" in asked:
            node = self.tree.find(plain_path(asked["get"].split("/")))
            if node is None:
                return None
            return {"text": node.data.decode("latin-1"), "folder": node.is_folder, "locality": node.locality}
        return self.put(asked)

    def put(self, asked):
        path = plain_path(asked["put"].split("/"))
        with self.tree.mutex:
            for end in range(1, len(path)):
                if self.tree.find(path[:end]) is None:
                    self.tree.make_folder(path[:end])
            node = self.tree.find(path)
            if node is None:
                node = Node(bool(asked.get("folder")))
                self.tree.insert(path, node)
            if "text" in asked:
                node.replace(asked["text"].encode("latin-1"))
            for name in ("locality", "created_ms", "modified_ms"):
                if name in asked:
                    setattr(node, name, asked[name])
        return {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proxy", action="store_true", help="answer with bytes instead of redirects")
    options = parser.parse_args()
    place = Place()
    place.proxies = options.proxy
    servers = {"door": Server(Door, place), "pool": Server(Pool, place), "api": Server(Frontend, place)}
    place.ports = {name: server.server_address[1] for name, server in servers.items()}
    print(json.dumps(place.ports), flush=True)
    for line in sys.stdin:
        print(json.dumps(place.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
