# SPDX-License-Identifier: Apache-2.0
"""A pool: serves one transfer for a token that the door gave out, once, and wants no credential."""
from dcache.content import send_content, store
from dcache.http import Handler
from dcache.tree import Refused


class Pool(Handler):
    role = "pool"

    def transfer(self, kind):
        found = self.place.transfers.pop(self.query.get("dcache-http-uuid"), None)
        if found is None or found[0] != kind:
            raise Refused(404, "no such transfer: the URL of a pool is good for one request")
        return found[1]

    def on_get(self):
        path = self.transfer("get")
        with self.place.tree.mutex:
            node = self.place.tree.get(path)
        send_content(self, node)

    on_head = on_get

    def on_put(self):
        path = self.transfer("put")
        self.answer(store(self, path, self.read_body()))
