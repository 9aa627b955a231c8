"""What cannot work is refused where it is signed, with advice."""

import datetime
import unittest
from urllib.parse import parse_qs, urlsplit

from deckle_signer import expiry, sign_v1, sign_v2

_SECRET = "sk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
_SHARED = {
    "base_url": "https://img.example.com",
    "project": "demo",
    "operations": "w_800",
    "source": "images.example.com/photo.jpg",
    "secret": _SECRET,
    "exp": 1798761600,
}


def v1(**fields):
    return sign_v1(**{**_SHARED, "key": "pk_a", **fields})


def v2(**fields):
    return sign_v2(**{**_SHARED, "kid": "pk_a", **fields})


class Mistakes(unittest.TestCase):
    def refused(self, error, advice, *signers, **fields):
        """The change is refused with this advice, by both versions, and no message repeats the secret."""
        for sign in signers or (v1, v2):
            with self.assertRaisesRegex(error, advice) as caught:
                sign(**fields)
            self.assertNotIn("AAECAwQF", str(caught.exception))

    def test_what_is_right_is_signed(self):
        path = r"images\.example\.com/photo\.jpg"
        self.assertRegex(v1(), rf"^https://img\.example\.com/api/v1/demo/w_800/{path}\?key=pk_a&sig=[\w-]{{32}}&exp=1798761600$")
        self.assertRegex(v2(), rf"^https://img\.example\.com/v2/demo/w_800/{path}\?kid=pk_a&exp=1798761600&sig=[\w-]{{43}}$")

    def test_times(self):
        self.refused(ValueError, "milliseconds: divide by 1000", exp=1798761600000)
        self.refused(ValueError, "negative", exp=-1)
        for value in (1798761600.0, float("nan"), float("inf")):
            self.refused(TypeError, "float: use int", exp=value)
        for value in ("1798761600", True, datetime.datetime.now()):
            self.refused(TypeError, "must be Unix seconds", exp=value)

    def test_zero_is_an_expiry(self):
        self.assertTrue(v1(exp=0).endswith("&exp=0"))
        self.assertIn("&exp=0&", v2(exp=0))

    def test_version_2_needs_an_expiry_version_1_does_not(self):
        self.refused(TypeError, "exp must be Unix seconds", v2, exp=None)
        self.assertNotIn("exp=", v1(exp=None))

    def test_an_expiry_hidden_in_the_source(self):
        for source in ("a.example/x?exp=5", "a.example/x?v=1&exp=5"):
            self.refused(ValueError, "give exp as well", v1, exp=None, source=source)
        self.assertTrue(v1(source="a.example/x?exp=5"))
        self.assertTrue(v1(exp=None, source="a.example/x?expires=5"))

    def test_secrets(self):
        self.refused(ValueError, "is a public key.*give the secret key", secret="pk_a")
        self.refused(ValueError, "sk_ included", secret=_SECRET[3:])
        self.refused(ValueError, "line break", secret=f"{_SECRET}\n")
        self.refused(ValueError, "quotes", secret=f'"{_SECRET}"')
        self.refused(ValueError, "spaces", secret=f"{_SECRET} ")
        self.refused(TypeError, "secret must be a text", secret=None)
        self.refused(TypeError, "secret must be a text", secret=_SECRET.encode())

    def test_public_keys(self):
        self.refused(ValueError, "never be in a URL", v1, key=_SECRET)
        self.refused(ValueError, "never be in a URL", v2, kid=_SECRET)
        for key in ("pk_", "a", "pk_a b", "pk_é", "pk_" + "a" * 65):
            self.refused(ValueError, "must be a public key", v1, key=key)
            self.refused(ValueError, "must be a public key", v2, kid=key)

    def test_control_characters(self):
        for hidden in ("\0", "\n", "\r\n", "\t", "\x7f", "\x85", "\ud83e"):
            self.refused(ValueError, "source holds a control character", source=f"a.example/x{hidden}")
            self.refused(ValueError, "operations holds a control character", operations=f"w_8{hidden}")

    def test_sources(self):
        self.refused(ValueError, 'leave out "https://"', source="https://a.example/x")
        for source in ("/x.jpg", "a.example", "a.example?x=/", ""):
            self.refused(ValueError, "source must", source=source)
        for source in ("a.example/../x", "a.example/a/./x", "a.example/.."):
            self.refused(ValueError, "resolve it first", source=source)
        self.assertTrue(v1(source="a.example/..x/.y/z."))

    def test_operations(self):
        for operations in ("", "w_800/a.example", "w_800?"):
            self.refused(ValueError, "operations must", operations=operations)
        self.refused(TypeError, "operations must", operations=None)

    def test_projects(self):
        for project in ("", "My", "-a", "a-", "a_b", "a/b", "é", "a" * 64):
            self.refused(ValueError, "project must", project=project)

    def test_bases(self):
        for base in ("", "img.example.com", "ftp://a.example", "https://a.example?x", "https://a.example#x",
                     "https://u:p@a.example", "https://"):
            self.refused(ValueError, "base_url must", base_url=base)
        self.assertTrue(v1(base_url="http://127.0.0.1:3000").startswith("http://127.0.0.1:3000/api/v1/"))
        self.assertTrue(v1(base_url="https://a.example/images/").startswith("https://a.example/images/api/v1/"))

    def test_beginnings(self):
        self.refused(ValueError, "nbf lies after exp", v2, nbf=1798761601)
        self.refused(ValueError, "nbf.*milliseconds", v2, nbf=1798761600000)

    def test_subjects(self):
        for sub in ("", "a b", "a@b", "é", "a/b", "a" * 129):
            self.refused(ValueError, "sub must", v2, sub=sub)
        self.refused(TypeError, "sub must", v2, sub=7)

    def test_identifiers(self):
        for once in ("", "short", "a" * 65, "AAECAwQFBgcICQoLDA0OD="):
            self.refused(ValueError, "token_urlsafe", v2, once=once)
        self.refused(TypeError, "token_urlsafe", v2, once=True)

    def test_an_address_is_written_in_its_one_spelling(self):
        for given, written in (
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("203.0.113.255/31", "203.0.113.254/31"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::FFFF:CB00:7107", "203.0.113.7"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:0db8:0007:0001:aaaa::1/64", "2001:db8:7:1::/64"),
            ("2001:db8:7:ffff::/49", "2001:db8:7:8000::/49"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"),
            ("::1.2.3.4", "::102:304"),
            ("::", "::"),
            ("::1/128", "::1"),
        ):
            self.assertEqual(parse_qs(urlsplit(v2(ip=given)).query)["ip"], [written], given)

    def test_what_is_not_an_address(self):
        for ip in ("", "localhost", "203.0.113", "203.0.113.07", "203.0.113.7:80", "[::1]", "fe80::1%eth0", "203.0.113.7/33",
                   "::1/129", "::1/0", "::1/064", "::ffff:203.0.113.7/120"):
            self.refused(ValueError, "ip must be", v2, ip=ip)
        self.refused(TypeError, "ip must be", v2, ip=7)

    def test_periods(self):
        for minutes in (0, -1, 10**15):
            self.assertRaisesRegex(ValueError, "minutes must be a whole number", expiry.every, minutes, 0)
        for minutes in (1.5, "15", None, True):
            self.assertRaisesRegex(TypeError, "minutes must be a whole number", expiry.every, minutes, 0)
        for rule in (expiry.end_of_month, expiry.end_of_day, lambda now: expiry.every(15, now)):
            self.assertRaisesRegex(ValueError, "now must be Unix seconds.*milliseconds", rule, 1798761600000)
            self.assertRaisesRegex(TypeError, "float", rule, float("nan"))
            self.assertLessEqual(rule(9_999_999_999), 9_999_999_999)
