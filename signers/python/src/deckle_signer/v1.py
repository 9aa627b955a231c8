"""Signed URLs, version 1."""

import re
from typing import Optional

from .checks import base_url as checked_base_url
from .checks import encode, public_key, secret_key, seconds
from .checks import operations as checked_operations
from .checks import project as checked_project
from .checks import source as checked_source
from .mac import mac

_SIGNATURE_LENGTH = 32
"""Characters of a signature: base64url of the first 24 bytes of the MAC."""


def sign_v1(
    *,
    base_url: str,
    project: str,
    operations: str,
    source: str,
    key: str,
    secret: str,
    exp: Optional[int] = None,
) -> str:
    """A signed URL, version 1.

    ``source`` is host and path of the original in plain text; ``exp`` the last second in which the URL works, Unix time.
    TypeError and ValueError say which field is wrong and what to give instead.
    """
    base, slug = checked_base_url(base_url), checked_project(project)
    wanted, original = checked_operations(operations), checked_source(source)
    key, secret = public_key(key, "key"), secret_key(secret)
    if exp is None and re.search(r"[?&]exp=", original):
        raise ValueError(
            'source has a query member named "exp", which Deckle takes for a moved expiry: give exp as well.'
        )
    expiry = "" if exp is None else f"exp={seconds(exp, 'exp')}"
    sig = mac(secret, f"{wanted}/{original}" + (f"?{expiry}" if expiry else ""))[:_SIGNATURE_LENGTH]
    path = f"/api/v1/{slug}/{encode(wanted)}/{encode(original)}"
    return f"{base}{path}?key={key}&sig={sig}" + (f"&{expiry}" if expiry else "")
