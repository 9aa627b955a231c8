import type { Settings } from "./index.js";
import type { Sources } from "./next-sources.js";

/** What next/image calls a loader. */
export type Loader = (wanted: { src: string; width: number; quality?: number }) => string;

/** A loader that signs, for `getImageProps` in a server component and for {@link signSources}; never for <Image>. */
export function createLoader(settings: Settings): Loader;

/** The signed URLs of one picture by width, safe to hand to a client component. */
export function signSources(loader: Loader, src: string, wanted?: { widths?: number[]; quality?: number }): Sources;
