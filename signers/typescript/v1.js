import { baseUrl, encode, operations, project, publicKey, secretKey, seconds, source } from "./checks.js";
import { mac } from "./mac.js";

/** Characters of a signature: base64url of the first 24 bytes of the MAC. */
const SIGNATURE_LENGTH = 32;

/**
 * A signed URL, version 1.
 *
 * @param {import("./index.js").V1} fields
 * @returns {string}
 */
export function signV1(fields) {
  const base = baseUrl(fields.baseUrl);
  const slug = project(fields.project);
  const wanted = operations(fields.operations);
  const original = source(fields.source);
  const key = publicKey(fields.key, "key");
  const secret = secretKey(fields.secret);
  // `exp: null` would be a URL that lives for ever by mistake; only leaving it out says so.
  const exp = fields.exp === undefined ? undefined : seconds(fields.exp, "exp");
  if (exp === undefined && /[?&]exp=/.test(original)) {
    throw new TypeError('source has a query member named "exp", which Deckle takes for a moved expiry: give exp as well.');
  }
  const signed = `${wanted}/${original}` + (exp === undefined ? "" : `?exp=${exp}`);
  const sig = mac(secret, signed).slice(0, SIGNATURE_LENGTH);
  return (
    `${base}/api/v1/${slug}/${encode(wanted)}/${encode(original)}?key=${key}&sig=${sig}` +
    (exp === undefined ? "" : `&exp=${exp}`)
  );
}
