"""The settings that people built: stadium, street, station, stage and market; `backdrops` calls them."""

import numpy as np
from PIL import Image

from img2tweet_tf.sample.canvas import PALETTES, SIZE, mix


def _windows(canvas, left, top, right, bottom, step=15):
    """Rows of windows; at night some are lit."""
    dark = canvas.daytime != "day"
    columns, rows = int((right - left - 6) // step), max(1, int((bottom - top) // (step + 5)))
    for row in range(rows):
        for column in range(columns):
            x, y = left + (right - left) / columns * (column + 0.5), top + 6 + row * (step + 5)
            lit = dark and canvas.rng.random() < 0.5
            canvas.box(x - 3.6, y, x + 3.6, y + 10, (255, 222, 128) if lit else (112, 140, 166), raw=lit)


def _house_row(canvas, foot, low=52, high=104):
    pane = (146, 176, 192) if canvas.daytime == "day" else (240, 206, 130)
    for x, wide in canvas.row(canvas.between(-30, 0), SIZE, (42, 70)):
        top, right, wall = foot - canvas.between(low, high), x + wide, canvas.pick("plaster", 12)
        if canvas.rng.random() < 0.6:
            ridge = (x + wide * 0.15, x + wide * 0.85)
            canvas.trapezoid(top - 14, ridge, top + 1, (x, right), mix(wall, (120, 60, 50), 0.6), ground=True)
        canvas.box(x, top, right, foot, wall)
        canvas.box(x, top, x + 1.5, foot, mix(wall, (60, 50, 60), 0.3))
        _windows(canvas, x + 2, top, right - 2, foot - 22)
        shop = canvas.pick("shops", 10)
        canvas.box(x + 5, foot - 22, right - 5, foot - 18, shop)
        canvas.box(x + 7, foot - 18, x + wide * 0.6, foot - 4, pane)
        canvas.box(x + wide * 0.7, foot - 17, right - 7, foot, mix(shop, (50, 40, 40), 0.35))


def _paving(canvas, top, gap, colour):
    """The joints between paving stones that run towards the viewer."""
    for x in range(-6 * gap, 14 * gap, gap):
        canvas.line(((x, top), (1.5 * x - 75, SIZE)), colour, 0.9, ground=True)


def street(canvas, foot):
    _house_row(canvas, foot)
    pave = canvas.jitter((198, 192, 184), 7)
    road, near = foot + 13, canvas.between(232, 240)
    canvas.box(0, foot, SIZE, road, pave, ground=True)
    canvas.box(0, road - 3, SIZE, road, mix(pave, (70, 70, 80), 0.35))
    tar = mix(canvas.jitter((96, 98, 108), 6), (150, 156, 170), 0.35 if canvas.snowy else 0.0)
    canvas.fade(0, road, SIZE, near, tar, mix(tar, (150, 150, 158), 0.18))
    middle = (road + near) / 2 + 2
    for x in range(round(canvas.between(-40, 0)), SIZE, 52):
        canvas.trapezoid(middle - 1, (x + 3, x + 30), middle + 2, (x, x + 28), (238, 236, 224))
    if canvas.weather in ("rain", "storm"):
        for _ in range(4):
            x, y = canvas.between(10, SIZE), canvas.between(road + 8, near - 6)
            canvas.ellipse(x, y, canvas.between(16, 34), 3, (150, 166, 184))
    canvas.box(0, near, SIZE, near + 6, mix(pave, (80, 80, 90), 0.4))
    canvas.fade(0, near + 5, SIZE, SIZE, pave, mix(pave, (255, 250, 240), 0.3), ground=True)
    joint = mix(pave, (90, 90, 96), 0.3)
    canvas.line(((0, near + 30), (SIZE, near + 30)), joint, 0.9, ground=True)
    _paving(canvas, near + 6, 34, joint)
    if canvas.daytime == "night":
        for x in (canvas.between(20, 90), canvas.between(200, 280)):
            canvas.line(((x, foot + 4), (x, foot - 74), (x + 12, foot - 78)), (54, 58, 68), 1.8)
            canvas.ellipse(x + 13, foot - 76, 5, 3, (255, 240, 180), raw=True)
            canvas.glows.append((x + 13, foot - 72, 48, (255, 214, 130), 0.6))
    return {"near": near}


def station(canvas, foot, edge):
    for x, wide in canvas.row(canvas.between(-20, 0), SIZE, (26, 56), gap=lambda: canvas.rng.choice((0, 0, 8))):
        top = foot - canvas.between(24, 62)
        canvas.box(x, top, x + wide, foot, canvas.jitter(mix((150, 160, 180), (190, 200, 214), canvas.rng.random()), 8))
        if canvas.daytime == "night":
            _windows(canvas, x + 2, top, x + wide - 2, foot - 8, 13)
    wall = canvas.pick("station walls", 10)
    canvas.box(0, foot - 20, SIZE, foot + 8, wall)
    for x in range(round(canvas.between(-60, 0)), SIZE, 64):
        canvas.box(x, foot - 16, x + 44, foot + 2, canvas.jitter(mix(wall, (250, 240, 220), 0.4), 10))
    gravel = canvas.jitter((134, 126, 122), 6)
    canvas.fade(0, foot + 8, SIZE, edge, mix(gravel, (60, 56, 60), 0.2), gravel, ground=True)
    canvas.specks(0, foot + 12, SIZE, edge, 60, mix(gravel, (230, 226, 220), 0.4), 0.9)
    high, low = foot + 24, edge - 12
    for x in range(-10, SIZE + 20, 22):
        canvas.trapezoid(high - 3, (x, x + 9), low + 5, (x - 4, x + 7), (108, 80, 62))
    for y, width in ((high, 2.0), (low, 2.8)):
        canvas.line(((0, y), (SIZE, y)), (196, 202, 212), width)
        canvas.line(((0, y + width), (SIZE, y + width)), (70, 66, 72), 1)
    stone = canvas.jitter((202, 196, 190), 6)
    canvas.box(0, edge, SIZE, edge + 7, mix(stone, (60, 60, 70), 0.5))
    canvas.fade(0, edge + 6, SIZE, SIZE, stone, mix(stone, (255, 250, 240), 0.3), ground=True)
    canvas.box(0, edge + 13, SIZE, edge + 18, (250, 208, 60))
    _paving(canvas, edge + 18, 36, mix(stone, (90, 90, 96), 0.25))
    steel = canvas.pick("station roofs", 8)
    canvas.box(0, 0, SIZE, 15, steel)
    for x in range(round(canvas.between(-12, 0)), SIZE, 13):
        canvas.polygon(((x, 15), (x + 13, 15), (x + 6.5, 25)), mix(steel, (240, 236, 226), 0.55))
    for x in (canvas.between(18, 40), canvas.between(256, 280)):
        canvas.box(x - 3, 14, x + 3, foot + 10, steel)
    if canvas.daytime == "night":
        for x in (75, 150, 225):
            canvas.ellipse(x, 26, 9, 3, (255, 244, 200), raw=True)
            canvas.glows.append((x, 32, 52, (255, 226, 160), 0.5))


def _crowd(canvas, top, bottom):
    """A tribune full of people, seen from afar."""
    columns, rows = round(SIZE / 3.4), round((bottom - top) / 4.2)
    shirts = np.array([canvas.lit(canvas.jitter(colour, 20)) for colour in PALETTES["crowd"]], np.uint8)
    dots = np.random.default_rng(canvas.rng.getrandbits(32)).integers(0, len(shirts), (rows, columns))
    size = (canvas.image.width, round((bottom - top) * 2))
    canvas.image.paste(Image.fromarray(shirts[dots]).resize(size, Image.Resampling.NEAREST), (0, round(top * 2)))
    for row in range(rows + 1):
        y = top + (bottom - top) * row / rows
        canvas.line(((0, y), (SIZE, y)), (96, 100, 116), 0.9)


def stadium(canvas, grass):
    steel, top = canvas.jitter((120, 128, 146), 10), grass - canvas.between(66, 78)
    for x in (canvas.between(22, 60), canvas.between(236, 274)):
        canvas.line(((x, top), (x, 14)), (92, 98, 112), 2)
        canvas.box(x - 13, 6, x + 13, 19, (70, 76, 90), radius=2)
        for dx in (-8, 0, 8):
            for y in (10, 15):
                canvas.ellipse(x + dx, y, 2.4, 1.8, (255, 252, 226), raw=True)
        if canvas.daytime != "day" or canvas.weather in ("rain", "storm"):
            canvas.glows.append((x, 13, 56, (255, 250, 220), 0.75))
    canvas.box(0, top, SIZE, grass, steel)
    _crowd(canvas, top + 8, grass - 11)
    canvas.box(0, top - 12, SIZE, top + 10, mix(steel, (240, 242, 248), 0.5), ground=True)
    canvas.box(0, top + 8, SIZE, top + 12, mix(steel, (40, 44, 56), 0.4))
    for x in range(round(canvas.between(-30, 0)), SIZE, 60):
        canvas.box(x, top + 10, x + 2.5, grass - 11, mix(steel, (230, 232, 240), 0.4))
    for x in range(round(canvas.between(-50, 0)), SIZE, 50):
        canvas.box(x, grass - 11, x + 49, grass, canvas.pick("hoardings", 12))
    green = canvas.jitter((84, 160, 70), 8)
    for k in range(7):
        far, near = (grass + (SIZE - grass) * (row / 7) ** 1.5 for row in (k, k + 1))
        canvas.box(0, far, SIZE, near + 0.5, mix(green, (160, 206, 90), 0.32 * (k % 2)), ground=True)
    chalk = (226, 110, 70) if canvas.snowy else (246, 250, 244)
    high, low = grass + 9, grass + 70
    canvas.line(((-5, high), (SIZE + 5, high)), chalk, 1.2)
    x, lean = canvas.between(-40, 200), canvas.rng.choice((-60, -30, 30, 60))
    canvas.line(((x, high), (x + lean, low), (x + lean + 240, low), (x + 240 - lean * 0.2, high)), chalk, 1.7)
    canvas.line(((-5, 262), (SIZE + 5, 262 + canvas.between(-10, 10))), chalk, 2.4)


def stage(canvas, deck):
    left, right = canvas.between(24, 42), SIZE - canvas.between(24, 42)
    cloth = canvas.pick("stage curtains", 10)
    canvas.fade(left, 42, right, deck, mix(cloth, (10, 8, 20), 0.35), cloth)
    for x, wide in canvas.row(left, right - 4, (9, 15)):
        fold = min(wide, right - x) * 0.4
        canvas.fade(x, 42, x + fold, deck, mix(cloth, (10, 8, 20), 0.5), mix(cloth, (255, 220, 230), 0.08))
    steel, strut = (66, 70, 84), (150, 156, 170)
    for x in (left, right):
        canvas.box(x - 5, 26, x + 5, deck, steel)
        for y in range(44, round(deck) - 12, 14):
            canvas.line(((x - 4, y), (x + 4, y + 7), (x - 4, y + 14)), strut, 1)
    canvas.box(left - 14, 26, right + 14, 42, steel)
    for x in range(round(left) - 14, round(right) + 6, 14):
        canvas.line(((x, 41), (x + 7, 27), (x + 14, 41)), strut, 1)
    wood = canvas.jitter((122, 88, 70), 10)
    canvas.fade(0, deck, SIZE, SIZE, mix(wood, (30, 20, 20), 0.3), mix(wood, (255, 220, 180), 0.2))
    canvas.rays(150, deck, 9, 32, 60, mix(wood, (30, 20, 16), 0.4))
    strength = {"day": 0.14, "sunset": 0.2, "night": 0.27}[canvas.daytime]
    for k in range(4):
        x, colour = left + (right - left) * (k + 0.5) / 4, canvas.pick("spotlights")
        end, wide = x + canvas.between(-60, 60), canvas.between(26, 40)
        canvas.beam(((x - 3, 44), (x + 3, 44), (end + wide, deck + 34), (end - wide, deck + 34)), colour, strength)
        canvas.box(x - 6, 36, x + 6, 46, (40, 42, 52), radius=2)
        canvas.ellipse(x, 46, 5, 2.5, mix(colour, (255, 255, 255), 0.5), raw=True)
        canvas.glows.append((end, deck + 30, 60, colour, strength * 1.4))


def _stall(canvas, left, right, foot):
    top, cloth = foot - canvas.between(84, 92), canvas.pick("awnings", 10)
    for x in (left + 3, right - 6):
        canvas.box(x, top, x + 3, foot, (120, 86, 60))
    canvas.box(left + 3, top + 20, right - 3, foot - 30, (104, 84, 80))
    canvas.box(left, foot - 32, right, foot, (160, 112, 72))
    canvas.box(left, foot - 36, right, foot - 31, (196, 146, 98))
    heap = left + 8
    while heap < right - 16:
        fruit = canvas.pick("fruit", 12)
        for dx, dy in ((0, 0), (7, 0), (14, 0), (3.5, -5), (10.5, -5)):
            canvas.ellipse(heap + dx, foot - 39 + dy, 3.9, 3.7, mix(fruit, (60, 20, 20), 0.1 if dy else 0))
        heap += 22
    step = (right - left) / 8
    for k in range(8):
        x, colour = left - 4 + k * (step + 1), (250, 244, 234) if k % 2 else cloth
        canvas.trapezoid(top - 10, (x + 2, x + step + 3), top + 14, (x, x + step + 1), colour, ground=True)
        canvas.ellipse(x + step / 2 + 0.5, top + 14, step / 2 + 0.6, 5, colour)
    if canvas.daytime == "night":
        x = (left + right) / 2
        canvas.ellipse(x, top + 25, 4, 4, (255, 240, 180), raw=True)
        canvas.glows.append((x, top + 28, 46, (255, 206, 120), 0.6))


def market(canvas, foot):
    _house_row(canvas, foot - 14, 70, 110)
    stone = canvas.jitter((186, 174, 160), 8)
    canvas.fade(0, foot - 14, SIZE, SIZE, mix(stone, (90, 84, 90), 0.2), mix(stone, (255, 246, 230), 0.25), ground=True)
    for row in range(9):
        y = foot + (SIZE - foot) * (row / 9) ** 1.4
        for x in range(-20 + 9 * (row % 2), SIZE, 18 + 3 * row):
            canvas.ellipse(x, y, 5 + row, 1.4 + row * 0.35, mix(stone, (110, 100, 100), 0.22), ground=True)
    for x, wide in canvas.row(canvas.between(-50, -10), SIZE, (86, 108), gap=lambda: canvas.between(6, 26)):
        _stall(canvas, x, x + wide, foot)
