"""Measuring in turns; the lines of the table, and `results/benchmarks.json` with the same."""

import json
import time
from pathlib import Path

import numpy as np

LINE = "{:<20} {:<52} {:>18} {:>7} {:>14} {:>8} {:>8}  {}"
RESULTS = Path(__file__).resolve().parents[2] / "results" / "benchmarks.json"


def head():
    print(LINE.format("benchmark", "ours against", "ours", "times", "min..max", "wall", "goal", ""), flush=True)


def row(name, against, ours, times, spread, wall="", goal="", met=None):
    """Prints a line and keeps it in the results; `times` is by processor seconds, `wall` by the clock."""
    from img2tweet_tf.results import machine

    verdict = {None: "", True: "met", False: "MISSED"}[met]
    print(LINE.format(name, against, ours, times, spread, wall, goal, verdict), flush=True)
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.is_file() else []
    new = {
        "benchmark": f"`{name}`", "against": against, "ours": ours, "times": times, "min..max": spread,
        "by the clock": wall, "goal": goal, "": verdict, "machine": machine(),
    }  # fmt: skip
    rows = {each["benchmark"]: each for each in [*kept, new]}
    text = json.dumps({"command": "python tests/benchmarks", "rows": list(rows.values())}, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def note(name, text):
    print(f"{name:<20} {text}", flush=True)


def compare(name, against, baseline, ours, count, unit, goal=None, baseline_count=None, rounds=15):
    """Measures two functions in turns and prints how many times less processor time `ours` takes, user and system.

    Args:
        name, against: what the line says.
        baseline, ours: functions without arguments.
        count, baseline_count: units of work in one call of ours, and of the baseline (as many, if not given).
        unit: what is counted, "captions".
        goal: times; None where there is none.
        rounds: pairs of measurements. Each gives one ratio; median, least and most are printed.
    """
    for _ in range(2):  # warm-up: compiling, and the first run after it
        baseline()
        ours()
    speeds = []  # by round: (baseline, ours), each (by the clock, by processor seconds)
    for _ in range(rounds):
        speeds.append([(baseline_count or count) / _seconds(baseline), count / _seconds(ours)])
    speeds = np.array(speeds)
    wall_ratios, ratios = (speeds[:, 1] / speeds[:, 0]).T
    times = np.median(ratios)
    spread = f"{_short(ratios.min())}..{_short(ratios.max())}"
    speed, wall = f"{np.median(speeds[:, 1, 0]):,.0f} {unit}/s", _short(np.median(wall_ratios))
    met = None if goal is None else bool(times >= goal)
    row(name, against, speed, _short(times), spread, wall, "" if goal is None else f">= {goal}", met)


def _seconds(function, at_least=0.3):
    """Returns the seconds of one call by the clock, and the processor's: means over as many as fill `at_least`."""
    calls, start, cpu_start = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < start + at_least:
        function()
        calls += 1
    return np.array([time.perf_counter() - start, time.process_time() - cpu_start]) / calls


def _short(ratio):
    return f"{ratio:,.2f}" if ratio < 20 else f"{ratio:,.0f}"
