"""Where the sample world happens: real cities, their climate, the weather of each day, when it gets dark; its names."""

import math
from dataclasses import dataclass
from random import Random

from img2tweet_tf.sample.yaml_files import read_records, read_yaml


@dataclass(frozen=True)
class City:
    """A real city: latitude in degrees (south is negative), climate of `CLIMATES`, sea and mountains within reach."""

    name: str
    country: str
    latitude: float
    climate: str
    coast: bool = False
    mountains: bool = False


CITIES = read_records("cities.yaml", City, key="name")
CLIMATES = read_yaml("climates.yaml")
NAMES = read_yaml("names.yaml")  # invented: bands, eateries, streets, teams, festivals ...


def mean_temperature(city, day):
    """What a thermometer shows on average in `city` (a `City`) at that time of year, in degrees Celsius."""
    cold, warm, _, _ = CLIMATES[city.climate]
    return (cold + warm) / 2 + (warm - cold) / 2 * _summer(city, day)


def _summer(city, day):
    """1 at the height of summer, -1 in the depth of winter."""
    shift = 0 if city.latitude >= 0 else 182
    return math.cos(2 * math.pi * (day.timetuple().tm_yday - 200 + shift) / 365)


def weather_on(seed, city, day):
    """The weather (of `weather.yaml`) and temperature (whole Celsius) of a `City` on a day: always the same."""
    rng = Random(f"{seed}/weather/{city.name}/{day.isoformat()}")
    mean, summer = mean_temperature(city, day), _summer(city, day)
    _, _, wet_winter, wet_summer = CLIMATES[city.climate]
    temperature = mean + rng.gauss(0, 2.5)
    if rng.random() < wet_winter + (wet_summer - wet_winter) * (summer + 1) / 2:
        if mean < 6 and temperature < 3:
            return "snow", min(round(temperature), 1)
        weather = "storm" if rng.random() < 0.22 else "rain"
        return weather, round(temperature - 1)
    if rng.random() < 0.5 + 0.15 * summer:
        return "sun", round(temperature + 2)
    return "clouds", round(temperature)


def daytime_at(city, moment):
    """ "day", "sunset" or "night" in a `City` at a local time (`datetime`), from latitude and season."""
    declination = math.radians(23.44) * math.sin(2 * math.pi * (moment.timetuple().tm_yday - 81) / 365)
    cosine = -math.tan(math.radians(city.latitude)) * math.tan(declination)
    half_day = math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) / 15
    noon = 13.0 if 90 < moment.timetuple().tm_yday < 300 and abs(city.latitude) > 30 else 12.2
    hour = moment.hour + moment.minute / 60
    if noon - half_day <= hour < noon + half_day - 0.75:
        return "day"
    return "sunset" if noon < hour < noon + half_day + 0.75 else "night"
