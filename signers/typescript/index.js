// Signed URLs for Deckle. Everything here needs the secret key, so it runs on a server and nowhere else.

export { signV1 } from "./v1.js";
export { signV2 } from "./v2.js";
export * as expiry from "./expiry.js";
