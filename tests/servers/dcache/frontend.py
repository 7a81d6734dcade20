# SPDX-License-Identifier: Apache-2.0
"""The REST frontend: namespace, id and bulk-requests, as dCache's user guide and its clients have them."""
import json
import uuid

from dcache.http import Handler, path_of, plain_path
from dcache.tree import Refused

API = "/api/v1/"


def is_true(text):
    return (text or "").lower() == "true"


def attributes(node, name=None, locality=False, checksum=False):
    out = {} if name is None else {"fileName": name}
    out |= {
        "fileMimeType": "application/vnd.dcache.folder" if node.is_folder else "application/octet-stream",
        "fileType": "DIR" if node.is_folder else "REGULAR",
        "pnfsId": node.pnfsid,
        "nlink": 1,
        "mtime": node.modified_ms,
        "creationTime": node.created_ms,
        "size": node.size,
    }
    if locality and not node.is_folder:
        out["fileLocality"] = node.locality
    if checksum and not node.is_folder:
        out["checksums"] = [{"type": "ADLER32", "value": node.adler32}]
    return out


class Frontend(Handler):
    role = "api"

    def resource(self):
        """('namespace', the rest) of /api/v1/namespace/rest."""
        if not self.url_path.startswith(API):
            raise Refused(404, "not found")
        name, _, rest = self.url_path[len(API) :].partition("/")
        return name, rest

    def say(self, value, status=200, headers=()):
        self.answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **dict(headers)})

    def namespace_path(self, rest, writes):
        # One unquoting for the slashes, one for the names: clients encode the path as a whole.
        path = path_of(rest.replace("%2F", "/").replace("%2f", "/"))
        self.authorize(writes, path)
        return path

    def body(self):
        try:
            value = json.loads(self.read_body())
        except ValueError:
            raise Refused(400, "not JSON") from None
        if not isinstance(value, dict):
            raise Refused(400, "not an object")
        return value

    def on_get(self):
        name, rest = self.resource()
        if name == "namespace":
            self.get_namespace(rest)
        elif name == "id":
            self.get_id(rest)
        elif name == "bulk-requests":
            self.get_bulk(rest)
        elif name == "user":
            self.authorize(False, ())
            self.say({"status": "AUTHENTICATED" if self.headers.get("Authorization") else "ANONYMOUS"})
        else:
            raise Refused(404, "not found")

    def get_namespace(self, rest):
        place, query = self.place, self.query
        path = self.namespace_path(rest, writes=False)
        extra = {"locality": is_true(query.get("locality")), "checksum": is_true(query.get("checksum")) and place.knows_checksum_flag}
        with place.tree.mutex:
            node = place.tree.get(path)
            out = attributes(node, **extra)
            if node.is_folder and is_true(query.get("children")):
                children = list(node.children.items())
                if place.newest_first:
                    children.reverse()
                try:
                    begin = int(query.get("offset", 0))
                    end = begin + int(query.get("limit", len(children)))
                except ValueError:
                    raise Refused(400, "limit and offset must be an integer value.") from None
                out["children"] = [attributes(child, n, **extra) for n, child in children[begin:end]]
        self.say(out)

    def get_id(self, pnfsid):
        self.authorize(False, ())
        with self.place.tree.mutex:
            for path, node in self.place.tree.walk((), None):
                if node.pnfsid == pnfsid:
                    self.say(attributes(node, checksum=True) | {"path": "/" + "/".join(path)})
                    return
        raise Refused(404, "not found")

    def on_post(self):
        name, rest = self.resource()
        if name == "namespace":
            self.post_namespace(rest)
        elif name == "bulk-requests":
            self.post_bulk()
        else:
            raise Refused(404, "not found")

    def post_namespace(self, rest):
        tree = self.place.tree
        path = self.namespace_path(rest, writes=True)
        asked = self.body()
        with tree.mutex:
            node = tree.get(path)
            if asked.get("action") == "mkdir":
                name = asked.get("name", "")
                if not name or "/" in name or name in (".", ".."):
                    raise Refused(400, "name")
                if not node.is_folder or name in node.children:
                    raise Refused(400, "file exists")
                tree.make_folder(path + (name,))
            elif asked.get("action") == "mv":
                destination = asked.get("destination", "")
                target = plain_path(destination.split("/"))
                if not destination.startswith("/"):
                    target = path[:-1] + target
                self.authorize(True, target)
                if target[: len(path)] == path:
                    raise Refused(400, "into itself")
                existing = tree.find(target)
                if existing is not None and (existing.is_folder or node.is_folder):
                    raise Refused(400, "file exists")
                tree.insert(target, node)
                tree.remove(path)
            else:
                raise Refused(400, f"Unknown action: {asked.get('action')}")
        self.say({"status": "success"}, 201)

    def on_delete(self):
        name, rest = self.resource()
        if name == "bulk-requests":
            self.place.bulk.pop(rest, None)
            self.answer(204)
            return
        path = self.namespace_path(rest, writes=True)
        with self.place.tree.mutex:
            node = self.place.tree.get(path)
            if node.is_folder and node.children:
                raise Refused(400, "directory is not empty")
            self.place.tree.remove(path)
        self.say({"status": "success"})

    def post_bulk(self):
        asked = self.body()
        activity, targets = asked.get("activity"), asked.get("target")
        if activity not in ("PIN", "UNPIN", "STAGE", "RELEASE") or not isinstance(targets, list):
            raise Refused(400, "activity or target")
        for target in targets:
            self.authorize(False, plain_path(target.split("/")))
        request = str(uuid.uuid4())
        self.place.bulk[request] = {"activity": activity, "targets": targets, "polls": 0}
        url = f"http://127.0.0.1:{self.place.ports['api']}{API}bulk-requests/{request}"
        self.answer(201, b"", {"request-url": url})

    def get_bulk(self, request):
        """Tape takes `polls_until_staged` questions to come."""
        place = self.place
        self.authorize(False, ())
        found = place.bulk.get(request)
        if found is None:
            raise Refused(404, "not found")
        is_done = found["polls"] >= place.polls_until_staged
        found["polls"] += 1
        targets = []
        with place.tree.mutex:
            for target in found["targets"]:
                node = place.tree.find(plain_path(target.split("/")))
                state = "RUNNING" if not is_done else "COMPLETED"
                if node is None or node.locality in ("LOST", "UNAVAILABLE"):
                    state = "FAILED"
                elif is_done and found["activity"] in ("PIN", "STAGE") and node.locality == "NEARLINE":
                    node.locality = "ONLINE_AND_NEARLINE"
                targets.append({"target": target, "state": state})
        self.say({"uuid": request, "status": "COMPLETED" if is_done else "STARTED", "targets": targets, "nextId": -1})
