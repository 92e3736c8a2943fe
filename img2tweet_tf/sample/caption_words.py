"""The words of the captions: names of things, places, weather, time of day, and what things do."""

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

PLACES = {
    "stadium": ("in a stadium", "in a football stadium", "on a football pitch"),
    "park": ("in a park", "in a green park", "on the grass of a park"),
    "garden": ("in a garden", "in a fenced garden", "on a lawn by a fence"),
    "forest": ("in a forest", "in the woods", "in front of a forest"),
    "beach": ("on a beach", "at the beach", "on a beach by the sea"),
    "mountains": ("in the mountains", "on a meadow in the mountains", "in front of the mountains"),
    "street": ("in a street", "in a city street", "in front of a row of houses"),
    "harbour": ("in a harbour", "at a harbour", "by the water of a harbour"),
    "station": ("at a station", "at a train station", "at a railway station"),
    "field": ("in a field", "on a farm field", "in the countryside"),
    "kitchen": ("in a kitchen", "in a tiled kitchen"),
    "cafe": ("in a cafe", "in a cafe with brick walls"),
    "living_room": ("in a living room", "in a living room with a rug", "at home in a living room"),
    "stage": ("on a stage", "on a concert stage", "under the lights of a stage"),
    "market": ("at a market", "in front of market stalls", "at an outdoor market"),
}
WEATHER = {
    "sun": ("on a sunny day", "in the sunshine", "under a bright sky"),
    "clouds": ("on a cloudy day", "under a cloudy sky"),
    "rain": ("in the rain", "on a rainy day", "while it rains"),
    "snow": ("in the snow", "on a snowy day", "while it snows"),
    "storm": ("in a storm", "during a thunderstorm", "on a stormy day"),
}
DUSK = {"sunset": ("at sunset", "at dusk", "in the evening light"), "night": ("at night", "after dark")}
BOTH = {
    "sun": {"sunset": ("on a clear evening", "at sunset"), "night": ("on a clear night", "under the stars")},
    "clouds": {"sunset": ("on a cloudy evening", "at sunset under clouds"), "night": ("on a cloudy night",)},
    "rain": {
        "sunset": ("on a rainy evening", "in the rain at dusk"),
        "night": ("on a rainy night", "in the rain at night"),
    },
    "snow": {
        "sunset": ("on a snowy evening", "in the snow at dusk"),
        "night": ("on a snowy night", "in the snow at night"),
    },
    "storm": {"sunset": ("on a stormy evening",), "night": ("on a stormy night", "in a storm at night")},
}
OUTSIDE = {
    "sun": {"day": "the sun shines outside", "sunset": "the sun goes down outside", "night": "it is night outside"},
    "clouds": {
        "day": "there are clouds outside the window",
        "sunset": "the evening sky outside is cloudy",
        "night": "it is night outside",
    },
    "rain": dict.fromkeys(("day", "sunset", "night"), "it rains outside"),
    "snow": dict.fromkeys(("day", "sunset", "night"), "it snows outside the window"),
    "storm": dict.fromkeys(("day", "sunset", "night"), "there is lightning outside the window"),
}
EMPTY = {
    "kitchen": "kitchen",
    "cafe": "cafe",
    "living_room": "living room",
    "mountains": "mountain meadow",
    "station": "train station",
}
