"""The full grid of speed and accuracy: `make bench-full`, or `python -m benchmarks` in the checkout.

    __main__   runs the parts, each in a process of its own, and judges them
    grid       the three functions on every shape and layout, with one thread or more
    scaling    two threads against one
    tables     the lower instruction sets against the best
    memory     what a call allocates
    relatives  masks, running sums, means, states; elementwise functions; losses
    targets    the seven targets of speed, and which of them are met
    figure     a picture of the grid
    markdown   the grid's figures for a README

It measures with stablemath_core._bench, as the short benchmark does. The parts write JSON into one folder.
"""
