/* One template, many inclusions: every name below expands to itself plus the suffix of the inclusion at hand
   (`vload` is `vload_avx2_f64` there), so that the sources read as if there were one instruction set and one type. */
#ifndef STABLEMATH_NAMES_H
#define STABLEMATH_NAMES_H

#define NAME_PASTE(name, set, type) name##_##set##_##type
#define NAME_EXPAND(name, set, type) NAME_PASTE(name, set, type)
#define NAME(name) NAME_EXPAND(name, SET, TYPE)

/* vector.h */
#define vec NAME(vec)
#define ivec NAME(ivec)
#define vsplat NAME(vsplat)
#define isplat NAME(isplat)
#define vload NAME(vload)
#define vstore NAME(vstore)
#define vload_some NAME(vload_some)
#define vstore_some NAME(vstore_some)
#define vload_first NAME(vload_first)
#define vstore_first NAME(vstore_first)
#define vstore_double NAME(vstore_double)
#define vstream NAME(vstream)
#define as_int NAME(as_int)
#define as_real NAME(as_real)
#define vselect NAME(vselect)
#define vless NAME(vless)
#define vabs NAME(vabs)
#define vmax NAME(vmax)
#define vmin NAME(vmin)
#define vfma NAME(vfma)
#define vfnma NAME(vfnma)
#define vlookup NAME(vlookup)
#define vany NAME(vany)
#define shift_left NAME(shift_left)
#define shift_right NAME(shift_right)

/* exact.h */
#define two_sum NAME(two_sum)
#define fast_two_sum NAME(fast_two_sum)
#define two_product NAME(two_product)

/* exponential.h */
#define reference NAME(reference)
#define reference_of NAME(reference_of)
#define is_shifted NAME(is_shifted)
#define reduce NAME(reduce)
#define power_and_rest NAME(power_and_rest)
#define exp_polynomial NAME(exp_polynomial)
#define exponential NAME(exponential)

/* logarithm.h */
#define split_exponent NAME(split_exponent)
#define log_parts NAME(log_parts)
#define log1p_parts NAME(log1p_parts)

/* rows.h, columns.h, states.h */
#define total NAME(total)
#define total_empty NAME(total_empty)
#define total_add NAME(total_add)
#define total_settle NAME(total_settle)
#define total_fold NAME(total_fold)
#define quotient NAME(quotient)
#define rows_maximum NAME(rows_maximum)
#define rows_group NAME(rows_group)
#define rows_choose NAME(rows_choose)
#define rows_pass NAME(rows_pass)
#define rows_sum NAME(rows_sum)
#define rows_store NAME(rows_store)
#define rows_normalise NAME(rows_normalise)
#define rows_exponentiate NAME(rows_exponentiate)
#define rows_exponentiate_pass NAME(rows_exponentiate_pass)
#define rows_subtract NAME(rows_subtract)
#define columns_fold NAME(columns_fold)
#define columns_maximum NAME(columns_maximum)
#define columns_pass NAME(columns_pass)
#define columns_sum NAME(columns_sum)
#define columns_store NAME(columns_store)
#define columns_normalise NAME(columns_normalise)
#define columns_exponentiate NAME(columns_exponentiate)
#define columns_subtract NAME(columns_subtract)
#define states_peaks NAME(states_peaks)
#define states_rescale NAME(states_rescale)
#define states_origins NAME(states_origins)
#define store_care NAME(store_care)
#define states_values NAME(states_values)
#define states_finish NAME(states_finish)
#define log1p_pairs NAME(log1p_pairs)
#define states_inverse NAME(states_inverse)

/* cumulative.h */
#define scan_probe NAME(scan_probe)
#define scan_terms NAME(scan_terms)
#define scan_sum NAME(scan_sum)
#define scan_extended NAME(scan_extended)

/* tiles.h */
#define tile_gather NAME(tile_gather)
#define tile_hide NAME(tile_hide)

/* weighted.h, extended.h */
#define weighted_maximum NAME(weighted_maximum)
#define weighted_sum NAME(weighted_sum)
#define exponent_log NAME(exponent_log)
#define weight_counts NAME(weight_counts)
#define weight_exponent NAME(weight_exponent)
#define triple NAME(triple)
#define pair NAME(pair)
#define pair_multiply NAME(pair_multiply)
#define pair_add NAME(pair_add)
#define extended_reduce NAME(extended_reduce)
#define extended_rest NAME(extended_rest)
#define extended_power NAME(extended_power)
#define extended_add NAME(extended_add)
#define extended_term NAME(extended_term)
#define extended_sum NAME(extended_sum)

#endif
