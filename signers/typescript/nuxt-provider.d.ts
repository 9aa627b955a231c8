import type { Settings } from "./index.js";

/** What `defineProvider` of @nuxt/image takes. */
export interface Provider {
  getImage(src: string, options?: { modifiers?: Record<string, any> }): { url: string };
}

/** What the provider cannot get at by itself, because only the application can ask Nuxt for it. */
export interface Surroundings {
  /** How to sign, asked for on the server only: private runtime configuration. */
  settings: () => Settings;
  /** Where signed URLs are kept between server and browser: an object in the payload, such as `useState` gives. */
  urls: () => Record<string, string>;
}

export function createProvider(surroundings: Surroundings): Provider;
