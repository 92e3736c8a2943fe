"""Where scenes take place and in what weather: records of `data/settings.yaml` and `data/weather.yaml`."""

from dataclasses import dataclass, field

from img2tweet_tf.sample.yaml_files import read_records

DAYTIMES = ("day", "sunset", "night")


@dataclass(frozen=True)
class Setting:
    """A kind of place.

    Args:
        captions: how captions say where something is.
        scenery: kind -> the chance that it is there anyway. Nothing hidden decides that.
        called: its noun; by default its own name.
        indoors: whether the weather is seen through a window.
        pond: whether it may have a pond.
        blanket: whether what belongs on a table lies on a blanket or a towel.
    """

    captions: list
    scenery: dict
    called: str = ""
    indoors: bool = False
    pond: bool = False
    blanket: bool = False


@dataclass(frozen=True)
class Weather:
    """A weather.

    Args:
        tweets: its nouns in tweets.
        captions: time of day -> how captions say what it is like.
        window: time of day -> what captions say is seen through a window.
        suits: kind -> weight, what tweets about the weather show.
    """

    tweets: list
    captions: dict
    window: dict
    suits: dict = field(default_factory=dict)


SETTINGS = read_records("settings.yaml", Setting)
WEATHERS = read_records("weather.yaml", Weather)
INDOORS = tuple(name for name, setting in SETTINGS.items() if setting.indoors)
