#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An https server on loopback with a certificate made for the test. Prints {"port": PORT}; ends when its standard input does.

usage: tls_server.py FOLDER NAME [DAYS]
  FOLDER  gets cert.pem and key.pem
  NAME    the host that the certificate is for; an address is written as IP:127.0.0.1
  DAYS    how long it is valid; negative: it has expired
"""
import datetime
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import threading


def make_certificate(folder, name, days):
    subject = name if name.startswith("IP:") else f"DNS:{name}"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=test", "-addext", f"subjectAltName={subject}"]
    if days >= 0:
        subprocess.run([*command, "-days", str(days)], check=True, capture_output=True)
        return
    # req cannot make an expired certificate, so that one is signed by itself through ca's dates.
    subprocess.run([*command, "-days", "1"], check=True, capture_output=True)
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index.txt\nnew_certs_dir={folder}\nrand_serial=yes\n"
                                   f"default_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName={subject}\n"
                                   "basicConstraints=CA:TRUE\n[req]\ndistinguished_name=d\n[d]\n")
    request = folder / "request.pem"
    subprocess.run(["openssl", "req", "-new", "-key", folder / "key.pem", "-subj", "/CN=test", "-out", request, "-config", folder / "ca.cnf"],
                   check=True, capture_output=True)
    long_ago = datetime.datetime(2001, 1, 1)
    dates = [(long_ago + datetime.timedelta(days=d)).strftime("%y%m%d%H%M%SZ") for d in (0, 1)]
    subprocess.run(["openssl", "ca", "-batch", "-selfsign", "-config", folder / "ca.cnf", "-keyfile", folder / "key.pem", "-in", request,
                    "-startdate", dates[0], "-enddate", dates[1], "-notext", "-out", folder / "cert.pem"], check=True, capture_output=True)


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/downgrade":
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/plain")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = (self.headers.get("Authorization") or "nothing").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    folder = pathlib.Path(sys.argv[1])
    make_certificate(folder, sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
