"""Where the sample world happens: real cities, their climate, the weather of each day, and when it gets dark."""

import math
from dataclasses import dataclass
from random import Random

# climate: mean temperature of the coldest and warmest month, chance of a wet day in winter and summer
CLIMATES = {
    "oceanic": (5, 17, 0.42, 0.28),
    "mediterranean": (10, 25, 0.30, 0.05),
    "continental": (0, 21, 0.38, 0.26),
    "nordic": (-3, 17, 0.42, 0.28),
    "humid": (5, 27, 0.22, 0.38),
    "tropical": (25, 29, 0.20, 0.35),
    "dry": (14, 29, 0.10, 0.04),
    "mild": (9, 21, 0.35, 0.15),
}


@dataclass(frozen=True)
class City:
    """A real city: latitude in degrees (south is negative), climate of `CLIMATES`, sea and mountains within reach."""

    name: str
    country: str
    latitude: float
    climate: str
    coast: bool = False
    mountains: bool = False


CITIES = {
    city.name: city
    for city in (
        City("Leeds", "England", 53.8, "oceanic"),
        City("Sheffield", "England", 53.4, "oceanic", False, True),
        City("Liverpool", "England", 53.4, "oceanic", True),
        City("Manchester", "England", 53.5, "oceanic"),
        City("Bristol", "England", 51.5, "oceanic", True),
        City("Birmingham", "England", 52.5, "oceanic"),
        City("Newcastle", "England", 55.0, "oceanic", True),
        City("Nottingham", "England", 53.0, "oceanic"),
        City("Norwich", "England", 52.6, "oceanic", True),
        City("Glasgow", "Scotland", 55.9, "oceanic", False, True),
        City("Edinburgh", "Scotland", 56.0, "oceanic", True, True),
        City("Cardiff", "Wales", 51.5, "oceanic", True, True),
        City("Dublin", "Ireland", 53.3, "oceanic", True, True),
        City("Belfast", "Northern Ireland", 54.6, "oceanic", True, True),
        City("Galway", "Ireland", 53.3, "oceanic", True),
        City("Lisbon", "Portugal", 38.7, "mediterranean", True),
        City("Porto", "Portugal", 41.1, "mild", True),
        City("Madrid", "Spain", 40.4, "mediterranean", False, True),
        City("Valencia", "Spain", 39.5, "mediterranean", True),
        City("Palermo", "Italy", 38.1, "mediterranean", True, True),
        City("Milan", "Italy", 45.5, "continental", False, True),
        City("Naples", "Italy", 40.9, "mediterranean", True, True),
        City("Marseille", "France", 43.3, "mediterranean", True),
        City("Lyon", "France", 45.8, "continental", False, True),
        City("Paris", "France", 48.9, "oceanic"),
        City("Ghent", "Belgium", 51.1, "oceanic"),
        City("Antwerp", "Belgium", 51.2, "oceanic"),
        City("Utrecht", "Netherlands", 52.1, "oceanic"),
        City("Rotterdam", "Netherlands", 51.9, "oceanic", True),
        City("Hamburg", "Germany", 53.6, "oceanic", True),
        City("Berlin", "Germany", 52.5, "continental"),
        City("Munich", "Germany", 48.1, "continental", False, True),
        City("Vienna", "Austria", 48.2, "continental", False, True),
        City("Innsbruck", "Austria", 47.3, "continental", False, True),
        City("Prague", "Czechia", 50.1, "continental"),
        City("Krakow", "Poland", 50.1, "continental", False, True),
        City("Ljubljana", "Slovenia", 46.1, "continental", False, True),
        City("Split", "Croatia", 43.5, "mediterranean", True, True),
        City("Athens", "Greece", 38.0, "mediterranean", True),
        City("Istanbul", "Turkey", 41.0, "mild", True),
        City("Copenhagen", "Denmark", 55.7, "oceanic", True),
        City("Gothenburg", "Sweden", 57.7, "nordic", True),
        City("Oslo", "Norway", 59.9, "nordic", True, True),
        City("Bergen", "Norway", 60.4, "nordic", True, True),
        City("Helsinki", "Finland", 60.2, "nordic", True),
        City("Reykjavik", "Iceland", 64.1, "nordic", True, True),
        City("Kyoto", "Japan", 35.0, "humid", False, True),
        City("Osaka", "Japan", 34.7, "humid", True),
        City("Seoul", "South Korea", 37.6, "continental", False, True),
        City("Bangkok", "Thailand", 13.8, "tropical"),
        City("Da Nang", "Vietnam", 16.1, "tropical", True),
        City("Penang", "Malaysia", 5.4, "tropical", True),
        City("Marrakesh", "Morocco", 31.6, "dry", False, True),
        City("Havana", "Cuba", 23.1, "tropical", True),
        City("Montreal", "Canada", 45.5, "nordic", False, True),
        City("Chicago", "USA", 41.9, "continental", True),
        City("Melbourne", "Australia", -37.8, "mild", True),
        City("Cape Town", "South Africa", -33.9, "mediterranean", True, True),
        City("Lima", "Peru", -12.0, "dry", True, True),
        City("Wellington", "New Zealand", -41.3, "mild", True, True),
    )
}


def mean_temperature(city, day):
    """What a thermometer shows on average in `city` (a `City`) at that time of year, in degrees Celsius."""
    cold, warm, _, _ = CLIMATES[city.climate]
    return (cold + warm) / 2 + (warm - cold) / 2 * _summer(city, day)


def _summer(city, day):
    """1 at the height of summer, -1 in the depth of winter."""
    shift = 0 if city.latitude >= 0 else 182
    return math.cos(2 * math.pi * (day.timetuple().tm_yday - 200 + shift) / 365)


def weather_on(seed, city, day):
    """The weather (of `facts.WEATHERS`) and temperature (whole Celsius) of a `City` on a day: always the same."""
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
