"""Where scenes take place and in what weather: records of `data/settings.yaml` and `data/weather.yaml`."""

from dataclasses import dataclass, field

from img2tweet_tf.sample.yaml_files import read_records

DAYTIMES = ("day", "sunset", "night")


@dataclass(frozen=True)
class Setting:
    """A kind of place."""

    captions: list  # how captions say where something is
    scenery: dict  # kind -> the chance that it is there anyway; nothing hidden decides that
    called: str = ""  # its noun; by default its own name
    indoors: bool = False  # whether the weather is seen through a window
    pond: bool = False  # whether it may have a pond
    blanket: bool = False  # whether what belongs on a table lies on a blanket or a towel


@dataclass(frozen=True)
class Weather:
    """A weather, in words."""

    tweets: list  # its nouns in tweets
    captions: dict  # time of day -> how captions say what it is like
    window: dict  # time of day -> what captions say is seen through a window
    suits: dict = field(default_factory=dict)  # kind -> weight, what tweets about the weather show


SETTINGS = read_records("settings.yaml", Setting)
WEATHERS = read_records("weather.yaml", Weather)
INDOORS = tuple(name for name, setting in SETTINGS.items() if setting.indoors)
