// For Next.js, in the browser: a loader that picks among URLs which the server has signed. It knows no secret.

/**
 * @param {import("./next-sources.js").Sources} sources
 * @returns {(wanted: { width: number }) => string}
 */
export function sourcesLoader(sources) {
  // Integer members of an object come in ascending order.
  const widths = Object.keys(sources).map(Number);
  if (widths.length === 0) {
    throw new TypeError("sources is empty: give what signSources made on the server.");
  }
  return ({ width }) => sources[widths.find((signed) => signed >= width) ?? widths[widths.length - 1]];
}
