/* By how much sums of exponentials exceed 1, for logarithms close to 0.

   Where such a sum cancels against 1, mostly one element does it, that is itself next to 0 and stands beside tiny ones. Of an
   element that near exp(x) - 1 is summed, which has its digits relative to itself, and counted as one; what the count lacks
   of 1, or has beyond, is added in the end. So the error is relative to the size of what was summed, not to 1. A sum is five
   numbers, lifted by 2^EXCESS_LIFT, that nothing be subnormal which counts: its three parts, the ones, and its size. */

#define EXCESS_UNIT 0x1p800 /* 2^EXCESS_LIFT */
/* How often exp(x) - 1 counts in the size, since relative to itself it is off by more than other terms are. */
#define EXCESS_NEAR 256

typedef struct {
    triple sum;
    vec ones, size;
} excesses;

INLINE void excesses_add(excesses *to, vec x)
{
    vec one, size;
    triple t = extended_term(x, vsplat(1), isplat(0), 0, -EXCESS_LIFT, &one);
    extended_add(&to->sum, t);
    to->ones += one;
    size = vabs(t.a);
    to->size += vfma(size * vsplat(EXCESS_NEAR - 1), one, size);
}

/* OUT excess[count], lifted, of sums, the size[count] to which its error is relative, and their log[count]. */
INLINE void excesses_store(excesses sums, ptrdiff_t count, double *excess, double *size, double *log)
{
    const vec unlift = vsplat(1 / EXCESS_UNIT);
    vec error, low, ones = (sums.ones - vsplat(1)) * vsplat(EXCESS_UNIT);
    vec d = two_sum(sums.sum.a + ones, sums.sum.b, &error);
    d = two_sum(d, error + sums.sum.c, &low);
    vec q = d * unlift, l = log1p_parts(q, low * unlift, &error);
    /* of numbers that may be subnormal, which log1p_parts does not keep */
    l = vselect(vless(vabs(q), vsplat(0x1p-100)), (d + low) * unlift, l + error);
    vstore_first(excess, d, count);
    vstore_first(size, sums.size, count);
    vstore_first(log, l, count);
}

INLINE excesses excesses_none(void)
{
    excesses none = {{vsplat(0), vsplat(0), vsplat(0)}, vsplat(0), vsplat(0)};
    return none;
}

/* Adds a lane of sums, IN part[], its numbers LANES apart, to IN/OUT sum[5]. */
INLINE void excess_accumulate(double *sum, const double *part)
{
    triple_accumulate(sum, part[0], part[LANES], part[2 * LANES]);
    sum[3] += part[3 * LANES];
    sum[4] += part[4 * LANES];
}

/* Adds the exponentials of IN x[n] to IN/OUT sum[5]. */
static void excess_sum(ptrdiff_t n, const double *x, double *sum)
{
    excesses all = excesses_none();
    double part[5 * LANES];
    STRIPS(i, n, { excesses_add(&all, vload_first(x + i, count, -INFINITY)); });
    memcpy(part, &all, sizeof part);
    for (ptrdiff_t k = 0; k < LANES && k < n; k++)
        excess_accumulate(sum, part + k);
    triple_normalise(sum);
}

/* The same one by one: OUT excess[n], size[n] and log[n] are of each sum on the way, not all of those before `first`. */
static void excess_scan(ptrdiff_t n, const double *x, ptrdiff_t first, double *sum, double *excess, double *size,
                        double *log)
{
    STRIPS(i, n, {
        excesses strip = excesses_none();
        double part[5 * LANES];
        excesses_add(&strip, vload_first(x + i, count, -INFINITY));
        memcpy(part, &strip, sizeof part);
        for (ptrdiff_t k = 0; k < count; k++) {
            excess_accumulate(sum, part + k);
            for (int j = 0; j < 5; j++)
                part[j * LANES + k] = sum[j];
        }
        if (i + count > first) {
            memcpy(&strip, part, sizeof part);
            excesses_store(strip, count, excess + i, size + i, log + i);
        }
    });
    triple_normalise(sum);
}

/* OUT *excess, *size and *log of one sum, IN sum[5]. */
static void excess_log(const double *sum, double *excess, double *size, double *log)
{
    excesses one = {{vsplat(sum[0]), vsplat(sum[1]), vsplat(sum[2])}, vsplat(sum[3]), vsplat(sum[4])};
    excesses_store(one, 1, excess, size, log);
}

/* OUT excess[width], size[width] and log[width] of the columns of IN x[rows][width]. */
static void excess_columns(ptrdiff_t rows, ptrdiff_t width, const double *x, double *excess, double *size, double *log)
{
    STRIPS(i, width, {
        excesses all = excesses_none();
        for (ptrdiff_t r = 0; r < rows; r++)
            excesses_add(&all, vload_first(x + r * width + i, count, -INFINITY));
        excesses_store(all, count, excess + i, size + i, log + i);
    });
}
