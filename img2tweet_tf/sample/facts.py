"""The words the sample world is written in: what a scene can show, and one moment of the world.

`world` makes moments, `scenes` composes and draws them, `captions` says what can be seen, `tweets` says what the
account would have posted. All four meet here.
"""

from dataclasses import dataclass, field
from datetime import datetime

CATEGORIES = ("football", "food", "pets", "travel", "nature", "music", "celebration", "commute")
SETTINGS = (
    "stadium",
    "park",
    "garden",
    "forest",
    "beach",
    "mountains",
    "street",
    "harbour",
    "station",
    "field",
    "kitchen",
    "cafe",
    "living_room",
    "stage",
    "market",
)
INDOORS = ("kitchen", "cafe", "living_room")
WEATHERS = ("sun", "clouds", "rain", "snow", "storm")
DAYTIMES = ("day", "sunset", "night")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white")

# Every kind of thing a scene may show, with the character OpenMoji draws it by.
KINDS = {
    # football
    "football": "⚽",
    "goal": "🥅",
    "trophy": "🏆",
    "shirt": "👕",
    "scarf": "🧣",
    "megaphone": "📣",
    "flag": "🚩",
    "running shoe": "👟",
    # food and drink
    "pizza": "🍕",
    "burger": "🍔",
    "fries": "🍟",
    "coffee": "☕",
    "croissant": "🥐",
    "bread": "🍞",
    "cake": "🍰",
    "ice cream": "🍦",
    "doughnut": "🍩",
    "noodle bowl": "🍜",
    "sushi": "🍣",
    "taco": "🌮",
    "salad": "🥗",
    "wine glass": "🍷",
    "beer": "🍺",
    "teapot": "🫖",
    "apple": "🍎",
    "banana": "🍌",
    "strawberry": "🍓",
    "pineapple": "🍍",
    "watermelon": "🍉",
    "pancakes": "🥞",
    "cheese": "🧀",
    # pets and their things
    "dog": "🐕",
    "poodle": "🐩",
    "cat": "🐈",
    "black cat": "🐈‍⬛",
    "rabbit": "🐇",
    "parrot": "🦜",
    "turtle": "🐢",
    "goldfish": "🐠",
    "bone": "🦴",
    "sofa": "🛋",
    "potted plant": "🪴",
    "yarn": "🧶",
    # travel
    "aeroplane": "✈",
    "suitcase": "🧳",
    "backpack": "🎒",
    "camera": "📷",
    "tent": "⛺",
    "sailing boat": "⛵",
    "ship": "🚢",
    "palm tree": "🌴",
    "beach umbrella": "⛱",
    "mountain": "⛰",
    "sunglasses": "🕶",
    "ferris wheel": "🎡",
    # nature
    "tree": "🌳",
    "fir tree": "🌲",
    "sunflower": "🌻",
    "tulip": "🌷",
    "rose": "🌹",
    "mushroom": "🍄",
    "butterfly": "🦋",
    "bee": "🐝",
    "snail": "🐌",
    "duck": "🦆",
    "owl": "🦉",
    "deer": "🦌",
    "fox": "🦊",
    "hedgehog": "🦔",
    "squirrel": "🐿",
    "snowman": "⛄",
    "rainbow": "🌈",
    "umbrella": "☂",
    "cactus": "🌵",
    "horse": "🐎",
    "cow": "🐄",
    "sheep": "🐑",
    "swan": "🦢",
    # music
    "guitar": "🎸",
    "drum": "🥁",
    "microphone": "🎤",
    "keyboard": "🎹",
    "trumpet": "🎺",
    "violin": "🎻",
    "saxophone": "🎷",
    "headphones": "🎧",
    "accordion": "🪗",
    "loudspeaker": "🔊",
    # celebration
    "balloon": "🎈",
    "birthday cake": "🎂",
    "gift": "🎁",
    "bouquet": "💐",
    "teddy bear": "🧸",
    "pumpkin": "🎃",
    "christmas tree": "🎄",
    "candle": "🕯",
    "champagne": "🍾",
    "party popper": "🎉",
    "lantern": "🏮",
    "top hat": "🎩",
    # commute and town
    "car": "🚗",
    "bus": "🚌",
    "taxi": "🚕",
    "tram": "🚋",
    "train": "🚆",
    "bicycle": "🚲",
    "scooter": "🛴",
    "fire engine": "🚒",
    "tractor": "🚜",
    "traffic light": "🚦",
    "house": "🏠",
    "office block": "🏢",
    "church": "⛪",
    "factory": "🏭",
    "laptop": "💻",
    "book": "📕",
    "clock": "🕰",
    "chair": "🪑",
}


@dataclass(frozen=True)
class Thing:
    """Something a scene shows: `kind` of `KINDS`, how many, and its colour of `COLOURS` (None: the kind's own)."""

    kind: str
    count: int = 1
    colour: str | None = None


@dataclass(frozen=True)
class Account:
    """Who tweets. `voice` names one of the voices of `tweets`; `habits` is for `world` alone."""

    handle: str
    name: str
    voice: str
    city: str
    habits: dict = field(default_factory=dict, compare=False)


@dataclass
class Moment:
    """One thing that happened to one account: what a camera sees of it, and what only the writer knows.

    `things` is what the scene is about, most important first; `scenes` may add scenery and may leave a thing out that
    does not fit, so captions and tweets look at the scene, not here, for what can be seen. `hidden` maps names of
    facts (city, event, friend, pet, team, opponent, score, ...) to their values. `topic` says what the tweet is about.
    """

    account: Account
    time: datetime
    category: str
    topic: str
    setting: str
    weather: str
    daytime: str
    things: list[Thing]
    hidden: dict[str, str | int]


@dataclass
class Scene:
    """A drawn moment: `image` (PIL, RGB, 299 x 299), what it really shows, and where.

    `objects` holds one `{"name", "box": [left, top, right, bottom], "visible"}` for every named object drawn, `visible`
    being the share of its own pixels seen in the final picture. `things` sums them up.
    """

    image: object
    setting: str
    weather: str
    daytime: str
    things: list[Thing]
    objects: list[dict]
