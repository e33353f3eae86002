"""A picture of the grid: time an element of every implementation."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from stablemath_core._bench import report
from stablemath_core._bench.peers import FUNCTIONS

# From the smallest to the largest; the rest of the grid is in the tables.
INPUTS = (
    "(10,)",
    "(1000,)",
    "(100000,)",
    "(10000000,)",
    "(100000, 3) axis -1",
    "(100000, 10) axis -1",
    "(1000, 1000) axis -1",
    "(1000, 1000) axis 0",
    "(32, 50257) axis -1",
)
# Colours that readers tell apart, whatever their colour vision.
STYLES = {
    "ours": {"color": "#0072b2", "marker": "o", "s": 46, "zorder": 4},
    "scipy": {"color": "#d55e00", "marker": "s", "s": 24},
    "NumPy": {"color": "#e69f00", "marker": "D", "s": 22},
    "torch": {"color": "#cc79a7", "marker": "^", "s": 26},
    "JAX": {"color": "#009e73", "marker": "v", "s": 26},
    report.FLOOR: {"color": "#777777", "marker": "|", "s": 80},
}
LABELS = {
    "ours": "stablemath_core",
    "scipy": "scipy.special",
    "NumPy": "NumPy formula",
    report.FLOOR: "read or copy",
}


def draw(facts, cells, path):
    """Save a picture of the cells, one panel for a function and dtype."""
    dtypes = list(dict.fromkeys(cell.dtype for cell in cells))
    figure = Figure(figsize=(11, 1.2 + 2.1 * len(dtypes)), layout="constrained")
    panels = figure.subplots(len(dtypes), len(FUNCTIONS), sharex=True, sharey=True, squeeze=False)
    for dtype, row in zip(dtypes, panels, strict=True):
        for function, axes in zip(FUNCTIONS, row, strict=True):
            chosen = [cell for cell in cells if (cell.function, cell.dtype) == (function, dtype)]
            _panel(axes, [cell for cell in chosen if cell.input in INPUTS])
            axes.set_title(f"{function}, {dtype}", fontsize=10)
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False, fontsize=9)
    threads = "one thread" if facts["threads"] == 1 else f"{facts['threads']} threads"
    figure.suptitle(
        f"Nanoseconds per element; left is faster. {facts['processor']}, {threads} each.",
        fontsize=10,
        color="#555555",
    )
    figure.savefig(path, dpi=150)


def _panel(axes, cells):
    places = range(len(cells))
    for label, style in STYLES.items():
        points = [
            (cell.times[label] / cell.size * 1e9, at)
            for at, cell in zip(places, cells, strict=True)
            if label in cell.times
        ]
        if points:
            axes.scatter(
                *zip(*points, strict=True),
                label=LABELS.get(label, label),
                linewidths=1.5 if label == report.FLOOR else 0,
                **style,
            )
    axes.set_xscale("log")
    axes.set_yticks(places, [cell.input for cell in cells], fontsize=8)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.grid(axis="y", color="#eeeeee", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    if not axes.yaxis_inverted():
        axes.invert_yaxis()
