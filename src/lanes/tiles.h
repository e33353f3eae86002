/* Tiles: copies between any strides and the contiguous rows that columns.h works on. Steps count elements. */

#if SHUFFLES
typedef REAL four __attribute__((vector_size(4 * sizeof(REAL))));
typedef REAL eight __attribute__((vector_size(8 * sizeof(REAL))));

/* OUT out[r * out_row + c] = IN x[c * x_column + r] for r < rows, c < columns, a constant; at most 4 of each. Reads four rows of
   each column. */
INLINE void transpose_four(ptrdiff_t rows, int columns, const REAL *x, ptrdiff_t x_column, REAL *out, ptrdiff_t out_row)
{
    const size_t bytes = (size_t)columns * sizeof(REAL);
    four a, b, c, d;
    memcpy(&a, x, sizeof a);
    memcpy(&b, x + (columns > 1) * x_column, sizeof b);
    memcpy(&c, x + (columns > 2) * 2 * x_column, sizeof c);
    memcpy(&d, x + (columns > 3) * 3 * x_column, sizeof d);
    four ac_low = SHUFFLE(a, c, 0, 4, 1, 5), ac_high = SHUFFLE(a, c, 2, 6, 3, 7);
    four bd_low = SHUFFLE(b, d, 0, 4, 1, 5), bd_high = SHUFFLE(b, d, 2, 6, 3, 7);
    a = SHUFFLE(ac_low, bd_low, 0, 4, 1, 5);
    b = SHUFFLE(ac_low, bd_low, 2, 6, 3, 7);
    c = SHUFFLE(ac_high, bd_high, 0, 4, 1, 5);
    d = SHUFFLE(ac_high, bd_high, 2, 6, 3, 7);
    memcpy(out, &a, bytes);
    if (rows > 1)
        memcpy(out + out_row, &b, bytes);
    if (rows > 2)
        memcpy(out + 2 * out_row, &c, bytes);
    if (rows > 3)
        memcpy(out + 3 * out_row, &d, bytes);
}

/* The same of eight columns, four and four side by side: half the shuffles and stores. Of use for float32, whose fours lie within
   128 bits, where shuffles are cheap. */
INLINE void transpose_eight(ptrdiff_t rows, const REAL *x, ptrdiff_t x_column, REAL *out, ptrdiff_t out_row)
{
    four at[8];
    for (int k = 0; k < 8; k++)
        memcpy(&at[k], x + k * x_column, sizeof at[k]);
    eight a = SHUFFLE(at[0], at[4], 0, 1, 2, 3, 4, 5, 6, 7), b = SHUFFLE(at[1], at[5], 0, 1, 2, 3, 4, 5, 6, 7);
    eight c = SHUFFLE(at[2], at[6], 0, 1, 2, 3, 4, 5, 6, 7), d = SHUFFLE(at[3], at[7], 0, 1, 2, 3, 4, 5, 6, 7);
    eight ac_low = SHUFFLE(a, c, 0, 8, 1, 9, 4, 12, 5, 13), ac_high = SHUFFLE(a, c, 2, 10, 3, 11, 6, 14, 7, 15);
    eight bd_low = SHUFFLE(b, d, 0, 8, 1, 9, 4, 12, 5, 13), bd_high = SHUFFLE(b, d, 2, 10, 3, 11, 6, 14, 7, 15);
    const eight row[4] = {
        SHUFFLE(ac_low, bd_low, 0, 8, 1, 9, 4, 12, 5, 13),
        SHUFFLE(ac_low, bd_low, 2, 10, 3, 11, 6, 14, 7, 15),
        SHUFFLE(ac_high, bd_high, 0, 8, 1, 9, 4, 12, 5, 13),
        SHUFFLE(ac_high, bd_high, 2, 10, 3, 11, 6, 14, 7, 15),
    };
    for (int r = 0; r < 4 && r < rows; r++)
        memcpy(out + r * out_row, &row[r], sizeof row[r]);
}

INLINE void transpose_some(ptrdiff_t rows, int columns, const REAL *x, ptrdiff_t x_column, REAL *out, ptrdiff_t out_row)
{
    if (columns == 8)
        transpose_eight(rows, x, x_column, out, out_row);
    else
        transpose_four(rows, columns, x, x_column, out, out_row);
}

/* The same for any number of rows. What is left of them by fours is read with what follows, the start of the next column but
   one, and by itself where there may be none (`last`). */
INLINE void transpose_columns(ptrdiff_t rows, int columns, int last, const REAL *x, ptrdiff_t x_column, REAL *out,
                              ptrdiff_t out_row)
{
    ptrdiff_t r = 0;
    for (; r + 4 <= rows; r += 4)
        transpose_some(4, columns, x + r, x_column, out + r * out_row, out_row);
    if (r < rows && !last)
        transpose_some(rows - r, columns, x + r, x_column, out + r * out_row, out_row);
    else
        for (; r < rows; r++)
            for (int c = 0; c < columns; c++)
                out[r * out_row + c] = x[c * x_column + r];
}

/* The same for any number of columns. */
INLINE void transpose(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_column, REAL *out, ptrdiff_t out_row)
{
    for (; BITS == 32 && LANES >= 8 && width >= 8; width -= 8, x += 8 * x_column, out += 8)
        transpose_columns(rows, 8, width == 8, x, x_column, out, out_row);
    for (; width >= 4; width -= 4, x += 4 * x_column, out += 4)
        transpose_columns(rows, 4, width == 4, x, x_column, out, out_row);
    if (width == 3)
        transpose_columns(rows, 3, 1, x, x_column, out, out_row);
    else if (width == 2)
        transpose_columns(rows, 2, 1, x, x_column, out, out_row);
    else if (width == 1)
        transpose_columns(rows, 1, 1, x, x_column, out, out_row);
}
#endif

/* OUT out[n] = IN x[0], x[step], ...: several at once where the step is 2 or -1, reading nothing beyond the last. What lies
   `ahead` bytes further is wanted soon. */
INLINE void gather_row(ptrdiff_t n, const REAL *x, ptrdiff_t step, ptrdiff_t ahead, REAL *out)
{
    ptrdiff_t i = 0;
#if SHUFFLES
    if (step == 2) {
        for (; LANES >= 8 && i + 8 < n; i += 8) {
            eight a, b;
            memcpy(&a, x + 2 * i, sizeof a);
            memcpy(&b, x + 2 * i + 8, sizeof b);
            vprefetch(x + 2 * i, ahead);
            vprefetch(x + 2 * i + 8, ahead);
            a = SHUFFLE(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
            memcpy(out + i, &a, sizeof a);
        }
        for (; i + 4 < n; i += 4) {
            four a, b;
            memcpy(&a, x + 2 * i, sizeof a);
            memcpy(&b, x + 2 * i + 4, sizeof b);
            a = SHUFFLE(a, b, 0, 2, 4, 6);
            memcpy(out + i, &a, sizeof a);
        }
    } else if (step == -1)
        for (; i + 4 <= n; i += 4) {
            four a;
            memcpy(&a, x - i - 3, sizeof a);
            a = SHUFFLE(a, a, 3, 2, 1, 0);
            memcpy(out + i, &a, sizeof a);
        }
#endif
    (void)ahead; /* where nothing shuffles */
    for (; i < n; i++)
        out[i] = x[i * step];
}

/* OUT out[r * out_row + c] = IN x[r * x_row + c * x_column]: along the smaller step; blocks of 4 x 4 where it is a
   transposition. */
static void tile_gather(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_row, ptrdiff_t x_column, REAL *out,
                        ptrdiff_t out_row)
{
    if (x_column == 1) {
        for (ptrdiff_t r = 0; r < rows; r++, x += x_row, out += out_row)
            STRIPS(c, width, vstore_first(out + c, vload_first(x + c, count, 0), count););
        return;
    }
    if (rows == 1 || llabs(x_column) <= llabs(x_row)) {
        /* short rows from afar: the caches' own prefetching does not see the next coming */
        const ptrdiff_t size = sizeof(REAL), ahead = width * llabs(x_column) * size <= 2048 ? 10 * x_row * size : 0;
        for (ptrdiff_t r = 0; r < rows; r++)
            gather_row(width, x + r * x_row, x_column, ahead, out + r * out_row);
        return;
    }
    if (x_row == -1) { /* upside down */
        x -= rows - 1;
        x_row = 1;
        out += (rows - 1) * out_row;
        out_row = -out_row;
    }
#if SHUFFLES
    if (x_row == 1 && rows > 1 && x_column >= rows) {
        transpose(rows, width, x, x_column, out, out_row);
        return;
    }
#endif
    for (ptrdiff_t c = 0; c < width; c++)
        for (ptrdiff_t r = 0; r < rows; r++)
            out[r * out_row + c] = x[r * x_row + c * x_column];
}

/* Lanes of x where the mask's bytes, `step` apart, are not 0, and of `hidden` elsewhere: without a branch. */
INLINE vec tile_masked(vec x, const char *mask, ptrdiff_t step, vec hidden, ptrdiff_t count)
{
    if (step == 1 && count >= LANES)
        return vselect(vbytes(mask), x, hidden);
    char shown[LANES] = {0};
    for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++)
        shown[k] = mask[k * step];
    return vselect(vbytes(shown), x, hidden);
}

/* IN/OUT out[r * width + c] becomes `hidden` where IN mask[r * mask_row + c * mask_column] is 0. */
static void tile_hide(ptrdiff_t rows, ptrdiff_t width, const char *mask, ptrdiff_t mask_row, ptrdiff_t mask_column,
                      REAL *out, REAL hidden)
{
    for (ptrdiff_t r = 0; r < rows; r++, mask += mask_row, out += width)
        STRIPS(c, width, {
            vec x = vload_first(out + c, count, 0);
            vstore_first(out + c, tile_masked(x, mask + c * mask_column, mask_column, vsplat(hidden), count), count);
        });
}

/* OUT out[r * out_row + c] = IN x[r * x_row + c], or `hidden` where IN mask[r * mask_row + c] is 0; out may be x. */
static void tile_select(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_row, const char *mask,
                        ptrdiff_t mask_row, REAL hidden, REAL *out, ptrdiff_t out_row)
{
    if (x_row == width && mask_row == width && out_row == width) { /* one row, as it lies */
        width *= rows;
        rows = 1;
    }
    for (ptrdiff_t r = 0; r < rows; r++, x += x_row, mask += mask_row, out += out_row)
        STRIPS(c, width, {
            vec all = vload_first(x + c, count, 0);
            vstore_first(out + c, tile_masked(all, mask + c, 1, vsplat(hidden), count), count);
        });
}
