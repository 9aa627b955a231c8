// What goes into a signed URL, checked while its author can still be told what is wrong: Deckle itself answers a wrong URL
// with "Invalid or expired signature" and no more. No message repeats a secret.

/** The largest expiry, in the year 2286: ten digits. */
const MAX_SECONDS = 9_999_999_999;

/** @param {unknown} value @param {string} name @param {string} advice @returns {string} */
function text(value, name, advice) {
  if (typeof value !== "string" || value === "") {
    throw new TypeError(`${name} must be a text that is not empty: ${advice}`);
  }
  // Control characters (Unicode category Cc) are refused by Deckle; half a surrogate pair cannot be written as UTF-8.
  if (/[\p{Cc}\p{Surrogate}]/u.test(value)) {
    throw new TypeError(`${name} holds a control character, such as a line break, or half a character: remove it.`);
  }
  return value;
}

/**
 * Unix seconds, as a whole number.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {number}
 */
export function seconds(value, name) {
  const advice = `${name} must be Unix seconds, such as Math.floor(Date.now() / 1000) + 3600`;
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`${advice}; this is ${Number.isNaN(value) ? "NaN" : value === null ? "null" : typeof value}.`);
  }
  if (value > MAX_SECONDS) {
    throw new TypeError(`${advice}; this looks like milliseconds: divide by 1000 and round down.`);
  }
  if (!Number.isInteger(value) || value < 0) {
    throw new TypeError(`${advice}; ${value} is ${value < 0 ? "negative" : "not whole: use Math.floor"}.`);
  }
  // Minus zero is written as 0.
  return value + 0;
}

/**
 * Where Deckle is reached, without a slash at the end.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function baseUrl(value) {
  const advice = "give the address of Deckle, such as https://img.example.com.";
  const plain = text(value, "baseUrl", advice).replace(/\/+$/, "");
  if (!/^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/i.test(plain)) {
    throw new TypeError(`baseUrl must be http:// or https://, a host, and no user name, query or fragment: ${advice}`);
  }
  return plain;
}

/** The project's slug. @param {unknown} value @returns {string} */
export function project(value) {
  const plain = text(value, "project", "give the project's slug, such as my-blog.");
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(plain)) {
    throw new TypeError("project must be the project's slug: 1 to 63 lower-case letters, digits and inner hyphens.");
  }
  return plain;
}

/** What to do with the picture, in plain text. @param {unknown} value @returns {string} */
export function operations(value) {
  const plain = text(value, "operations", 'give operations such as "w_800,f_webp", or "_" for none.');
  if (/[/?]/.test(plain)) {
    throw new TypeError('operations must not hold "/" or "?": the source is a field of its own.');
  }
  return plain;
}

/** Host and path of the original, in plain text. @param {unknown} value @returns {string} */
export function source(value) {
  const advice = "give host and path of the original, such as images.example.com/photo.jpg.";
  const plain = text(value, "source", advice);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) {
    throw new TypeError(`source must not start with a scheme: leave out "https://" and ${advice}`);
  }
  if (!/^[^/?]+\//.test(plain)) {
    throw new TypeError(`source must start with a host and have a path: ${advice}`);
  }
  if (plain.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new TypeError('source has a "." or ".." segment, which browsers resolve before they ask: resolve it first.');
  }
  return plain;
}

/** The public half of a key. @param {unknown} value @param {string} name @returns {string} */
export function publicKey(value, name) {
  const plain = text(value, name, "give the public key, which starts with pk_.");
  if (plain.startsWith("sk_")) {
    throw new TypeError(`${name} is a secret key (sk_…), which must never be in a URL: give the public key (pk_…) here.`);
  }
  if (!/^pk_[A-Za-z0-9_-]{1,64}$/.test(plain)) {
    throw new TypeError(`${name} must be a public key: pk_ and 1 to 64 letters, digits, "-" and "_".`);
  }
  return plain;
}

/** The secret half of a key. @param {unknown} value @returns {string} */
export function secretKey(value) {
  const plain = text(value, "secret", "give the secret key, which starts with sk_.");
  if (plain.startsWith("pk_")) {
    throw new TypeError("secret is a public key (pk_…): give the secret key (sk_…) that was shown with it once.");
  }
  if (!/^sk_[\x21-\x7e]+$/.test(plain)) {
    throw new TypeError("secret must be the whole secret key, sk_ included, without spaces or quotes around it.");
  }
  return plain;
}

/** Whom the invisible mark names. @param {unknown} value @returns {string} */
export function subject(value) {
  const plain = text(value, "sub", "give a name of your viewer, such as viewer-7, or leave sub out.");
  if (!/^[A-Za-z0-9._~-]{1,128}$/.test(plain)) {
    throw new TypeError('sub must be 1 to 128 letters, digits, "-", ".", "_" and "~": give an opaque name, not an address.');
  }
  return plain;
}

/** What makes a URL single-use. @param {unknown} value @returns {string} */
export function identifier(value) {
  const plain = text(value, "once", 'give randomBytes(16).toString("base64url"), a new one for every URL.');
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(plain)) {
    throw new TypeError(
      'once must be 16 to 64 base64url characters: give randomBytes(16).toString("base64url"), a new one for every URL.',
    );
  }
  return plain;
}

/**
 * Percent-encodes everything but the slash and what a path segment may hold as it is (RFC 3986 section 3.3).
 *
 * @param {string} plain
 * @returns {string}
 */
export function encode(plain) {
  return encodeURIComponent(plain).replace(/%(?:2[46BCF]|3[ABD]|40)/g, decodeURIComponent);
}
