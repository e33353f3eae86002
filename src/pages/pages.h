/* Memory of large arrays, as the system hands it out: it clears a page when that is first written. */
#ifndef STABLEMATH_PAGES_H
#define STABLEMATH_PAGES_H

#include <stddef.h>

/* Whether the system has yet to hand out [start, end), judged by the page in the middle; 0 where it does not tell. */
int pages_missing(const char *start, const char *end);

/* Has it hand out [start, end), a part of [first, last), all of which is going to be written. Changes no byte. */
void pages_prepare(const char *start, const char *end, const char *first, const char *last);

/* Offers it [start, end), which nobody reads before it is written again, to be taken when it runs short. Returns whether it accepts. */
int pages_spare(const char *start, const char *end);

/* Bytes of the largest cache; 0 where the system does not tell. */
ptrdiff_t pages_cached(void);

#endif
