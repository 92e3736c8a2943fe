"""The rooms: kitchen, cafe and living room, each with a window that shows the weather; `backdrops` calls them."""

from img2tweet_tf.sample.canvas import SIZE, mix
from img2tweet_tf.sample.skies import paint_sky


def wooden_table(canvas, top, colour=(186, 128, 78)):
    """A table top across the picture from `top` down to its front edge."""
    colour, edge = canvas.jitter(colour, 16), 286
    canvas.fade(0, top, SIZE, edge, mix(colour, (255, 236, 200), 0.12), mix(colour, (255, 236, 200), 0.3))
    for share in (0.22, 0.5, 0.8):
        y = top + (edge - top) * share
        canvas.line(((0, y), (SIZE, y)), mix(colour, (60, 30, 10), 0.18), 0.8)
    canvas.line(((0, top), (SIZE, top)), mix(colour, (255, 240, 210), 0.5), 1.2)
    canvas.box(0, edge, SIZE, SIZE, mix(colour, (50, 26, 10), 0.42))


def _window(canvas, left, top, right, bottom, frame=(250, 248, 242), panes=2):
    """A window with the sky and a strip of land in it."""

    def view():
        paint_sky(canvas, bottom, left, top, right)
        canvas.hills(bottom - 6, 14, 3, canvas.jitter((98, 150, 92), 10))

    indoors = canvas.light
    if canvas.daytime == "night":
        canvas.light = (0.3, 0.33, 0.5)
    canvas.snowy = canvas.weather == "snow"
    canvas.through(left, top, right, bottom, view)
    canvas.snowy, canvas.light = False, indoors
    canvas.window = (round(left), round(top), round(right), round(bottom))
    for bar in range(panes + 1):
        x = left + (right - left) * bar / panes
        canvas.box(x - 2, top - 3, x + 2, bottom + 3, frame)
    for y in (top, bottom):
        canvas.box(left - 3, y - 2.5, right + 3, y + 2.5, frame)
    canvas.box(left - 8, bottom + 2, right + 8, bottom + 7, mix(frame, (120, 110, 100), 0.2))


def _planks(canvas, top, colour):
    canvas.fade(0, top, SIZE, SIZE, mix(colour, (60, 34, 16), 0.22), mix(colour, (255, 230, 190), 0.15))
    canvas.rays(SIZE / 2, top, 9, 30, 64, mix(colour, (60, 34, 16), 0.34))
    canvas.box(0, top - 7, SIZE, top, mix(colour, (255, 250, 240), 0.75))


def _lamp(canvas, x, low, colour):
    canvas.line(((x, 0), (x, low - 14)), (60, 56, 54), 1)
    canvas.trapezoid(low - 16, (x - 5, x + 5), low, (x - 17, x + 17), colour)
    canvas.ellipse(x, low + 1, 7, 4, (255, 238, 170), raw=True)
    canvas.glows.append((x, low + 6, 62, (255, 216, 140), 0.5 if canvas.daytime == "night" else 0.22))


def _shelf(canvas, left):
    canvas.box(left - 6, 62, left + 94, 67, canvas.jitter((176, 120, 76), 14))
    for x, wide in canvas.row(left, left + 84, (9, 15), gap=lambda: canvas.between(3, 8)):
        top = 62 - canvas.between(13, 27)
        jar = canvas.pick("jars", 12)
        canvas.box(x, top, x + wide, 62, jar, radius=3)
        canvas.box(x + 1, top - 3, x + wide - 1, top + 2, mix(jar, (80, 60, 50), 0.4), radius=1)


def kitchen(canvas, floor):
    wall = canvas.pick("kitchen walls", 8)
    canvas.fade(0, 0, SIZE, SIZE, mix(wall, (255, 255, 255), 0.25), wall)
    for row in range(3):
        y = floor - 82 + row * 13
        for x in range(-12 + 12 * (row % 2), SIZE, 24):
            canvas.box(x + 1, y, x + 23, y + 12, mix(wall, (255, 255, 255), 0.6), radius=1)
    left = canvas.rng.choice((canvas.between(16, 40), canvas.between(150, 176)))
    _window(canvas, left, canvas.between(18, 26), left + canvas.between(96, 112), canvas.between(84, 94))
    _shelf(canvas, 20 if left > 100 else 166)
    unit = canvas.pick("kitchen units", 10)
    canvas.box(0, floor - 42, SIZE, floor, unit)
    canvas.box(0, floor - 47, SIZE, floor - 41, (120, 108, 100))
    for x in range(round(canvas.between(-40, 0)), SIZE, 50):
        canvas.box(x + 3, floor - 37, x + 47, floor - 5, mix(unit, (70, 60, 60), 0.1), radius=2)
        canvas.box(x + 20, floor - 33, x + 30, floor - 31, (110, 100, 96))
    canvas.box(0, floor, SIZE, SIZE, canvas.jitter((232, 224, 212), 6))
    canvas.checks(floor, (-174, 474), SIZE, (-417, 717), (18, 6), 1.35, canvas.pick("tiles", 8))


def cafe(canvas, floor):
    wall = canvas.pick("cafe walls", 10)
    canvas.fade(0, 0, SIZE, floor, wall, mix(wall, (255, 236, 210), 0.15))
    brick = mix(wall, (255, 244, 230), 0.16)
    for row in range(round(floor / 13)):
        for x in range(-26 + 13 * (row % 2), SIZE, 26):
            if canvas.rng.random() < 0.6:
                canvas.box(x + 1, row * 13 + 1, x + 25, row * 13 + 12, canvas.jitter(brick, 5), radius=1)
    left = canvas.rng.choice((canvas.between(18, 34), canvas.between(140, 156)))
    high, right, low = canvas.between(34, 44), left + canvas.between(116, 126), canvas.between(126, 138)
    _window(canvas, left, high, right, low, (92, 62, 46), panes=3)
    board = 200 if left < 100 else 20
    canvas.box(board, 50, board + 76, 122, (122, 82, 54), radius=2)
    canvas.box(board + 4, 54, board + 72, 118, (48, 56, 54))
    for y in range(64, 114, 9):
        canvas.line(((board + 10, y), (board + 10 + canvas.between(18, 38), y)), (222, 226, 218), 1)
        canvas.line(((board + 56, y), (board + 65, y)), (240, 212, 140), 1)
    _planks(canvas, floor, canvas.jitter((160, 114, 78), 10))
    panel = mix(wall, (50, 34, 30), 0.45)
    canvas.box(0, floor - 26, SIZE, floor - 5, panel)
    canvas.box(0, floor - 29, SIZE, floor - 25, mix(panel, (255, 220, 180), 0.3))
    shade = canvas.pick("lamps", 8)
    for x in canvas.rng.choice(((56, 150, 244), (80, 222), (150,))):
        _lamp(canvas, x + canvas.between(-6, 6), canvas.between(30, 40), shade)


def living_room(canvas, floor):
    wall = canvas.pick("living_room walls", 8)
    canvas.fade(0, 0, SIZE, floor, wall, mix(wall, (255, 250, 240), 0.2))
    for x in range(round(canvas.between(-20, 0)), SIZE, 22):
        canvas.box(x, 0, x + 9, floor, mix(wall, (150, 120, 110), 0.1))
    left = canvas.rng.choice((canvas.between(30, 46), canvas.between(142, 160)))
    right, low = left + canvas.between(92, 104), canvas.between(110, 122)
    _window(canvas, left, 26, right, low)
    cloth = canvas.pick("curtains", 12)
    canvas.line(((left - 18, 17), (right + 18, 17)), (110, 80, 60), 2)
    for x, side in ((left - 15, 1), (right + 15, -1)):
        hem = ((x + side * 12, 86), (x + side * 17, low + 14), (x, low + 14))
        canvas.polygon(((x, 17), (x + side * 24, 17), *hem), cloth)
        for fold in (side * 6, side * 12):
            canvas.line(((x + fold, 18), (x + fold * 0.7, low + 12)), mix(cloth, (60, 30, 30), 0.22), 0.9)
    for _ in range(canvas.rng.choice((1, 2))):
        x, y = canvas.between(190, 250) if left < 100 else canvas.between(16, 76), canvas.between(34, 74)
        wide, high = canvas.between(26, 40), canvas.between(26, 38)
        canvas.box(x - 3, y - 3, x + wide + 3, y + high + 3, (128, 88, 58))
        canvas.box(x, y, x + wide, y + high, canvas.jitter((190, 216, 226), 16))
        mountain = ((x, y + high), (x + wide * 0.4, y + high * 0.45), (x + wide, y + high))
        canvas.polygon(mountain, canvas.jitter((110, 156, 116), 16))
    _planks(canvas, floor, canvas.pick("floors", 8))
    rug = canvas.pick("rugs", 12)
    x, y, high = canvas.between(120, 180), floor + (34 if canvas.table else 62), 26 if canvas.table else 46
    for grow, share in ((1.0, 0.0), (0.88, 0.55), (0.78, 0.12)):
        canvas.ellipse(x, y, 138 * grow, high * grow, mix(rug, (255, 244, 226), share))
