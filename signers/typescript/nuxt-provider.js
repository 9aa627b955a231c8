// For Nuxt Image: a provider that signs while the server renders. Nuxt runs a provider again in the browser, to hydrate:
// there the URLs come out of the page's payload, and nothing is signed.

import { sign } from "#sign";

/** Nuxt Image's names, and Deckle's where they differ. */
const NAMES = { width: "w", height: "h", resize: "s", quality: "q", format: "f", background: "b", position: "pos" };

/**
 * @param {import("./nuxt-provider.js").Surroundings} surroundings
 * @returns {import("./nuxt-provider.js").Provider}
 */
export function createProvider({ settings, urls }) {
  return {
    getImage(src, { modifiers = {} } = {}) {
      const wanted = operationsOf(modifiers);
      const name = `${wanted.join(",")}/${src}`;
      const kept = urls();
      if (sign !== undefined && kept[name] === undefined) {
        const { operations, ...rest } = settings();
        const all = operations === undefined ? wanted : [...wanted, operations];
        kept[name] = sign(rest, all.join(",") || "_", src);
      }
      if (kept[name] === undefined) {
        throw new Error(
          `The server has not signed ${name}: render this picture on the server (a .server.vue component, or a page that is ` +
            "loaded and not navigated to), or fetch its signed URL from your own API.",
        );
      }
      return { url: kept[name] };
    },
  };
}

/** @param {Record<string, unknown>} modifiers @returns {string[]} */
function operationsOf(modifiers) {
  const { width, height, ...others } = modifiers;
  // Deckle takes both sides together as one box.
  const box = () => ({ resize: `${Math.round(Number(width))}x${Math.round(Number(height))}` });
  const sides = width && height ? box() : { width, height };
  return Object.entries({ ...sides, ...others }).flatMap(([name, value]) => {
    if (value === undefined || value === null || value === "" || value === false) return [];
    const short = NAMES[/** @type {keyof typeof NAMES} */ (name)] ?? name;
    if (value === true) return [short];
    const argument = typeof value === "number" ? String(Math.round(value)) : String(value).replace(/^#/, "");
    if (!/^[A-Za-z0-9_.:-]+$/.test(argument)) {
      throw new TypeError(
        `The modifier ${name} has a character that operations cannot hold: give letters, digits, "_", "-", "." and ":".`,
      );
    }
    return [`${short}_${argument}`];
  });
}
