// What a bundler for browsers finds in place of the signer. Who can sign holds the secret key, so a page must not.

throw new Error(
  "@deckle/signer signs with the secret key and works on a server only: sign there, and send the finished URL to the browser.",
);
