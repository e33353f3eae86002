/* Running sums of exponentials, in float64, a tile of `rows` x `width` elements at a time. Each column of a tile is a run of
   consecutive elements and has a lane: it is summed from nothing (scan_sums), and what precedes it is added on the way to the
   logs (scan_values). Sums keep the headroom of their terms. */

/* A sum is trusted from here on; smaller ones may lack terms that reference_of's depth cut short. */
#define SCAN_LEAST (0x1p-720 * LIFT)
/* Part of a sum which the growth in a column has to stay below for a short series to do. */
#define SCAN_FLAT 0x1p-8
#define SCAN_FLAT_ROWS 8 /* and from how many rows on it is any less work */

INLINE void scan_strip(ptrdiff_t rows, ptrdiff_t count, const double *x, ptrdiff_t step, reference ref, int shifted,
                       double *sum, double *low)
{
    vec all = vsplat(0), all_low = vsplat(0), error;
    for (ptrdiff_t r = 0; r < rows; r++) {
        vec at = vload_first(x + r * step, count, -INFINITY);
        vec rest, power = power_and_rest(vmax(ref.least, shifted ? at - ref.shift : at), exact_magic(ref), &rest);
        power = vselect(vless(at, vsplat(-MAX_FINITE)), vsplat(0), power); /* what is -inf counts for nothing at all */
        vec term = vfma(power, rest, power);
        all = two_sum(all, term, &error);
        all_low += error + vfma(power, rest, power - term);
        vstore_first(low + r * step, all_low, count);
        vstore_first(sum + r * step, all, count);
    }
}

/* OUT sum[rows][width] + low[rows][width]: in each column of IN x[rows][width] the exponentials of the elements so far, under
   the reference of IN m[width], which no element of the column exceeds. */
static void scan_sums(ptrdiff_t rows, ptrdiff_t width, const double *x, const double *m, double *sum, double *low)
{
    STRIPS(c, width, {
        reference ref = reference_of(vload_first(m + c, count, 0));
        if (is_shifted(ref))
            scan_strip(rows, count, x + c, width, ref, 1, sum + c, low + c);
        else
            scan_strip(rows, count, x + c, width, ref, 0, sum + c, low + c);
    });
}

/* The log of a sum under a reference: in two parts, or `plain`, a few roundings off. */
INLINE vec scan_log(vec sum, vec low, reference ref, int shifted, int plain, vec *tail)
{
    const vec power = vsplat(SCALED_MAGIC) - ref.magic;
    vec error, log;
    *tail = vsplat(0);
    if (plain)
        return ref.shift + log_scaled(sum + low, power);
    log = log_parts(sum, low, NULL, power, tail);
    if (shifted) {
        log = two_sum(ref.shift, log, &error);
        *tail += error;
    }
    return log;
}

/* log(1 + q) for 0 <= q < SCAN_FLAT, rounded to some 2^-60: the series. */
INLINE vec scan_log1p(vec q, vec tail)
{
    vec square = q * q, even = vfma(vsplat(-1.0 / 6), square, vsplat(-1.0 / 4));
    vec odd = vfma(vfma(vsplat(1.0 / 7), square, vsplat(1.0 / 5)), square, vsplat(1.0 / 3));
    even = vfma(even, square, vsplat(-1.0 / 2));
    return q + vfma(vfma(odd, q, even), square, tail);
}

/* The same where sums hardly grow any more: the log of what precedes the column and a short series. */
INLINE void scan_flat(ptrdiff_t rows, ptrdiff_t count, ptrdiff_t step, vec start, vec log, vec tail, double *value,
                      const double *low)
{
    const vec inverse = vsplat(1) / start;
    for (ptrdiff_t r = 0; r < rows; r++, value += step, low += step) {
        vec sum = vload_first(value, count, 0) + vload_first(low, count, 0);
        vstore_first(value, log + scan_log1p(sum * inverse, tail), count);
    }
}

INLINE void scan_logs(ptrdiff_t rows, ptrdiff_t count, ptrdiff_t step, reference ref, int shifted, int plain,
                      double near, double *before, double *before_low, double *value, const double *low,
                      unsigned char *found)
{
    const vec least = vsplat(SCAN_LEAST), start = vload_first(before, count, 2 * LIFT);
    const vec start_low = vload_first(before_low, count, 0);
    const ptrdiff_t last = (rows - 1) * step;
    vmask close = vfew(0), odd = vfew(0);
    vec tail, rest, all = two_sum(start, vload_first(value + last, count, 0), &rest);
    rest += start_low + vload_first(low + last, count, 0);
    all = fast_two_sum(all, rest, &rest);
    vstore_first(before, all, count);
    vstore_first(before_low, rest, count);
    vec log = scan_log(start, start_low, ref, shifted, plain, &tail);
    vmask flat = vless(least, start) & vless(all - start, start * vsplat(SCAN_FLAT));
    flat &= vless(vsplat(2 * (near + SCAN_FLAT)), vabs(log));
    if (rows >= SCAN_FLAT_ROWS && !vany(~flat)) {
        scan_flat(rows, count, step, start, log, tail, value, low);
        store_care(found, isplat(0), count);
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r++, value += step, low += step) {
        all = two_sum(start, vload_first(value, count, 0), &rest);
        rest += start_low + vload_first(low, count, 0);
        log = scan_log(all, rest, ref, shifted, plain, &tail);
        log += tail;
        vmask unsure = ~vless(least, all);
        if (vany(unsure)) {
            vmask nothing = ~(vless(all, vsplat(0)) | vless(vsplat(0), all)) & vless(all, vsplat(1));
            odd |= unsure & ~nothing;
            log = vselect(unsure, vselect(nothing, vsplat(-INFINITY), vsplat(NAN)), log);
        }
        close |= vless(vabs(log), vsplat(near));
        vstore_first(value, log, count);
    }
    store_care(found, vwhere(close, isplat(1)) | vwhere(odd, isplat(2)), count);
}

/* IN/OUT value[rows][width]: sums in columns, with IN low[rows][width], become the logs of these and of what precedes each
   column, IN/OUT before[width] + before_low[width], which becomes the sum at the column's end. The log of an empty sum is
   -inf, that of one too small to be trusted under this reference nan, and so is that of nan. OUT found[width]: whether any
   value of the column lies within `near` of 0 (bit 0) and whether any is nan (bit 1). */
static void scan_values(ptrdiff_t rows, ptrdiff_t width, const double *m, int plain, double near, double *before,
                        double *before_low, double *value, const double *low, unsigned char *found)
{
    STRIPS(c, width, {
        reference ref = reference_of(vload_first(m + c, count, 0));
        double *b = before + c, *bl = before_low + c, *v = value + c;
        if (plain)
            scan_logs(rows, count, width, ref, 1, 1, near, b, bl, v, low + c, found + c);
        else if (is_shifted(ref))
            scan_logs(rows, count, width, ref, 1, 0, near, b, bl, v, low + c, found + c);
        else
            scan_logs(rows, count, width, ref, 0, 0, near, b, bl, v, low + c, found + c);
    });
}

/* float32 elements as doubles, and back. */
static void scan_widen(ptrdiff_t n, const float *x, double *out)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = x[i];
}

static void scan_narrow(ptrdiff_t n, const double *x, float *out)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = (float)x[i];
}
