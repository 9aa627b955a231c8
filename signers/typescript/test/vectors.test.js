import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { expiry, signV1, signV2 } from "../index.js";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
const present = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
const baseUrl = "https://img.example.com/";

for (const { name, secret, operations, source, exp, sig, path } of vectors("signed-url-v1")) {
  test(`version 1: ${name}`, () => {
    const url = new URL(signV1(present({ baseUrl, project: "demo", operations, source, key: "pk_a", secret, exp })));
    assert.equal(url.search, `?key=pk_a&sig=${sig}` + (exp === null ? "" : `&exp=${exp}`));
    // Version 1 leaves the encoding open: what counts is what the path says.
    assert.equal(decodeURIComponent(url.pathname), decodeURIComponent(`/api/v1/demo/${path}`));
  });
}

for (const vector of vectors("signed-url-v2")) {
  const { name, secret, slug: project, operations, source, kid, exp, nbf, sub, once, ip, sig, url, canonical } = vector;
  test(`version 2: ${name}`, () => {
    const made = signV2(present({ baseUrl, project, operations, source, kid, secret, exp, nbf, sub, once, ip }));
    assert.equal(made === `https://img.example.com${url}`, canonical, made);
    assert.equal(made.endsWith(`&sig=${sig}`), canonical);
  });
}

for (const { name, rule, minutes, now, exp } of vectors("expiry")) {
  test(`expiry: ${rule}: ${name}`, () => {
    const rules = {
      end_of_month: expiry.endOfMonth,
      end_of_day: expiry.endOfDay,
      every: (second) => expiry.every(minutes, second),
    };
    assert.equal(rules[rule](now), exp);
  });
}

test("expiry: without a time, the clock's", () => {
  const now = Math.floor(Date.now() / 1000);
  for (const exp of [expiry.endOfMonth(), expiry.endOfDay(), expiry.every(15)]) {
    assert.ok(exp >= now && exp < now + 32 * 86400, String(exp));
  }
});
