"""The targets of speed that the project sets itself, and which of them the figures of a folder meet.

The constants below are these targets, which no document promises; `judge` numbers them, and "asked" in what
it tells is a target's figure.
"""

from statistics import geometric_mean

from stablemath_core._bench import report

from . import tables

LEADS = {"logsumexp": 10, "softmax": 5, "log_softmax": 5}  # over scipy, in the geometric mean
# Inputs of rows long enough for the floor to bound them, and how many times the floor's time they may take.
LONG = (
    "(100000,)",
    "(1000000,)",
    "(10000000,)",
    "(1000, 1000) axis -1",
    "(32, 50257) axis -1",
    "(2000, 4096) axis -1",
)
OF_READING = {"float32": 1.3, "float64": 3}
IN_CACHE, FROM_MEMORY = ("(10000,)", "(100000,)"), ("(10000000,)",)
OF_COPY = {IN_CACHE: 4, FROM_MEMORY: 2}
SMALL_CALL, SMALL_LEAD = 0.35e-6, 100
SCALING = 1.7
ELEMENTWISE_LEAD = 5  # over NumPy or scipy
OF_BEST_SET = 2.5  # what AVX2 may take of the time of AVX-512


def judge(folder):
    """Yield lines: a verdict on each target, then its figures."""
    grids = {threads: _cells(folder / f"grid-{threads}.json") for threads in (1, 2)}
    judges = (
        lambda: _ahead(grids),
        lambda: _leads(grids[1]),
        lambda: _floors(grids[1]),
        lambda: _small_call(grids[1]),
        lambda: _scaling(_cells(folder / "scaling.json")),
        lambda: _elementwise(_cells(folder / "relatives.json")),
        lambda: _sets(tables.read(folder)),
    )
    for number, target in enumerate(judges, 1):
        lines = list(target())
        verdicts = [met for met, _ in lines]
        verdict = "not measured" if not lines else "met" if all(verdicts) else "NOT MET"
        yield f"{number}. {verdict}"
        for met, text in lines:
            yield f"   {'yes' if met else ' no'}  {text}"


def _cells(path):
    return report.read_json(path)[1] if path.exists() else []


def _ahead(grids):
    for threads, cells in grids.items():
        for label in ("scipy", "NumPy", "torch", "JAX"):
            ratios = {cell: cell.ratio(label) for cell in cells if label in cell.times}
            if not ratios:
                continue
            ahead = sum(ratio > 1 for ratio in ratios.values())
            worst = min(ratios, key=ratios.get)
            yield (
                ahead == len(ratios),
                f"{label}, {threads} thread{'s' * (threads > 1)}: faster in {ahead} of {len(ratios)} cells; "
                f"least {ratios[worst]:.2f} times, {_named(worst)}, {_rates(worst)}",
            )


def _rates(cell):
    """What the machine did in that cell: bytes of input a second, time an element."""
    seconds = cell.times["ours"]
    size = cell.size * (4 if cell.dtype == "float32" else 8)
    return f"{size / seconds / 1e9:.1f} GB/s of input, {seconds / cell.size * 1e9:.2f} ns an element"


def _leads(cells):
    for function, least in LEADS.items():
        ratios = [cell.ratio("scipy") for cell in cells if cell.function == function]
        if ratios:
            mean = geometric_mean(ratios)
            yield mean >= least, f"{function}: {mean:.1f} times scipy in the geometric mean (asked: {least})"


def _floors(cells):
    for cell in cells:
        if cell.function == "logsumexp" and cell.input in LONG:
            taken, limit = 1 / cell.ratio(report.FLOOR), OF_READING[cell.dtype]
            yield taken <= limit, f"{_named(cell)}: {taken:.2f} times np.add.reduce (asked: {limit})"
        for inputs, limit in OF_COPY.items():
            if cell.function == "softmax" and cell.input in inputs:
                # A new result pays for its memory, and a given one for looking at it; the copy does neither.
                fresh = cell.times["ours"] / cell.times[report.FLOOR]
                given = cell.times["ours out="] / cell.times[report.FLOOR]
                yield (
                    min(fresh, given) <= limit,
                    f"{_named(cell)}: {fresh:.2f} times np.copyto, {given:.2f} with out= (asked: {limit})",
                )


def _small_call(cells):
    for cell in cells:
        if cell.function == "logsumexp" and cell.input == "(10,)":
            seconds, lead = cell.times["ours"], cell.ratio("scipy")
            yield (
                seconds < SMALL_CALL and lead >= SMALL_LEAD,
                f"{_named(cell)}: {report.duration(seconds)} (asked: {report.duration(SMALL_CALL)}), "
                f"{lead:.0f} times scipy (asked: {SMALL_LEAD})",
            )


def _scaling(cells):
    for cell in cells:
        gain = cell.times["1"] / cell.times["2"]
        yield gain >= SCALING, f"{_named(cell)}: {gain:.2f} times as fast with two threads (asked: {SCALING})"


def _elementwise(cells):
    for cell in cells:
        if cell.group != "elementwise":
            continue
        leads = {label: cell.ratio(label) for label in cell.times if label != "ours"}
        met = all(
            lead >= (ELEMENTWISE_LEAD if label in ("NumPy", "scipy") else 1) for label, lead in leads.items()
        )
        told = ", ".join(f"{lead:.1f} times {label}" for label, lead in leads.items())
        yield met, f"{cell.input} {cell.dtype}: {told} (asked: {ELEMENTWISE_LEAD} times NumPy or scipy)"


def _sets(sets):
    """sets: cells by name of the cell, by instruction set."""
    if {"avx2", "avx512"} <= sets.keys():
        # each as a multiple of NumPy's time in the same process
        ratios = {
            name: sets["avx512"][name].ratio("NumPy") / cell.ratio("NumPy")
            for name, cell in sets["avx2"].items()
            if name in sets["avx512"]
        }
        worst = max(ratios, key=ratios.get)
        yield (
            ratios[worst] <= OF_BEST_SET,
            f"avx2 takes {geometric_mean(ratios.values()):.2f} times the time of avx512 in the mean, "
            f"at most {ratios[worst]:.2f}, {_named(sets['avx2'][worst])} (asked: {OF_BEST_SET})",
        )
    for run, numpy in (("baseline", "NumPy"), (tables.BOTH, "NumPy held to its own baseline")):
        if run in sets:
            leads = {cell: cell.ratio("NumPy") for cell in sets[run].values()}
            worst = min(leads, key=leads.get)
            yield (
                leads[worst] >= 1,
                f"baseline is {geometric_mean(leads.values()):.2f} times as fast as {numpy} in the mean, "
                f"at least {leads[worst]:.2f}, {_named(worst)} (asked: 1)",
            )


def _named(cell):
    return f"{cell.function} {cell.dtype} {cell.input}"
