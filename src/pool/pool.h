/* Threads that help the caller of a large call. They know nothing of Python's objects and need none of its locks. */
#ifndef STABLEMATH_POOL_H
#define STABLEMATH_POOL_H

#include <stddef.h>
#if defined(_MSC_VER)
#include <intrin.h>
#endif

typedef void (*pool_task)(void *context, ptrdiff_t index);

/* Makes up to `helpers` threads ready. With the interpreter's lock held; whatever fails, pool_run still runs every task. */
void pool_prepare(int helpers);

/* Calls task(context, i) for every i < n, on this thread and on up to `helpers` others, in any order, and returns when all of
   them have ended. Where the pool serves another caller, this thread does all. Without the interpreter's lock. */
void pool_run(ptrdiff_t n, pool_task task, void *context, int helpers);

/* How many tasks helpers have taken. */
ptrdiff_t pool_helped(void);

/* Puts a value in a place and returns what was there, in one step for other threads; does nothing but return the value where the
   compiler has no such step. */
static inline void *pool_exchange(void **place, void *value)
{
#if defined(__GNUC__)
    return __atomic_exchange_n(place, value, __ATOMIC_ACQ_REL);
#elif defined(_MSC_VER)
    return _InterlockedExchangePointer((void *volatile *)place, value);
#else
    return (void)place, value;
#endif
}

/* In a forked child, where the threads are not: begins anew. */
void pool_forget(void);

#endif
