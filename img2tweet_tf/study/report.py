"""The report of a study: one HTML file with its figures inside, and the diverging bars."""

import base64
import html
import io
from pathlib import Path

import numpy as np

from img2tweet_tf.plots.style import COLOURS, ink
from img2tweet_tf.utils.paths import atomic_write

LEVELS = ("#a6611a", "#dfc27d", "#dddddd", "#80cdc1", "#018571")  # colour-blind readers tell them apart
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { padding: .25rem .75rem; text-align: left; border-bottom: 1px solid #ccc; }
td { font-variant-numeric: tabular-nums; }
img { max-width: 100%; }
.mark { background: #fff3cd; padding: .5rem; }
"""
SIMULATED = "simulated raters"


def diverging_bars(counts, ax, labels=("1", "2", "3", "4", "5"), simulated=False):
    """Draws how often each of five answers was given, a bar a system, centred on the middle answer.

    Args:
        counts: dict of {system: counts of the answers 1 to 5}.
        labels: what the answers mean.
        simulated: whether to mark the figure as of simulated raters.
    """
    names = list(counts)
    shares = np.array([np.array(counts[name], float) / max(sum(counts[name]), 1) for name in names])
    starts = -(shares[:, 0] + shares[:, 1] + shares[:, 2] / 2)
    for level in range(5):
        ax.barh(range(len(names)), shares[:, level], left=starts, color=LEVELS[level], label=labels[level], height=0.7)
        for row, (share, start) in enumerate(zip(shares[:, level], starts, strict=True)):
            if share >= 0.08:
                style = {"ha": "center", "va": "center", "fontsize": 8, "color": ink(LEVELS[level])}
                ax.text(start + share / 2, row, f"{share:.0%}", **style)
        starts = starts + shares[:, level]
    ax.axvline(0, color=COLOURS["grey"], linewidth=1)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlim(-1, 1)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], ["100 %", "50 %", "0", "50 %", "100 %"])
    ax.set_xlabel("share of answers, to the left of the middle and to the right")
    ax.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.25), frameon=False, fontsize=8)
    if simulated:
        ax.text(1, 1.02, SIMULATED, transform=ax.transAxes, ha="right", color=COLOURS["vermilion"], fontsize=8)
    return ax


def write_report(results, design, file):
    """Writes the report of what `analyse_study` returns as one HTML file; texts of questions are escaped."""
    raters = results["raters"]
    parts = [
        f"<h1>Study {html.escape(results['study'])}</h1>",
        f"<p class=mark>All answers are of {SIMULATED}; they say nothing about people.</p>" * results["simulated"],
        f"<p>{len(raters['counted'])} raters, {results['images']} images of {html.escape(results['data'])}, "
        f"systems: {html.escape(', '.join(results['systems']))}. {len(raters['missing'])} raters did not answer, "
        f"{len(raters['failed'])} failed an attention check, {len(raters['refused'])} files were refused.</p>",
        *(f"<p>Refused: {html.escape(problem)}</p>" for problem in raters["refused"]),
    ]
    for question in design["questions"]:
        parts += _question(results, question)
    parts += _metrics(results["metrics"])
    parts.append(
        "<p>Means with 95 % t intervals over raters. Odds: of a higher answer against the first system, by generalised "
        "estimating equations for ordered answers, clustered by rater and by image. p: Wilcoxon's signed-rank test on "
        "each rater's means, corrected by Holm over all pairs and questions. Alpha: Krippendorff's, ordinal.</p>"
    )
    title = f"Study {html.escape(results['study'])}"
    page = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    page += f"</head><body>{''.join(parts)}</body></html>\n"
    with atomic_write(Path(file)) as fresh:
        fresh.write_text(page, encoding="utf-8")


def _question(results, question):
    found = results["questions"][question["id"]]
    labels = [f"1 {question['low']}", "2", "3", "4", f"5 {question['high']}"]
    counts = {name: of["counts"] for name, of in found["systems"].items()}
    head = ["system", "mean", "95 %", "odds of a higher answer", "95 %"]
    rows = []
    for name, of in found["systems"].items():
        row = [name, f"{of['mean']:.2f}", f"{of['low']:.2f} to {of['high']:.2f}"]
        if effect := found["effects"].get(name):
            odds = [np.exp(effect[key]) for key in ("log_odds", "low", "high")]
            row += [f"× {odds[0]:.2f}", f"{odds[1]:.2f} to {odds[2]:.2f}"]
        rows.append(row + [""] * (len(head) - len(row)))
    pairs = [
        [f"{pair['first']} − {pair['second']}", f"{pair['difference']:+.2f}", _p(pair["p"]), _p(pair["p_holm"])]
        for pair in found["pairs"]
    ]
    return [
        f"<h2>{html.escape(question['text'])}</h2>",
        _picture(lambda ax: diverging_bars(counts, ax, labels, results["simulated"]), len(counts)),
        _table(head, rows),
        _table(["pair", "difference of means", "p", "p, corrected"], pairs),
        f"<p>Friedman's test (Wilcoxon's for two systems): p {_p(found['friedman']['p'])}. Krippendorff's alpha "
        f"{found['alpha']:.2f}.</p>",
    ]


def _metrics(metrics):
    parts = []
    for kind, title in (("by_text", "Metrics beside people, text by text"), ("by_system", "System by system")):
        if found := metrics[kind]:
            questions = list(next(iter(found.values())))
            rows = [[metric, *(_tau(of[question]) for question in questions)] for metric, of in found.items()]
            parts += [f"<h2>{title}: Kendall's tau</h2>", _table(["metric", *questions], rows)]
    if not metrics["by_system"]:
        parts.append("<p>To compare metrics and people system by system takes four captioners or more.</p>")
    return parts


def _tau(of):
    if not np.isfinite(of["tau"]):
        return "–"
    interval = f" [{of['low']:.2f}, {of['high']:.2f}]" if np.isfinite(of["low"]) else ""
    return f"{of['tau']:.2f}{interval}, n {of['n']}"


def _p(value):
    return "–" if not np.isfinite(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _table(head, rows):
    cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def _picture(draw, bars):
    """Returns a figure as an <img> with its picture inside."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.2 + 0.45 * bars), dpi=110)
    draw(figure.subplots())
    with io.BytesIO() as file:
        figure.savefig(file, format="png", bbox_inches="tight")
        content = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="how often each answer was given" src="data:image/png;base64,{content}">'
