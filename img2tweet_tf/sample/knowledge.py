"""What only the writer knows: the hidden facts of one moment, looked up in the world or counted as it goes on."""

from datetime import date

from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.names import NAMES
from img2tweet_tf.sample.places import CITIES, weather_on
from img2tweet_tf.sample.season import LEAGUE, TEAM

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Knowledge:
    """Looks up the hidden facts of moments of a `World`; visits and tallies run on, so ask in order of time."""

    def __init__(self, world):
        self.world, self.counters = world, {}

    def facts(self, account, topic, time, rng):
        """{name: string or integer} of all that the writer knows and no pixel shows."""
        day, happen = time.date(), self.world.happenings
        team = account.team
        match = self.world.season.on(team, day) if topic == "match" else None
        city = TEAM[match.home].city if match else self.world.where(account, day)
        _, temperature = weather_on(self.world.seed, CITIES[city], day)
        facts = {
            "name": account.name,
            "city": city,
            "country": CITIES[city].country,
            "home_city": account.city,
            "weekday": WEEKDAYS[day.weekday()],
            "month": MONTHS[day.month - 1],
            "temperature": temperature,
            "time": f"{time.hour}:{time.minute:02d}",
            "friend": rng.choice(account.friends),
            "mate": "@" + rng.choice(account.circle),
        }
        for relation, who in account.people.items():
            facts[relation] = who if isinstance(who, str) else rng.choice(who)
        if account.pets:
            due = [name for name in account.pets if topic == "petday" and born_on(account.pets[name], day)]
            pet = rng.choice(due or list(account.pets)) if rng.random() < 0.5 or due else next(iter(account.pets))
            born = account.pets[pet].born
            facts |= {"pet": pet, "pet_age": day.year - born.year - ((day.month, day.day) < (born.month, born.day))}
        if team:
            facts |= {
                "team": team,
                "ground": TEAM[team].ground,
                "manager": TEAM[team].manager,
                "nickname": TEAM[team].nickname,
            }
        lookup = getattr(self, f"_{topic}", None)
        if lookup:
            facts |= lookup(account, day, city, happen, rng)
        return facts

    def count(self, account, topic, things, hidden):
        """Adds what was seen and visited to the account's running counts, and puts them among its hidden facts."""
        for thing in things:
            if KINDS[thing.kind].counted:
                total = self._up(account, thing.kind, thing.count)
                if "tally" not in hidden:
                    hidden |= {"tally": total, "tally_of": thing.kind}
        if "place" in hidden:
            hidden["visits"] = self._up(account, hidden["place"], 1)

    def _up(self, account, what, by):
        key = (account.handle, what)
        self.counters[key] = self.counters.get(key, 0) + by
        return self.counters[key]

    # football

    def _match(self, account, day, city, happen, rng):
        season, team = self.world.season, account.team
        match = season.on(team, day)
        ours, theirs = match.goals(team)
        opponent = match.opponent(team)
        place, points = season.position(team, day)
        facts = {
            "opponent": opponent,
            "score": f"{ours}-{theirs}",
            "result": match.result(team),
            "goals_for": ours,
            "goals_against": theirs,
            "venue": "home" if match.home == team else "away",
            "ground": TEAM[match.home].ground,
            "league": LEAGUE,
            "round": match.round,
            "position": place,
            "points": points,
            "keeper": season.players[team][4].split(" ", 1)[1],
            "their_manager": TEAM[opponent].manager,
            "winning": season.streak(team, day, ("win",)),
            "winless": season.streak(team, day, ("loss", "draw")),
            "unbeaten": season.streak(team, day, ("win", "draw")),
        }
        scored = [(minute, who) for minute, side, who in match.scorers if side == team]
        if scored:
            facts |= {
                "minute": scored[-1][0],
                "scorer": scored[-1][1],
                "scorer_goals": sum(who == scored[-1][1] for _, who in scored),
            }
        conceded = [(minute, who) for minute, side, who in match.scorers if side != team]
        if conceded:
            facts |= {"their_minute": conceded[-1][0], "their_scorer": conceded[-1][1]}
        return facts | self._last(team, opponent, day)

    def _last(self, team, opponent, day):
        met = self.world.season.last_meeting(team, opponent, day)
        return {"last_score": "{}-{}".format(*met.goals(team)), "last_result": met.result(team)} if met else {}

    def _prematch(self, account, day, city, happen, rng):
        season, team = self.world.season, account.team
        match = season.next(team, day)
        opponent = match.opponent(team)
        facts = {
            "opponent": opponent,
            "days": (match.day - day).days,
            "match_day": WEEKDAYS[match.day.weekday()],
            "venue": "home" if match.home == team else "away",
            "ground": TEAM[match.home].ground,
            "away_city": TEAM[match.home].city,
            "star": rng.choice(season.players[team][:4]).split(" ", 1)[1],
            "their_manager": TEAM[opponent].manager,
            "league": LEAGUE,
            "winless": season.streak(team, day, ("loss", "draw")),
            "winning": season.streak(team, day, ("win",)),
        }
        if any(team in (m.home, m.away) and m.day <= day for m in season.matches):
            facts |= {"position": season.position(team, day)[0], "their_position": season.position(opponent, day)[0]}
        return facts | self._last(team, opponent, day)

    def _offseason(self, account, day, city, happen, rng):
        season, team = self.world.season, account.team
        coming = season.next(team, day)
        facts = {"star": rng.choice(season.players[team][:4]).split(" ", 1)[1], "league": LEAGUE}
        if coming:
            facts |= {"days": (coming.day - day).days, "opponent": coming.opponent(team)}
        return facts

    def _kids(self, account, day, city, happen, rng):
        ours, theirs = (
            rng.choices(range(8), (4, 5, 5, 4, 3, 2, 1, 1))[0],
            rng.choices(range(10), (3, 4, 4, 3, 3, 2, 2, 1, 1, 1))[0],
        )
        return {
            "kids_score": f"{ours}-{theirs}",
            "kids_result": "win" if ours > theirs else "loss" if ours < theirs else "draw",
            "kids_team": happen.of_city(
                "kids", account.city, ("Puddle Lane Pumas", "Brook Rangers", "St Wilf's Tigers"), 1
            )[0],
            "coach": rng.choice(("Coach Viv", "Coach Tariq")),
            "park": rng.choice(happen.of_city("parks", city, NAMES["parks"])),
        }

    def _fives(self, account, day, city, happen, rng):
        ours, theirs = rng.randint(1, 9), rng.randint(1, 9)
        return {
            "fives_score": f"{ours}-{theirs}",
            "fives_result": "win" if ours > theirs else "loss" if ours < theirs else "draw",
            "fives_team": "Borrowed Knees FC",
            "rivals": rng.choice(("Postal Workers", "Sunday Hangover", "Scaffold Utd", "Year 9 Teachers")),
        }

    def _cupday(self, account, day, city, happen, rng):
        event, first = happen.of_city(
            "cup",
            account.city,
            (
                ("the Gasworks Shield", 1951),
                ("the Pie Cup", 1988),
                ("the Alderman's Plate", 1934),
                ("the Tin Bucket", 2004),
            ),
            1,
        )[0]
        return {
            "event": event,
            "edition": day.year - first + 1,
            "years_waited": rng.randint(2, 31),
            "beaten": rng.choice(("Postal Workers", "Dock Road", "the Vicarage", "Scaffold Utd")),
        }

    # food

    def _eat(self, account, day, city, happen, rng):
        place = rng.choices(happen.of_city("eateries", city, NAMES["eateries"]), (5, 3, 2, 1))[0]
        return {
            "place": place,
            "chef": happen.of_city("chef/" + place, city, NAMES["chefs"], 1)[0],
            "price": rng.choice((4, 6, 7, 8, 9, 11, 12, 14, 16, 19, 23, 26)),
        }

    _breakfast = _lunch = _dinner = _sweet = _teatime = _eat

    def _market(self, account, day, city, happen, rng):
        return {
            "stall": rng.choice(happen.of_city("stalls", city, NAMES["stalls"], 3)),
            "price": rng.choice((1, 2, 3, 4, 5, 6, 7, 9)),
        }

    # travel

    def _depart(self, account, day, city, happen, rng):
        trip = happen.next_trip(account, day)
        if trip is None:
            trip = happen.trip(account, day)
            return {
                "destination": account.city,
                "days": (trip[1] - trip[0]).days,
                "delay": rng.choice((0, 25, 40, 55, 90, 140)),
                "gate": rng.randint(2, 48),
                "homeward": "yes",
            }
        return {
            "destination": trip[2],
            "days": (trip[1] - trip[0]).days,
            "companion": trip[3],
            "gate": rng.randint(2, 48),
            "delay": rng.choice((0, 25, 40, 55, 90, 140)),
            "leave": "today" if trip[0] == day else "tomorrow",
            "homeward": "no",
        }

    def _journey(self, account, day, happen):
        trip = happen.trip(account, day)
        return (
            {"trip_day": (day - trip[0]).days + 1, "days_left": (trip[1] - day).days, "companion": trip[3]}
            if trip
            else {}
        )

    def _beach(self, account, day, city, happen, rng):
        return {"beach": rng.choice(happen.of_city("beach", city, NAMES["beaches"], 2))} | self._journey(
            account, day, happen
        )

    def _mountains(self, account, day, city, happen, rng):
        peak, altitude = rng.choice(happen.of_city("peak", city, list(NAMES["peaks"].items()), 2))
        return {
            "peak": peak,
            "altitude": altitude,
            "hours": rng.randint(2, 9),
            "km": rng.randint(6, 27),
        } | self._journey(account, day, happen)

    def _harbour(self, account, day, city, happen, rng):
        return {
            "boat": rng.choice(happen.of_city("boat", city, NAMES["boats"], 3)),
            "minutes": rng.choice((10, 15, 20, 35, 50)),
        } | self._journey(account, day, happen)

    def _sights(self, account, day, city, happen, rng):
        return {
            "sight": rng.choice(happen.of_city("sight", city, NAMES["districts"])),
            "steps": 100 * rng.randint(90, 310),
        } | self._journey(account, day, happen)

    # nature

    def _woods(self, account, day, city, happen, rng):
        return {
            "wood": rng.choice(happen.of_city("woods", city, NAMES["woods"], 3)),
            "minutes": rng.choice((5, 10, 15, 20, 40, 50, 90)),
        }

    def _park(self, account, day, city, happen, rng):
        return {
            "park": rng.choice(happen.of_city("parks", city, NAMES["parks"], 3)),
            "minutes": rng.choice((5, 10, 15, 20, 40)),
        }

    def _petwalk(self, account, day, city, happen, rng):
        return self._park(account, day, city, happen, rng) | {"km": rng.randint(2, 14)}

    def _farm(self, account, day, city, happen, rng):
        farm = rng.choice(happen.of_city("farms", city, NAMES["farms"], 2))
        return {"farm": farm, "farmer": happen.of_city("farmer/" + farm, city, NAMES["farmers"], 1)[0]}

    # music

    def _gig(self, account, day, city, happen, rng):
        band, venue, song, night = happen.gig(city, day)
        facts = {
            "band": band,
            "venue_name": venue,
            "song": song,
            "crowd": rng.choice((40, 60, 85, 120, 180, 240, 300, 420, 600)),
        }
        if night:
            facts |= {"tour": NAMES["bands"][band]["album"] + " tour", "night": night}
        return facts

    _pubgig = _gig

    def _loadin(self, account, day, city, happen, rng):
        return self._gig(account, day, city, happen, rng) | {
            "stairs": rng.randint(14, 88),
            "km": rng.randint(90, 780),
            "promoter": rng.choice(NAMES["chefs"]),
        }

    def _busride(self, account, day, city, happen, rng):
        return {"km": rng.randint(90, 780), "hours": rng.randint(3, 14)}

    def _practice(self, account, day, city, happen, rng):
        return {
            "song": rng.choice(NAMES["songs"]),
            "hours": rng.randint(1, 6),
            "bars": rng.randint(4, 96),
            "days": rng.randint(2, 30),
        }

    def _listening(self, account, day, city, happen, rng):
        band = rng.choice(list(NAMES["bands"]))
        return {
            "band": band,
            "album": NAMES["bands"][band]["album"],
            "song": rng.choice(NAMES["bands"][band]["songs"]),
            "plays": rng.randint(3, 40),
        }

    def _busking(self, account, day, city, happen, rng):
        return {
            "song": rng.choice(NAMES["songs"]),
            "coins": rng.randint(2, 74),
            "street": rng.choice(happen.of_city("streets", city, NAMES["streets"], 3)),
            "musician": rng.choice(happen.of_city("musician", city, NAMES["chefs"], 3)),
        }

    # celebration

    def _birthday(self, account, day, city, happen, rng):
        person, age, relation = rng.choice(happen.born_on(account, day))
        return {"person": person, "age": age, "relation": relation, "guests": rng.randint(4, 32)}

    def _xmas(self, account, day, city, happen, rng):
        return {"person": rng.choice(account.friends)} | _days_to(day, 12, 25)

    def _halloween(self, account, day, city, happen, rng):
        return {
            "costume": rng.choice(
                (
                    "a haunted toaster",
                    "a vampire accountant",
                    "a ghost with a mortgage",
                    "a zombie lollipop lady",
                    "a werewolf dentist",
                    "a very tired witch",
                )
            ),
        } | _days_to(day, 10, 31)

    def _newyear(self, account, day, city, happen, rng):
        return {"year": day.year + (day.month == 12), "old_year": day.year - (day.month == 1)}

    def _wedding(self, account, day, city, happen, rng):
        one, two = rng.sample(NAMES["acquaintances"], 2)
        return {"bride": one, "groom": two, "guests": 10 * rng.randint(3, 18), "years_together": rng.randint(1, 22)}

    def _anniversary(self, account, day, city, happen, rng):
        return self._wedding(account, day, city, happen, rng) | {"years": rng.choice((5, 10, 15, 20, 25, 30, 40, 50))}

    def _leaving(self, account, day, city, happen, rng):
        return {
            "colleague": rng.choice(NAMES["acquaintances"]),
            "years": rng.randint(1, 38),
            "office": rng.choice(NAMES["companies"]),
        }

    def _fest(self, account, day, city, happen, rng):
        event, edition, first = happen.festival(city, day)
        return {"event": event, "edition": edition, "first_year": first, "crowd": 1000 * rng.randint(2, 60)}

    # commute

    def _train(self, account, day, city, happen, rng):
        line = happen.of_city("line", city, NAMES["lines"], 1)[0]
        facts = {
            "line": line,
            "delay": happen.delay(line, day),
            "delay_week": happen.delay_week(line, day),
            "platform": rng.randint(1, 14),
            "destination": rng.choice(
                [town for town in ("Tamley", "Ostwick", "Great Dunmere", "Halting Cross", "Polder Noord")]
            ),
            "departs": f"{rng.randint(6, 9)}.{rng.choice(('04', '12', '17', '23', '31', '38', '42', '49', '56'))}",
        }
        if facts["delay"]:
            facts["excuse"] = happen.of_city(f"excuse/{day}", line, NAMES["excuses"], 1)[0]
        return facts

    def _bus(self, account, day, city, happen, rng):
        return {
            "line": rng.choice(happen.of_city("bus", city, tuple(range(2, 97)), 3)),
            "minutes": rng.randint(4, 39),
            "stop": rng.choice(happen.of_city("stops", city, NAMES["streets"], 3)),
        }

    def _road(self, account, day, city, happen, rng):
        return {
            "road": rng.choice(happen.of_city("roads", city, NAMES["roads"], 3)),
            "minutes": rng.randint(6, 75),
            "km": rng.randint(1, 14),
        }

    def _bike(self, account, day, city, happen, rng):
        km = rng.randint(3, 32)
        return {
            "street": rng.choice(happen.of_city("streets", city, NAMES["streets"], 4)),
            "km": km,
            "minutes": round(km * rng.uniform(2.4, 3.6)),
            "commute_days": self._up(account, "commute", 1),
        }

    def _desk(self, account, day, city, happen, rng):
        return {
            "meetings": rng.randint(2, 9),
            "emails": rng.randint(17, 243),
            "pages": rng.randint(1, 60),
            "deadline": rng.choice(WEEKDAYS[:5]),
        }


def born_on(pet, day):
    """Whether it is the birthday of a `people.Pet`."""
    return (pet.born.month, pet.born.day) == (day.month, day.day)


def _days_to(day, month, of_month):
    """The days to a holiday, where there are any left."""
    days = (date(day.year, month, of_month) - day).days
    return {"days": days} if days > 0 else {}
