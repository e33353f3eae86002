"""What this copy of the package is made of, and which instruction set it uses."""

import platform

import numpy as np

from . import _kernels


def show_config(mode="stdout"):
    """Show how the package was built and which instruction set it runs on.

    Parameters
    ----------
    mode : {'stdout', 'dicts'}, optional
        Whether to print the facts (the default) or to return them as a dictionary.

    Returns
    -------
    dict or None
        With ``mode='dicts'`` a new dictionary of

        ``version``
            the package's version;
        ``instruction_sets``
            three entries: ``built`` lists what this binary holds, the plainest first,
            ``runnable`` those of them that this processor can run, and ``chosen`` is
            the one in use: the last of ``runnable``, or the one that the environment
            variable ``STABLEMATH_ISA`` named when the package was imported;
        ``compiler``
            the C compiler that built the kernels;
        ``numpy``, ``python``
            the versions of NumPy and Python that are running.

    Raises
    ------
    ValueError
        If `mode` is neither of the two.

    See Also
    --------
    numpy.show_config : the same for NumPy.

    Examples
    --------
    >>> import stablemath_core as sm
    >>> facts = sm.show_config(mode="dicts")
    >>> facts["instruction_sets"]["chosen"] in facts["instruction_sets"]["runnable"]
    True
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode must be 'stdout' or 'dicts', not {mode!r}")
    facts = _facts()
    if mode == "dicts":
        return facts
    for line in _lines(facts):
        print(line)
    return None


def _facts():
    from . import __version__  # the package is whole only once it has imported this module

    kernels = _kernels.config()
    return {
        "version": __version__,
        "instruction_sets": {each: kernels[each] for each in ("built", "runnable", "chosen")},
        "compiler": kernels["compiler"].strip(),  # clang leaves a space behind
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _lines(facts, indent=""):
    """The facts as YAML, which is what NumPy prints too."""
    for name, value in facts.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{name}: " + (f"[{', '.join(value)}]" if isinstance(value, list) else value)
