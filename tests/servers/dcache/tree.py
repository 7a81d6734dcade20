# SPDX-License-Identifier: Apache-2.0
"""The namespace of the dCache look-alike: folders and files in memory, with what dCache knows of each.

No method checks locks or rights: doors do that. All methods are called with `Tree.mutex` held.
"""
import itertools
import threading
import time
import zlib


class Refused(Exception):
    """An HTTP status that ends the request."""

    def __init__(self, status, text="", headers=()):
        super().__init__(f"{status} {text}")
        self.status, self.text, self.headers = status, text, dict(headers)


class Node:
    ids = itertools.count(1)

    def __init__(self, is_folder, data=b""):
        self.is_folder = is_folder
        self.children = {} if is_folder else None
        self.data = data
        self.properties = {}  # {qualified name: element}, set by PROPPATCH
        self.locality = "ONLINE"
        self.pnfsid = f"{next(Node.ids):036X}"
        self.version = 0
        self.created_ms = self.modified_ms = int(time.time() * 1000)

    def replace(self, data):
        self.data = data
        self.version += 1
        self.modified_ms = int(time.time() * 1000)

    @property
    def size(self):
        return 512 if self.is_folder else len(self.data)

    @property
    def etag(self):
        return f'"{self.pnfsid}_{self.version}"'

    @property
    def adler32(self):
        return f"{zlib.adler32(self.data):08x}"

    def copy(self, deep=True):
        twin = Node(self.is_folder, self.data)
        twin.properties = dict(self.properties)
        if self.is_folder and deep:
            twin.children = {name: child.copy() for name, child in self.children.items()}
        return twin


class Tree:
    """Paths are tuples of names; () is the root."""

    def __init__(self):
        self.root = Node(True)
        self.mutex = threading.RLock()

    def find(self, path):
        node = self.root
        for name in path:
            if not node.is_folder or name not in node.children:
                return None
            node = node.children[name]
        return node

    def get(self, path):
        node = self.find(path)
        if node is None:
            raise Refused(404, "no such file or directory")
        return node

    def parent(self, path):
        """The folder that holds `path`; 409 when there is none, as RFC 4918 has it."""
        parent = self.find(path[:-1]) if path else None
        if parent is None or not parent.is_folder:
            raise Refused(409, "the parent is no collection")
        return parent

    def put(self, path, data):
        """Returns True when the file is new."""
        parent = self.parent(path)
        node = parent.children.get(path[-1])
        if node is None:
            parent.children[path[-1]] = Node(False, data)
            return True
        if node.is_folder:
            raise Refused(405, "it is a collection")
        node.replace(data)
        return False

    def make_folder(self, path):
        if self.find(path) is not None:
            raise Refused(405, "it is there already")
        self.parent(path).children[path[-1]] = Node(True)

    def remove(self, path):
        self.get(path)
        if not path:
            raise Refused(403, "the root stays")
        del self.parent(path).children[path[-1]]

    def insert(self, path, node):
        self.parent(path).children[path[-1]] = node

    def walk(self, path, depth):
        """[(path, node)] to `depth` levels; None is all of them."""
        node = self.get(path)
        found = [(path, node)]
        if node.is_folder and depth != 0:
            below = None if depth is None else depth - 1
            for name in node.children:
                found += self.walk(path + (name,), below)
        return found
