"""Who tweets in the sample world: `ACCOUNTS`, one record each in `data/accounts.yaml`."""

from dataclasses import dataclass, field
from datetime import date

from img2tweet_tf.sample.yaml_files import read_records


@dataclass(frozen=True)
class Acquaintances:
    """Whose birthdays an account knows besides those of its people and friends: how many, how old, and who they are."""

    birthdays: int = 3
    ages: tuple[int, int] = (1, 90)
    relation: str = "friend"


@dataclass(frozen=True)
class Pet:
    """A pet: its kind, and when it was born."""

    kind: str
    born: date


@dataclass(frozen=True, eq=False)
class Account:
    """Who tweets.

    Args:
        handle: without its "@".
        name: of the person.
        voice: of `data/voices/`.
        city: where it lives, of `places`.
        rate: how often it tweets, 1 on average.
        topics: topic -> how much more or less often than others.
        trips: how many a year.
        people: relation, which is a hidden fact -> name, or names of which one is chosen each time.
        friends: names.
        circle: handles it talks to.
        team, band: the club it supports, the band it travels with.
        likes: kinds it shows more often.
        own: kind -> the colour of its own.
        pets: name -> `Pet`.
        hours: topic -> first and last hour, where they are not the topic's own.
        acquaintances: `Acquaintances`.
        tells_of_return: whether it also tweets about the way home from a trip.
        pet_travels: whether it takes the pet along.
        same_away: whether it tweets about everyday life on trips, too.
        test_only: whether it occurs in the test part alone.
    """

    handle: str
    name: str
    voice: str
    city: str
    rate: float = 1.0
    topics: dict = field(default_factory=dict)
    trips: int = 0
    people: dict = field(default_factory=dict)
    friends: list = field(default_factory=list)
    circle: list = field(default_factory=list)
    team: str | None = None
    band: str | None = None
    likes: list = field(default_factory=list)
    own: dict = field(default_factory=dict)
    pets: dict[str, Pet] = field(default_factory=dict)
    hours: dict = field(default_factory=dict)
    acquaintances: Acquaintances = Acquaintances()
    tells_of_return: bool = False
    pet_travels: bool = False
    same_away: bool = False
    test_only: bool = False


ACCOUNTS = tuple(
    read_records("accounts.yaml", Account, key="handle", acquaintances=Acquaintances, pets={"*": Pet}).values()
)
