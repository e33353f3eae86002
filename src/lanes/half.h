/* float16 as bits to float32 and back. */
#ifndef STABLEMATH_HALF_H
#define STABLEMATH_HALF_H

#include <stdint.h>
#include <string.h>

static inline float half_to_float(uint16_t half)
{
    uint32_t bits = (uint32_t)(half & 0x7fff) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    x *= 0x1p112f; /* the exponent's bias, subnormal numbers included */
    memcpy(&bits, &x, sizeof x);
    if ((half & 0x7c00) == 0x7c00)
        bits |= 0x7f800000;
    bits |= sign;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* To nearest, ties to even. */
static inline uint16_t float_to_half(float x)
{
    uint32_t bits, size;
    memcpy(&bits, &x, sizeof x);
    size = bits & 0x7fffffff;
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    if (size > 0x7f800000)
        return sign | 0x7e00;
    if (size >= 0x477ff000) /* 65520, which would round to 65536 */
        return sign | 0x7c00;
    if (size < 0x38800000) { /* subnormal: beside 1/2 the last digit kept is 2^-24 */
        float y;
        memcpy(&y, &size, sizeof y);
        y += 0.5f;
        memcpy(&size, &y, sizeof y);
        return sign | (uint16_t)(size - 0x3f000000);
    }
    return sign | (uint16_t)((size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13);
}

#endif
