"""The open-air settings that people built: stadium, street, station, stage and market.

Each painter takes a `Canvas` and whether something must swim (there is no water here), and returns its zones by name.
"""

import numpy as np
from PIL import Image

from img2tweet_tf.sample.canvas import SIZE, Zone, jitter, mix
from img2tweet_tf.sample.skies import paint_sky

_PLASTER = (
    (226, 178, 140),
    (206, 132, 108),
    (232, 214, 178),
    (160, 176, 190),
    (190, 150, 150),
    (214, 196, 206),
    (150, 166, 146),
)


def _windows(canvas, left, top, right, bottom, step=15):
    """Rows of windows; at night some are lit."""
    rng, night = canvas.rng, canvas.daytime != "day"
    columns = max(1, int((right - left - 6) // step))
    rows = max(1, int((bottom - top) // (step + 5)))
    gap = (right - left) / columns
    for row in range(rows):
        for column in range(columns):
            x, y = left + gap * (column + 0.5), top + 6 + row * (step + 5)
            if night and rng.random() < 0.5:
                canvas.box(x - 3.6, y, x + 3.6, y + 10, (255, 222, 128), raw=True)
            else:
                canvas.box(x - 3.6, y, x + 3.6, y + 10, (112, 140, 166))


def _house_row(canvas, foot, low=52, high=104):
    rng, x = canvas.rng, canvas.rng.uniform(-30, 0)
    while x < SIZE:
        wide, tall = rng.uniform(42, 70), rng.uniform(low, high)
        wall = jitter(rng.choice(_PLASTER), rng, 12)
        top = foot - tall
        if rng.random() < 0.6:
            roof = mix(wall, (120, 60, 50), 0.6)
            canvas.polygon(
                ((x, top + 1), (x + wide * 0.15, top - 14), (x + wide * 0.85, top - 14), (x + wide, top + 1)),
                roof,
                ground=canvas.snowy,
            )
        canvas.box(x, top, x + wide, foot, wall)
        canvas.box(x, top, x + 1.5, foot, mix(wall, (60, 50, 60), 0.3))
        _windows(canvas, x + 2, top, x + wide - 2, foot - 22)
        shop = jitter(rng.choice(((190, 84, 78), (74, 112, 140), (110, 140, 98), (216, 172, 90))), rng, 10)
        canvas.box(x + 5, foot - 22, x + wide - 5, foot - 18, shop)
        canvas.box(
            x + 7, foot - 18, x + wide * 0.6, foot - 4, (146, 176, 192) if canvas.daytime == "day" else (240, 206, 130)
        )
        canvas.box(x + wide * 0.7, foot - 17, x + wide - 7, foot, mix(shop, (50, 40, 40), 0.35))
        x += wide


def _street(canvas, water):
    rng, foot = canvas.rng, canvas.rng.uniform(146, 156)
    paint_sky(canvas, foot)
    _house_row(canvas, foot)
    pave = jitter((198, 192, 184), rng, 7)
    road, near = foot + 13, rng.uniform(232, 240)
    canvas.box(0, foot, SIZE, road, pave, ground=True)
    canvas.box(0, road - 3, SIZE, road, mix(pave, (70, 70, 80), 0.35))
    tar = mix(jitter((96, 98, 108), rng, 6), (150, 156, 170), 0.35 if canvas.snowy else 0.0)
    canvas.fade(0, road, SIZE, near, tar, mix(tar, (150, 150, 158), 0.18))
    middle = (road + near) / 2 + 2
    for x in range(round(rng.uniform(-40, 0)), SIZE, 52):
        canvas.polygon(
            ((x, middle + 2), (x + 28, middle + 2), (x + 30, middle - 1), (x + 3, middle - 1)), (238, 236, 224)
        )
    if canvas.weather in ("rain", "storm"):
        for _ in range(4):
            canvas.ellipse(
                rng.uniform(10, SIZE), rng.uniform(road + 8, near - 6), rng.uniform(16, 34), 3, (150, 166, 184)
            )
    canvas.box(0, near, SIZE, near + 6, mix(pave, (80, 80, 90), 0.4))
    canvas.fade(0, near + 5, SIZE, SIZE, pave, mix(pave, (255, 250, 240), 0.3), ground=True)
    canvas.line(((0, near + 30), (SIZE, near + 30)), mix(pave, (90, 90, 96), 0.3), 0.9, ground=True)
    for k in range(-6, 14):
        canvas.line(
            ((k * 34, near + 6), (150 + (k * 34 - 150) * 1.5, SIZE)), mix(pave, (90, 90, 96), 0.3), 0.9, ground=True
        )
    if canvas.daytime == "night":
        for x in (rng.uniform(20, 90), rng.uniform(200, 280)):
            canvas.line(((x, foot + 4), (x, foot - 74), (x + 12, foot - 78)), (54, 58, 68), 1.8)
            canvas.ellipse(x + 13, foot - 76, 5, 3, (255, 240, 180), raw=True)
            canvas.glows.append((x + 13, foot - 72, 48, (255, 214, 130), 0.6))
    drive = Zone(-8, road + 22, SIZE + 8, near - 4, 0.82, 1.0)
    return {
        "far": Zone(0, foot, SIZE, foot + 8, 0.9, 1.0),
        "road": drive,
        "rails": drive,
        "ground": Zone(4, near + 14, SIZE - 4, 291, 0.88, 1.0),
        "sky": Zone(0, 45, SIZE, 100, 0.9, 1.0),
    }


def _station(canvas, water):
    rng, foot, edge = canvas.rng, canvas.rng.uniform(138, 148), canvas.rng.uniform(206, 216)
    paint_sky(canvas, foot)
    x = rng.uniform(-20, 0)
    while x < SIZE:
        wide, tall = rng.uniform(26, 56), rng.uniform(24, 62)
        tone = jitter(mix((150, 160, 180), (190, 200, 214), rng.random()), rng, 8)
        canvas.box(x, foot - tall, x + wide, foot, tone)
        if canvas.daytime == "night":
            _windows(canvas, x + 2, foot - tall, x + wide - 2, foot - 8, 13)
        x += wide + rng.choice((0, 0, 8))
    wall = jitter(rng.choice(((178, 112, 92), (150, 156, 150), (196, 180, 150))), rng, 10)
    canvas.box(0, foot - 20, SIZE, foot + 8, wall)
    for x in range(round(rng.uniform(-60, 0)), SIZE, 64):
        canvas.box(x, foot - 16, x + 44, foot + 2, jitter(mix(wall, (250, 240, 220), 0.4), rng, 10))
    gravel = jitter((134, 126, 122), rng, 6)
    canvas.fade(0, foot + 8, SIZE, edge, mix(gravel, (60, 56, 60), 0.2), gravel, ground=canvas.snowy)
    canvas.specks(0, foot + 12, SIZE, edge, 60, mix(gravel, (230, 226, 220), 0.4), 0.9)
    high, low = foot + 24, edge - 12
    for x in range(-10, SIZE + 20, 22):
        canvas.polygon(((x, high - 3), (x + 9, high - 3), (x + 7, low + 5), (x - 4, low + 5)), (108, 80, 62))
    for y, width in ((high, 2.0), (low, 2.8)):
        canvas.line(((0, y), (SIZE, y)), (196, 202, 212), width)
        canvas.line(((0, y + width), (SIZE, y + width)), (70, 66, 72), 1)
    stone = jitter((202, 196, 190), rng, 6)
    canvas.box(0, edge, SIZE, edge + 7, mix(stone, (60, 60, 70), 0.5))
    canvas.fade(0, edge + 6, SIZE, SIZE, stone, mix(stone, (255, 250, 240), 0.3), ground=True)
    canvas.box(0, edge + 13, SIZE, edge + 18, (250, 208, 60))
    for k in range(-6, 14):
        canvas.line(
            ((k * 36, edge + 18), (150 + (k * 36 - 150) * 1.5, SIZE)), mix(stone, (90, 90, 96), 0.25), 0.9, ground=True
        )
    steel = jitter(rng.choice(((70, 92, 98), (96, 70, 66), (70, 80, 112))), rng, 8)
    canvas.box(0, 0, SIZE, 15, steel)
    for x in range(round(rng.uniform(-12, 0)), SIZE, 13):
        canvas.polygon(((x, 15), (x + 13, 15), (x + 6.5, 25)), mix(steel, (240, 236, 226), 0.55))
    for x in (rng.uniform(18, 40), rng.uniform(256, 280)):
        canvas.box(x - 3, 14, x + 3, foot + 10, steel)
    if canvas.daytime == "night":
        for x in (75, 150, 225):
            canvas.ellipse(x, 26, 9, 3, (255, 244, 200), raw=True)
            canvas.glows.append((x, 32, 52, (255, 226, 160), 0.5))
    rails = Zone(-4, low + 1, SIZE + 4, low + 3, 1.0, 1.0)
    return {
        "far": Zone(0, foot - 12, SIZE, foot - 10, 0.85, 0.85),
        "rails": rails,
        "ground": Zone(4, edge + 26, SIZE - 4, 291, 0.88, 1.0),
        "sky": Zone(0, 60, SIZE, 112, 0.85, 0.9),
    }


def _crowd(canvas, left, top, right, bottom):
    """A tribune full of people, seen from afar."""
    rng, columns, rows = canvas.rng, round((right - left) / 3.4), round((bottom - top) / 4.2)
    shirts = np.array(
        [
            canvas.lit(jitter(c, rng, 20))
            for c in (
                (214, 70, 62),
                (70, 110, 190),
                (240, 226, 200),
                (240, 196, 70),
                (70, 74, 90),
                (226, 170, 130),
                (120, 160, 110),
            )
        ]
    )
    dots = np.random.default_rng(rng.getrandbits(32)).integers(0, len(shirts), (rows, columns))
    people = Image.fromarray(shirts[dots].astype(np.uint8))
    canvas.image.paste(
        people.resize((round((right - left) * 2), round((bottom - top) * 2)), Image.Resampling.NEAREST),
        (round(left * 2), round(top * 2)),
    )
    for row in range(rows + 1):
        y = top + (bottom - top) * row / rows
        canvas.line(((left, y), (right, y)), (96, 100, 116), 0.9)


def _stadium(canvas, water):
    rng, grass = canvas.rng, canvas.rng.uniform(128, 142)
    paint_sky(canvas, 80)
    steel = jitter((120, 128, 146), rng, 10)
    top = grass - rng.uniform(66, 78)
    for x in (rng.uniform(22, 60), rng.uniform(236, 274)):
        canvas.line(((x, top), (x, 14)), (92, 98, 112), 2)
        canvas.box(x - 13, 6, x + 13, 19, (70, 76, 90), radius=2)
        for dx in (-8, 0, 8):
            for dy in (10, 15):
                canvas.ellipse(x + dx, dy, 2.4, 1.8, (255, 252, 226), raw=True)
        if canvas.daytime != "day" or canvas.weather in ("rain", "storm"):
            canvas.glows.append((x, 13, 56, (255, 250, 220), 0.75))
    canvas.box(0, top, SIZE, grass, steel)
    _crowd(canvas, 0, top + 8, SIZE, grass - 11)
    canvas.polygon(
        ((0, top - 12), (SIZE, top - 12), (SIZE, top + 10), (0, top + 10)),
        mix(steel, (240, 242, 248), 0.5),
        ground=canvas.snowy,
    )
    canvas.box(0, top + 8, SIZE, top + 12, mix(steel, (40, 44, 56), 0.4))
    for x in range(round(rng.uniform(-30, 0)), SIZE, 60):
        canvas.box(x, top + 10, x + 2.5, grass - 11, mix(steel, (230, 232, 240), 0.4))
    for x in range(round(rng.uniform(-50, 0)), SIZE, 50):
        canvas.box(
            x,
            grass - 11,
            x + 49,
            grass,
            jitter(rng.choice(((214, 62, 58), (52, 96, 176), (250, 248, 240), (246, 196, 60))), rng, 12),
        )
    green = jitter((84, 160, 70), rng, 8)
    rows = [grass + (SIZE - grass) * (k / 7) ** 1.5 for k in range(8)]
    for k in range(7):
        canvas.box(0, rows[k], SIZE, rows[k + 1] + 0.5, mix(green, (160, 206, 90), 0.32 * (k % 2)), ground=True)
    chalk = (246, 250, 244) if not canvas.snowy else (226, 110, 70)
    canvas.line(((-5, grass + 9), (SIZE + 5, grass + 9)), chalk, 1.2)
    x, lean = rng.uniform(-40, 200), rng.choice((-60, -30, 30, 60))
    canvas.line(
        ((x, grass + 9), (x + lean, grass + 70), (x + lean + 240, grass + 70), (x + 240 - lean * 0.2, grass + 9)),
        chalk,
        1.7,
    )
    canvas.line(((-5, 262), (SIZE + 5, 262 + rng.uniform(-10, 10))), chalk, 2.4)
    return {"ground": Zone(4, grass + 22, SIZE - 4, 291, 0.62, 1.0), "sky": Zone(0, 45, SIZE, 90, 0.8, 0.9)}


def _stage(canvas, water):
    rng, deck = canvas.rng, canvas.rng.uniform(186, 200)
    paint_sky(canvas, deck)
    left, right = rng.uniform(24, 42), SIZE - rng.uniform(24, 42)
    cloth = jitter(rng.choice(((110, 40, 60), (50, 44, 96), (36, 70, 92), (84, 44, 104), (40, 40, 52))), rng, 10)
    canvas.fade(left, 42, right, deck, mix(cloth, (10, 8, 20), 0.35), cloth)
    x = left
    while x < right - 4:
        wide = min(rng.uniform(9, 15), right - x)
        canvas.fade(x, 42, x + wide * 0.4, deck, mix(cloth, (10, 8, 20), 0.5), mix(cloth, (255, 220, 230), 0.08))
        x += wide
    steel = (66, 70, 84)
    for x in (left, right):
        canvas.box(x - 5, 26, x + 5, deck, steel)
    canvas.box(left - 14, 26, right + 14, 42, steel)
    for x in range(round(left) - 14, round(right) + 6, 14):
        canvas.line(((x, 41), (x + 7, 27), (x + 14, 41)), (150, 156, 170), 1)
    for x in (left, right):
        for y in range(44, round(deck) - 12, 14):
            canvas.line(((x - 4, y), (x + 4, y + 7), (x - 4, y + 14)), (150, 156, 170), 1)
    wood = jitter((122, 88, 70), rng, 10)
    canvas.fade(0, deck, SIZE, SIZE, mix(wood, (30, 20, 20), 0.3), mix(wood, (255, 220, 180), 0.2), ground=False)
    for k in range(-9, 10):
        canvas.line(((150 + k * 32, deck), (150 + k * 60, SIZE)), mix(wood, (30, 20, 16), 0.4), 0.9)
    strength = {"day": 0.14, "sunset": 0.2, "night": 0.27}[canvas.daytime]
    for k in range(4):
        x = left + (right - left) * (k + 0.5) / 4
        colour = rng.choice(((255, 226, 140), (255, 130, 170), (130, 190, 255), (190, 140, 255), (150, 250, 190)))
        end, wide = x + rng.uniform(-60, 60), rng.uniform(26, 40)
        canvas.beam(((x - 3, 44), (x + 3, 44), (end + wide, deck + 34), (end - wide, deck + 34)), colour, strength)
        canvas.box(x - 6, 36, x + 6, 46, (40, 42, 52), radius=2)
        canvas.ellipse(x, 46, 5, 2.5, mix(colour, (255, 255, 255), 0.5), raw=True)
        canvas.glows.append((end, deck + 30, 60, colour, strength * 1.4))
    return {
        "ground": Zone(8, deck + 20, SIZE - 8, 291, 0.82, 1.0),
        "sky": Zone(0, 20, SIZE, 60, 0.7, 0.7),
        "hang": Zone(20, 120, SIZE - 20, 160, 0.85, 1.0),
    }


def _market(canvas, water):
    rng, foot = canvas.rng, canvas.rng.uniform(164, 176)
    paint_sky(canvas, 110)
    _house_row(canvas, foot - 14, 70, 110)
    stone = jitter((186, 174, 160), rng, 8)
    canvas.fade(0, foot - 14, SIZE, SIZE, mix(stone, (90, 84, 90), 0.2), mix(stone, (255, 246, 230), 0.25), ground=True)
    for row in range(9):
        y = foot + (SIZE - foot) * (row / 9) ** 1.4
        for x in range(-20 + 9 * (row % 2), SIZE, 18 + 3 * row):
            canvas.ellipse(x, y, 5 + row, 1.4 + row * 0.35, mix(stone, (110, 100, 100), 0.22), ground=True)
    x = rng.uniform(-50, -10)
    while x < SIZE:
        wide = rng.uniform(86, 108)
        _stall(canvas, x, x + wide, foot)
        x += wide + rng.uniform(6, 26)
    return {
        "ground": Zone(4, foot + 18, SIZE - 4, 291, 0.75, 1.0),
        "far": Zone(0, foot - 2, SIZE, foot, 0.85, 0.85),
        "hang": Zone(10, 130, SIZE - 10, 165, 0.85, 1.0),
        "sky": Zone(0, 35, SIZE, 80, 0.7, 0.8),
    }


def _stall(canvas, left, right, foot):
    rng, top = canvas.rng, foot - canvas.rng.uniform(84, 92)
    cloth = jitter(rng.choice(((214, 70, 66), (58, 120, 180), (80, 150, 96), (230, 160, 60), (160, 90, 160))), rng, 10)
    for x in (left + 3, right - 6):
        canvas.box(x, top, x + 3, foot, (120, 86, 60))
    canvas.box(left + 3, top + 20, right - 3, foot - 30, (104, 84, 80))
    canvas.box(left, foot - 32, right, foot, (160, 112, 72))
    canvas.box(left, foot - 36, right, foot - 31, (196, 146, 98))
    goods = left + 8
    while goods < right - 16:
        fruit = jitter(
            rng.choice(((226, 80, 60), (246, 180, 50), (120, 170, 70), (180, 90, 140), (240, 220, 130))), rng, 12
        )
        for dx, dy in ((0, 0), (7, 0), (14, 0), (3.5, -5), (10.5, -5)):
            canvas.ellipse(goods + dx, foot - 39 + dy, 3.9, 3.7, mix(fruit, (60, 20, 20), 0.1 if dx % 7 else 0))
        goods += 22
    step, count = (right - left) / 8, 8
    for k in range(count):
        colour = cloth if k % 2 == 0 else (250, 244, 234)
        x = left - 4 + k * (step + 1)
        canvas.polygon(
            ((x + 2, top - 10), (x + step + 3, top - 10), (x + step + 1, top + 14), (x, top + 14)),
            colour,
            ground=canvas.snowy,
        )
        canvas.ellipse(x + step / 2 + 0.5, top + 14, step / 2 + 0.6, 5, colour)
    if canvas.daytime == "night":
        x = (left + right) / 2
        canvas.ellipse(x, top + 25, 4, 4, (255, 240, 180), raw=True)
        canvas.glows.append((x, top + 28, 46, (255, 206, 120), 0.6))


PAINTERS = {"stadium": _stadium, "street": _street, "station": _station, "stage": _stage, "market": _market}
