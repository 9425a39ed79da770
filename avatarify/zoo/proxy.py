"""Which proxy stands between this machine and an address, in words that tell no password."""

import urllib.request
from urllib.parse import urlsplit


def proxy_of(url: str) -> str:
    """Return the proxy that a download from `url` goes through, and what names it.

    Args:
        url: An http or https address.

    Returns:
        As in `http://proxy:3128 (set by https_proxy)`, without name and password; empty where
        there is none.
    """
    address = urlsplit(url)
    proxy = urllib.request.getproxies().get(address.scheme)
    if not proxy or urllib.request.proxy_bypass(address.hostname or ""):
        return ""
    parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host} (set by {address.scheme}_proxy)"
