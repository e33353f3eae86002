/* Linux clears a huge page in the order that leaves the place where it was touched in the cache: from the far end towards it,
   page by page. That is backwards, and half as fast, where its beginning is touched, as by whoever writes an array in order. So
   each is asked for by its last page. What is no whole huge page is asked for at once, not by one fault for each page. */

#include "pages.h"

#if defined(__linux__)
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; others refuse, which does no harm */
#endif
#ifndef MADV_FREE
#define MADV_FREE 8 /* Linux 4.5 */
#endif
#define HUGE_PAGE ((uintptr_t)1 << 21)

int pages_missing(const char *start, const char *end)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), middle = (uintptr_t)start + (uintptr_t)(end - start) / 2;
    unsigned char there;
    return mincore((void *)(middle / page * page), 1, &there) == 0 && !(there & 1);
}

void pages_prepare(const char *start, const char *end, const char *first, const char *last)
{
    const uintptr_t huge = HUGE_PAGE, page = (uintptr_t)sysconf(_SC_PAGESIZE);
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

int pages_spare(const char *start, const char *end)
{
    /* whole huge pages only: it would have to split the others */
    const uintptr_t first = ((uintptr_t)start + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE,
                    last = (uintptr_t)end / HUGE_PAGE * HUGE_PAGE;
    return first < last && madvise((void *)first, last - first, MADV_FREE) == 0;
}

ptrdiff_t pages_cached(void)
{
    /* not sysconf, which multiplies the parts of an EPYC's that a virtual machine does not see */
    FILE *file = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
    long kilobytes = 0;
    if (file == NULL)
        return 0;
    if (fscanf(file, "%ldK", &kilobytes) != 1)
        kilobytes = 0;
    fclose(file);
    return (ptrdiff_t)kilobytes * 1024;
}

#else

int pages_missing(const char *start, const char *end)
{
    return (void)start, (void)end, 0;
}

void pages_prepare(const char *start, const char *end, const char *first, const char *last)
{
    (void)start, (void)end, (void)first, (void)last;
}

int pages_spare(const char *start, const char *end)
{
    return (void)start, (void)end, 0;
}

ptrdiff_t pages_cached(void)
{
    return 0;
}

#endif
