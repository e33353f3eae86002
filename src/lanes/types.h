/* Parameters of a type, set from BITS; included again to take them back. */
#ifndef REAL
#if BITS == 64
#define REAL double
#define INT int64_t
#define UINT uint64_t
#define TYPE f64
#define CONSTANT(name) name##_F64
#define PACKED pd
#define LANE_MASK __mmask8
#define SIGNIFICAND 52
#define EXPONENT_SHIFT 48
#define EXP_DEGREE 5
#define ROUGH_DEGREE EXP_DEGREE
#define LOG_DEGREE 7
#define LOG_SHORT_DEGREE 6
#define LOG_WIDE_DEGREE 9
#define MAX_FINITE DBL_MAX
#define SHIFT_ABOVE 8192.0
#define DEPTH 760.0
#define SMALLEST 0x1p-1074
#define PARTS_DEPTH 670.0 /* both parts of exp(-PARTS_DEPTH) are normal numbers */
#define FAR 40.0          /* exp(-FAR) is nothing beside 1 */
#define BEYOND_DIGITS 0x1p-45
#define LEAST_CANCELLING 0x1p-1017 /* smaller logarithms have errors below the smallest number */
#define HEADROOM 200
#define LIFT 0x1p200
#define UNLIFT 0x1p-200
#define TINY 0x1p-200 /* nothing beside 1, and far from subnormal numbers */
/* What is larger, lifted, has a normal result, mostly with a normal second part. */
#define SMALL_TERM 0x1p-740
#define RESULT_BITS 0x1p-822  /* the least normal number, lifted: its last digit is the least number, lifted */
#define MAGIC 0x1.8p48        /* spacing 1/16 */
#define SCALED_MAGIC 0x1.8p49 /* spacing 1/8 */
#define SCALED_SHIFT 49
#define ROUGH_COEFFICIENT SCALED_EXP_F64
#define UNSCALE UNSCALE0_F64 /* as a sum of doubles */
#define UNSCALE_LOW UNSCALE1_F64
#define MAGIC_FINE 0x1.8p44 /* spacing 1/256 */
#define ROUND_TO_HALF 0x1.8p51
#define ROUND_TO_WHOLE 0x1.8p52
#define HALVES_BELOW 0x1p50
#define WEIGHT_RANGE 100 /* see weights.h */
#define LEAST_LIFT -120
#define MOST_LIFT 700
#define LN2_TAIL LN2_PART1_F64
#define LN2_LAST LN2_PART2_F64
#else
#define REAL float
#define INT int32_t
#define UINT uint32_t
#define TYPE f32
#define CONSTANT(name) name##_F32
#define PACKED ps
#define LANE_MASK __mmask16
#define SIGNIFICAND 23
#define EXPONENT_SHIFT 19
#define EXP_DEGREE 2
#define ROUGH_DEGREE 1
#define LOG_DEGREE 2
#define LOG_SHORT_DEGREE 2
#define LOG_WIDE_DEGREE 3
#define MAX_FINITE FLT_MAX
#define SHIFT_ABOVE 256.0f
#define DEPTH 110.0f
#define SMALLEST 0x1p-149f
#define PARTS_DEPTH 69.0f
#define FAR 20.0f
#define BEYOND_DIGITS 0x1p-16f
#define LEAST_CANCELLING 0x1p-125f
#define HEADROOM 64
#define LIFT 0x1p64f
#define UNLIFT 0x1p-64f
#define TINY 0x1p-60f
#define RESULT_BITS 0x1p-62f
#define SMALL_TERM 0x1p-36f
#define MAGIC 0x1.8p19f
#define SCALED_MAGIC 0x1.8p20f /* spacing 1/8 */
#define SCALED_SHIFT 20
#define ROUGH_COEFFICIENT ROUGH_EXP_F32
#define UNSCALE ((double)UNSCALE0_F32 + (double)UNSCALE1_F32)
#define UNSCALE_LOW 0.0
#define ROUND_TO_HALF 0x1.8p22f
#define ROUND_TO_WHOLE 0x1.8p23f
#define HALVES_BELOW 0x1p21f
#define WEIGHT_RANGE 40
#define LEAST_LIFT -30
#define MOST_LIFT 60
#define LN2_TAIL (LN2_PART1_F32 + LN2_PART2_F32)
#define LN2_LAST LN2_PART3_F32
#endif
#define INFINITE ((REAL)INFINITY)
#define EXP_COEFFICIENT CONSTANT(EXP)
#define SCALED_COEFFICIENT CONSTANT(SCALED_EXP)
#define LOG_COEFFICIENT CONSTANT(LOG)
#define LOG_SHORT_COEFFICIENT CONSTANT(LOG_SHORT)
#define LOG_WIDE_COEFFICIENT CONSTANT(LOG_WIDE)
#define POWER CONSTANT(POWER)
#define POWER_REST CONSTANT(POWER_REST)
#define SCALED_POWER CONSTANT(SCALED_POWER)
#define LN2_PART0 CONSTANT(LN2_PART0)
#define LN2_PART1 CONSTANT(LN2_PART1)
#define LN2_PART2 CONSTANT(LN2_PART2)
#define LN2_FULL0 CONSTANT(LN2_FULL0)
#define LN2_FULL1 CONSTANT(LN2_FULL1)
#define LOG2E CONSTANT(LOG2E)
#else
#undef REAL
#undef INT
#undef UINT
#undef TYPE
#undef CONSTANT
#undef PACKED
#undef LANE_MASK
#undef SIGNIFICAND
#undef EXPONENT_SHIFT
#undef EXP_DEGREE
#undef ROUGH_DEGREE
#undef LOG_DEGREE
#undef LOG_SHORT_DEGREE
#undef LOG_WIDE_DEGREE
#undef MAX_FINITE
#undef SHIFT_ABOVE
#undef DEPTH
#undef SMALLEST
#undef PARTS_DEPTH
#undef FAR
#undef BEYOND_DIGITS
#undef LEAST_CANCELLING
#undef HEADROOM
#undef LIFT
#undef UNLIFT
#undef TINY
#undef RESULT_BITS
#undef SMALL_TERM
#undef MAGIC
#undef MAGIC_FINE
#undef ROUND_TO_HALF
#undef ROUND_TO_WHOLE
#undef HALVES_BELOW
#undef WEIGHT_RANGE
#undef LEAST_LIFT
#undef MOST_LIFT
#undef LN2_TAIL
#undef LN2_LAST
#undef INFINITE
#undef EXP_COEFFICIENT
#undef ROUGH_COEFFICIENT
#undef LOG_COEFFICIENT
#undef LOG_SHORT_COEFFICIENT
#undef LOG_WIDE_COEFFICIENT
#undef POWER
#undef POWER_REST
#undef SCALED_POWER
#undef SCALED_MAGIC
#undef SCALED_SHIFT
#undef SCALED_COEFFICIENT
#undef UNSCALE
#undef UNSCALE_LOW
#undef LN2_PART0
#undef LN2_PART1
#undef LN2_PART2
#undef LN2_FULL0
#undef LN2_FULL1
#undef LOG2E
#undef LANES
#endif
