import assert from "node:assert/strict";
import { test } from "node:test";
import { expiry, signV1, signV2 } from "../index.js";

const SECRET = "sk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const shared = {
  baseUrl: "https://img.example.com",
  project: "demo",
  operations: "w_800",
  source: "images.example.com/photo.jpg",
  secret: SECRET,
  exp: 1798761600,
};
const v1 = (fields) => signV1({ ...shared, key: "pk_a", ...fields });
const v2 = (fields) => signV2({ ...shared, kid: "pk_a", ...fields });

/** The change is refused with this advice, by both versions, and no message repeats the secret. */
function refused(fields, advice, ...signers) {
  for (const sign of signers.length > 0 ? signers : [v1, v2]) {
    assert.throws(() => sign(fields), (error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(error.message, advice);
      assert.doesNotMatch(error.message, /AAECAwQF/);
      return true;
    });
  }
}

test("what is right is signed", () => {
  assert.match(v1({}), /^https:\/\/img\.example\.com\/api\/v1\/demo\/w_800\/images\.example\.com\/photo\.jpg\?key=pk_a&sig=[\w-]{32}&exp=1798761600$/);
  assert.match(v2({}), /^https:\/\/img\.example\.com\/v2\/demo\/w_800\/images\.example\.com\/photo\.jpg\?kid=pk_a&exp=1798761600&sig=[\w-]{43}$/);
});

test("milliseconds", () => refused({ exp: 1798761600000 }, /milliseconds: divide by 1000/));
test("NaN", () => refused({ exp: Number.NaN }, /Unix seconds.*NaN/));
test("infinity", () => refused({ exp: Number.POSITIVE_INFINITY }, /Unix seconds/));
test("half seconds", () => refused({ exp: 1798761600.5 }, /Math\.floor/));
test("a negative expiry", () => refused({ exp: -1 }, /negative/));
test("an expiry in a text", () => refused({ exp: "1798761600" }, /Unix seconds.*string/));
test("a Date", () => refused({ exp: new Date() }, /Unix seconds.*object/));
test("null is not absent", () => refused({ exp: null }, /Unix seconds.*null/));
test("zero is an expiry", () => {
  assert.match(v1({ exp: 0 }), /&exp=0$/);
  assert.match(v1({ exp: -0 }), /&exp=0$/);
  assert.match(v2({ exp: 0 }), /&exp=0&/);
});
test("version 2 needs an expiry, version 1 does not", () => {
  refused({ exp: undefined }, /exp must be Unix seconds/, v2);
  assert.doesNotMatch(v1({ exp: undefined }), /exp=/);
});
test("an expiry hidden in the source", () => {
  refused({ exp: undefined, source: "a.example/x?exp=5" }, /give exp as well/, v1);
  refused({ exp: undefined, source: "a.example/x?v=1&exp=5" }, /give exp as well/, v1);
  assert.ok(v1({ source: "a.example/x?exp=5" }));
  assert.ok(v1({ exp: undefined, source: "a.example/x?expires=5" }));
});

test("a public key as secret", () => refused({ secret: "pk_a" }, /is a public key.*give the secret key/));
test("a secret without its sk_", () => refused({ secret: SECRET.slice(3) }, /sk_ included/));
test("a secret with a line break", () => refused({ secret: `${SECRET}\n` }, /line break/));
test("a secret in quotes", () => refused({ secret: `"${SECRET}"` }, /quotes/));
test("a secret with a space", () => refused({ secret: `${SECRET} ` }, /spaces/));
test("no secret", () => refused({ secret: undefined }, /secret must be a text/));
test("a secret key as public key", () => refused({ key: SECRET, kid: SECRET }, /never be in a URL/));
test("what is not a public key", () => {
  for (const key of ["pk_", "a", "pk_a b", "pk_é", `pk_${"a".repeat(65)}`]) refused({ key, kid: key }, /must be a public key/);
});

test("control characters", () => {
  for (const hidden of ["\0", "\n", "\r\n", "\t", "\u007f", "\u0085"]) {
    refused({ source: `a.example/x${hidden}` }, /source holds a control character/);
    refused({ operations: `w_8${hidden}` }, /operations holds a control character/);
  }
});
test("half a surrogate pair", () => refused({ source: "a.example/\ud83e" }, /half a character/));
test("a scheme in the source", () => refused({ source: "https://a.example/x" }, /leave out "https:\/\/"/));
test("a source without host or path", () => {
  for (const source of ["/x.jpg", "a.example", "a.example?x=/", ""]) refused({ source }, /source must/);
});
test("dot segments", () => {
  for (const source of ["a.example/../x", "a.example/a/./x", "a.example/.."]) refused({ source }, /resolve it first/);
  assert.ok(v1({ source: "a.example/..x/.y/z." }));
});
test("operations that end too late", () => {
  for (const operations of ["", "w_800/a.example", "w_800?", null]) refused({ operations }, /operations must/);
});
test("what is not a project", () => {
  for (const project of ["", "My", "-a", "a-", "a_b", "a/b", "é", "a".repeat(64)]) refused({ project }, /project must/);
});
test("what is not a base", () => {
  for (const baseUrl of ["", "img.example.com", "ftp://a.example", "https://a.example?x", "https://a.example#x", "https://u:p@a.example", "https://"]) {
    refused({ baseUrl }, /baseUrl must/);
  }
  assert.ok(v1({ baseUrl: "http://127.0.0.1:3000" }).startsWith("http://127.0.0.1:3000/api/v1/"));
  assert.ok(v1({ baseUrl: "https://a.example/images/" }).startsWith("https://a.example/images/api/v1/"));
});

test("a beginning after the end", () => refused({ nbf: 1798761601 }, /nbf lies after exp/, v2));
test("a beginning in milliseconds", () => refused({ nbf: 1798761600000 }, /nbf.*milliseconds/, v2));
test("what is not a subject", () => {
  for (const sub of ["", "a b", "a@b", "é", "a/b", "a".repeat(129), null, 7]) refused({ sub }, /sub must/, v2);
});
test("what is not an identifier", () => {
  for (const once of ["", "short", "a".repeat(65), "AAECAwQFBgcICQoLDA0OD=", true, null]) refused({ once }, /randomBytes/, v2);
});

test("an address is written in its one spelling", () => {
  for (const [given, written] of [
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["203.0.113.255/31", "203.0.113.254/31"],
    ["203.0.113.7/32", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:CB00:7107", "203.0.113.7"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:0db8:0007:0001:aaaa::1/64", "2001:db8:7:1::/64"],
    ["2001:db8:7:ffff::/49", "2001:db8:7:8000::/49"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:0:0:2:0:0:3:4", "1::2:0:0:3:4"],
    ["::1.2.3.4", "::102:304"],
    ["::", "::"],
    ["::1/128", "::1"],
  ]) {
    assert.equal(new URL(v2({ ip: given })).searchParams.get("ip"), written, given);
  }
});
test("what is not an address", () => {
  for (const ip of ["", "localhost", "203.0.113", "203.0.113.07", "203.0.113.7:80", "[::1]", "fe80::1%eth0", "203.0.113.7/33", "::1/129", "::1/0", "::1/064", "::ffff:203.0.113.7/120", 7, null]) {
    refused({ ip }, /ip must be/, v2);
  }
});

test("periods", () => {
  for (const minutes of [0, -1, 1.5, Number.NaN, "15", undefined, Number.MAX_SAFE_INTEGER]) {
    assert.throws(() => expiry.every(minutes, 0), /minutes must be a whole number/);
  }
  for (const rule of [expiry.endOfMonth, expiry.endOfDay, (now) => expiry.every(15, now)]) {
    assert.throws(() => rule(1798761600000), /now must be Unix seconds.*milliseconds/);
    assert.throws(() => rule(Number.NaN), /NaN/);
    assert.ok(rule(9_999_999_999) <= 9_999_999_999);
  }
});
