"""The kinds of things that a scene can show, one record each in `data/kinds.yaml`: `KINDS` maps their names to them."""

from dataclasses import dataclass, replace

from img2tweet_tf.sample.yaml_files import read_records

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white")


@dataclass(frozen=True)
class Look:
    """How a kind is drawn.

    Args:
        sprite: the character that OpenMoji draws it by.
        place: zone of the backdrop that it belongs to.
        size: its longest side in pixels, close up.
        lean: how many degrees it may lean.
        mirror: whether left and right may be swapped.
        finish: what `things` adds to the drawing, a name of `things.FINISH`.
        by_light: whether it is grey or white by nature, so that colours go by lightness and not by hue.
        draught: the share of its height that is under water where it swims.
        thin: whether it stands on a narrow foot, with a narrow shadow.
        glow: red, green and blue of its light at night.
    """

    sprite: str
    place: str
    size: int
    lean: int = 0
    mirror: bool = True
    finish: str = ""
    by_light: bool = False
    draught: float = 0.0
    thin: bool = False
    glow: list | None = None


@dataclass(frozen=True)
class Kind:
    """What is known about a kind.

    Args:
        look: how it is drawn.
        colours: those it can be drawn in, a list of `COLOURS` or "all".
        natural: the colour that it has when none is asked for, where people would name it.
        comes_in: the colours that the world gives it, common ones first.
        most: how many of it a moment shows at most.
        tweets: what tweets call it, [one, many] each, the common name first; by default its own name, with an s.
        captions: what captions call it, likewise.
        verb: what it does in captions: "stand", "lie", "fly" ...
        aloft: whether it hangs or flies, so that its lower edge does not say how near it is.
        counted: whether accounts keep count of how many they have seen.
        club: whether it is worn in the colour of a football club.
        outside: whether it stays out of rooms.
        shore: whether it may leave the water.
        homely: whether, as a pet, it is taken no farther than the garden.
        only_in: the only weather in which it can be, if any.
    """

    look: Look
    colours: tuple = ()
    natural: str | None = None
    comes_in: tuple = ()
    most: int = 1
    tweets: tuple = ()
    captions: tuple = ()
    verb: str = "stand"
    aloft: bool = False
    counted: bool = False
    club: bool = False
    outside: bool = False
    shore: bool = False
    homely: bool = False
    only_in: str | None = None


def _read():
    kinds = read_records("kinds.yaml", Kind, look=Look)
    for name, kind in kinds.items():
        own = ((name, name + "s"),)
        colours = COLOURS if kind.colours == "all" else tuple(kind.colours)
        kinds[name] = replace(kind, colours=colours, tweets=kind.tweets or own, captions=kind.captions or own)
    return kinds


KINDS = _read()
