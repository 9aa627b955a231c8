// What a bundler for browsers finds in place of sign.js: an adapter that also runs in a page has nothing to sign with there.

export const sign = undefined;
