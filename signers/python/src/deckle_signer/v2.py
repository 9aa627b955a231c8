"""Signed URLs, version 2."""

from typing import Optional

from .address import address
from .checks import base_url as checked_base_url
from .checks import encode, identifier, public_key, secret_key, seconds, subject
from .checks import operations as checked_operations
from .checks import project as checked_project
from .checks import source as checked_source
from .mac import mac


def sign_v2(
    *,
    base_url: str,
    project: str,
    operations: str,
    source: str,
    kid: str,
    secret: str,
    exp: int,
    nbf: Optional[int] = None,
    sub: Optional[str] = None,
    once: Optional[str] = None,
    ip: Optional[str] = None,
) -> str:
    """A signed URL, version 2. What is signed is the bytes of the URL as they are sent, a labelled line for each field.

    ``nbf`` is the first second in which the URL works and ``exp`` the last, Unix time; ``sub`` names your viewer in the mark;
    ``once`` makes the URL single-use; ``ip`` binds it to an address or network.
    TypeError and ValueError say which field is wrong and what to give instead.
    """
    base, slug = checked_base_url(base_url), checked_project(project)
    wanted, original = encode(checked_operations(operations)), encode(checked_source(source))
    secret = secret_key(secret)
    query = [("kid", public_key(kid, "kid")), ("exp", str(seconds(exp, "exp")))]
    if nbf is not None:
        if seconds(nbf, "nbf") > exp:
            raise ValueError("nbf lies after exp: such a URL would never work. Give an nbf that comes first.")
        query.append(("nbf", str(int(nbf))))
    if sub is not None:
        query.append(("sub", subject(sub)))
    if once is not None:
        query.append(("once", identifier(once)))
    if ip is not None:
        query.append(("ip", address(ip)))
    lines = [("slug", slug), ("operations", wanted), ("source", original), *query]
    sig = mac(secret, "\n".join(["deckle-v2", *(f"{label}:{value}" for label, value in lines)]))
    members = "&".join(f"{label}={value}" for label, value in [*query, ("sig", sig)])
    return f"{base}/v2/{slug}/{wanted}/{original}?{members}"
