/* The floating-point flags of float and double arithmetic, to be left as they were found. */
#ifndef STABLEMATH_FLAGS_H
#define STABLEMATH_FLAGS_H

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>

typedef unsigned int
    flags_state; /* the control register with its flags: far quicker to move than the whole environment */

static inline void flags_save(flags_state *state)
{
    *state = _mm_getcsr();
}

static inline void flags_restore(const flags_state *state)
{
    _mm_setcsr(*state);
}

#else
#include <fenv.h>

typedef fexcept_t flags_state;

static inline void flags_save(flags_state *state)
{
    fegetexceptflag(state, FE_ALL_EXCEPT);
}

static inline void flags_restore(const flags_state *state)
{
    fesetexceptflag(state, FE_ALL_EXCEPT);
}

#endif
#endif
