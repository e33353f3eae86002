# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Kernels: rows, columns, strides and tiles over the lanes of src/lanes.

Design. A caller has settled arguments, dtypes and axes (stablemath_core/); here every array is float32 or float64, every axis
valid, every reduction non-empty. Read downwards: a part calls only those before it, but for losses.pxi, which calls
loss_columns.pxi.

    lanes.pxi     the tables of src/lanes, the one chosen, one name for both types
    arrays.pxi    where arrays lie, and their parts
    layout.pxi    any layout as nested loops around one contiguous direction; packing of what is not contiguous
    states.pxi    a batch of reductions: maximum and sum, block by block
    resolve.pxi   the rare reductions that need more than that
    fused.pxi     softmax while its exponentials stay in cache
    reduce.pxi    the driver
    memory.pxi    memory of large results
    jobs.pxi      reductions done at once, or several on several threads (../pool)
    shares.pxi    the functions that Python calls; where a large call is cut, and its long rows put together again
    weighted.pxi  sums with weights of either sign
    cumulative.pxi  running sums
    totals.pxi    sums that can be added to and divided by, for streams and means
    fast.pxi      the same with the least overhead, for plain small arrays
    losses.pxi    cross entropy and its gradient
    loss_columns.pxi  the same of short rows and of classes along another axis
    fast_losses.pxi  both with the least overhead
    ufuncs.pxi    elementwise functions (each told of in elementwise.pxi; longdouble.pxi for that type)

Nothing here holds a Python object inside a loop.
"""

from cpython.exc cimport PyErr_SetObject, PyErr_WriteUnraisable
from cpython.long cimport PyLong_AsLongAndOverflow
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.pystate cimport PyGILState_STATE, PyThreadState
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF, Py_XINCREF
from libc.math cimport INFINITY, NAN, fabs, floor, isnan, ldexp, frexp, log
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy, memset, strcpy

cimport numpy as cnp

cdef extern from "Python.h" nogil:
    PyThreadState *PyGILState_GetThisThreadState()
    PyGILState_STATE PyGILState_Ensure()
    PyThreadState *PyEval_SaveThread()
    Py_ssize_t PY_SSIZE_T_MAX

import os

import numpy as np

cnp.import_array()
cnp.import_umath()

include "lanes.pxi"
include "arrays.pxi"
include "lines.pxi"
include "layout.pxi"
include "states.pxi"
include "resolve.pxi"
include "fused.pxi"
include "reduce.pxi"
include "memory.pxi"
include "jobs.pxi"
include "shares.pxi"
include "weighted.pxi"
include "cumulative.pxi"
include "totals.pxi"
include "fast.pxi"
include "losses.pxi"
include "loss_columns.pxi"
include "fast_losses.pxi"

choose(os.environ.get("STABLEMATH_ISA"))

include "longdouble.pxi"
include "ufuncs.pxi"
include "elementwise.pxi"
