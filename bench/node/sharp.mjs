// Sharp as the other contender: reads one JSON command a line, answers each with one line. Pictures travel as files.
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.concurrency(1);
sharp.cache(false);

const originals = new Map();
const overlays = new Map();
let rendition;

const encode = (pipeline, { format, ...options }) => pipeline[format](options);
const mark = (pipeline, overlay) => (overlay ? pipeline.composite([overlays.get(overlay)]) : pipeline);

const commands = {
  // What is measured later is not the disk.
  async load({ name, path }) {
    originals.set(name, await readFile(path));
    const { width, height } = await sharp(originals.get(name)).metadata();
    return { width, height };
  },
  // A visible mark: RGBA in its final size, and its place.
  async overlay({ name, path, width, height, left, top }) {
    overlays.set(name, { input: await readFile(path), raw: { width, height, channels: 4 }, left, top });
  },
  // The job that is measured, with a visible mark if one is named.
  async render({ name, width, output, overlay }) {
    rendition = await encode(mark(sharp(originals.get(name)).resize(width), overlay), output).toBuffer();
    return { bytes: rendition.length };
  },
  // What a delivery would cost without our marks: pixels that are there already, a visible mark, and an encoder, so many times.
  async deliver({ path, width, height, overlay, times }) {
    const raw = { width, height, channels: 3 };
    const pixels = await readFile(path);
    for (let time = 0; time < times; time++) {
      await sharp(pixels, { raw }).composite([overlays.get(overlay)]).jpeg({ quality: 80 }).toBuffer();
    }
  },
  async save({ path }) {
    await writeFile(path, rendition);
  },
  // The pixels of a picture as 8-bit RGB.
  async pixels({ path, out }) {
    const { data, info } = await sharp(path).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
    await writeFile(out, data);
    return { width: info.width, height: info.height };
  },
  // What both are compared with: every pixel decoded, then resized, nothing lossy after that.
  async reference({ name, width, overlay, out }) {
    const whole = await sharp(originals.get(name)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const { width: w, height: h, channels } = whole.info;
    const small = sharp(whole.data, { raw: { width: w, height: h, channels } }).resize(width, null, { kernel: "lanczos3" });
    const { data, info } = await mark(small, overlay).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    await writeFile(out, data);
    return { width: info.width, height: info.height };
  },
  async chart({ svg, png }) {
    await sharp(Buffer.from(svg)).png({ palette: true }).toFile(png);
  },
  async versions() {
    return { sharp: sharp.versions.sharp, vips: sharp.versions.vips, node: process.versions.node };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...parameters } = JSON.parse(line);
  try {
    console.log(JSON.stringify((await commands[command](parameters)) ?? {}));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
