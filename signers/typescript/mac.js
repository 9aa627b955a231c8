import { createHmac } from "node:crypto";

/**
 * HMAC-SHA-256 (RFC 2104) in base64url, 43 characters. The HMAC key is the text of the secret, `sk_` included.
 *
 * @param {string} secret
 * @param {string} text
 * @returns {string}
 */
export function mac(secret, text) {
  if (typeof window !== "undefined") {
    throw new Error(
      "@deckle/signer works on a server only, and there is a `window` here: sign on the server and send the finished URL to the browser.",
    );
  }
  return createHmac("sha256", secret).update(text, "utf8").digest("base64url");
}
