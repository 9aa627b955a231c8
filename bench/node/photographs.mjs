// Makes the benchmark's originals: node photographs.mjs WALLPAPERS PHOTOS OUT. What is what: docs/BENCHMARKS.md.
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

const [wallpapers, photos, out] = process.argv.slice(2);
const life = join(wallpapers, "life_by_Aitzol_Berasategi.jpg");
const picos = join(wallpapers, "picosdeeuropa_by_Aitzol_Berasategi.jpg");
const sunset = join(wallpapers, "sunset_by_Aitzol_Berasategi.jpg");
const [tea, casa, colosseum, otters] = ["tea-gardens", "casa-mila", "roman-colosseum", "oakland-zoo-otters"].map((name) =>
  join(photos, `${name}.jpg`),
);
const jpeg = (quality, progressive = false) => ({ quality, progressive, chromaSubsampling: "4:2:0" });
const to = (name) => join(out, name);

await mkdir(out, { recursive: true });
// As they are.
for (const [from, name] of [
  [tea, "tea-10mp.jpg"],
  [casa, "casa-10mp.jpg"],
  [colosseum, "colosseum-8mp.jpg"],
  [otters, "otters-8mp.jpg"],
  [picos, "picos-8mp-progressive.jpg"],
  [sunset, "sunset-12mp-progressive.jpg"],
]) {
  await copyFile(from, to(name));
}

// Wallpapers are compressed harder than cameras do it. Four of them, each at half its size or less, are as dense as a
// camera's file: 2.9 bits a pixel.
const [width, height] = [4000, 3000];
const quarter = { width: width / 2, height: height / 2 };
const tiles = [life, picos, tea, colosseum].map(async (file, place) => ({
  input: await sharp(file).resize({ ...quarter, fit: "cover" }).raw().toBuffer(),
  raw: { ...quarter, channels: 3 },
  left: (place % 2) * quarter.width,
  top: Math.floor(place / 2) * quarter.height,
}));
const canvas = { width, height, channels: 3, background: "#000" };
const mosaic = await sharp({ create: canvas }).composite(await Promise.all(tiles)).removeAlpha().raw().toBuffer();
const raw = { width, height, channels: 3 };
await sharp(mosaic, { raw }).jpeg(jpeg(92)).toFile(to("camera-12mp.jpg"));
await sharp(mosaic, { raw }).jpeg(jpeg(92, true)).toFile(to("camera-12mp-progressive.jpg"));
await sharp(picos).resize(4000, 3000).jpeg(jpeg(90)).toFile(to("picos-12mp.jpg"));

// Pictures as a site keeps them.
await sharp(tea).resize(1224).jpeg(jpeg(85)).toFile(to("tea-1mp.jpg"));
await sharp(picos).resize(1224).jpeg(jpeg(85)).toFile(to("picos-1mp.jpg"));
await sharp(colosseum).resize(1920).jpeg(jpeg(85)).toFile(to("colosseum-2mp.jpg"));
await sharp(tea).resize(1536).png().toFile(to("tea-1.5mp.png"));
