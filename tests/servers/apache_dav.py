#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""apache2 with mod_dav over an empty folder, without the system's configuration. Prints {"port": PORT, "folder": PATH}."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from child_server import serve

MODULES = "mpm_event authn_core authz_core authz_user authn_file auth_basic mime dir dav dav_fs dav_lock"
CONFIG = """
ServerRoot {root}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {root}/pid
ErrorLog {root}/error.log
DefaultRuntimeDir {root}
Mutex file:{root} default
StartServers 1
ThreadsPerChild 25
MaxRequestWorkers 50
MaxKeepAliveRequests 0
LimitRequestFieldSize 16384
TypesConfig /dev/null
DocumentRoot {root}/data
DavLockDB {root}/locks
AllowEncodedSlashes Off
{user}
<Directory {root}/data>
  Dav On
  Options {options}
  {access}
</Directory>
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user", help="NAME:PASSWORD that alone may come in")
    parser.add_argument("--symlinks", action="store_true", help="follow symbolic links in the folder")
    options = parser.parse_args()
    program = shutil.which("apache2") or "/usr/sbin/apache2"
    if not os.access(program, os.X_OK):
        sys.exit("apache2 is not installed")
    with tempfile.TemporaryDirectory(prefix="rastream-apache-") as root:
        Path(root, "data").mkdir()
        access = "Require all granted"
        if options.user:
            name, password = options.user.split(":", 1)
            subprocess.run(["htpasswd", "-i", "-c", f"{root}/users", name], input=password.encode(), check=True, capture_output=True)
            access = f'AuthType Basic\n  AuthName "files"\n  AuthUserFile {root}/users\n  Require valid-user'
        user = ""
        if os.geteuid() == 0:
            user = "User www-data\nGroup www-data"
            os.chmod(root, 0o755)
            for path in [root, *Path(root).iterdir()]:
                shutil.chown(path, "www-data", "www-data")

        def command(port):
            loads = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in MODULES.split())
            text = CONFIG.format(root=root, port=port, user=user, access=access, options="FollowSymLinks" if options.symlinks else "None")
            Path(root, "apache.conf").write_text(loads + text)
            return [program, "-f", f"{root}/apache.conf", "-DFOREGROUND"]

        serve(command, {"folder": f"{root}/data"})


if __name__ == "__main__":
    main()
