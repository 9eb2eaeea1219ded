"""Formulas of weather, effort, load and food: each with its source, its units and the range that it holds in.

A value that can't be (a humidity of 140 %, no number at all) raises `InvalidInputError` that names it. Where
a formula has nothing to say the answer is None. No function extrapolates in silence.
"""
