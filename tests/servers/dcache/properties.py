# SPDX-License-Identifier: Apache-2.0
"""Properties of RFC 4918, section 15, those that dCache adds, and those that clients set."""
import time
import xml.etree.ElementTree as ET

from dcache.http import date_of, href_of

DAV = "{DAV:}"
DCACHE = "{http://www.dcache.org/2013/webdav}"
SRM = "{http://srm.lbl.gov/StorageResourceManager}"
REASONS = {200: "OK", 403: "Forbidden", 404: "Not Found", 424: "Failed Dependency"}
ET.register_namespace("d", "DAV:")
ET.register_namespace("dcache", DCACHE[1:-1])
ET.register_namespace("srm", SRM[1:-1])


def element(name, text=None, children=()):
    out = ET.Element(name)
    out.text = text
    out.extend(children)
    return out


def live_names(node):
    names = ["resourcetype", "creationdate", "getlastmodified", "getetag", "displayname", "lockdiscovery", "supportedlock"]
    names = [DAV + name for name in names + ([] if node.is_folder else ["getcontentlength", "getcontenttype"])]
    return names if node.is_folder else names + [DCACHE + "Checksums", SRM + "FileLocality"]


def allprop(place, where, node):
    return [property_of(place, where, node, name) for name in (*live_names(node), *node.properties)]


def property_of(place, where, node, name):
    """The element, or None when there is none of that name."""
    if name in node.properties:
        return node.properties[name]
    if name not in live_names(node):
        return None
    if name == DAV + "resourcetype":
        return element(name, None, [element(DAV + "collection")] if node.is_folder else [])
    if name == DAV + "lockdiscovery":
        return lock_discovery(place.locks.on(where))
    if name == DAV + "supportedlock":
        return element(name, None, [element(DAV + "lockentry", None, [
            element(DAV + "lockscope", None, [element(DAV + scope)]),
            element(DAV + "locktype", None, [element(DAV + "write")])]) for scope in ("exclusive", "shared")])
    texts = {
        DAV + "creationdate": lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(node.created_ms / 1000)),
        DAV + "getlastmodified": lambda: date_of(node.modified_ms),
        DAV + "getetag": lambda: node.etag,
        DAV + "displayname": lambda: where[-1] if where else "/",
        DAV + "getcontentlength": lambda: str(node.size),
        DAV + "getcontenttype": lambda: "application/octet-stream",
        DCACHE + "Checksums": lambda: f"adler32={node.adler32}",
        SRM + "FileLocality": lambda: node.locality,
    }
    return element(name, texts[name]())


def lock_discovery(locks):
    out = ET.Element(DAV + "lockdiscovery")
    for lock in locks:
        active = element(DAV + "activelock", None, [
            element(DAV + "locktype", None, [element(DAV + "write")]),
            element(DAV + "lockscope", None, [element(DAV + ("exclusive" if lock.is_exclusive else "shared"))]),
            element(DAV + "depth", "infinity" if lock.is_deep else "0"),
            element(DAV + "timeout", f"Second-{lock.timeout_s}"),
            element(DAV + "locktoken", None, [element(DAV + "href", lock.token)]),
            element(DAV + "lockroot", None, [element(DAV + "href", href_of(lock.path))])])
        if lock.owner is not None:
            active.append(lock.owner)
        out.append(active)
    return out


def patch(node, asked):
    """Sets and removes properties, all or none; {status: [element]}."""
    changes = []
    for step in asked:
        prop = step.find(DAV + "prop")
        if step.tag in (DAV + "set", DAV + "remove") and prop is not None:
            changes += [(step.tag == DAV + "set", wanted) for wanted in prop]
    if any(wanted.tag.startswith(DAV) for _, wanted in changes):
        return {403 if wanted.tag.startswith(DAV) else 424: [ET.Element(wanted.tag)] for _, wanted in changes}
    for sets, wanted in changes:
        if sets:
            wanted.tail = None
            node.properties[wanted.tag] = wanted
        else:
            node.properties.pop(wanted.tag, None)
    return {200: [ET.Element(wanted.tag) for _, wanted in changes]}


def multistatus(answers):
    """[(href, {status: [property]})] as the body of a 207."""
    root = ET.Element(DAV + "multistatus")
    for href, by_status in answers:
        response = ET.SubElement(root, DAV + "response")
        response.append(element(DAV + "href", href))
        for status, properties in by_status.items():
            if not properties and len(by_status) > 1:
                continue
            propstat = ET.SubElement(response, DAV + "propstat")
            propstat.append(element(DAV + "prop", None, properties))
            propstat.append(element(DAV + "status", f"HTTP/1.1 {status} {REASONS[status]}"))
    return ET.tostring(root, "utf-8", xml_declaration=True)
