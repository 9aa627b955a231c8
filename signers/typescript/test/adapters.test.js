import assert from "node:assert/strict";
import { test } from "node:test";
import { expiry, signV1, signV2 } from "@deckle/signer";
import { createLoader, signSources } from "@deckle/signer/next-loader";
import { sourcesLoader } from "@deckle/signer/next-sources";
import { createProvider } from "@deckle/signer/nuxt-provider";

const base = { baseUrl: "https://img.example.com", project: "demo", secret: "sk_test_secret" };
const settings = { ...base, key: "pk_a", expires: "month" };
const source = "images.example.com/photo.jpg";
// The month does not end between two lines of a test.
const signed = (operations) => signV1({ ...base, key: "pk_a", operations, source, exp: expiry.endOfMonth() });

test("the Next loader signs width, quality and its own operations", () => {
  const src = `https://${source}`;
  assert.equal(createLoader(settings)({ src, width: 640 }), signed("w_640"));
  const loader = createLoader({ ...settings, operations: "f_webp" });
  assert.equal(loader({ src, width: 640, quality: 80 }), signed("w_640,q_80,f_webp"));
  assert.throws(() => loader({ src: "/local.jpg", width: 640 }), /source must start with a host/);
});

test("with kid it signs version 2", () => {
  const loader = createLoader({ ...base, kid: "pk_a", sub: "viewer-7", expires: 60 });
  const expected = signV2({ ...base, kid: "pk_a", sub: "viewer-7", operations: "w_16", source, exp: expiry.every(60) });
  assert.equal(loader({ src: source, width: 16 }), expected);
});

test("the period is named", () => {
  for (const expires of [undefined, "year", Number.NaN, 0]) {
    assert.throws(() => createLoader({ ...settings, expires })({ src: source, width: 16 }), TypeError);
  }
  assert.match(createLoader({ ...settings, expires: "day" })({ src: source, width: 16 }), new RegExp(`exp=${expiry.endOfDay()}$`));
});

test("signed sources reach the browser's loader as plain text", () => {
  const sources = signSources(createLoader(settings), source, { widths: [640, 1080], quality: 75 });
  const arrived = JSON.parse(JSON.stringify(sources));
  const loader = sourcesLoader(arrived);
  assert.equal(loader({ width: 640 }), signed("w_640,q_75"));
  assert.equal(loader({ width: 641 }), signed("w_1080,q_75"));
  assert.equal(loader({ width: 5000 }), signed("w_1080,q_75"));
  assert.equal(Object.keys(signSources(createLoader(settings), source)).length, 16);
  assert.throws(() => sourcesLoader({}), /signSources/);
});

test("the Nuxt provider signs on the server and keeps what the browser will ask for", () => {
  const kept = {};
  const provider = createProvider({ settings: () => ({ ...settings, operations: "f_webp" }), urls: () => kept });
  const modifiers = { width: 320.4, height: 200, quality: 80, fit: "cover", background: "#ffffff", position: undefined, grayscale: true, flip: false };
  const { url } = provider.getImage(source, { modifiers });
  assert.equal(url, signed("s_320x200,q_80,fit_cover,b_ffffff,grayscale,f_webp"));
  assert.deepEqual(Object.values(kept), [url]);
  assert.equal(provider.getImage(source, { modifiers: { width: 320 } }).url, signed("w_320,f_webp"));
  assert.throws(() => provider.getImage(source, { modifiers: { background: "rgb(1,2,3)" } }), /modifier background/);
});

test("without modifiers the Nuxt provider asks for nothing", () => {
  const provider = createProvider({ settings: () => settings, urls: () => ({}) });
  assert.equal(provider.getImage(`https://${source}`).url, signed("_"));
});
