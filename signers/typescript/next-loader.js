// For Next.js, on the server: a loader for `getImageProps`, and URLs signed ahead for an <Image> in the browser.

import { sign } from "./sign.js";

/** The widths that next/image asks for unless next.config.js says otherwise: `imageSizes` and `deviceSizes`. */
const WIDTHS = [16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840];

/**
 * A loader that signs. next/image calls a loader in the browser as well, where the secret must not be: give it to
 * `getImageProps` in a server component, or to {@link signSources}, never to <Image> and never as `loaderFile`.
 *
 * @param {import("./index.js").Settings} settings
 * @returns {import("./next-loader.js").Loader}
 */
export function createLoader({ operations, ...settings }) {
  return ({ src, width, quality }) => {
    const wanted = [`w_${width}`];
    if (quality !== undefined) wanted.push(`q_${quality}`);
    if (operations !== undefined) wanted.push(operations);
    return sign(settings, wanted.join(","), src);
  };
}

/**
 * The signed URLs of one picture by width: plain text, and safe to hand to a client component.
 *
 * @param {import("./next-loader.js").Loader} loader
 * @param {string} src
 * @param {{ widths?: number[], quality?: number }} [wanted]
 * @returns {import("./next-sources.js").Sources}
 */
export function signSources(loader, src, { widths = WIDTHS, quality } = {}) {
  return Object.fromEntries(widths.map((width) => [width, loader({ src, width, quality })]));
}
