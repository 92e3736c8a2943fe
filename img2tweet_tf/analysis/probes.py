"""What a linear probe reads from an image's features: the visible facts of the sample world, and not its hidden ones.

Two questions, both asked of pooled features (the mean over the grid) by logistic regression:

- visible: trained on the train part, does it tell from the image alone whether a fact holds in the test part?
- hidden: does the image tell more of a fact than account and visible facts do? A fact is asked for among the moments
  that have it; a number is asked for as above its median or not. Some accounts occur in the test part alone, so this is
  cross-validated over all parts, in random stratified folds. As a "control" the same is asked of weather and time of
  day, struck from what is known: there the image must be found to add something.
"""

from collections import Counter, defaultdict

import numpy as np

from img2tweet_tf.utils.errors import Img2TweetError

STRENGTH = 10.0  # scikit-learn's C, for inputs of mean squared length 1
ENOUGH = {"train": 25, "test": 5}  # images with a visible fact, and without it
ENOUGH_HIDDEN = 30  # moments with the value of a hidden fact, and with another
VALUES = 2  # of a hidden fact, each against all others: the most frequent ones
FOLDS, DRAWS = 5, 300  # of the cross-validation; of the bootstrap over images
COMPONENTS = 256  # principal components of the image's features, where they are added to what is known
KNOWN_LENGTH = 3.0  # length of what is known beside the image's 1: the image is to add to it, not to drown it
GIVEN = ("account", "name", "date", "category", "topic")  # who writes when is known, topics say what is shown


def linear_probe_auc(inputs, labels, train, test, seed=0):
    """Returns how well a linear probe tells labels apart in the test rows: the area under the ROC curve, 0..1.

    Args:
        inputs: float (n, d), standardised here by the train rows.
        labels: bool (n,).
        train, test: row numbers.
        seed: int, of scikit-learn's logistic regression (L2).

    Raises:
        Img2TweetError: the train or the test rows are all of one class.
    """
    labels, train, test = np.asarray(labels, bool), np.asarray(train), np.asarray(test)
    for part, rows in (("train", train), ("test", test)):
        if len(set(labels[rows])) < 2:
            count = f"{labels[rows].sum()} of {len(rows)} true"
            raise Img2TweetError(f"linear probe: expected both classes in the {part} rows, got {count}; give more rows")
    scores = _scores(_standard(np.asarray(inputs, np.float32), train), labels, train, test, seed)
    return float(wins(scores, labels[test]).mean())


def probe_facts(pairs, features, seed=0):
    """Probes every fact of the sample world that occurs often enough.

    Args:
        pairs: `Pairs` of the sample world, all parts.
        features: their `Features`.
        seed: int, of the folds and the bootstrap.

    Returns:
        list of dicts: "group" ("visible", "hidden" or "control"), "fact", "value", "images" (asked about) and
        "positives" (that have the value). Visible: "auc" from the image. Hidden and control: "known" is the AUC from
        account and visible facts, "auc" that with the image added, "gain" their difference, "low" and "high" its 95 %
        interval over images. A group's last row has the fact "mean" and the value None.

    Raises:
        Img2TweetError: the pairs carry no facts, or none occurs often enough.
    """
    from threadpoolctl import threadpool_limits

    pairs = pairs.where(lambda pair: features.has(pair.id))
    contexts = [pair.record.get("context") or {} for pair in pairs]
    if not contexts or not all({"things", "account", "setting"} <= context.keys() for context in contexts):
        raise Img2TweetError(f'{pairs.name}: no facts in "context" to probe for; expected pairs of the sample world')
    images = features.pooled(features.rows([pair.id for pair in pairs]))
    parts = {part: np.array([pair.split == part for pair in pairs]) for part in ENOUGH}
    with threadpool_limits(1):  # small problems, in which threads only wait for each other
        rows = _probe_visible(contexts, images, parts, seed)
        rows += _probe_added("hidden", _hidden_questions(contexts), contexts, images, seed)
        rows += _probe_added("control", _control_questions(contexts), contexts, images, seed)
    if not rows:
        raise Img2TweetError(f"{pairs.name}: no fact occurs often enough in {len(pairs)} images to be probed")
    return rows


def _probe_visible(contexts, images, parts, seed):
    """Returns the rows of the visible facts; `parts` holds a mask (n,) of "train" and of "test"."""
    outdoors, rows = np.array([_outdoors(context) for context in contexts]), []
    for (fact, value), labels in _one_hot([_visible(context) for context in contexts]).items():
        asked = {part: np.flatnonzero(mask & outdoors if fact == "weather" else mask) for part, mask in parts.items()}
        if all(_rarer(labels[asked[part]]) >= least for part, least in ENOUGH.items()):
            train, test = asked["train"], asked["test"]
            auc = linear_probe_auc(images, labels, train, test, seed)
            row = {"group": "visible", "fact": fact, "value": value, "images": len(test)}
            rows.append({**row, "positives": int(labels[test].sum()), "auc": auc})
    mean = {"group": "visible", "fact": "mean", "value": None}
    return [*rows, {**mean, "auc": float(np.mean([row["auc"] for row in rows]))}] if rows else []


def _probe_added(group, questions, contexts, images, seed):
    """Returns the rows of facts for which the image is added to what is known.

    Args:
        questions: tuples (fact, value, members, labels): is it `value` (bool, for each member), in these moments?
    """
    told = [_visible(context, in_detail=True) | {("account", context["account"]["value"])} for context in contexts]
    images = compressed_images(images, seed)
    chance = np.full(len(contexts), 1 / len(contexts))
    drawn = np.random.default_rng(seed).multinomial(len(contexts), chance, size=DRAWS).astype(np.float32)
    drawn = np.vstack([np.ones_like(drawn[:1]), drawn])  # the first draw is the sample itself
    rows, gains = [], []
    for fact, value, members, labels in questions:
        known = list(_one_hot([{key for key in told[member] if key[0] != fact} for member in members], 3).values())
        known = np.array(known, np.float32).T
        known *= KNOWN_LENGTH / np.sqrt((known**2).sum(1).mean())
        before, after = _cross_validated((known, np.hstack([known, images[members]])), labels, drawn[:, members], seed)
        gains.append(after - before)
        row = {"group": group, "fact": fact, "value": value, "images": len(members), "positives": int(labels.sum())}
        rows.append({**row, "known": float(before[0]), "auc": float(after[0]), **_interval(gains[-1])})
    if not rows:
        return []
    mean = {name: float(np.mean([row[name] for row in rows])) for name in ("known", "auc")}
    return [*rows, {"group": group, "fact": "mean", "value": None, **mean, **_interval(np.mean(gains, axis=0))}]


def _cross_validated(systems, labels, drawn, seed):
    """Returns the AUC of each system's inputs, for each draw of images: array (systems, draws).

    Only pairs of images of one fold are compared, for their scores come from one probe.
    """
    from sklearn.model_selection import StratifiedKFold

    right, total = np.zeros((len(systems), len(drawn))), np.zeros(len(drawn))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels):
        positive, negative = drawn[:, test[labels[test]]], drawn[:, test[~labels[test]]]
        total += positive.sum(1) * negative.sum(1)
        for system, inputs in enumerate(systems):
            won = wins(_scores(inputs, labels, train, test, seed), labels[test])
            right[system] += ((positive @ won) * negative).sum(1)
    return right / np.maximum(total, 1)


def _hidden_questions(contexts):
    """Yields (fact, value, members, labels) of hidden facts that are often there and differ within an account."""
    facts = defaultdict(dict)
    for index, context in enumerate(contexts):
        for fact, known in context.items():
            if not known["visible"] and fact not in GIVEN:
                facts[fact][index] = known["value"]
    for fact, values in facts.items():
        members, answers = np.array(list(values)), list(values.values())
        accounts = [contexts[member]["account"]["value"] for member in members]
        if len(set(zip(accounts, answers, strict=True))) == len(set(accounts)):
            continue  # the account says it all
        if all(isinstance(answer, int) for answer in answers):
            middle = np.median(answers)
            asked = {f"> {middle:g}": np.array(answers) > middle}
        else:
            common = Counter(map(str, answers)).most_common(VALUES if len(set(answers)) > 2 else 1)
            asked = {value: np.array([str(answer) == value for answer in answers]) for value, _ in common}
        for value, labels in asked.items():
            if _rarer(labels) >= ENOUGH_HIDDEN:
                yield fact, value, members, labels


def _control_questions(contexts):
    """Yields (fact, value, members, labels) of outdoor weather and time of day."""
    members = np.array([index for index, context in enumerate(contexts) if _outdoors(context)], int)
    for (fact, value), labels in _one_hot([_visible(context) for context in contexts]).items():
        if fact in ("weather", "daytime") and _rarer(labels[members]) >= ENOUGH_HIDDEN:
            yield fact, value, members, labels[members]


def _visible(context, in_detail=False):
    """Returns the set of (fact, value) that can be seen; in detail, also how many of what, in which colour."""
    from img2tweet_tf.sample.kinds import KINDS

    facts = {(fact, context[fact]["value"]) for fact in ("setting", "weather", "daytime")}
    for thing in context["things"]["value"]:
        kind, colour = thing["kind"], thing["colour"] or KINDS[thing["kind"]].natural
        facts |= {("kind", kind)} | ({("colour", colour)} if colour else set())
        facts |= {("detail", f"{kind} {thing['count']}"), ("detail", f"{kind} {colour}")} if in_detail else set()
    return facts


def _outdoors(context):
    from img2tweet_tf.sample.settings import INDOORS

    return context["setting"]["value"] not in INDOORS


def _one_hot(sets, least=1):
    """Returns dict of (fact, value) -> bool (n,), of all that occur `least` times in a list of sets, sorted."""
    counts = Counter(key for facts in sets for key in facts)
    return {key: np.array([key in facts for facts in sets]) for key in sorted(counts, key=str) if counts[key] >= least}


def _standard(inputs, train):
    """Standardises columns by the train rows, then gives rows a mean squared length of 1."""
    spread = inputs[train].std(0)
    return (inputs - inputs[train].mean(0)) / np.where(spread > 0, spread, 1) / np.sqrt(inputs.shape[1])


def compressed_images(images, seed):
    """Returns the first principal components (n, at most 256) of features, of mean squared length 1."""
    from sklearn.decomposition import PCA

    images = _standard(images, np.arange(len(images)))
    if min(images.shape) <= COMPONENTS:
        return images
    images = PCA(COMPONENTS, svd_solver="randomized", random_state=seed).fit_transform(images)
    return images / np.sqrt((images**2).sum(1).mean())


def _scores(inputs, labels, train, test, seed):
    from sklearn.linear_model import LogisticRegression

    probe = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3, random_state=seed).fit(inputs[train], labels[train])
    return probe.decision_function(inputs[test])


def wins(scores, labels):
    """Returns which positives score above which negatives: float (positives, negatives), a half for a tie."""
    difference = scores[labels][:, None] - scores[~labels][None]
    return ((np.sign(difference) + 1) / 2).astype(np.float32)


def _rarer(labels):
    """Returns how many labels are of the rarer class."""
    return min(int(labels.sum()), int((~labels).sum()))


def _interval(gains):
    """Returns gain, low and high of an array whose first item is the sample's and the others the draws'."""
    low, high = np.percentile(gains[1:], (2.5, 97.5))
    return {"gain": float(gains[0]), "low": float(low), "high": float(high)}
