/* Tiles: copies between any strides and the contiguous rows that columns.h works on. Steps count elements. */

/* OUT out[r * out_row + c] = IN x[r * x_row + c * x_column]. Four at a time: reading from four places and writing once keeps
   the loads from waiting for stores at the same distance within a page. */
static void tile_gather(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_row, ptrdiff_t x_column, REAL *out,
                        ptrdiff_t out_row)
{
    enum { AT_ONCE = 4 };
    const ptrdiff_t whole = width - width % AT_ONCE;
    const int along = (x_row < 0 ? -x_row : x_row) < (x_column < 0 ? -x_column : x_column);
    const ptrdiff_t outer = along ? whole / AT_ONCE : rows, inner = along ? rows : whole / AT_ONCE;
    for (ptrdiff_t i = 0; i < outer; i++)
        for (ptrdiff_t j = 0; j < inner; j++) {
            const ptrdiff_t r = along ? j : i, c = (along ? i : j) * AT_ONCE;
            const REAL *from = x + r * x_row + c * x_column;
            const REAL some[AT_ONCE] = {from[0], from[x_column], from[2 * x_column], from[3 * x_column]};
            memcpy(out + r * out_row + c, some, sizeof some);
        }
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = whole; c < width; c++)
            out[r * out_row + c] = x[r * x_row + c * x_column];
}

/* IN/OUT out[r * width + c] becomes `hidden` where IN mask[r * mask_row + c * mask_column] is 0. */
static void tile_hide(ptrdiff_t rows, ptrdiff_t width, const char *mask, ptrdiff_t mask_row, ptrdiff_t mask_column,
                      REAL *out, REAL hidden)
{
    for (ptrdiff_t r = 0; r < rows; r++, mask += mask_row, out += width)
        if (mask_column == 1)
            for (ptrdiff_t c = 0; c < width; c++)
                out[c] = mask[c] ? out[c] : hidden;
        else
            for (ptrdiff_t c = 0; c < width; c++)
                out[c] = mask[c * mask_column] ? out[c] : hidden;
}
