#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""xrootd with XrdHttp over an empty folder: WebDAV as grid sites have it. Prints {"port": PORT, "folder": PATH}."""
import os
import shutil
import sys
import tempfile
from pathlib import Path

from child_server import free_port, serve

CONFIG = """
all.role server
all.export / nolock
oss.localroot {root}/data
all.adminpath {root}/admin
all.pidpath {root}/admin
xrd.port {own_port}
xrd.protocol http:{port} libXrdHttp.so
http.listingdeny no
http.desthttps no
xrootd.chksum adler32
"""


def main():
    program = shutil.which("xrootd")
    if program is None:
        sys.exit("xrootd is not installed")
    with tempfile.TemporaryDirectory(prefix="rastream-xrootd-") as root:
        for name in ("data", "admin"):
            Path(root, name).mkdir()
        become = []
        if os.geteuid() == 0:
            become = ["-R", "xrootd"]
            os.chmod(root, 0o755)
            for name in ("", "data", "admin"):
                shutil.chown(Path(root, name), "xrootd", "xrootd")

        def command(port):
            Path(root, "xrootd.cf").write_text(CONFIG.format(root=root, port=port, own_port=free_port()))
            return [program, "-c", f"{root}/xrootd.cf", "-I", "v4", *become]

        serve(command, {"folder": f"{root}/data"})


if __name__ == "__main__":
    main()
