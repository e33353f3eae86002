/* One instruction set: both types, then its table. Parameters: SET, LEVEL, BYTES, HAS_FMA, taken back at the end. */

#define BITS 64
#include "types.h"
#include "vector.h"
#include "wide.h"
#include "horizontal.h"
#include "exact.h"
#include "exponential.h"
#include "logarithm.h"
#include "totals.h"
#include "rows.h"
#include "columns.h"
#include "weights.h"
#include "states.h"
#include "logs.h"
#include "tiles.h"
#include "values.h"
#include "weighted.h"
#include "extended.h"
#include "excess.h"
#include "cumulative.h"
#include "near_zero.h"
#include "elementwise.h"
#include "losses.h"
static const struct lanes_f64 NAME(table) = {
    LANES_MEMBERS,   ELEMENTWISE_MEMBERS, LOSS_MEMBERS,      states_values, states_finish, states_values_single,
    log1p_pairs,     weighted_maximum,    weighted_sum,      extended_sum,  excess_sum,    excess_scan,
    excess_log,      excess_columns,      scan_sums,         scan_values,   scan_widen,    scan_narrow,
    compensated_sum, surprisals,          surprisals_single,
};
#include "types.h"
#undef BITS

#define BITS 32
#include "types.h"
#include "vector.h"
#include "wide.h"
#include "horizontal.h"
#include "exact.h"
#include "exponential.h"
#include "logarithm.h"
#include "totals.h"
#include "rows.h"
#include "columns.h"
#include "weights.h"
#include "states.h"
#include "logs.h"
#include "tiles.h"
#include "near_zero.h"
#include "elementwise.h"
#include "losses.h"
static const struct lanes_f32 NAME(table) = {LANES_MEMBERS, ELEMENTWISE_MEMBERS, LOSS_MEMBERS};
#include "types.h"
#undef BITS

#undef LEVEL
#undef SET
#undef BYTES
#undef HAS_FMA
