"""Speed and accuracy, side by side with the peers.

    peers      the implementations: how each is called, in its own types and with equal threads
    inputs     the arrays: made, and real ones
    measure    time, in interleaved rounds: the one place that holds a clock
    accuracy   the exact results, and how far each implementation's are from them
    report     figures as tables and as JSON
    run        a grid of them: functions, dtypes, inputs
    command    all of it together: `python -m stablemath_core bench`

The full grid in benchmarks/ stands on the same modules. Nothing here is imported by the package itself.
"""
