"""The vectors that keep every signer byte-compatible."""

import json
import pathlib
import time
import unittest
from urllib.parse import unquote, urlsplit

from deckle_signer import expiry, sign_v1, sign_v2

_FOLDER = pathlib.Path(__file__).resolve().parents[3] / "tests" / "vectors"
_BASE = "https://img.example.com"


def _vectors(name):
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


class Version1(unittest.TestCase):
    """A test for each vector."""


class Version2(unittest.TestCase):
    """A test for each vector."""


class Expiry(unittest.TestCase):
    """A test for each vector."""

    def test_without_a_time_the_clock_s(self):
        now = int(time.time())
        for exp in (expiry.end_of_month(), expiry.end_of_day(), expiry.every(15)):
            self.assertTrue(now <= exp < now + 32 * 86400, exp)


def _version_1(vector):
    def test(self):
        names = ("operations", "source", "secret", "exp")
        url = sign_v1(base_url=f"{_BASE}/", project="demo", key="pk_a", **{name: vector[name] for name in names})
        parts = urlsplit(url)
        expiry_member = "" if vector["exp"] is None else f"&exp={vector['exp']}"
        self.assertEqual(parts.query, f"key=pk_a&sig={vector['sig']}{expiry_member}")
        # Version 1 leaves the encoding open: what counts is what the path says.
        self.assertEqual(unquote(parts.path), unquote(f"/api/v1/demo/{vector['path']}"))

    return test


def _version_2(vector):
    def test(self):
        names = ("operations", "source", "kid", "secret", "exp", "nbf", "sub", "once", "ip")
        url = sign_v2(base_url=f"{_BASE}/", project=vector["slug"], **{name: vector[name] for name in names})
        self.assertEqual(url == f"{_BASE}{vector['url']}", vector["canonical"], url)
        self.assertEqual(url.endswith(f"&sig={vector['sig']}"), vector["canonical"])

    return test


def _expiry(vector):
    def test(self):
        rule = getattr(expiry, vector["rule"])
        arguments = [vector["minutes"]] if vector["rule"] == "every" else []
        self.assertEqual(rule(*arguments, vector["now"]), vector["exp"])

    return test


for _case, _name, _of in (
    (Version1, "signed-url-v1", _version_1),
    (Version2, "signed-url-v2", _version_2),
    (Expiry, "expiry", _expiry),
):
    for _vector in _vectors(_name):
        _test = _of(_vector)
        _test.__doc__ = _vector["name"]
        setattr(_case, f"test_{_vector['name']}", _test)

# A name that still holds a test case would be collected as one more.
del _case
