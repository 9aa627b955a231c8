"""What goes into a signed URL, checked while its author can still be told what is wrong.

Deckle itself answers a wrong URL with "Invalid or expired signature" and no more. A value of the wrong type raises
TypeError, any other wrong value ValueError. No message repeats a secret.
"""

import re
import unicodedata
from urllib.parse import quote

MAX_SECONDS = 9_999_999_999
"""The largest expiry, in the year 2286: ten digits."""


def _text(value: object, name: str, advice: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text: {advice}")
    if not value:
        raise ValueError(f"{name} must be a text that is not empty: {advice}")
    # Control characters (category Cc) are refused by Deckle; half a surrogate pair (Cs) cannot be written as UTF-8.
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise ValueError(f"{name} holds a control character, such as a line break, or half a character: remove it.")
    return value


def seconds(value: object, name: str) -> int:
    """Unix seconds, as a whole number."""
    advice = f"{name} must be Unix seconds, such as int(time.time()) + 3600"
    if isinstance(value, float):
        raise TypeError(f"{advice}; this is a float: use int().")
    # A bool is an int to Python, and never meant as a time.
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{advice}; this is {type(value).__name__}.")
    if value > MAX_SECONDS:
        raise ValueError(f"{advice}; this looks like milliseconds: divide by 1000 and round down.")
    if value < 0:
        raise ValueError(f"{advice}; {value} is negative.")
    return int(value)


def base_url(value: object) -> str:
    """Where Deckle is reached, without a slash at the end."""
    advice = "give the address of Deckle, such as https://img.example.com."
    plain = _text(value, "base_url", advice).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?", plain, re.IGNORECASE):
        raise ValueError(
            f"base_url must be http:// or https://, a host, and no user name, query or fragment: {advice}"
        )
    return plain


def project(value: object) -> str:
    """The project's slug."""
    plain = _text(value, "project", "give the project's slug, such as my-blog.")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", plain):
        raise ValueError("project must be the project's slug: 1 to 63 lower-case letters, digits and inner hyphens.")
    return plain


def operations(value: object) -> str:
    """What to do with the picture, in plain text."""
    plain = _text(value, "operations", 'give operations such as "w_800,f_webp", or "_" for none.')
    if "/" in plain or "?" in plain:
        raise ValueError('operations must not hold "/" or "?": the source is a field of its own.')
    return plain


def source(value: object) -> str:
    """Host and path of the original, in plain text."""
    advice = "give host and path of the original, such as images.example.com/photo.jpg."
    plain = _text(value, "source", advice)
    if re.match(r"[a-z][a-z0-9+.-]*://", plain, re.IGNORECASE):
        raise ValueError(f'source must not start with a scheme: leave out "https://" and {advice}')
    if not re.match(r"[^/?]+/", plain):
        raise ValueError(f"source must start with a host and have a path: {advice}")
    if not {".", ".."}.isdisjoint(plain.split("/")):
        raise ValueError('source has a "." or ".." segment, which browsers resolve before they ask: resolve it first.')
    return plain


def public_key(value: object, name: str) -> str:
    """The public half of a key."""
    plain = _text(value, name, "give the public key, which starts with pk_.")
    if plain.startswith("sk_"):
        raise ValueError(
            f"{name} is a secret key (sk_...), which must never be in a URL: give the public key (pk_...) here."
        )
    if not re.fullmatch(r"pk_[A-Za-z0-9_-]{1,64}", plain):
        raise ValueError(f'{name} must be a public key: pk_ and 1 to 64 letters, digits, "-" and "_".')
    return plain


def secret_key(value: object) -> str:
    """The secret half of a key."""
    plain = _text(value, "secret", "give the secret key, which starts with sk_.")
    if plain.startswith("pk_"):
        raise ValueError("secret is a public key (pk_...): give the secret key (sk_...) that was shown with it once.")
    if not re.fullmatch(r"sk_[\x21-\x7e]+", plain):
        raise ValueError("secret must be the whole secret key, sk_ included, without spaces or quotes around it.")
    return plain


def subject(value: object) -> str:
    """Whom the invisible mark names."""
    plain = _text(value, "sub", "give a name of your viewer, such as viewer-7, or leave sub out.")
    if not re.fullmatch(r"[A-Za-z0-9._~-]{1,128}", plain):
        raise ValueError(
            'sub must be 1 to 128 letters, digits, "-", ".", "_" and "~": give an opaque name, not an address.'
        )
    return plain


def identifier(value: object) -> str:
    """What makes a URL single-use."""
    advice = "give secrets.token_urlsafe(16), a new one for every URL."
    plain = _text(value, "once", advice)
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,64}", plain):
        raise ValueError(f"once must be 16 to 64 base64url characters: {advice}")
    return plain


def encode(plain: str) -> str:
    """Percent-encodes everything but the slash and what a path segment may hold as it is (RFC 3986 section 3.3)."""
    return quote(plain, safe="/-._~!$&'()*+,;=:@")
