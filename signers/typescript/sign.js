import { endOfDay, endOfMonth, every } from "./expiry.js";
import { signV1 } from "./v1.js";
import { signV2 } from "./v2.js";

/**
 * Signs as the adapters' settings say: version 2 where they name the key `kid`, version 1 where they name it `key`.
 *
 * @param {import("./index.js").Settings} settings
 * @param {string} operations
 * @param {string} source an address of the original; `https://` may stand before it
 * @returns {string}
 */
export function sign({ expires, ...settings }, operations, source) {
  const fields = { ...settings, operations, source: source.replace(/^https?:\/\//i, ""), ...expiry(expires) };
  return "kid" in fields ? signV2(/** @type {any} */ (fields)) : signV1(/** @type {any} */ (fields));
}

/** @param {import("./index.js").Settings["expires"]} expires */
function expiry(expires) {
  if (expires === "month") return { exp: endOfMonth() };
  if (expires === "day") return { exp: endOfDay() };
  if (typeof expires === "number") return { exp: every(expires) };
  throw new TypeError('expires must be "month", "day" or a number of minutes: the period at whose end the URLs expire.');
}
