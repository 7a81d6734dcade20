# SPDX-License-Identifier: Apache-2.0
"""Downloads from nginx on loopback: one large file beside curl, and many files of 1 MiB beside rclone and aria2 with as many
connections. $RASTREAM_BENCH_FILES sets how many (10000), $RASTREAM_BENCH_FOLDER where they are written."""
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from measuring import BUILD, WORK, judged, measure, table

CONNECTIONS = 8
LARGE_BYTES = 1 << 30
# How many times as fast as each of these we are to be.
GOALS = {"curl": 0.95, "rclone": 1.5, "aria2": 1.5}
CONFIGURATION = """
worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4;
  scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; autoindex on; }}
}}
"""


class Nginx:
    """Serves FOLDER/files."""

    def __init__(self, folder):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        configuration = folder / "nginx.conf"
        configuration.write_text(("user root;" if os.geteuid() == 0 else "") + CONFIGURATION.format(folder=folder, port=port))
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", configuration])
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(10)


def make_files(folder, n):
    (folder / "files" / "many").mkdir(parents=True)
    piece = os.urandom(1 << 20)
    with open(folder / "files" / "large", "wb") as f:
        for _ in range(LARGE_BYTES >> 20):
            f.write(piece)
    originals = [folder / "files" / f"original{i}" for i in range(1 + n // 20000)]
    for original in originals:
        original.write_bytes(piece)
    for i in range(n):
        os.link(originals[i // 20000], folder / "files" / "many" / str(i))
    (folder / "list").write_text("".join(f"{{url}}/many/{i}\n" for i in range(n)))


def timed(commands, target, repeat):
    """Medians; the programs take turns, so that a slower machine slows all of them."""
    runs = {name: [] for name in commands}
    for _ in range(repeat):
        for name, command in commands.items():
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            m = measure(command)
            runs[name].append({k: m[k] for k in ("wall_s", "cpu_s", "peak_mib")})
    shutil.rmtree(target, ignore_errors=True)
    return {name: {k: statistics.median(r[k] for r in rows) for k in rows[0]} for name, rows in runs.items()}


def large_commands(url, target):
    ours = BUILD / "bench_transfers"
    commands = {f"rastream, {n} stream{'s' * (n > 1)}": [ours, "large", f"{url}/large", target / "large", n] for n in (1, 4)}
    if shutil.which("curl"):
        commands["curl"] = ["curl", "-sS", "-o", target / "large", f"{url}/large"]
    return commands


def many_commands(url, target, folder, n):
    ours = [BUILD / "bench_transfers", "many", f"{url}/many", target, n, CONNECTIONS]
    commands = {"rastream": [*ours, "nosync"], "rastream, each file synced": [*ours, "sync"]}
    if shutil.which("rclone"):
        commands["rclone"] = ["rclone", "--config", "/dev/null", "copy", ":http:many", target, "--http-url", url, "--transfers", CONNECTIONS,
                              "--checkers", CONNECTIONS, "-q"]
    if shutil.which("aria2c"):
        urls = folder / "urls"
        urls.write_text((folder / "list").read_text().format(url=url))
        commands["aria2"] = ["aria2c", "-q", "-i", urls, "-d", target, "-j", CONNECTIONS, "-x", 1, "-s", 1, "--file-allocation=none"]
    return commands


def run(options):
    if not (shutil.which("nginx") or pathlib.Path("/usr/sbin/nginx").exists()):
        print("transfers: nginx is not installed")
        return {}
    n = int(os.environ.get("RASTREAM_BENCH_FILES", "10000"))
    WORK.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ.get("RASTREAM_BENCH_FOLDER", WORK)))
    try:
        make_files(folder, n)
        with Nginx(folder) as server:
            target = folder / "target"
            return {"n": n, "connections": CONNECTIONS, "large": timed(large_commands(server.url, target), target, options.repeat),
                    "many": timed(many_commands(server.url, target, folder, n), target, 1)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def page(result):
    if not result:
        return ""
    parts = []
    for key, title, size in (("large", "One file of 1 GiB from nginx on loopback", 1 << 30),
                             ("many", f"{result['n']} files of 1 MiB from nginx on loopback, {result['connections']} connections", result["n"] << 20)):
        ours = next(iter(result[key].values()))
        rows = []
        for name, r in result[key].items():
            ratio = r["wall_s"] / ours["wall_s"]
            goal = f"{GOALS[name]}x: {judged(ratio, GOALS[name], True)}" if name in GOALS else ""
            rows.append([name, f"{r['wall_s']:.2f} s" + ("" if r is ours else f" ({ratio:.2f}x)"), f"{size / r['wall_s'] / 1e6:.0f} MB/s",
                         f"{r['cpu_s']:.2f} s", f"{r['peak_mib']:.0f} MiB", goal])
        parts.append(f"## {title}\n\n" + table(["of the first in brackets", "wall", "rate", "CPU", "peak memory", "goal"], rows))
    return "\n\n".join(parts)
