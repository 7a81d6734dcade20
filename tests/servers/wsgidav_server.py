#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wsgidav under cheroot over an empty folder. Prints {"port": PORT, "folder": PATH}; ends when stdin closes."""
import json
import sys
import tempfile
import threading

from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp


def main():
    with tempfile.TemporaryDirectory(prefix="rastream-wsgidav-") as folder:
        app = WsgiDAVApp({
            "provider_mapping": {"/": folder},
            "simple_dc": {"user_mapping": {"*": True}},
            "verbose": 0,
            "logging": {"enable": False},
            "lock_storage": True,
        })
        server = wsgi.Server(bind_addr=("127.0.0.1", 0), wsgi_app=app, numthreads=12)
        server.prepare()
        threading.Thread(target=server.serve, daemon=True).start()
        print(json.dumps({"port": server.bind_addr[1], "folder": folder}), flush=True)
        sys.stdin.read()
        server.stop()


if __name__ == "__main__":
    main()
