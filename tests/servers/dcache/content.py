# SPDX-License-Identifier: Apache-2.0
"""Bytes of a file over HTTP: ranges, digests and preconditions, as both door and pool answer them."""
import base64
import hashlib
import re

from dcache.http import date_of
from dcache.tree import Refused


def digest_headers(handler, node):
    wanted = handler.headers.get("Want-Digest", "").lower()
    return {"Digest": f"adler32={node.adler32}"} if "adler32" in wanted else {}


def headers_of(handler, node):
    return {
        "ETag": node.etag,
        "Last-Modified": date_of(node.modified_ms),
        "Accept-Ranges": "bytes",
        "Content-Type": "application/octet-stream",
        **digest_headers(handler, node),
    }


def send_content(handler, node):
    headers = headers_of(handler, node)
    header = handler.headers.get("Range")
    condition = handler.headers.get("If-Range")
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if not match or match[1] == match[2] == "" or (condition and condition != node.etag):
        handler.answer(200, node.data, headers)
        return
    size = len(node.data)
    if match[1] == "":
        begin, end = max(0, size - int(match[2])), size
    else:
        begin, end = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
    if begin >= size or end <= begin:
        raise Refused(416, "range", {"Content-Range": f"bytes */{size}"})
    handler.answer(206, node.data[begin:end], {**headers, "Content-Range": f"bytes {begin}-{end - 1}/{size}"})


def check_preconditions(handler, node):
    """If-Match and If-None-Match of RFC 9110, section 13."""
    for name, wants in (("If-Match", True), ("If-None-Match", False)):
        value = handler.headers.get(name)
        if value is None:
            continue
        etags = [part.strip() for part in value.split(",")]
        is_match = node is not None and ("*" in etags or node.etag in etags)
        if is_match != wants:
            raise Refused(412, name)


def check_digest(handler, data):
    md5 = handler.headers.get("Content-MD5")
    if md5 is not None and md5 != base64.b64encode(hashlib.md5(data).digest()).decode():
        raise Refused(400, "checksum mismatch")


def store(handler, path, data):
    """Stores a whole body; returns 201 or 204."""
    place = handler.place
    check_digest(handler, data)
    with place.tree.mutex:
        is_new = place.tree.put(path, data)
    return 201 if is_new else 204
