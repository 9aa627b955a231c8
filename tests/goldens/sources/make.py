"""Originals in codings that none of our encoders writes. `python3 make.py` in this folder, with Pillow 13.

All show interlaced.png, or its grey, smaller where eight of a kind are wanted. What Pillow cannot write is put together here.
"""

import io
import struct
import zlib

from PIL import Image

SOURCE = Image.open("interlaced.png").convert("RGB")
GREY = SOURCE.convert("L")
WIDTH, HEIGHT = SOURCE.size
# A disc that fades.
ALPHA = Image.new("L", SOURCE.size)
ALPHA.putdata([max(0, min(255, int((1.1 - ((x / 47.5 - 1) ** 2 + (y / 31.5 - 1) ** 2)) * 400))) for y in range(HEIGHT) for x in range(WIDTH)])


def rows(image):
    data, stride = image.tobytes(), len(image.tobytes()) // HEIGHT
    return [data[at : at + stride] for at in range(0, len(data), stride)]


def deep(samples):
    """16 bits a sample, the lower eight of which are not the upper ones."""
    return b"".join(bytes([sample, (sample * 7 + 31) & 255]) for sample in samples)


def png(name, depth, colour, lines, chunks=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def jpeg_segment(file, marker, body):
    return file[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + file[2:]


def saved(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


grey_alpha = Image.merge("LA", (GREY, ALPHA))
rgba = SOURCE.copy()
rgba.putalpha(ALPHA)
palette = SOURCE.quantize(200, dither=Image.Dither.NONE)

# PNG
png("deep.png", 16, 2, [deep(row) for row in rows(SOURCE)])
png("deep-grey-alpha.png", 16, 4, [deep(row) for row in rows(grey_alpha)])
grey_alpha.save("grey-alpha.png", optimize=True)
palette.save("palette.png", transparency=bytes([255 - n // 2 for n in range(200)]), optimize=True)
SOURCE.quantize(13, dither=Image.Dither.NONE).save("palette-4-bit.png", bits=4)
GREY.convert("1").save("bilevel.png")
png("grey-key.png", 8, 0, rows(GREY), b"\0\0\0\2tRNS\0\x80" + struct.pack(">I", zlib.crc32(b"tRNS\0\x80")))

# JPEG: Adobe's YCCK is CMYK whose planes are those of YCbCr, and says so in its marker.
c, m, y, k = Image.open("cmyk-adobe.jpg").split()
ycc = Image.merge("RGB", (c, m, y)).convert("YCbCr")
inverted = [plane.point(lambda sample: 255 - sample) for plane in ycc.split()]
file = saved(Image.merge("CMYK", (*inverted, k)), "JPEG", quality=95, subsampling=0)
at = file.index(b"Adobe") + 11
write("ycck.jpg", file[:at] + b"\2" + file[at + 1 :])


def ink_profile():
    """A profile of four inks that nobody prints with: version 2, a table of their sixteen overprints in Lab."""
    overprints = bytearray()
    for n in range(16):
        c, m, y, k = (n >> 3) & 1, (n >> 2) & 1, (n >> 1) & 1, n & 1
        light = 255 * (1 - 0.4 * c) * (1 - 0.5 * m) * (1 - 0.1 * y) * (1 - 0.9 * k)
        colour = 1 - 0.9 * k
        overprints += bytes([round(light), round(128 + (70 * m - 60 * c) * colour), round(128 + (80 * y - 50 * m - 20 * c) * colour)])
    identity = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * (n % 4 == 0) for n in range(9)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + identity * 4 + bytes(overprints) + identity * 3
    text = b"Inks\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    tags, at, body = b"", 128 + 4 + 3 * 12, b""
    for name, data in [(b"desc", described), (b"wtpt", white), (b"A2B0", table)]:
        data += bytes(-len(data) % 4)
        tags += name + struct.pack(">II", at + len(body), len(data))
        body += data
    header = struct.pack(">I4sI4s4s4s12s4s", at + len(body), b"test", 0x02100000, b"prtr", b"CMYK", b"Lab ", bytes(12), b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + struct.pack(">I", 3) + tags + body


inks = Image.open("cmyk-adobe.jpg")
inks.save("cmyk-profile.jpg", quality=92, icc_profile=ink_profile())
inks.save("cmyk-profile.tif", compression="packbits", icc_profile=ink_profile())

# Orientations.
small = SOURCE.resize((36, 24), Image.Resampling.LANCZOS)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    small.save(f"orientation-{orientation}.jpg", quality=92, exif=exif)
exif = Image.Exif()
exif[0x0112] = 6
small.save("orientation-6.png", exif=exif)
small.save("orientation-8.webp", exif=exif.tobytes().replace(struct.pack("<HHIH", 0x0112, 3, 1, 6), struct.pack("<HHIH", 0x0112, 3, 1, 8)), lossless=True)
tags = {0x0112: 5}
small.save("orientation-5.tif", tiffinfo=tags, compression="tiff_lzw")

# TIFF
def tiff(name, samples, bits, photometric, extra=(), order="<"):
    """One strip, not compressed."""
    count = len(bits)
    entries = [
        (256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, count, bits), (259, 3, 1, 1), (262, 3, 1, photometric),
        (273, 4, 1, None), (277, 3, 1, count), (278, 3, 1, HEIGHT), (279, 4, 1, len(samples)), *extra,
    ]
    entries.sort(key=lambda entry: entry[0])
    at = 8 + 2 + 12 * len(entries) + 4
    directory, data = struct.pack(order + "H", len(entries)), b""
    offsets = []
    for tag, kind, number, value in entries:
        letter = {3: "H", 4: "I", 7: "B"}[kind]
        values = value if isinstance(value, (tuple, list, bytes)) else [value]
        if value is None:
            offsets.append(len(directory) + 8)
            body = b"\0\0\0\0"
        else:
            body = struct.pack(order + letter * number, *values)
        if len(body) > 4:
            body, data = struct.pack(order + "I", at + len(data)), data + body
        directory += struct.pack(order + "HHI", tag, kind, number) + body.ljust(4, b"\0")
    directory = bytearray(directory + b"\0\0\0\0")
    struct.pack_into(order + "I", directory, offsets[0], at + len(data))
    write(name, struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8) + directory + data + samples)


SOURCE.save("deflate.tif", compression="tiff_adobe_deflate")
SOURCE.save("packbits.tif", compression="packbits")
rgba.save("alpha.tif", compression="tiff_lzw")
GREY.save("grey.tif", compression="tiff_lzw")
tiff("grey-deep.tif", deep(GREY.tobytes()), (16,), 1, order=">")
tiff("white-is-zero.tif", GREY.point(lambda sample: 255 - sample).tobytes(), (8,), 0)
tiff("premultiplied.tif", rgba.convert("RGBa").tobytes(), (8,) * 4, 2, [(338, 3, 1, 1)])
tiff("big-endian.tif", SOURCE.tobytes(), (8,) * 3, 2, order=">")

# BMP
SOURCE.save("true-colour.bmp")
rgba.save("alpha.bmp")
GREY.convert("1").save("bilevel.bmp")
high = b"".join(struct.pack("<H", (r >> 3) << 11 | (g >> 2) << 5 | b >> 3) for r, g, b in zip(*[iter(SOURCE.tobytes())] * 3))
header = struct.pack("<IiiHHIIiiII", 40, WIDTH, -HEIGHT, 1, 16, 3, len(high), 2835, 2835, 0, 0) + struct.pack("<III", 0xF800, 0x07E0, 0x001F)
write("high-colour.bmp", struct.pack("<2sIHHI", b"BM", 14 + len(header) + len(high), 0, 0, 14 + len(header)) + header + high)

# GIF: rows in four passes, transparent.
masked = palette.copy()
masked.paste(255, mask=ALPHA.point(lambda sample: 255 if sample < 128 else 0))
masked.save("transparent.gif", transparency=255, interlace=1)

# Animations: a disc that moves over the picture, and one that moves over nothing; frames of 40, 80, ... milliseconds.
def moved(under, n):
    frame = under.copy()
    disc = Image.new("L", (17, 17))
    disc.putdata([255 if (x - 8) ** 2 + (y - 8) ** 2 < 64 else 0 for y in range(17) for x in range(17)])
    frame.paste((240, 200 - 40 * n, 30, 255), (6 + 15 * n, 40 - 7 * n), disc)
    return frame


durations = [40, 80, 120, 160]
over_picture = [moved(SOURCE.convert("RGBA"), n) for n in range(4)]
over_nothing = [moved(Image.new("RGBA", SOURCE.size), n) for n in range(4)]
for name, frames in [("moving", over_picture), ("moving-clear", over_nothing)]:
    options = dict(save_all=True, append_images=frames[1:], duration=durations)
    frames[0].save(f"{name}.webp", lossless=True, loop=3, **options)
    frames[0].save(f"{name}.gif", loop=0, disposal=2 if "clear" in name else 1, **options)

# A GIF by hand: frames that lie elsewhere, beyond the canvas, and are undone in each of the ways.
def gif_frame(left, top, width, height, index, disposal, delay):
    control = b"\x21\xF9\x04" + struct.pack("<BHB", disposal << 2 | 1, delay, 3) + b"\0"
    # Two bits a pixel; a clear code (4) before each keeps codes at three bits.
    bits, count = 0, 0
    for n in range(width * height):
        pixel = 3 if (n % width + n // width) % 5 == 4 else index
        for code in (4, pixel):
            bits |= code << count
            count += 3
    bits |= 5 << count
    data = bits.to_bytes((count + 3 + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))
    return control + b"\x2C" + struct.pack("<HHHHB", left, top, width, height, 0) + b"\2" + blocks + b"\0"


frames = [(0, 0, 40, 30, 0, 1, 5), (5, 5, 12, 12, 1, 3, 5), (20, 3, 15, 20, 2, 2, 5), (30, 20, 30, 30, 1, 1, 5), (0, 0, 9, 9, 2, 0, 5)]
palette = bytes([200, 40, 40, 40, 180, 60, 40, 60, 220, 0, 0, 0])
body = b"".join(gif_frame(*frame) for frame in frames)
write("undone.gif", b"GIF89a" + struct.pack("<HHBBB", 40, 30, 0x91, 0, 0) + palette + body + b";")

# What Pillow shows of BMP, which sharp does not read.
for name in ["true-colour", "high-colour", "bilevel", "palette", "alpha"]:
    image = Image.open(f"{name}.bmp")
    image.convert("RGBA" if image.mode == "RGBA" else "RGB").save(f"../sharp/inputs/{name}.bmp.png", optimize=True)
