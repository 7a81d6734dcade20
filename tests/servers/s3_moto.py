#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""moto's S3 with one empty bucket "data", which checks signatures. Prints {"port": PORT}; ends when stdin closes."""
import json
import os
import sys

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000"
os.environ.setdefault("AWS_ACCESS_KEY_ID", "canary-key")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "canary-secret")
from moto.server import ThreadedMotoServer  # noqa: E402
import boto3  # noqa: E402


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="data")
    print(json.dumps({"port": port}), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
