"""Signed URLs for Deckle. Who can sign holds the secret key: sign on a server."""

from . import expiry
from .v1 import sign_v1
from .v2 import sign_v2

__all__ = ["expiry", "sign_v1", "sign_v2"]
