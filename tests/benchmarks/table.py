"""Measuring in turns, and the lines of the table."""

import time

import numpy as np

LINE = "{:<19} {:<46} {:>16} {:>7} {:>14} {:>8} {:>8}  {}"


def head():
    print(LINE.format("benchmark", "ours against", "ours", "times", "min..max", "cpu", "goal", ""), flush=True)


def row(name, against, ours, times, spread, cpu="", goal="", met=None):
    """Prints a line; `cpu` is the ratio of processor seconds, which other work on the machine changes less."""
    verdict = {None: "", True: "met", False: "MISSED"}[met]
    print(LINE.format(name, against, ours, times, spread, cpu, goal, verdict), flush=True)


def note(name, text):
    print(f"{name:<19} {text}", flush=True)


def compare(name, against, baseline, ours, count, unit, goal=None, baseline_count=None, rounds=15):
    """Measures two functions in turns and prints how many times faster `ours` is.

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
    ratios, cpu_ratios = (speeds[:, 1] / speeds[:, 0]).T
    times = np.median(ratios)
    spread = f"{_short(ratios.min())}..{_short(ratios.max())}"
    speed, cpu = f"{np.median(speeds[:, 1, 0]):,.0f} {unit}/s", _short(np.median(cpu_ratios))
    met = None if goal is None else times >= goal
    row(name, against, speed, _short(times), spread, cpu, "" if goal is None else f">= {goal}", met)


def _seconds(function, at_least=0.3):
    """Returns the seconds of one call by the clock, and the processor's: means over as many as fill `at_least`."""
    calls, start, cpu_start = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < start + at_least:
        function()
        calls += 1
    return np.array([time.perf_counter() - start, time.process_time() - cpu_start]) / calls


def _short(ratio):
    return f"{ratio:,.2f}" if ratio < 20 else f"{ratio:,.0f}"
