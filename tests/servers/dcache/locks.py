# SPDX-License-Identifier: Apache-2.0
"""Write locks of RFC 4918, sections 6, 7 and 10.4: who holds what, and whether an If header is true."""
import re
import uuid
from dataclasses import dataclass

from dcache.tree import Refused


@dataclass
class Lock:
    token: str
    path: tuple
    is_exclusive: bool
    is_deep: bool
    owner: object
    timeout_s: int = 3600

    def covers(self, path):
        return self.path == path or (self.is_deep and path[: len(self.path)] == self.path)


class Locks:
    def __init__(self):
        self.held = {}

    def on(self, path):
        return [lock for lock in self.held.values() if lock.covers(path)]

    def below(self, path):
        return [lock for lock in self.held.values() if lock.path[: len(path)] == path]

    def take(self, path, is_exclusive, is_deep, owner):
        others = self.on(path) + (self.below(path) if is_deep else [])
        if any(is_exclusive or other.is_exclusive for other in others):
            raise Refused(423, "locked")
        lock = Lock(f"opaquelocktoken:{uuid.uuid4()}", path, is_exclusive, is_deep, owner)
        self.held[lock.token] = lock
        return lock

    def release(self, token, path):
        lock = self.held.get(token)
        if lock is None or not lock.covers(path):
            raise Refused(409, "no such lock here")
        del self.held[token]

    def forget(self, path):
        for lock in self.below(path):
            del self.held[lock.token]

    def check_write(self, path, tokens, with_members=False):
        """423 unless the request has shown a token of the locks that guard `path`."""
        locks = self.on(path) + (self.below(path) if with_members else [])
        if locks and not any(lock.token in tokens for lock in locks):
            raise Refused(423, "locked")


CONDITION = re.compile(r"\s*(Not\s+)?(?:<([^>]*)>|\[([^\]]*)\])", re.I)


def parse_if(header):
    """[(resource or None, [(is_negated, token, etag)])] of an If header; 400 when it is none."""
    lists, resource, at = [], None, 0
    while at < len(header):
        if header[at].isspace():
            at += 1
        elif header[at] == "<":
            end = header.find(">", at)
            if end < 0:
                raise Refused(400, "If header")
            resource, at = header[at + 1 : end], end + 1
        elif header[at] == "(":
            end = header.find(")", at)
            if end < 0:
                raise Refused(400, "If header")
            inside, conditions, i = header[at + 1 : end], [], 0
            while inside[i:].strip():
                match = CONDITION.match(inside, i)
                if not match:
                    raise Refused(400, "If header")
                conditions.append((bool(match[1]), match[2], match[3]))
                i = match.end()
            lists.append((resource, conditions))
            at = end + 1
        else:
            raise Refused(400, "If header")
    return lists


def tokens_of(lists):
    return {token for _, conditions in lists for is_negated, token, _ in conditions if token and not is_negated}


def check_if(lists, path_of, path, locks, etag_of):
    """412 unless one list of the If header is true."""
    if not lists:
        return

    def holds(resource, condition):
        where = path if resource is None else path_of(resource)
        is_negated, token, etag = condition
        if token is not None:
            is_true = any(lock.token == token for lock in locks.on(where))
        else:
            is_true = etag_of(where) == etag
        return is_true != is_negated

    if not any(all(holds(resource, c) for c in conditions) for resource, conditions in lists):
        raise Refused(412, "If header")
