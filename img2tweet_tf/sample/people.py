"""Who tweets in the sample world: `ACCOUNTS`, one record each in `data/accounts.yaml`."""

from dataclasses import dataclass, field
from datetime import date

from img2tweet_tf.sample.yaml_files import read_records


@dataclass(frozen=True)
class Acquaintances:
    """Whose birthdays an account knows besides those of its people and friends."""

    birthdays: int = 3  # how many
    ages: tuple[int, int] = (1, 90)
    relation: str = "friend"


@dataclass(frozen=True)
class Pet:
    """A pet."""

    kind: str
    born: date


@dataclass(frozen=True, eq=False)
class Account:
    """Who tweets."""

    handle: str  # without its "@"
    name: str  # of the person
    voice: str  # of `data/voices/`
    city: str  # where it lives, of `places`
    rate: float = 1.0  # how often it tweets, 1 on average
    topics: dict = field(default_factory=dict)  # topic -> how much more or less often than others
    trips: int = 0  # a year
    people: dict = field(default_factory=dict)  # relation, a hidden fact -> name, or names to draw one from
    friends: list = field(default_factory=list)  # names
    circle: list = field(default_factory=list)  # handles it talks to
    team: str | None = None  # the club it supports
    band: str | None = None  # the band it travels with
    likes: list = field(default_factory=list)  # kinds it shows more often
    own: dict = field(default_factory=dict)  # kind -> the colour of its own
    pets: dict[str, Pet] = field(default_factory=dict)  # by name
    hours: dict = field(default_factory=dict)  # topic -> first and last hour, where they are not the topic's own
    acquaintances: Acquaintances = Acquaintances()
    tells_of_return: bool = False  # whether it also tweets about the way home from a trip
    pet_travels: bool = False  # whether it takes the pet along
    same_away: bool = False  # whether it tweets about everyday life on trips, too
    test_only: bool = False  # whether it occurs in the test part alone


ACCOUNTS = tuple(
    read_records("accounts.yaml", Account, key="handle", acquaintances=Acquaintances, pets={"*": Pet}).values()
)
