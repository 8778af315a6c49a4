"""Measurements, side by side in one run: ``python -m tests.bench``.

They prove nothing and never fail: every figure is a ratio to something that was measured between the
same repetitions on the same machine, because times alone say more about the machine than about us.
"""
