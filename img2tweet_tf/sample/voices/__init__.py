"""The voices of the sample world: how each account writes. `VOICES` maps the name of a voice to it."""

from img2tweet_tf.sample.voices.afar import GAPYEAR, SHOWOFF
from img2tweet_tf.sample.voices.animals import CAT, DOGDAD
from img2tweet_tf.sample.voices.fans import LANDLORD, PESSIMIST, ULTRA
from img2tweet_tf.sample.voices.home import DADJOKE, PARENT, PENSIONER
from img2tweet_tf.sample.voices.roads import CYCLIST, GRUMP, NEWSROOM
from img2tweet_tf.sample.voices.stage import MUSO, ROADIE
from img2tweet_tf.sample.voices.tables import FOODIE, PLANNER, STUDENT
from img2tweet_tf.sample.voices.voice import Voice
from img2tweet_tf.sample.voices.wild import BIRDER, HAIKU, SLOW

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
