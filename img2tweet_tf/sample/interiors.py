"""The rooms: kitchen, cafe and living room, each with a window that shows the weather.

Each painter takes a `Canvas` and whether a table must stand in front, and returns its zones by name.
"""

from img2tweet_tf.sample.canvas import SIZE, Zone, jitter, mix
from img2tweet_tf.sample.skies import paint_sky


def wooden_table(canvas, top, colour=(186, 128, 78), edge=286):
    """A table top across the picture from `top` down to its front edge."""
    rng = canvas.rng
    colour = jitter(colour, rng, 16)
    canvas.fade(0, top, SIZE, edge, mix(colour, (255, 236, 200), 0.12), mix(colour, (255, 236, 200), 0.3))
    for share in (0.22, 0.5, 0.8):
        y = top + (edge - top) * share
        canvas.line(((0, y), (SIZE, y)), mix(colour, (60, 30, 10), 0.18), 0.8)
    canvas.line(((0, top), (SIZE, top)), mix(colour, (255, 240, 210), 0.5), 1.2)
    canvas.box(0, edge, SIZE, SIZE, mix(colour, (50, 26, 10), 0.42))


def _window(canvas, left, top, right, bottom, frame=(250, 248, 242), bars=1):
    """A window with the sky and a strip of land in it."""

    def view():
        paint_sky(canvas, bottom, left, top, right)
        canvas.hills(bottom - 6, 14, 3, jitter((98, 150, 92), canvas.rng, 10), ground=canvas.weather == "snow")

    snowy, canvas.snowy = canvas.snowy, canvas.weather == "snow"
    bright = canvas.light
    if canvas.daytime == "night":
        canvas.light = (0.3, 0.33, 0.5)
    canvas.through(left, top, right, bottom, view)
    canvas.snowy, canvas.light = snowy, bright
    canvas.window = (round(left), round(top), round(right), round(bottom))
    for x in [left + (right - left) * k / (bars + 1) for k in range(bars + 2)]:
        canvas.box(x - 2, top - 3, x + 2, bottom + 3, frame)
    for y in (top, bottom):
        canvas.box(left - 3, y - 2.5, right + 3, y + 2.5, frame)
    canvas.box(left - 8, bottom + 2, right + 8, bottom + 7, mix(frame, (120, 110, 100), 0.2))


def _planks(canvas, top, colour):
    canvas.fade(0, top, SIZE, SIZE, mix(colour, (60, 34, 16), 0.22), mix(colour, (255, 230, 190), 0.15))
    for k in range(-9, 10):
        middle = SIZE / 2
        canvas.line(((middle + k * 30, top), (middle + k * 64, SIZE)), mix(colour, (60, 34, 16), 0.34), 0.9)
    canvas.box(0, top - 7, SIZE, top, mix(colour, (255, 250, 240), 0.75))


def _lamp(canvas, x, low, colour):
    canvas.line(((x, 0), (x, low - 14)), (60, 56, 54), 1)
    canvas.polygon(((x - 5, low - 16), (x + 5, low - 16), (x + 17, low), (x - 17, low)), colour)
    canvas.ellipse(x, low + 1, 7, 4, (255, 238, 170), raw=True)
    canvas.glows.append((x, low + 6, 62, (255, 216, 140), 0.5 if canvas.daytime == "night" else 0.22))


def _room_zones(floor, table_top, table):
    low = table_top - 3 if table else 291
    zones = {
        "ground": Zone(4, floor + 14, SIZE - 4, max(floor + 16, low), 0.82, 0.86 if table else 1.0),
        "air": Zone(8, 100, SIZE - 8, min(low, 215), 0.8, 1.0),
    }
    if table:
        zones["table"] = Zone(6, table_top + 18, SIZE - 6, 279, 0.92, 1.0)
    return zones


def _kitchen(canvas, table):
    rng, floor, top = canvas.rng, canvas.rng.uniform(168, 180), canvas.rng.uniform(200, 212)
    wall = jitter(
        rng.choice(((206, 226, 216), (246, 226, 186), (198, 218, 234), (242, 212, 204), (226, 222, 236))), rng, 8
    )
    canvas.fade(0, 0, SIZE, SIZE, mix(wall, (255, 255, 255), 0.25), wall)
    tile = mix(wall, (255, 255, 255), 0.6)
    for row in range(3):
        for x in range(-12 + 12 * (row % 2), SIZE, 24):
            canvas.box(x + 1, floor - 82 + row * 13, x + 23, floor - 70 + row * 13, tile, radius=1)
    left = rng.choice((rng.uniform(16, 40), rng.uniform(150, 176)))
    _window(canvas, left, rng.uniform(18, 26), left + rng.uniform(96, 112), rng.uniform(84, 94))
    shelf = 44 if left > 100 else 190
    wood = jitter((176, 120, 76), rng, 14)
    canvas.box(shelf - 30, 62, shelf + 70, 67, wood)
    x = shelf - 24
    while x < shelf + 60:
        wide, high = rng.uniform(9, 15), rng.uniform(13, 27)
        jar = jitter(
            rng.choice(((226, 120, 92), (120, 170, 190), (240, 214, 130), (150, 186, 130), (246, 244, 238))), rng, 12
        )
        canvas.box(x, 62 - high, x + wide, 62, jar, radius=3)
        canvas.box(x + 1, 62 - high - 3, x + wide - 1, 62 - high + 2, mix(jar, (80, 60, 50), 0.4), radius=1)
        x += wide + rng.uniform(3, 8)
    unit = jitter(rng.choice(((250, 248, 242), (120, 156, 160), (190, 146, 106), (110, 130, 168))), rng, 10)
    canvas.box(0, floor - 42, SIZE, floor, unit)
    canvas.box(0, floor - 47, SIZE, floor - 41, (120, 108, 100))
    for x in range(round(rng.uniform(-40, 0)), SIZE, 50):
        canvas.box(x + 3, floor - 37, x + 47, floor - 5, mix(unit, (70, 60, 60), 0.1), radius=2)
        canvas.box(x + 20, floor - 33, x + 30, floor - 31, (110, 100, 96))
    first = jitter((232, 224, 212), rng, 6)
    other = jitter(rng.choice(((186, 160, 140), (150, 172, 178), (170, 170, 178))), rng, 8)
    canvas.box(0, floor, SIZE, SIZE, first)
    rows = [floor + (SIZE - floor) * (k / 6) ** 1.35 for k in range(7)]
    for row in range(6):
        for column in range(-9, 9):
            if (row + column) % 2:
                near, far = (1 + 0.75 * (y - floor) / (SIZE - floor) for y in (rows[row + 1], rows[row]))
                a, b = 150 + column * 36 * far, 150 + (column + 1) * 36 * far
                c, d = 150 + (column + 1) * 36 * near, 150 + column * 36 * near
                canvas.polygon(((a, rows[row]), (b, rows[row]), (c, rows[row + 1]), (d, rows[row + 1])), other)
    if table:
        wooden_table(canvas, top, rng.choice(((196, 140, 90), (226, 196, 156), (150, 100, 66))))
    return _room_zones(floor, top, table)


def _cafe(canvas, table):
    rng, floor, top = canvas.rng, canvas.rng.uniform(172, 182), canvas.rng.uniform(204, 216)
    wall = jitter(rng.choice(((186, 106, 84), (94, 126, 118), (206, 166, 122), (116, 100, 128))), rng, 10)
    canvas.fade(0, 0, SIZE, floor, wall, mix(wall, (255, 236, 210), 0.15))
    brick = mix(wall, (255, 244, 230), 0.16)
    for row in range(round(floor / 13)):
        for x in range(-26 + 13 * (row % 2), SIZE, 26):
            if rng.random() < 0.6:
                canvas.box(x + 1, row * 13 + 1, x + 25, row * 13 + 12, jitter(brick, rng, 5), radius=1)
    left = rng.choice((rng.uniform(18, 34), rng.uniform(140, 156)))
    _window(
        canvas, left, rng.uniform(34, 44), left + rng.uniform(116, 126), rng.uniform(126, 138), (92, 62, 46), bars=2
    )
    board = 214 if left < 100 else 34
    canvas.box(board - 14, 50, board + 62, 122, (122, 82, 54), radius=2)
    canvas.box(board - 10, 54, board + 58, 118, (48, 56, 54))
    for y in range(64, 114, 9):
        canvas.line(((board - 4, y), (board - 4 + rng.uniform(18, 38), y)), (222, 226, 218), 1)
        canvas.line(((board + 42, y), (board + 51, y)), (240, 212, 140), 1)
    _planks(canvas, floor, jitter((160, 114, 78), rng, 10))
    panel = mix(wall, (50, 34, 30), 0.45)
    canvas.box(0, floor - 26, SIZE, floor - 5, panel)
    canvas.box(0, floor - 29, SIZE, floor - 25, mix(panel, (255, 220, 180), 0.3))
    shade = jitter(rng.choice(((60, 66, 70), (226, 180, 76), (196, 88, 70), (240, 236, 226))), rng, 8)
    for x in rng.choice(((56, 150, 244), (80, 222), (150,))):
        _lamp(canvas, x + rng.uniform(-6, 6), rng.uniform(30, 40), shade)
    if table:
        wooden_table(canvas, top, rng.choice(((150, 98, 62), (196, 150, 104), (110, 76, 56))))
    return _room_zones(floor, top, table)


def _living_room(canvas, table):
    rng, floor, top = canvas.rng, canvas.rng.uniform(162, 176), canvas.rng.uniform(214, 226)
    wall = jitter(
        rng.choice(((244, 226, 196), (196, 214, 206), (226, 200, 196), (200, 208, 228), (236, 216, 166))), rng, 8
    )
    canvas.fade(0, 0, SIZE, floor, wall, mix(wall, (255, 250, 240), 0.2))
    for x in range(round(rng.uniform(-20, 0)), SIZE, 22):
        canvas.box(x, 0, x + 9, floor, mix(wall, (150, 120, 110), 0.1))
    left = rng.choice((rng.uniform(30, 46), rng.uniform(142, 160)))
    right, low = left + rng.uniform(92, 104), rng.uniform(110, 122)
    _window(canvas, left, 26, right, low)
    cloth = jitter(
        rng.choice(((196, 84, 76), (92, 130, 160), (224, 170, 84), (120, 150, 110), (160, 116, 160))), rng, 12
    )
    canvas.line(((left - 18, 17), (right + 18, 17)), (110, 80, 60), 2)
    for x, side in ((left - 15, 1), (right + 15, -1)):
        canvas.polygon(
            ((x, 17), (x + side * 24, 17), (x + side * 12, 86), (x + side * 17, low + 14), (x, low + 14)), cloth
        )
        for k in (6, 12):
            canvas.line(((x + side * k, 18), (x + side * k * 0.7, low + 12)), mix(cloth, (60, 30, 30), 0.22), 0.9)
    for _ in range(rng.choice((1, 2))):
        x, y = (rng.uniform(190, 250) if left < 100 else rng.uniform(16, 76)), rng.uniform(34, 74)
        wide, high = rng.uniform(26, 40), rng.uniform(26, 38)
        canvas.box(x - 3, y - 3, x + wide + 3, y + high + 3, (128, 88, 58))
        canvas.box(x, y, x + wide, y + high, jitter((190, 216, 226), rng, 16))
        canvas.polygon(
            ((x, y + high), (x + wide * 0.4, y + high * 0.45), (x + wide, y + high)), jitter((110, 156, 116), rng, 16)
        )
    _planks(canvas, floor, jitter(rng.choice(((190, 138, 92), (150, 104, 70), (214, 176, 132))), rng, 8))
    rug = jitter(rng.choice(((176, 70, 74), (70, 110, 150), (226, 186, 120), (106, 140, 120))), rng, 12)
    x, y = rng.uniform(120, 180), floor + (34 if table else 62)
    for grow, share in ((1.0, 0.0), (0.88, 0.55), (0.78, 0.12)):
        canvas.ellipse(x, y, 138 * grow, (26 if table else 46) * grow, mix(rug, (255, 244, 226), share))
    if table:
        wooden_table(canvas, top, rng.choice(((166, 112, 72), (236, 226, 210), (120, 84, 62))))
    return _room_zones(floor, top, table)


PAINTERS = {"kitchen": _kitchen, "cafe": _cafe, "living_room": _living_room}
