interface Fields {
  /** Where Deckle is reached, such as `https://img.example.com`. */
  baseUrl: string;
  /** The project's slug, such as `my-blog`. */
  project: string;
  /** What to do, such as `w_800,f_webp`; `_` for nothing. */
  operations: string;
  /** Host and path of the original in plain text, without `https://`, such as `images.example.com/photo.jpg`. */
  source: string;
  /** The secret key, `sk_…`. It never leaves the server. */
  secret: string;
}

/** What a signed URL of version 1 says. */
export interface V1 extends Fields {
  /** The public key, `pk_…`. */
  key: string;
  /** The last second in which the URL works, Unix time. Without it the URL works as long as its key. */
  exp?: number;
}

/** What a signed URL of version 2 says. */
export interface V2 extends Fields {
  /** The public key, `pk_…`. */
  kid: string;
  /** The last second in which the URL works, Unix time. */
  exp: number;
  /** The first second in which the URL works. */
  nbf?: number;
  /** Whom the invisible mark names, 1 to 128 unreserved characters; the key's client where it is left out. */
  sub?: string;
  /** Makes the URL single-use: 16 to 64 base64url characters, random, new for every URL. */
  once?: string;
  /** The only address, or network such as `2001:db8::/64`, that may use the URL. */
  ip?: string;
}

/** How the adapters for Next.js and Nuxt sign: with `key` URLs of version 1, with `kid` URLs of version 2. */
export type Settings = Pick<Fields, "baseUrl" | "project" | "secret"> & {
  /** URLs expire at the end of the month, of the day, or of a period of so many minutes, in UTC. */
  expires: "month" | "day" | number;
  /** Operations that every picture gets after its own, such as `f_webp`. */
  operations?: string;
} & (Pick<V1, "key"> | Pick<V2, "kid" | "sub" | "ip">);

/**
 * A signed URL, version 1.
 * @throws {TypeError} that says which field is wrong and what to give instead
 */
export function signV1(fields: V1): string;

/**
 * A signed URL, version 2.
 * @throws {TypeError} that says which field is wrong and what to give instead
 */
export function signV2(fields: V2): string;

/** Expiries at the end of a period, in UTC: URLs of one picture in one period are the same URL, and stay cacheable. */
export namespace expiry {
  /** The last second of the month. `now` is Unix seconds; the clock's where it is left out. */
  function endOfMonth(now?: number): number;
  /** The last second of the day. */
  function endOfDay(now?: number): number;
  /** The last second of the period of so many minutes; periods are counted from the first second of 1970. */
  function every(minutes: number, now?: number): number;
}
