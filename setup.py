"""The extension modules; all else stands in pyproject.toml."""

import os
from glob import glob

import numpy
from setuptools import Extension, setup

ON_WINDOWS = os.name == "nt"

# An FMA only where one is written; signed integers that wrap around, as exponents in integer lanes may; no
# debug information, which takes as long again to build and ten times the room. MSVC does so by itself.
OPTIONS = [] if ON_WINDOWS else ["-O3", "-g0", "-ffp-contract=off", "-fwrapv"]

setup(
    ext_modules=[
        Extension(
            "stablemath_core._kernels",
            ["src/kernels/_kernels.pyx", "src/lanes/lanes.c", "src/pool/pool.c", "src/pages/pages.c"],
            include_dirs=[numpy.get_include(), "src/lanes", "src/pool", "src/pages"],
            depends=sorted(glob("src/*/*.h") + glob("src/kernels/*.px[di]")),
            define_macros=[
                (name, "NPY_2_0_API_VERSION") for name in ("NPY_NO_DEPRECATED_API", "NPY_TARGET_VERSION")
            ],
            extra_compile_args=OPTIONS,
            libraries=[] if ON_WINDOWS else ["m"],
        ),
        # Plain Python, which would run as it is: compiled, a small call takes a fifth less.
        Extension(
            "stablemath_core._reductions", ["stablemath_core/_reductions.py"], extra_compile_args=OPTIONS
        ),
    ]
)
