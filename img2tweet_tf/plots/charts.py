"""Charts of trainings, statistics, probes and tests; and the drawing of an architecture."""

from collections import defaultdict

import numpy as np
from matplotlib.colors import to_rgba

from img2tweet_tf.plots.emoji_text import plain
from img2tweet_tf.plots.style import COLOURS, FAINT, bare, beside, short


def learning_curves(history, ax):
    """Draws the cross-entropy of each epoch, in training and on the validation part, and marks the best epoch.

    Args:
        history: list of {"epoch", "cross_entropy", "val_cross_entropy"} (nats per token), as `history.json` holds it;
            the last is missing where nothing was validated on.
    """
    epochs = [record["epoch"] for record in history]
    curves = {"training": [record["cross_entropy"] for record in history]}
    if all("val_cross_entropy" in record for record in history):
        curves["validation"] = [record["val_cross_entropy"] for record in history]
    for name, values in curves.items():
        colour, last = COLOURS["grey" if name == "training" else "blue"], values[-1]
        ax.plot(epochs, values, color=colour, linewidth=2, marker="o", markersize=4)
        label, side = f"{name} {last:.2f}", "center"
        if len(curves) > 1:  # the labels keep apart
            side = "bottom" if last == max(values[-1] for values in curves.values()) else "top"
        if name == "validation":
            best = int(np.argmin(values))
            ax.plot(epochs[best], values[best], "o", markersize=11, markerfacecolor="none", markeredgecolor=colour)
            label = f"{name}\nbest {values[best]:.2f}, epoch {epochs[best]}"
        place = {"xytext": (10, 0), "textcoords": "offset points", "va": side}
        ax.annotate(label, (epochs[-1], last), color=colour, annotation_clip=False, **place)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.margins(y=0.12)
    ax.set(xlabel="epoch", ylabel="cross-entropy (nats per token)")
    return bare(ax)


def compare_statistics(ours, theirs, ax, labels=("ours", "theirs")):
    """Draws each statistic of one set of tweets as a multiple of the other's; beside it both values.

    Args:
        ours, theirs: dicts of numbers, as `text_statistics` gives them; sizes of the sets are left out.
        labels: names of the two.
    """
    names = [key for key in ours if key in theirs and key not in ("tweets", "tokens", "types")]
    names = [key for key in names if ours[key] is not None and theirs[key] is not None]
    for row, key in enumerate(names):
        a, b = ours[key], theirs[key]
        if a and b and a / b > 0:
            ax.plot([1, a / b], [row, row], color=FAINT, linewidth=3, zorder=1, solid_capstyle="round")
            ax.plot(a / b, row, "o", color=COLOURS["blue"], markersize=7)
        note = f"{short(a)}  |  {short(b)}"
        beside(ax, row, note)
    heading = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": 9, "fontweight": "bold"}
    ax.annotate(f"{labels[0]}  |  {labels[1]}", (1.02, 1), (0, 4), annotation_clip=False, **heading)
    ax.axvline(1, color=COLOURS["grey"], linewidth=1, zorder=0)
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else f"1/{1 / value:g}")
    ax.set_xlabel(f"{labels[0]} as a multiple of {labels[1]}")
    ax.set_yticks(range(len(names)), [key.replace("_", " ") for key in names])
    ax.invert_yaxis()
    return bare(ax)


def probe_bars(rows, ax, most=8):
    """Draws what the image adds for each fact, as a bar from the AUC without it to that with it; dots are its values.

    Args:
        rows: of `probe_facts`. Without the image, a visible fact is guessed (0.5), a hidden one or a control is told
            from account and visible facts.
        most: how many hidden facts are drawn, those known of most images; their mean stands for all of them.
    """
    colours = {"visible": COLOURS["blue"], "control": COLOURS["green"], "hidden": COLOURS["vermilion"]}
    groups = {group: defaultdict(list) for group in colours}
    means = {row["group"]: row for row in rows if row["fact"] == "mean"}
    for row in rows:
        if row["fact"] != "mean":
            groups[row["group"]][row["fact"]].append(row)
    drawn = []
    for group, facts in groups.items():
        facts = sorted(facts.items(), key=lambda item: -np.mean([row["auc"] for row in item[1]]))
        if group == "hidden":
            common = sorted(facts, key=lambda item: -max(row["images"] for row in item[1]))[:most]
            facts = [item for item in facts if item in common]
        drawn += [(group, fact, of_fact) for fact, of_fact in facts]
        if group in means:
            count = sum(row["group"] == group for row in rows) - 1
            drawn.append((group, f"mean of {count}", [means[group]]))
    for place, (group, _, of_fact) in enumerate(drawn):
        start = np.mean([row.get("known", 0.5) for row in of_fact])
        end = np.mean([row["auc"] for row in of_fact])
        is_mean = of_fact[0]["fact"] == "mean"
        ax.barh(place, end - start, left=start, height=0.62, color=colours[group], alpha=1 if is_mean else 0.55)
        ax.plot([start, start], [place - 0.36, place + 0.36], color="#222222", linewidth=1.6)
        if not is_mean:
            values = [row["auc"] for row in of_fact]
            dots = {"color": colours[group], "markersize": 6, "markeredgecolor": "white", "markeredgewidth": 0.5}
            ax.plot(values, [place] * len(values), ".", **dots)
        change = f"{end:.2f}" if group == "visible" else f"{round(end - start, 2) + 0.0:+.2f}"
        beside(ax, place, change)
    ax.set_yticks(range(len(drawn)), [f"{group}: {fact}".replace("_", " ") for group, fact, _ in drawn])
    for place, tick in enumerate(ax.get_yticklabels()):
        tick.set_color(colours[drawn[place][0]])
    ax.set(xlim=(0.4, 1.005), xlabel="AUC (line: without the image; end of the bar: with it)")
    ax.invert_yaxis()
    return bare(ax)


def word_gains(words, gains, ax):
    """Draws what the image tells of each word of a text, in nats, as bars from left to right."""
    gains = np.asarray(gains, float)
    colours = [COLOURS["blue" if gain > 0 else "grey"] for gain in gains]
    ax.bar(range(len(words)), gains, color=colours)
    ax.axhline(0, color="#444444", linewidth=1)
    ax.set_xticks(range(len(words)), [plain(word) for word in words], rotation=40, ha="right", fontsize=9)
    ax.set_ylabel("gain (nats)")
    return bare(ax)


def pointing_bars(rows, ax):
    """Draws who points at the named object how often, with 95 % intervals: attention and its baselines, by model.

    Args:
        rows: of `pointing_game`, of one model or several; rows of single layers and heads and the ceiling are left out.
    """
    colours = {"attention": COLOURS["vermilion"], "image map": COLOURS["sky"], "mean map": COLOURS["blue"]}
    colours |= {"box prior": COLOURS["green"], "chance": COLOURS["grey"]}
    place, ticks = 0.0, []
    for system in dict.fromkeys(row["system"] for row in rows):
        heading = {"xycoords": ("axes fraction", "data"), "fontsize": 10, "fontweight": "bold", "va": "center"}
        ax.annotate(system.replace("_", " "), (0.01, place), annotation_clip=False, **heading)
        for row in [row for row in rows if row["system"] == system and row["method"] in colours]:
            place += 1
            ax.barh(place, row["rate"], height=0.66, color=colours[row["method"]])
            ax.plot([row["low"], row["high"]], [place, place], color="#222222", linewidth=1.6)
            beside(ax, place, f"{row['rate']:.0%}")
            ticks.append((place, row["method"]))
        place += 1.3
    ax.set_yticks([at for at, _ in ticks], [name for _, name in ticks])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set(xlim=(0, None), ylim=(-0.6, place - 0.5))
    ax.set_xlabel("peaks in a box of what the word names (line: 95 % interval)")
    ax.invert_yaxis()
    return bare(ax)


def copied_facts(shares, words, facts, ax):
    """Draws how much of each word's probability each token of a fact receives by copying, and how much is generated.

    Args:
        shares: float (words, 1 + facts), each row of sum 1: what the vocabulary generates, then what is copied.
        words: list of str, one a row.
        facts: list of str, one for each further column.
    """
    names = ["the vocabulary", *facts]
    ax.imshow(np.transpose(shares), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for at, fact in np.argwhere(np.asarray(shares) >= 0.1):
        share, colour = shares[at][fact], "white" if shares[at][fact] > 0.6 else "black"
        ax.text(at, fact, f"{share:.1f}", ha="center", va="center", fontsize=7, color=colour)
    ax.set_xticks(range(len(words)), [plain(word) for word in words], rotation=60, ha="right")
    ax.set_yticks(range(len(names)), [plain(name) for name in names], fontsize=8)
    bare(ax).grid(visible=False)
    return ax


def block_diagram(blocks, arrows, ax):
    """Draws an architecture: blocks, and arrows from edge to edge for what flows between them.

    Args:
        blocks: dict of name -> (x, y, text, name of a colour); a block is less than 1 wide and high.
        arrows: list of (name, name) or (name, name, label).
    """
    drawn = {}
    for name, (x, y, text, colour) in blocks.items():
        box = {"boxstyle": "round,pad=0.5", "facecolor": to_rgba(COLOURS[colour], 0.22), "edgecolor": COLOURS[colour]}
        drawn[name] = ax.text(x, y, text, ha="center", va="center", fontsize=10, bbox=box).get_bbox_patch()
    for start, end, *label in arrows:
        (x1, y1), (x2, y2) = blocks[start][:2], blocks[end][:2]
        ends = {"patchA": drawn[start], "patchB": drawn[end], "shrinkA": 1, "shrinkB": 2}
        ax.annotate("", (x2, y2), (x1, y1), arrowprops={"arrowstyle": "-|>", "color": "#444444", **ends})
        if label:
            ax.text((x1 + x2) / 2 + 0.05, (y1 + y2) / 2, label[0], fontsize=9, color="#444444", va="center")
    xs, ys = ([block[axis] for block in blocks.values()] for axis in (0, 1))
    ax.set(xlim=(min(xs) - 0.6, max(xs) + 0.6), ylim=(min(ys) - 0.5, max(ys) + 0.5))
    ax.set_axis_off()
    return ax
