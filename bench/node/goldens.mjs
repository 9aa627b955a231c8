// Renders what `crates/imaging/src/tests/sharp.rs` compares with: the same operations, by sharp itself; each file is named after
// its test. `npm ci --ignore-scripts && npm run goldens` in this folder.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

const [goldens] = process.argv.slice(2);
const folder = join(goldens, "sharp");
const source = (name) => sharp(join(folder, `source_${name}.png`));
const tomato = { r: 255, g: 99, b: 71, alpha: 1 };
const disc = Buffer.from('<svg width="64" height="48"><rect width="64" height="48" rx="12" ry="12"/></svg>');
const half = { input: Buffer.from([255, 255, 255, 128]), raw: { width: 1, height: 1, channels: 4 }, tile: true, blend: "dest-in" };

const cases = {
  attention: source("plain").resize(24, 48, { position: "attention" }),
  blur_5: source("plain").blur(5),
  blur_alpha: source("alpha").blur(2),
  blur_float: source("plain").blur({ sigma: 1.5, precision: "float", minAmplitude: 0.01 }),
  blur_mild: source("plain").blur(),
  blur_wide: source("plain").blur({ sigma: 14, precision: "float", minAmplitude: 0.05 }),
  brightness: source("plain").modulate({ brightness: 1.3 }),
  clahe: source("plain").clahe({ width: 16, height: 16 }),
  clahe_unlimited: source("plain").clahe({ width: 9, height: 20, maxSlope: 0 }),
  dilate: source("plain").threshold(140).dilate(2),
  dilate_colours: source("plain").dilate(1),
  entropy: source("plain").resize(64, 20, { position: "entropy" }),
  erode: source("plain").threshold(140).erode(3),
  extend_background: source("plain").extend({ top: 3, right: 5, bottom: 7, left: 9, background: tomato }),
  extend_copy: source("plain").extend({ top: 3, right: 5, bottom: 7, left: 9, extendWith: "copy" }),
  extend_mirror: source("plain").extend({ top: 3, right: 5, bottom: 7, left: 9, extendWith: "mirror" }),
  extend_repeat: source("plain").extend({ top: 3, right: 5, bottom: 7, left: 9, extendWith: "repeat" }),
  flatten: source("alpha").flatten({ background: tomato }),
  flip_rotate: source("plain").rotate(90).flip().resize(40),
  gamma: source("plain").gamma().resize(32),
  gamma_out: source("plain").gamma(1.5, 2.5),
  grayscale: source("plain").grayscale().toColourspace("srgb"),
  hue: source("plain").modulate({ hue: 90 }),
  kernel_cubic: source("plain").resize(40, 30, { kernel: "cubic", fit: "fill" }),
  kernel_lanczos2: source("plain").resize(40, 30, { kernel: "lanczos2", fit: "fill" }),
  kernel_lanczos3: source("plain").resize(40, 30, { kernel: "lanczos3", fit: "fill" }),
  kernel_linear: source("plain").resize(40, 30, { kernel: "linear", fit: "fill" }),
  kernel_mitchell: source("plain").resize(40, 30, { kernel: "mitchell", fit: "fill" }),
  kernel_mks2013: source("plain").resize(40, 30, { kernel: "mks2013", fit: "fill" }),
  kernel_mks2021: source("plain").resize(40, 30, { kernel: "mks2021", fit: "fill" }),
  kernel_nearest: source("plain").resize(32, 24, { kernel: "nearest", fit: "fill" }),
  linear: source("plain").linear(1.2, -10),
  linear_alpha: source("alpha").linear(-1, 255),
  median_3: source("plain").median(3),
  median_8: source("plain").median(8),
  modulate: source("plain").modulate({ brightness: 0.9, saturation: 1.6, hue: -40, lightness: 5 }),
  negate: source("plain").negate(),
  negate_alpha: source("alpha").negate(),
  negate_opaque: source("alpha").negate({ alpha: false }),
  normalize: source("plain").normalise(),
  normalize_percentiles: source("plain").normalise({ lower: 15, upper: 80 }),
  opacity: source("plain").ensureAlpha().composite([half]),
  radius: source("plain").composite([{ input: disc, blend: "dest-in" }]),
  rotate_30: source("plain").rotate(30, { background: tomato }),
  rotate_alpha: source("alpha").rotate(-100.5, { background: { r: 0, g: 0, b: 0, alpha: 0 } }),
  rotate_resize: source("plain").rotate(30, { background: tomato }).resize(50),
  saturation: source("plain").modulate({ saturation: 0.4 }),
  sharpen: source("plain").sharpen({ sigma: 2 }),
  sharpen_mild: source("plain").sharpen(),
  sharpen_slopes: source("plain").sharpen({ sigma: 1, m1: 0.5, m2: 3, x1: 1, y2: 5, y3: 8 }),
  threshold: source("plain").threshold(100).toColourspace("srgb"),
  threshold_channels: source("plain").threshold(128, { grayscale: false }),
  tint: source("plain").tint(tomato),
  trim: source("framed").trim({ threshold: 10 }),
  unflatten: source("framed").unflatten(),
};

for (const [name, image] of Object.entries(cases)) {
  const { width, height } = await image.png({ compressionLevel: 9 }).toFile(join(folder, `${name}.png`));
  console.log(name, width, height);
}

// A file, not what it shows: its bytes are compared, too.
await source("plain").jpeg({ quality: 80, progressive: true, chromaSubsampling: "4:4:4" }).toFile(join(folder, "progressive.jpg"));

// Pictures in other colours than sRGB: what is in the files are Display P3's values.
const coded = (name) => join(goldens, "sources", name);
const plain = () => sharp(coded("interlaced.png"));
for (const [name, image] of Object.entries({
  "p3.jpg": plain().withIccProfile("p3").jpeg({ quality: 92, chromaSubsampling: "4:4:4" }),
  "p3.png": plain().withIccProfile("p3").png({ compressionLevel: 9 }),
  "p3.webp": plain().withIccProfile("p3").webp({ lossless: true }),
  "p3.tif": plain().withIccProfile("p3").tiff({ compression: "lzw" }),
})) {
  writeFileSync(coded(name), await image.toBuffer());
}

// All frames of the animations, one below the other.
for (const name of ["moving.gif", "moving.webp", "moving-clear.gif", "moving-clear.webp", "undone.gif"]) {
  const image = sharp(coded(name), { pages: -1 }).png({ compressionLevel: 9 });
  await image.toFile(join(folder, "frames", `${name}.png`));
}

// What sharp shows of each original that it reads; sources/make.py says how they were made.
for (const name of readdirSync(coded(".")).filter((name) => !/\.(py|bmp)$/.test(name))) {
  const image = sharp(coded(name)).autoOrient().toColourspace("srgb").png({ compressionLevel: 9 });
  await image.toFile(join(folder, "inputs", `${name}.png`));
}
