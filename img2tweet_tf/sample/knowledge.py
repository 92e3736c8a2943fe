"""What only the writer knows: the hidden facts of one moment, looked up in the world or counted as it goes on."""

import calendar
from datetime import date

from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.places import CITIES, NAMES, weather_on
from img2tweet_tf.sample.season import LEAGUE, TEAM, outcome
from img2tweet_tf.sample.topics import TOPICS


class Knowledge:
    """Looks up the hidden facts of moments of a `World`."""

    def __init__(self, world):
        self.world = world

    def facts(self, account, topic, time, rng):
        """{name: string or integer} of all that the writer knows and no pixel shows."""
        day, happen = time.date(), self.world.happenings
        match = self.world.season.on(account.team, day) if topic == "match" else None
        city = TEAM[match.home].city if match else self.world.where(account, day)
        _, temperature = weather_on(self.world.seed, CITIES[city], day)
        facts = {
            "name": account.name,
            "city": city,
            "country": CITIES[city].country,
            "home_city": account.city,
            "weekday": weekday(day),
            "month": calendar.month_name[day.month],
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
        if account.team:
            club = TEAM[account.team]
            facts |= {"team": club.name, "ground": club.ground, "manager": club.manager, "nickname": club.nickname}
        if lookup := getattr(self, f"_{topic}", None):
            facts |= lookup(account, day, city, happen, rng)
        for name, choice in TOPICS[topic].facts.items():
            facts[name] = self._drawn(name, choice, facts, city, rng)
        if TOPICS[topic].journey and (trip := happen.trip(account, day)):
            first, last, _, companion = trip
            facts |= {"trip_day": (day - first).days + 1, "days_left": (last - day).days, "companion": companion}
        if TOPICS[topic].days_to and (days := (date(day.year, *TOPICS[topic].days_to) - day).days) > 0:
            facts["days"] = days
        return facts

    def _drawn(self, name, choice, facts, city, rng):
        """Draws a plain fact as its `topics.Choice` says."""
        deal = self.world.happenings.of_city
        if choice.city:
            names = deal(choice.draw or choice.city, city, NAMES[choice.city], choice.count)
            return rng.choices(names, choice.weights)[0] if choice.weights else rng.choice(names)
        if choice.of:
            return deal(f"{name}/{facts[choice.of]}", city, NAMES[choice.names], 1)[0]
        if choice.names:
            return rng.choice(NAMES[choice.names])
        return rng.choice(choice.one_of) if choice.one_of else choice.times * rng.randint(choice.least, choice.most)

    def counts(self, account, things, hidden, day):
        """{"tally", "tally_of", "visits"}: how many an account has seen of what it shows, how often it was there."""
        times, found = self.world.happenings.times_before, {}
        if counted := next((thing for thing in things if KINDS[thing.kind].counted), None):
            found = {"tally": times(account, counted.kind, day) + counted.count, "tally_of": counted.kind}
        if "place" in hidden:
            found["visits"] = times(account, hidden["place"], day) + 1
        return found

    def _match(self, account, day, city, happen, rng):
        season, team = self.world.season, account.team
        match = season.on(team, day)
        opponent, (ours, theirs) = match.opponent(team), match.goals(team)
        place, points = season.position(team, day)
        facts = {
            "opponent": opponent,
            "score": match.score(team),
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
        scored, conceded = ([goal for goal in match.scorers if goal[1] == side] for side in (team, opponent))
        if scored:
            minute, _, scorer = scored[-1]
            facts |= {"minute": minute, "scorer": scorer, "scorer_goals": sum(who == scorer for _, _, who in scored)}
        if conceded:
            facts |= {"their_minute": conceded[-1][0], "their_scorer": conceded[-1][2]}
        return facts | self._last(team, opponent, day)

    def _last(self, team, opponent, day):
        met = self.world.season.last_meeting(team, opponent, day)
        return {"last_score": met.score(team), "last_result": met.result(team)} if met else {}

    def _prematch(self, account, day, city, happen, rng):
        season, team = self.world.season, account.team
        match = season.next(team, day)
        opponent = match.opponent(team)
        facts = {
            "opponent": opponent,
            "days": (match.day - day).days,
            "match_day": weekday(match.day),
            "venue": "home" if match.home == team else "away",
            "ground": TEAM[match.home].ground,
            "away_city": TEAM[match.home].city,
            "star": season.striker(team, rng),
            "their_manager": TEAM[opponent].manager,
            "league": LEAGUE,
            "winless": season.streak(team, day, ("loss", "draw")),
            "winning": season.streak(team, day, ("win",)),
        }
        if season.of(team, until=day):
            facts |= {"position": season.position(team, day)[0], "their_position": season.position(opponent, day)[0]}
        return facts | self._last(team, opponent, day)

    def _offseason(self, account, day, city, happen, rng):
        season, team = self.world.season, account.team
        facts = {"star": season.striker(team, rng), "league": LEAGUE}
        if coming := season.next(team, day):
            facts |= {"days": (coming.day - day).days, "opponent": coming.opponent(team)}
        return facts

    def _kids(self, account, day, city, happen, rng):
        ours = rng.choices(range(8), (4, 5, 5, 4, 3, 2, 1, 1))[0]
        theirs = rng.choices(range(10), (3, 4, 4, 3, 3, 2, 2, 1, 1, 1))[0]
        team = happen.of_city("kids", account.city, NAMES["kids_teams"], 1)[0]
        return {"kids_score": f"{ours}-{theirs}", "kids_result": outcome(ours, theirs), "kids_team": team}

    def _fives(self, account, day, city, happen, rng):
        ours, theirs, team = rng.randint(1, 9), rng.randint(1, 9), "Borrowed Knees FC"
        return {"fives_score": f"{ours}-{theirs}", "fives_result": outcome(ours, theirs), "fives_team": team}

    def _cupday(self, account, day, city, happen, rng):
        event, first = happen.of_city("cup", account.city, list(NAMES["cups"].items()), 1)[0]
        return {"event": event, "edition": day.year - first + 1}

    def _depart(self, account, day, city, happen, rng):
        delays, coming = (0, 25, 40, 55, 90, 140), happen.next_trip(account, day)
        first, last, destination, companion = coming or happen.trip(account, day)
        facts = {"destination": destination if coming else account.city, "days": (last - first).days}
        if not coming:
            return facts | {"delay": rng.choice(delays), "gate": rng.randint(2, 48), "homeward": "yes"}
        facts |= {"companion": companion, "gate": rng.randint(2, 48), "delay": rng.choice(delays)}
        return facts | {"leave": "today" if first == day else "tomorrow", "homeward": "no"}

    def _mountains(self, account, day, city, happen, rng):
        peak, altitude = rng.choice(happen.of_city("peak", city, list(NAMES["peaks"].items()), 2))
        return {"peak": peak, "altitude": altitude}

    def _gig(self, account, day, city, happen, rng):
        band, venue, song, night = happen.gig(city, day)
        crowd = rng.choice((40, 60, 85, 120, 180, 240, 300, 420, 600))
        facts = {"band": band, "venue_name": venue, "song": song, "crowd": crowd}
        if night:
            facts |= {"tour": NAMES["bands"][band]["album"] + " tour", "night": night}
        return facts

    _pubgig = _loadin = _gig

    def _listening(self, account, day, city, happen, rng):
        band, made = rng.choice(list(NAMES["bands"].items()))
        return {"band": band, "album": made["album"], "song": rng.choice(made["songs"])}

    def _birthday(self, account, day, city, happen, rng):
        person, age, relation = rng.choice(happen.born_on(account, day))
        return {"person": person, "age": age, "relation": relation}

    def _newyear(self, account, day, city, happen, rng):
        return {"year": day.year + (day.month == 12), "old_year": day.year - (day.month == 1)}

    def _wedding(self, account, day, city, happen, rng):
        one, two = rng.sample(NAMES["acquaintances"], 2)
        return {"bride": one, "groom": two}

    _anniversary = _wedding

    def _xmas(self, account, day, city, happen, rng):
        return {"person": rng.choice(account.friends)}

    def _fest(self, account, day, city, happen, rng):
        festival = happen.festival(city, day)
        first = festival["first_year"]
        return {"event": festival["name"], "edition": day.year - first + 1, "first_year": first}

    def _train(self, account, day, city, happen, rng):
        line = happen.of_city("line", city, NAMES["lines"], 1)[0]
        facts = {"line": line, "delay": happen.delay(line, day), "delay_week": happen.delay_week(line, day)}
        facts |= {"platform": rng.randint(1, 14), "destination": rng.choice(NAMES["stations"])}
        minutes = ("04", "12", "17", "23", "31", "38", "42", "49", "56")
        facts["departs"] = f"{rng.randint(6, 9)}.{rng.choice(minutes)}"
        if facts["delay"]:
            facts["excuse"] = happen.of_city(f"excuse/{day}", line, NAMES["excuses"], 1)[0]
        return facts

    def _bus(self, account, day, city, happen, rng):
        return {"line": rng.choice(happen.of_city("bus", city, range(2, 97), 3))}

    def _bike(self, account, day, city, happen, rng):
        km, days = rng.randint(3, 32), happen.times_before(account, "commute", day) + 1
        street = rng.choice(happen.of_city("streets", city, NAMES["streets"], 4))
        return {"street": street, "km": km, "minutes": round(km * rng.uniform(2.4, 3.6)), "commute_days": days}


def weekday(day):
    """ "Monday" ... "Sunday", whatever language the computer speaks."""
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day.weekday()]


def born_on(pet, day):
    """Whether it is the birthday of a `people.Pet`."""
    return (pet.born.month, pet.born.day) == (day.month, day.day)
