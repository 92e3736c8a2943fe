"""Controls of an evaluation: facts that a captioner with context should not rely on."""

from datetime import datetime, timedelta

from img2tweet_tf.context.facts import facts_of
from img2tweet_tf.utils.errors import Img2TweetError

CONTROLS = ("shuffled", "stale", "noise")
STALE = timedelta(weeks=2)  # at least so much older


def controlled(pairs, kind, control, earlier=()):
    """Returns the facts of pairs for a kind of context, changed by a control.

    Args:
        pairs: `Pairs`.
        kind: of `facts.KINDS`.
        control: "shuffled": the facts of the pair half the set further on. "stale": those of the last pair of the same
            account that is two weeks older or more, none where there is no such pair. "noise": its own facts, and as
            many of the pair half the set further on mixed in, drawn by their order. None: its own facts.
        earlier: further pairs to look for stale facts in.
    """
    own = [facts_of(pair, kind) for pair in pairs]
    half = len(own) // 2
    others = own[half:] + own[:half]
    if control is None:
        return own
    if control == "shuffled":
        return others
    if control == "noise":
        return [_mixed(mine, theirs) for mine, theirs in zip(own, others, strict=True)]
    if control == "stale":
        return [_stale(pair, [*earlier, *pairs], kind) for pair in pairs]
    raise Img2TweetError(f'unknown control "{control}" (there are: {", ".join(CONTROLS)})')


def _mixed(mine, theirs):
    """Returns the account, then turn by turn a fact of one and of the other."""
    facts = [fact for pair in zip(mine[1:], theirs[1:], strict=False) for fact in pair]
    return mine[:1] + facts + mine[1 + len(facts) // 2 :]


def _stale(pair, candidates, kind):
    account, posted = pair.record.get("account"), _posted(pair)
    past = [each for each in candidates if each.record.get("account") == account and _posted(each) <= posted - STALE]
    return facts_of(max(past, key=_posted), kind) if past else facts_of(pair, "account" if kind != "none" else kind)


def _posted(pair):
    return datetime.fromisoformat(pair.record["created_at"])
