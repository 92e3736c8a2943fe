"""Football in the sample world: invented clubs, named players, and two seasons that are really played.

Last season is there so that "last time we lost 2-1 to them" can be looked up from the first round on.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from random import Random

from img2tweet_tf.sample.places import NAMES

KICKOFF = date(2024, 8, 10)
BREAK = (date(2024, 12, 23), date(2025, 1, 17))
LEAGUE = "Anchor League"


@dataclass(frozen=True)
class Team:
    """A club: `colour` is worn on shirts, scarves and flags."""

    name: str
    city: str
    colour: str
    ground: str
    nickname: str
    manager: str
    strength: float


TEAM = {name: Team(name, **entries) for name, entries in NAMES["teams"].items()}


def outcome(ours, theirs):
    """ "win", "draw" or "loss" by goals."""
    return "win" if ours > theirs else "loss" if ours < theirs else "draw"


@dataclass(frozen=True)
class Match:
    """One league match; `scorers` lists (minute, team name, player's surname) in order."""

    round: int
    day: date
    home: str
    away: str
    home_goals: int
    away_goals: int
    scorers: tuple

    def goals(self, team):
        """Goals for and against `team` (a name)."""
        return (self.home_goals, self.away_goals) if team == self.home else (self.away_goals, self.home_goals)

    def score(self, team):
        """ "2-1", the goals of `team` first."""
        return "{}-{}".format(*self.goals(team))

    def result(self, team):
        """ "win", "draw" or "loss" for `team`."""
        return outcome(*self.goals(team))

    def opponent(self, team):
        return self.away if team == self.home else self.home


class Season:
    """Two seasons of every team against every other, home and away, from a seed (an integer)."""

    def __init__(self, seed):
        rng = Random(f"{seed}/season")
        surnames = list(NAMES["last_names"])
        rng.shuffle(surnames)
        self.players = {
            team: [f"{rng.choice(NAMES['first_names'])} {surnames[5 * i + j]}" for j in range(5)]
            for i, team in enumerate(TEAM)
        }
        self.history = self._play(rng, KICKOFF - timedelta(days=364))
        self.matches = self._play(rng, KICKOFF)
        self.of_team = {team: [match for match in self.matches if team in (match.home, match.away)] for team in TEAM}

    def _play(self, rng, saturday):
        names = list(TEAM)
        rng.shuffle(names)
        half = [self._round(names, r) for r in range(len(names) - 1)]
        rounds = half + [[(away, home) for home, away in pairs] for pairs in half]
        matches = []
        for number, pairs in enumerate(rounds, 1):
            while BREAK[0] <= saturday <= BREAK[1]:
                saturday += timedelta(days=7)
            for home, away in pairs:
                day = saturday + timedelta(days=rng.choice((-1, 0, 0, 0, 0, 1, 1, 2)))
                matches.append(self._match(rng, number, day, home, away))
            saturday += timedelta(days=7 if number % 3 else 14)
        return sorted(matches, key=lambda match: (match.day, match.home))

    @staticmethod
    def _round(names, r):
        """The pairs of round `r` by the circle method."""
        wheel = [names[0], *(names[1 + (i + r) % (len(names) - 1)] for i in range(len(names) - 1))]
        pairs = [(wheel[i], wheel[-1 - i]) for i in range(len(names) // 2)]
        return [pair[::-1] if (r + i) % 2 else pair for i, pair in enumerate(pairs)]

    def _match(self, rng, number, day, home, away):
        gap = TEAM[home].strength - TEAM[away].strength
        goals = [_goals(rng, 1.45 + gap), _goals(rng, 1.1 - gap)]
        sides = [home] * goals[0] + [away] * goals[1]
        minutes = sorted(rng.sample(range(2, 95), len(sides)))
        rng.shuffle(sides)
        scorers = [(minute, side, self.striker(side, rng)) for minute, side in zip(minutes, sides, strict=True)]
        return Match(number, day, home, away, *goals, tuple(scorers))

    def striker(self, team, rng):
        """The surname of one of those of `team` who score."""
        return rng.choice(self.players[team][:4]).split(" ", 1)[1]

    def of(self, team, until=date.max):
        """This season's matches of `team` up to the date `until`, in order."""
        return [match for match in self.of_team.get(team, ()) if match.day <= until]

    def on(self, team, day):
        """The match of `team` on `day`, or None."""
        return next((match for match in self.of(team) if match.day == day), None)

    def next(self, team, day):
        """The first match of `team` after `day`, or None."""
        return next((match for match in self.of(team) if match.day > day), None)

    def last_meeting(self, team, opponent, before):
        """The latest match of both before the date `before`, in this season or the last, or None."""
        met = [m for m in self.history + self.matches if {m.home, m.away} == {team, opponent} and m.day < before]
        return met[-1] if met else None

    def table(self, until):
        """The league table after the date `until`: (name, played, goal difference, goals, points), best first."""
        rows = []
        for team in TEAM:
            goals = [match.goals(team) for match in self.of(team, until)]
            scored, conceded = sum(ours for ours, _ in goals), sum(theirs for _, theirs in goals)
            points = sum({"win": 3, "draw": 1, "loss": 0}[outcome(*each)] for each in goals)
            rows.append((team, len(goals), scored - conceded, scored, points))
        return sorted(rows, key=lambda row: (-row[4], -row[2], -row[3], row[0]))

    def position(self, team, until):
        """Place (from 1) and points of `team` after the date `until`."""
        table = self.table(until)
        place = [name for name, *_ in table].index(team)
        return place + 1, table[place][4]

    def streak(self, team, until, results):
        """How many of this season's latest matches of `team` in a row ended in one of `results`."""
        latest = reversed(self.of(team, until))
        return len(list(takewhile(lambda match: match.result(team) in results, latest)))


def _goals(rng, mean):
    """Draws goals from a Poisson distribution of `mean`, at most 6, by counting uniform draws (Knuth)."""
    limit, product, count = 2.718281828 ** -max(mean, 0.35), rng.random(), 0
    while product > limit and count < 6:
        product *= rng.random()
        count += 1
    return count
