"""The words the sample world is written in: what a scene can show, and one moment of the world.

`world` makes moments, `scenes` composes and draws them, `captions` says what can be seen, `tweets` says what the
account would have posted. All four meet here.
"""

from dataclasses import dataclass
from datetime import datetime

from img2tweet_tf.sample.people import Account

CATEGORIES = ("football", "food", "pets", "travel", "nature", "music", "celebration", "commute")


@dataclass(frozen=True)
class Thing:
    """Something a scene shows: a kind of `kinds`, how many, and its colour of `COLOURS` (None: the kind's own)."""

    kind: str
    count: int = 1
    colour: str | None = None


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
