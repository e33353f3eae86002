"""How cost_of_care.py changes the sources: (file, what stands there once, what is put in its place)."""

ONE_BY_ONE = ("kernels/resolve.pxi", "    if some >= 4:\n", "    if False:\n")

# What would be taken again is counted.
COUNTED = (
    ONE_BY_ONE,
    (
        "kernels/resolve.pxi",
        "cdef object exact = None\n",
        "cdef object exact = None\ncdef long long again[1]\n\n\ndef taken_again():\n    return again[0]\n",
    ),
    (
        "kernels/resolve.pxi",
        "            resolve[real](layout, ws, at, c, wanted, kind)\n",
        "            again[0] += 1\n",
    ),
)

# No care. A `continue` leaves the rest of a strip to be dropped by the compiler.
CARELESS = (
    # sums: a term in one part, no errors of additions
    (
        "lanes/totals.h",
        "((REAL)((sums) == SUM_OTHERS ? 0 : (sums) == SUM_ALL ? 2 : 2 * PLAINLY) * LIFT)",
        "((REAL)0)",
    ),
    (
        "lanes/totals.h",
        "    t->sum = sums == SUM_OTHERS ? ordered_two_sum(t->sum, power, &error) :"
        " fast_two_sum(t->sum, power, &error);\n"
        "    t->low += error;\n",
        "",
    ),
    (
        "lanes/totals.h",
        "    vec part = t->part;\n    t->part = vfma(power, rest, t->other);\n    t->other = part;\n",
        "    t->sum += vfma(power, rest, power);\n",
    ),
    (
        "lanes/totals.h",
        "    t->sum = fast_two_sum(t->sum, JOINED(sums) ? t->part + t->other : t->part, &error);\n"
        "    t->low += error;\n"
        "    if (!JOINED(sums)) {\n"
        "        t->sum = fast_two_sum(t->sum, t->other, &error);\n"
        "        t->low += error;\n"
        "    }\n"
        "    t->part = t->other = vsplat(0);\n",
        "",
    ),
    (
        "lanes/exact.h",
        "        high = two_sum(high, vexchange(high, half), &error);\n"
        "        low = (low + vexchange(low, half)) + error; /* the same in both */\n",
        "        high += vexchange(high, half);\n",
    ),
    (
        "lanes/rows.h",
        "    *low += vlane(rest) * factor + (product_error(whole, factor, product)"
        " + whole * (lift * UNSCALE_LOW));\n"
        "    *high = scalar_two_sum(*high, product, &error);\n"
        "    *low += error;\n",
        "    *high += product;\n",
    ),
    (
        "lanes/rows.h",
        "        *sum = i == 0 ? t.sum : two_sum(*sum, t.sum, &error);\n"
        "        *rest = i == 0 ? t.low : *rest + (t.low + error);\n",
        "        *sum = i == 0 ? t.sum : *sum + t.sum;\n        *rest = error;\n",
    ),
    (
        "lanes/columns.h",
        "product_low, error, product = two_product(t.sum, factor, &product_low);\n"
        "    vec rest = vfma(t.low, factor, vfma(t.sum, vsplat(lift * UNSCALE_LOW), product_low));\n"
        "    vstore_first(high, two_sum(vload_first(high, count, 0), product, &error), count);\n"
        "    vstore_first(low, vload_first(low, count, 0) + (error + rest), count);\n",
        "product = t.sum * factor;\n    vstore_first(high, vload_first(high, count, 0) + product, count);\n",
    ),
    ("lanes/wide.h", "    return vwiden(x) + vwiden(y);\n", "    return vwiden(x);\n"),
    (
        "lanes/states.h",
        "    return fast_two_sum(vload_first(high, count, 0) * vsplat(factor),"
        " vload_first(low, count, 0) * vsplat(factor),\n                        rest);\n",
        "    *rest = vsplat(0);\n    return vload_first(high, count, 0) * vsplat(factor);\n",
    ),
    ("lanes/states.h", "        *rest = vjoin(second[0], second[1]);\n", "        *rest = vsplat(0);\n"),
    (
        "lanes/states.h",
        "            double h = high[i + k], f = (double)a[k], p = h * f;\n"
        "            low[i + k] = (low[i + k] * f + (h * (double)b[k] + product_error(h, f, p)))"
        " * (double)UNLIFT;\n"
        "            high[i + k] = p * (double)UNLIFT;\n",
        "            high[i + k] *= (double)a[k] * (double)UNLIFT;\n",
    ),
    # softmax: one product with the inverse in one part
    ("lanes/rows.h", "vfma(term, inverse, term * inverse_low)", "term * inverse"),
    (
        "lanes/rows.h",
        "    vec error, p = two_product(term, inverse, &error);\n"
        "    return p + (error + term * inverse_low);\n",
        "    return term * inverse;\n",
    ),
    (
        "lanes/states.h",
        "        vec part = vfma(b, unscale, vfma(a, vsplat(CONSTANT(UNSCALE1)), error));\n",
        "        vec part = vsplat(0);\n",
    ),
    (
        "lanes/rows.h",
        "    *low = vfnma(inverse, rest, residual(one, inverse, sum)) * inverse;\n",
        "    *low = vsplat(0);\n",
    ),
    (
        "lanes/columns.h",
        "sum = fast_two_sum(t.sum - vsplat(BIAS(SUM_ALL)), t.low, &rest);\n",
        "sum = t.sum;\n        rest = vsplat(0);\n",
    ),
    # log_softmax: from the sum of all
    (
        "kernels/reduce.pxi",
        "SUM_OTHERS if wanted & (DO_LOG_SOFTMAX | DO_LOG | DO_APART) else SUM_ALL",
        "SUM_ALL",
    ),
    ("lanes/logs.h", "            vstore(inverse_low + (i - start), part);\n", ""),
    (
        "lanes/logs.h",
        "            if (whole)\n"
        "                a = load_sums(high + i, low + i, count, (double)LIFT / OTHERS_LIFT, &part);\n"
        "            else\n"
        "                a = fast_two_sum(vload_first(sum + i, count, 0),"
        " vload_first(rest + i, count, 0), &part);\n",
        "            a = whole ? load_sums(high + i, low + i, count, 1, &part)"
        " : vload_first(sum + i, count, 0) * vsplat(UNLIFT);\n"
        "            vstore_first(log + i, log_scaled(a * factor, vsplat(0)), count);\n"
        "            continue;\n",
    ),
    ("lanes/logs.h", "shifted, SUM_OTHERS, start, end, NULL", "shifted, SUM_ALL, 0, 0, NULL"),
    (
        "lanes/logs.h",
        "    vec log = log_of_others(m, sum, rest, factor, part, vsplat(least) * vsplat(LIFT),"
        " &open, &top);\n    if (vany(open | top))\n        return 1;\n",
        "    vec log = log_scaled(sum * factor * vsplat(UNLIFT), vsplat(0));\n",
    ),
    (
        "lanes/logs.h",
        "ref, shifted, SUM_OTHERS,\n"
        "                              vselect(finite, top, vsplat((REAL)NAN)), &number, NULL, 0, 0, &t););\n"
        "        total_add_equal(&t, top, ref, number);\n",
        "ref, shifted, SUM_ALL, top, NULL, NULL, 0, 0, &t););\n",
    ),
    # results: a rounded logarithm, no bounds, nothing taken again
    (
        "lanes/values.h",
        "sum = vload_first(high + i, count, 1), error, tail;\n",
        "sum = vload_first(high + i, count, 1), error, tail;\n"
        "        vec log = log_scaled(sum, vload_first(power + i, count, 0)) + sum * vsplat(0);\n"
        "        log += vload_first(shift + i, count, 0);\n"
        "        vstore_first(value + i, vselect(vless(at, vsplat(-MAX_FINITE)), at + sum, log), count);\n"
        "        continue;\n",
    ),
    (
        "lanes/values.h",
        "        vmask bottom = vless(at, vsplat(-FLT_MAX)), top = vless(vsplat(FLT_MAX), at);\n",
        "        vmask bottom = vless(at, vsplat(-FLT_MAX)), top = bottom;\n"
        "        l += vload_first(shift + i, count, 0) + sum * vsplat(0);\n"
        "        vstore_first(value + i, vselect(bottom, at + sum, l), count);\n"
        "        continue;\n",
    ),
    ONE_BY_ONE,
    ("kernels/resolve.pxi", "            some += ws.care[c] & wanted != 0\n", "            pass\n"),
    ("kernels/fast.pxi", "    return not care & WANT_VALUE\n", "    return True\n"),
)
