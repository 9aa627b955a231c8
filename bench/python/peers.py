"""The other watermarks: reads one JSON command a line, answers each with one line. Pictures travel as PNG files."""

import contextlib
import json
import os
import sys
import types

import cv2
import numpy as np

# One of invisible-watermark's methods, which is not asked for, imports it.
sys.modules["torch"] = types.ModuleType("torch")
with contextlib.redirect_stdout(sys.stderr):
    from blind_watermark import WaterMark
    from imwatermark import WatermarkDecoder, WatermarkEncoder

cv2.setNumThreads(1)
BITS = 64


def blind():
    return WaterMark(password_wm=1, password_img=1, processes=1)


def embed(peer, picture, bits):
    if peer != "blind-watermark":
        encoder = WatermarkEncoder()
        encoder.set_watermark("bits", bits)
        return encoder.encode(picture, peer)
    mark = blind()
    mark.read_img(img=picture)
    mark.read_wm(bits, mode="bit")
    return np.clip(np.round(mark.embed()), 0, 255).astype(np.uint8)


def extract(peer, picture):
    if peer != "blind-watermark":
        return WatermarkDecoder("bits", BITS).decode(picture, peer)
    return np.round(blind().extract(embed_img=picture, wm_shape=BITS, mode="bit")).astype(int)


def answer(command):
    picture = cv2.imread(command["path"])
    if command["command"] == "embed":
        bits = [int(bit) for bit in command["bits"]]
        cv2.imwrite(command["out"], embed(command["peer"], picture, bits))
        return {}
    try:
        bits = extract(command["peer"], picture)
    except Exception as error:  # Pictures of unforeseen sizes: the mark is not read.
        return {"bits": "", "why": repr(error)}
    return {"bits": "".join(str(int(bool(bit))) for bit in bits)}


for line in sys.stdin:
    with contextlib.redirect_stdout(sys.stderr):
        reply = answer(json.loads(line))
    print(json.dumps(reply), flush=True)
