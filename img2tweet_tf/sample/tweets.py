"""Writes the tweet that an account of the sample world would have posted with a scene, and says which facts it names.

`write_tweet` picks a template of the account's voice for the topic, fills it (`grammar`), then lets the voice spell it:
case, slips, mood, hashtags.
"""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from random import Random

from img2tweet_tf.sample.grammar import Seen, Template, choose, fill, usable
from img2tweet_tf.sample.voices import voices

LONGEST_WORDS, LONGEST = 30, 275
REPLIES, ASIDES = 0.14, 0.4  # shares of tweets that answer somebody and that end with an aside, times the hidden share
SPELLINGS = 0.5  # share of the words that a voice may spell in another way
_COUNTED = re.compile(r"^ (day|year|visit|hour|sleep|page|pound|minute|euro|buck|point|night|win|point|meeting)s\b")
STOP = "\0"  # stands for the end of a sentence, where one is still to be ended


@dataclass(frozen=True)
class Tweet:
    """A tweet; `facts`: each fact it names ("city", "thing:dog", "city#2" where it is the second) -> the words used."""

    text: str  # what is posted
    facts: dict = field(default_factory=dict)
    leans: tuple = ()  # names of hidden facts that it goes by without naming them
    skeleton: str = ""  # the text with the words that name facts masked
    template: Template | None = None  # what it was filled from


def write_tweet(moment, scene, hidden_share=0.5, rng=None, split="train"):
    """Writes one `Tweet`.

    Args:
        moment: the `Moment`, for account, topic and hidden facts.
        scene: the `Scene`, for what is seen.
        hidden_share: 0..1; 0 names no hidden fact, 1 names hidden facts wherever it can.
        rng: a `random.Random` or an integer seed.
        split: "train", "val" or "test"; some phrasings occur in "test" alone.

    Raises:
        ValueError: `hidden_share` outside 0..1.
    """
    if not 0 <= hidden_share <= 1:
        raise ValueError(f"hidden_share must be in 0..1, got {hidden_share}")
    rng = rng if isinstance(rng, Random) else Random(rng)
    voice = voices()[moment.account.voice]
    seen = Seen(scene, moment, rng, split, hidden_share, voice.style.digits)
    of_topic = voice.templates.get(moment.topic, []) + voice.templates.get(moment.category, [])
    found, best = usable(of_topic, seen) or usable(voice.templates["any"], seen), None
    for _ in range(12):
        template = choose(found, seen)
        segments, leans = fill(template, seen)
        segments = _greeting(seen, template) + segments + _extras(voice, seen, template)
        segments = _finish(segments, voice, rng)
        tweet = _tweet(segments, leans, template)
        if best is None or len(tweet.text) < len(best.text):
            best = tweet
        if 2 <= len(tweet.text.split()) <= LONGEST_WORDS and len(tweet.text) <= LONGEST:
            return tweet
    return best


def facts_of(moment, scene):
    """Every fact of a moment, as {name: {"value": string, number or list, "visible": bool}}, ready for JSON."""
    things = [asdict(thing) for thing in scene.things]
    visible = {"things": things, "setting": scene.setting, "weather": scene.weather, "daytime": scene.daytime}
    hidden = {"category": moment.category, "topic": moment.topic, "account": "@" + moment.account.handle}
    hidden |= {"date": moment.time.date().isoformat(), **moment.hidden}
    return {name: {"value": value, "visible": name in visible} for name, value in (visible | hidden).items()}


def _greeting(seen, template):
    """Somebody's handle in front, now and then: a reply."""
    if "{mate}" in template.text or seen.rng.random() >= REPLIES * seen.hidden_share:
        return []
    return [(seen.moment.hidden["mate"], "mate"), (" ", None)]


def _extras(voice, seen, template):
    """What follows the template: an aside, a sign-off, a mood, hashtags, as segments."""
    rng, moment, extras = seen.rng, seen.moment, []
    if rng.random() < ASIDES * seen.hidden_share and "{mate}" not in template.text:
        extras += _sentence(voice.asides, seen)
    if voice.signoffs and rng.random() < voice.style.signoff_rate * min(1, 0.5 + seen.hidden_share):
        extras += _sentence(voice.signoffs, seen)
    if rng.random() < voice.style.mood_rate:
        extras.append((" " + rng.choice(voice.moods.get(template.mood) or voice.moods["neutral"]), None))
    wanted = rng.choices(range(len(voice.hashtag_counts)), voice.hashtag_counts)[0]
    if wanted and "#" not in template.text:
        tags = [tag for key in (moment.topic, moment.category, "any") for tag in voice.hashtags.get(key, ())]
        found = [tag for tag, _ in usable(dict.fromkeys(tags), seen)]
        for tag in rng.sample(found, min(wanted, len(found))):
            extras.append((" ", None))
            extras += fill(tag, seen)[0]
    return extras


def _sentence(templates, seen):
    """One of the templates that can be filled, as a sentence of its own."""
    found = usable(templates, seen)
    return [(STOP, None), *fill(choose(found, seen), seen)[0]] if found else []


def _finish(segments, voice, rng):
    """Case, slips and spaces: segments in, segments out; words that name facts keep their letters, not their case."""
    style, done, start = voice.style, [], True
    lower, caps, drop_stop = (rng.random() < rate for rate in (style.lower, style.caps, style.drop_stop))
    for text, name in _sentences(segments):
        if name is None:
            text = _respell(text, voice, rng)
        if not lower:
            text, start = _capitals(text, start)
        elif name is None or rng.random() < 0.8:
            text = text.lower()
        if caps:
            text = " ".join(word if word.startswith("@") else word.upper() for word in text.split(" "))
        done.append((text, name))
    return _spaces(done, drop_stop)


def _sentences(segments):
    """A full stop at `STOP` where a sentence has not ended yet; 1 days -> 1 day, after a number that a fact names."""
    done = []
    for text, name in segments:
        if text == STOP:
            before = "".join(part for part, _ in done).rstrip()
            text = " " if not before or before[-1] in ".!?)" else ". "
        elif name is None and done and done[-1][1] and done[-1][0].lower() in ("1", "one"):
            text = _COUNTED.sub(r" \1", text)
        done.append((text, name))
    return done


def _respell(text, voice, rng):
    words = re.split(r"(\W+)", text)
    for i, word in enumerate(words):
        if i and words[i - 1].endswith(("#", "@")):
            continue
        if word.lower() in voice.spellings and rng.random() < SPELLINGS:
            words[i] = rng.choice(voice.spellings[word.lower()])
        elif len(word) > 4 and word.islower() and rng.random() < voice.style.slip_rate:
            words[i] = _slip(word, rng)
    text = "".join(words)
    if rng.random() < voice.style.drop_apostrophes:
        text = re.sub(r"(?<=[a-z])'(?=(?:t|s|re|m|ve|ll|d)\b)", "", text)
    return text


def _slip(word, rng):
    at = rng.randrange(1, len(word) - 2)
    before, one, two, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    return before + rng.choice((two + one, two, one + one + two)) + after


def _capitals(text, start):
    """Capitals at the starts of sentences; `start` says whether the text begins one."""
    if start and text[:1].islower():
        text = text[0].upper() + text[1:]
    text = re.sub(r"(?<![.])([.!?] )([a-z])", lambda m: m[1] + m[2].upper(), text)
    if stripped := text.rstrip():
        start = stripped[-1] in ".!?" and not stripped.endswith("..")
    return text, start


def _spaces(segments, drop_stop):
    """No doubled, leading or trailing spaces and none before a comma or stop, across segments."""
    done = []
    for text, name in segments:
        before = done[-1][0] if done else " "
        text = re.sub(r" {2,}", " ", text)
        text = re.sub(r" +([,;!?.])(?=[\s\w]|$)| +(:)(?=\s|$)", r"\1\2", text)
        if before.endswith(" "):
            text = text.lstrip(" ")
        if before[-1] in "?!":
            text = re.sub(r"^\.(?!\.)", "", text)
        if done and re.match(r"[,;!?]|\.(?!\.)", text):
            done[-1] = before.rstrip(" "), done[-1][1]
        if text:
            done.append((text, name))
    last, name = done.pop()
    last = last.rstrip(" ")
    done.append((re.sub(r"(?<!\.)\.\Z", "", last) if drop_stop else last, name))
    return [part for part in done if part[0]]


def _tweet(segments, leans, template):
    facts, times = {}, Counter()
    for text, name in segments:
        if name:
            times[name] += 1
            facts[name if times[name] == 1 else f"{name}#{times[name]}"] = text.strip()
    skeleton = "".join(f"<{name.split(':')[0]}>" if name else text for text, name in segments)
    return Tweet("".join(text for text, _ in segments), facts, tuple(dict.fromkeys(leans)), skeleton, template)
