import { address } from "./address.js";
import {
  baseUrl, encode, identifier, operations, project, publicKey, secretKey, seconds, source, subject,
} from "./checks.js";
import { mac } from "./mac.js";

/**
 * A signed URL, version 2. What is signed is the bytes of the URL as they are sent, one labelled line for each field.
 *
 * @param {import("./index.js").V2} fields
 * @returns {string}
 */
export function signV2(fields) {
  const base = baseUrl(fields.baseUrl);
  const slug = project(fields.project);
  const wanted = encode(operations(fields.operations));
  const original = encode(source(fields.source));
  const secret = secretKey(fields.secret);
  const exp = seconds(fields.exp, "exp");
  /** @type {[string, string | number | undefined][]} */
  const query = [
    ["kid", publicKey(fields.kid, "kid")],
    ["exp", exp],
    ["nbf", given(fields.nbf, (nbf) => seconds(nbf, "nbf"))],
    ["sub", given(fields.sub, subject)],
    ["once", given(fields.once, identifier)],
    ["ip", given(fields.ip, address)],
  ];
  if (fields.nbf !== undefined && fields.nbf > exp) {
    throw new TypeError("nbf lies after exp: such a URL would never work. Give an nbf that comes first.");
  }
  const present = query.filter(([, value]) => value !== undefined);
  const lines = [["slug", slug], ["operations", wanted], ["source", original], ...present];
  const sig = mac(secret, ["deckle-v2", ...lines.map(([label, value]) => `${label}:${value}`)].join("\n"));
  const members = [...present, ["sig", sig]].map(([label, value]) => `${label}=${value}`);
  return `${base}/v2/${slug}/${wanted}/${original}?${members.join("&")}`;
}

/**
 * Only what is left out is absent: `null` or an empty text is a mistake, and would take a restriction away.
 *
 * @template T, R
 * @param {T | undefined} value
 * @param {(value: T) => R} check
 */
function given(value, check) {
  return value === undefined ? undefined : check(value);
}
