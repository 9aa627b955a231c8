"""The signature both versions start from."""

import base64
import hmac


def mac(secret: str, text: str) -> str:
    """HMAC-SHA-256 (RFC 2104) in base64url, 43 characters. The HMAC key is the text of the secret, ``sk_`` included."""
    tag = hmac.digest(secret.encode(), text.encode(), "sha256")
    return base64.urlsafe_b64encode(tag).decode().rstrip("=")
