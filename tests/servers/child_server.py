# SPDX-License-Identifier: Apache-2.0
"""Runs a real server as a child on a free port of 127.0.0.1 until stdin closes.

A server that cannot choose its port itself is given one that was free a moment ago, and another one when somebody took it.
"""
import ctypes
import json
import signal
import socket
import subprocess
import sys
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
        return True
    except OSError:
        return False


def wait_for(child, port, limit_s=20):
    end = time.monotonic() + limit_s
    while time.monotonic() < end and child.poll() is None:
        if answers(port):
            return True
        time.sleep(0.02)
    return False


def serve(command_for, more=None, tries=5):
    """command_for(port) is what starts the server. Prints {"port": PORT, ...} and waits for the end of stdin."""
    for _ in range(tries):
        port = free_port()
        child = subprocess.Popen(command_for(port), stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr, preexec_fn=die_with_parent)
        try:
            if wait_for(child, port):
                print(json.dumps({"port": port, **(more or {})}), flush=True)
                sys.stdin.read()
                return
        finally:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    sys.exit("the server did not start")
