import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { signV1 } from "../index.js";

const fields = {
  baseUrl: "https://img.example.com",
  project: "demo",
  operations: "_",
  source: "images.example.com/photo.jpg",
  key: "pk_a",
  secret: "sk_test_secret",
};

test("where there is a window, nothing is signed", () => {
  globalThis.window = {};
  try {
    assert.throws(() => signV1(fields), /works on a server only/);
  } finally {
    delete globalThis.window;
  }
  assert.ok(signV1(fields));
});

test("a bundler for browsers finds no signer", async () => {
  await assert.rejects(import("../browser.js"), /works on a server only/);
  const { exports, imports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  for (const name of [".", "./next-loader"]) {
    // Conditions are matched in their order: `browser` must come before what every bundler takes.
    assert.deepEqual(Object.keys(exports[name]), ["types", "browser", "default"], name);
    assert.equal(exports[name].browser, "./browser.js", name);
  }
  assert.deepEqual(Object.entries(imports["#sign"]), [["browser", "./no-sign.js"], ["default", "./sign.js"]]);
});

/** Runs a module as a bundler for browsers would resolve it. */
function inBrowser(program) {
  const cwd = new URL("..", import.meta.url);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=browser", "--input-type=module", "--eval", program],
    { cwd, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

test("as a browser resolves it, the package refuses, and the Nuxt provider knows only what the server signed", () => {
  for (const name of ["@deckle/signer", "@deckle/signer/next-loader"]) {
    const { status, stderr } = inBrowser(`import ${JSON.stringify(name)}`);
    assert.equal(status, 1);
    assert.match(stderr, /works on a server only/);
  }
  const { stdout, stderr } = inBrowser(`
    import { createProvider } from "@deckle/signer/nuxt-provider";
    const urls = { "w_320/images.example.com/photo.jpg": "https://img.example.com/signed" };
    const settings = () => { throw new Error("asked for the secret"); };
    const provider = createProvider({ settings, urls: () => urls });
    console.log(provider.getImage("images.example.com/photo.jpg", { modifiers: { width: 320 } }).url);
    try { provider.getImage("images.example.com/other.jpg"); } catch (error) { console.log(error.message); }
  `);
  const [url, message] = stdout.split("\n");
  assert.equal(url, "https://img.example.com/signed", stderr);
  assert.match(message, /^The server has not signed _?\/images\.example\.com\/other\.jpg/);
});

test("what does run in browsers reaches no cryptography", () => {
  for (const name of ["next-sources.js", "nuxt-provider.js", "no-sign.js", "browser.js"]) {
    const imported = readFileSync(new URL(`../${name}`, import.meta.url), "utf8").match(/from "([^"]+)"/g) ?? [];
    assert.deepEqual(imported, name === "nuxt-provider.js" ? ['from "#sign"'] : [], name);
  }
});

test("a package imports itself by its name, as its users do", async () => {
  assert.equal((await import("@deckle/signer")).signV1, signV1);
  for (const name of ["next-loader", "next-sources", "nuxt-provider"]) {
    assert.ok(Object.values(await import(`@deckle/signer/${name}`)).every((value) => typeof value === "function"), name);
  }
});
