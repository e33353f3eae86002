/* Fresh memory of a large result: the system clears it when it is first written. */
#ifndef STABLEMATH_PAGES_H
#define STABLEMATH_PAGES_H

/* Has the system hand out [start, end), a part of [first, last), all of which is going to be written. Changes no byte. */
void pages_prepare(const char *start, const char *end, const char *first, const char *last);

#endif
