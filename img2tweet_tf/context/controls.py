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
        past = {}
        for pair in [*earlier, *pairs]:
            past.setdefault(pair.record.get("account"), []).append(pair)
        return [_stale(pair, past[pair.record.get("account")], kind) for pair in pairs]
    raise Img2TweetError(f'unknown control "{control}" (there are: {", ".join(CONTROLS)})')


def _mixed(mine, theirs):
    """Returns the account, then turn by turn a fact of one and of the other."""
    account, mine, theirs = mine[: _accounts(mine)], mine[_accounts(mine) :], theirs[_accounts(theirs) :]
    turns = [fact for pair in zip(mine, theirs, strict=False) for fact in pair]
    return account + turns + mine[len(theirs) :]


def _accounts(facts):
    """Returns how many facts at the beginning name the account: 1 or 0."""
    return int(facts[:1] != [] and facts[0][0] == "account")


def _stale(pair, of_account, kind):
    past = [each for each in of_account if _posted(each) <= _posted(pair) - STALE]
    return facts_of(max(past, key=_posted), kind) if past else facts_of(pair, "account" if kind != "none" else kind)


def _posted(pair):
    try:
        return datetime.fromisoformat(pair.record.get("created_at"))
    except (TypeError, ValueError):
        raise Img2TweetError(f"{pair.id}: no time of posting (created_at); the control stale needs it") from None
