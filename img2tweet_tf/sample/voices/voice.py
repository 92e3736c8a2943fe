"""What a voice is: its frames by topic, and how it spells."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Voice:
    """One way of writing tweets.

    Args:
        frames: topic, category or "any" -> frames of `grammar`.
        tags: likewise -> hashtags (frames too).
        tag_counts: weights of 0, 1, 2 ... hashtags.
        moods: "+", "-" or "" -> emoji and emoticons, added at `mood_rate`.
        signoffs: frames that end a tweet at `signoff_rate`; asides (`asides.ASIDES`) follow at `aside_rate`, and at
            `reply_rate` a tweet is said to somebody.
        swaps: word -> other spellings, used at `swap_rate`.
        lower, caps, drop_apostrophes, drop_stop: shares of tweets so spelt, 0..1.
        slip_rate: slips per longer word.
        digits: share of numbers in figures.
    """

    frames: dict
    tags: dict = field(default_factory=dict)
    tag_counts: tuple = (4, 2, 1)
    moods: dict = field(default_factory=lambda: {"": ("🙂",)})
    mood_rate: float = 0.2
    signoffs: tuple = ()
    signoff_rate: float = 0.0
    aside_rate: float = 0.2
    reply_rate: float = 0.07
    lower: float = 0.0
    caps: float = 0.0
    slip_rate: float = 0.0
    swaps: dict = field(default_factory=dict)
    swap_rate: float = 0.5
    drop_apostrophes: float = 0.0
    drop_stop: float = 0.4
    digits: float = 0.2
