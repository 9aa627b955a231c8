/** Signed URLs of one picture, by width in pixels. */
export type Sources = Record<number, string>;

/** A loader for <Image> in the browser: the signed URL of the wanted width, else of the next wider one, else the widest. */
export function sourcesLoader(sources: Sources): (wanted: { width: number }) => string;
