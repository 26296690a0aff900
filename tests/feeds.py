"""What does a feed say to a reader of feeds?"""

import xml.etree.ElementTree as ET
from typing import Any

ATOM = "{http://www.w3.org/2005/Atom}"


def parse_feed(answer: Any, own_path: str) -> tuple[ET.Element, list[dict[str, str]]]:
    """Return the feed and its entries. It must be an Atom feed that names its own address."""
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    [own] = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == f"http://localhost:8000{own_path}"
    return root, list_entries(root)


def list_entries(root: ET.Element) -> list[dict[str, str]]:
    return [
        {
            "id": entry.find(f"{ATOM}id").text,
            "title": entry.find(f"{ATOM}title").text,
            "words": entry.find(f"{ATOM}summary").text,
            "kind": entry.find(f"{ATOM}category").get("term"),
            "link": entry.find(f"{ATOM}link").get("href"),
            "updated": entry.find(f"{ATOM}updated").text,
        }
        for entry in root.findall(f"{ATOM}entry")
    ]
