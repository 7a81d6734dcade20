# SPDX-License-Identifier: Apache-2.0
"""Servers of this folder as children of a Python test."""
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Started:
    """`with Started("dcache_like.py") as server:`"""

    def __init__(self, script, *arguments):
        command = [sys.executable, str(HERE / script), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.ports = json.loads(line) if line else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)

    def url(self, name="port"):
        return f"http://127.0.0.1:{self.ports[name]}"

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())
