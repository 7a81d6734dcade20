# SPDX-License-Identifier: Apache-2.0
"""The WebDAV door: RFC 4918 for the namespace; bytes come from a pool, by redirect or through the door."""
import uuid
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

from dcache.content import check_preconditions, digest_headers, headers_of, send_content, store
from dcache.http import Handler, href_of, path_of
from dcache.locks import check_if, parse_if, tokens_of
from dcache.properties import allprop, lock_discovery, live_names, multistatus, patch, property_of
from dcache.tree import Refused

DAV = "{DAV:}"


def parse_xml(data):
    try:
        return ET.fromstring(data)
    except (ET.ParseError, ValueError):
        raise Refused(400, "not XML") from None


class Door(Handler):
    role = "door"

    def where(self, writes=False):
        path = path_of(self.url_path)
        self.authorize(writes, path)
        return path

    def conditions(self, path):
        """Checks the If header and returns the lock tokens that it shows."""
        place = self.place

        def etag_of(where):
            node = place.tree.find(where)
            return node.etag if node else None

        lists = parse_if(self.headers.get("If", ""))
        check_if(lists, lambda url: path_of(urlsplit(url).path), path, place.locks, etag_of)
        return tokens_of(lists)

    def destination(self):
        url = urlsplit(self.headers.get("Destination") or "")
        if url.netloc and url.netloc != self.headers.get("Host"):
            raise Refused(502, "another server")
        if not url.path:
            raise Refused(400, "Destination")
        return path_of(url.path)

    def depth(self, default):
        value = self.headers.get("Depth", default).lower()
        if value not in ("0", "1", "infinity"):
            raise Refused(400, "Depth")
        return value

    def redirect(self, kind, path, status):
        ticket = str(uuid.uuid4())
        self.place.transfers[ticket] = (kind, path)
        url = f"http://127.0.0.1:{self.place.ports['pool']}{href_of(path)}?dcache-http-uuid={ticket}"
        self.answer(status, b"", {"Location": url})

    def on_options(self):
        self.where()
        self.drain()
        methods = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK"
        self.answer(200, b"", {"DAV": "1, 2", "Allow": methods, "MS-Author-Via": "DAV"})

    def on_get(self):
        path = self.where()
        with self.place.tree.mutex:
            node = self.place.tree.get(path)
            check_preconditions(self, node)
        if node.is_folder:
            names = "".join(f'<a href="{href_of(path + (n,), c.is_folder)}">{n}</a>\n' for n, c in node.children.items())
            self.answer(200, f"<!DOCTYPE html>\n{names}".encode(), {"Content-Type": "text/html"})
        elif node.locality == "NEARLINE" and self.place.refuses_tape:
            raise Refused(503, "the file is on tape", {"Retry-After": "3600"})
        elif self.place.proxies:
            send_content(self, node)
        else:
            self.redirect("get", path, self.place.redirect_status)

    def on_head(self):
        path = self.where()
        with self.place.tree.mutex:
            node = self.place.tree.get(path)
        if node.is_folder:
            self.answer(200, b"", {"Content-Type": "text/html"})
            return
        self.send_response(200)
        for name, value in {**headers_of(self, node), **digest_headers(self, node)}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(node.size))
        self.end_headers()
        self.wfile.flush()

    def on_put(self):
        path = self.where(writes=True)
        place = self.place
        with place.tree.mutex:
            place.locks.check_write(path, self.conditions(path))
            check_preconditions(self, place.tree.find(path))
            place.tree.parent(path)
            existing = place.tree.find(path)
            if existing is not None and existing.is_folder:
                raise Refused(405, "it is a collection")
        expects = self.headers.get("Expect", "").lower() == "100-continue"
        if not place.proxies and (expects or place.redirects_all_puts):
            if not expects:
                self.read_body()
            self.redirect("put", path, 307)
            return
        self.answer(store(self, path, self.read_body()))

    def on_delete(self):
        path = self.where(writes=True)
        place = self.place
        with place.tree.mutex:
            place.tree.get(path)
            place.locks.check_write(path, self.conditions(path), with_members=True)
            if place.refuses_full_folders and place.tree.get(path).is_folder and place.tree.get(path).children:
                raise Refused(403, "the collection is not empty")
            place.tree.remove(path)
            place.locks.forget(path)
        self.drain()
        self.answer(204)

    def on_mkcol(self):
        path = self.where(writes=True)
        place = self.place
        if self.read_body():
            raise Refused(415, "MKCOL takes no body")
        with place.tree.mutex:
            place.locks.check_write(path, self.conditions(path))
            place.tree.make_folder(path)
        self.answer(201)

    def copy_or_move(self, moves):
        source, target = self.where(writes=moves), self.destination()
        self.authorize(True, target)
        place = self.place
        deep = self.depth("infinity") != "0" or moves
        with place.tree.mutex:
            tokens = self.conditions(source)
            node = place.tree.get(source)
            if moves:
                place.locks.check_write(source, tokens, with_members=True)
            place.locks.check_write(target, tokens, with_members=True)
            if source == target or target[: len(source)] == source or source[: len(target)] == target:
                raise Refused(403, "one lies within the other")
            existing = place.tree.find(target)
            place.tree.parent(target)
            if existing is not None and self.headers.get("Overwrite", "T").upper() == "F":
                raise Refused(412, "Overwrite")
            place.tree.insert(target, node if moves else node.copy(deep))
            if moves:
                place.tree.remove(source)
                place.locks.forget(source)
        self.drain()
        self.answer(201 if existing is None else 204)

    def on_copy(self):
        self.copy_or_move(moves=False)

    def on_move(self):
        self.copy_or_move(moves=True)

    def on_propfind(self):
        path = self.where()
        place = self.place
        body = self.read_body()
        asked = parse_xml(body) if body.strip() else None
        if asked is not None and asked.tag != DAV + "propfind":
            raise Refused(400, "not a propfind")
        depth = self.depth("infinity")
        if depth == "infinity":
            raise Refused(403, "propfind-finite-depth")
        with place.tree.mutex:
            entries = place.tree.walk(path, int(depth))
            answers = [(href_of(where, node.is_folder), self.properties(asked, where, node)) for where, node in entries]
            text = multistatus(answers)
        self.answer(207, text, {"Content-Type": 'application/xml; charset="utf-8"'})

    def properties(self, asked, where, node):
        """{status: [element]}"""
        if asked is None or asked.find(DAV + "allprop") is not None:
            return {200: allprop(self.place, where, node)}
        if asked.find(DAV + "propname") is not None:
            return {200: [ET.Element(name) for name in (*live_names(node), *node.properties)]}
        found = {200: [], 404: []}
        wanted = asked.find(DAV + "prop")
        for name in [element.tag for element in (wanted if wanted is not None else [])]:
            element = property_of(self.place, where, node, name)
            found[404 if element is None else 200].append(ET.Element(name) if element is None else element)
        return found

    def on_proppatch(self):
        path = self.where(writes=True)
        place = self.place
        asked = parse_xml(self.read_body())
        with place.tree.mutex:
            node = place.tree.get(path)
            place.locks.check_write(path, self.conditions(path))
            answer = patch(node, asked)
        self.answer(207, multistatus([(href_of(path, node.is_folder), answer)]), {"Content-Type": "application/xml"})

    def on_lock(self):
        path = self.where(writes=True)
        place = self.place
        body = self.read_body()
        with place.tree.mutex:
            tokens = self.conditions(path)
            if not body:
                locks = [lock for lock in place.locks.on(path) if lock.token in tokens]
                if not locks:
                    raise Refused(412, "no lock to refresh")
                status, lock = 200, locks[0]
            else:
                asked = parse_xml(body)
                if self.depth("infinity") == "1":
                    raise Refused(400, "Depth")
                is_exclusive = asked.find(f"{DAV}lockscope/{DAV}exclusive") is not None
                status = 200
                if place.tree.find(path) is None:
                    place.locks.check_write(path, tokens)
                    place.tree.put(path, b"")
                    status = 201
                lock = place.locks.take(path, is_exclusive, self.depth("infinity") == "infinity", asked.find(DAV + "owner"))
        prop = ET.Element(DAV + "prop")
        prop.append(lock_discovery([lock]))
        self.answer(status, ET.tostring(prop, "utf-8", xml_declaration=True),
                    {"Content-Type": "application/xml", "Lock-Token": f"<{lock.token}>"})

    def on_unlock(self):
        path = self.where(writes=True)
        token = self.headers.get("Lock-Token", "").strip()
        if not token.startswith("<"):
            raise Refused(400, "Lock-Token")
        with self.place.tree.mutex:
            self.place.locks.release(token.strip("<>"), path)
        self.drain()
        self.answer(204)
