/* Tiles: copies between any strides and the contiguous rows that columns.h works on. Steps count elements. */

#ifdef SHUFFLE
typedef REAL four __attribute__((vector_size(4 * sizeof(REAL))));

/* OUT out[r * out_row + c] = IN x[c * x_row + r] for a block of 4 x 4. */
INLINE void transpose_four(const REAL *x, ptrdiff_t x_row, REAL *out, ptrdiff_t out_row)
{
    four a, b, c, d;
    memcpy(&a, x, sizeof a);
    memcpy(&b, x + x_row, sizeof b);
    memcpy(&c, x + 2 * x_row, sizeof c);
    memcpy(&d, x + 3 * x_row, sizeof d);
    four ac_low = SHUFFLE(a, c, 0, 4, 1, 5), ac_high = SHUFFLE(a, c, 2, 6, 3, 7);
    four bd_low = SHUFFLE(b, d, 0, 4, 1, 5), bd_high = SHUFFLE(b, d, 2, 6, 3, 7);
    a = SHUFFLE(ac_low, bd_low, 0, 4, 1, 5);
    b = SHUFFLE(ac_low, bd_low, 2, 6, 3, 7);
    c = SHUFFLE(ac_high, bd_high, 0, 4, 1, 5);
    d = SHUFFLE(ac_high, bd_high, 2, 6, 3, 7);
    memcpy(out, &a, sizeof a);
    memcpy(out + out_row, &b, sizeof b);
    memcpy(out + 2 * out_row, &c, sizeof c);
    memcpy(out + 3 * out_row, &d, sizeof d);
}
#endif

/* OUT out[n] = IN x[0], x[-1], x[-2], ... */
INLINE void reverse(ptrdiff_t n, const REAL *x, REAL *out)
{
    ptrdiff_t i = 0;
#ifdef SHUFFLE
    for (; i + 4 <= n; i += 4) {
        four a;
        memcpy(&a, x - i - 3, sizeof a);
        a = SHUFFLE(a, a, 3, 2, 1, 0);
        memcpy(out + i, &a, sizeof a);
    }
#endif
    for (; i < n; i++)
        out[i] = x[-i];
}

/* OUT out[r * out_row + c] = IN x[r * x_row + c * x_column]; blocks of 4 x 4 where it is a transposition. */
static void tile_gather(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_row, ptrdiff_t x_column, REAL *out,
                        ptrdiff_t out_row)
{
    ptrdiff_t done_rows = 0, done_columns = 0;
    if (x_column == 1) {
        for (ptrdiff_t r = 0; r < rows; r++, x += x_row, out += out_row)
            STRIPS(c, width, vstore_first(out + c, vload_first(x + c, count, 0), count););
        return;
    }
    if (x_column == -1) {
        for (ptrdiff_t r = 0; r < rows; r++)
            reverse(width, x + r * x_row, out + r * out_row);
        return;
    }
    if (x_row == -1) { /* upside down */
        x -= rows - 1;
        x_row = 1;
        out += (rows - 1) * out_row;
        out_row = -out_row;
    }
#ifdef SHUFFLE
    if (x_row == 1) {
        done_rows = rows - rows % 4;
        done_columns = width - width % 4;
        for (ptrdiff_t c = 0; c < done_columns; c += 4)
            for (ptrdiff_t r = 0; r < done_rows; r += 4)
                transpose_four(x + c * x_column + r, x_column, out + r * out_row + c, out_row);
    }
#endif
    for (ptrdiff_t c = 0; c < width; c++)
        for (ptrdiff_t r = c < done_columns ? done_rows : 0; r < rows; r++)
            out[r * out_row + c] = x[r * x_row + c * x_column];
}

/* Lanes of x where the mask's bytes, `step` apart, are not 0, and of `hidden` elsewhere: without a branch. */
INLINE vec tile_masked(vec x, const char *mask, ptrdiff_t step, vec hidden, ptrdiff_t count)
{
    INT shown[LANES] = {0};
    ivec bits;
    for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++)
        shown[k] = -(INT)(mask[k * step] != 0);
    memcpy(&bits, shown, sizeof bits);
    return vselect(bits, x, hidden);
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
