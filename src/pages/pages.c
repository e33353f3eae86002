/* Linux clears a huge page in the order that leaves the place where it was touched in the cache: from the far end towards it,
   page by page. That is backwards, and half as fast, where its beginning is touched, as by whoever writes an array in order. So
   each is asked for by its last page. What is no whole huge page is asked for at once, not by one fault for each page. */

#include "pages.h"

#if defined(__linux__)
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; others refuse, which does no harm */
#endif

void pages_prepare(const char *start, const char *end, const char *first, const char *last)
{
    const uintptr_t huge = 1 << 21, page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (uintptr_t at = (uintptr_t)start / huge * huge; at < (uintptr_t)end; at += huge) {
        uintptr_t from = at, to = at + huge;
        if (at >= (uintptr_t)first && to <= (uintptr_t)last)
            from = to - page;
        else if (at < (uintptr_t)first)
            from = (uintptr_t)first / page * page;
        if (to > (uintptr_t)last)
            to = (uintptr_t)last;
        madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    }
}

#else

void pages_prepare(const char *start, const char *end, const char *first, const char *last)
{
    (void)start, (void)end, (void)first, (void)last;
}

#endif
