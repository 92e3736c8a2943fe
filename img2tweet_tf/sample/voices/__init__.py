"""The voices of the sample world: how each account writes. `VOICES` maps the name of a voice to it."""

from .afar import GAPYEAR, SHOWOFF
from .animals import CAT, DOGDAD
from .fans import LANDLORD, PESSIMIST, ULTRA
from .home import DADJOKE, PARENT, PENSIONER
from .roads import CYCLIST, GRUMP, NEWSROOM
from .stage import MUSO, ROADIE
from .tables import FOODIE, PLANNER, STUDENT
from .voice import Voice
from .wild import BIRDER, HAIKU, SLOW

VOICES = {
    "ultra": ULTRA,
    "pessimist": PESSIMIST,
    "landlord": LANDLORD,
    "parent": PARENT,
    "dadjoke": DADJOKE,
    "pensioner": PENSIONER,
    "grump": GRUMP,
    "cyclist": CYCLIST,
    "newsroom": NEWSROOM,
    "birder": BIRDER,
    "haiku": HAIKU,
    "slow": SLOW,
    "roadie": ROADIE,
    "muso": MUSO,
    "foodie": FOODIE,
    "student": STUDENT,
    "planner": PLANNER,
    "showoff": SHOWOFF,
    "gapyear": GAPYEAR,
    "cat": CAT,
    "dogdad": DOGDAD,
}

__all__ = ["VOICES", "Voice"]
