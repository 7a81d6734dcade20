# SPDX-License-Identifier: Apache-2.0
"""What each operator of rastream should give, in NumPy and Xarray: ORACLES maps a name to a function of the inputs
(DataArrays without coordinates, or literals) and the operator's parameters. How near cells must be: expected_cells.py.
"""
import elementwise_oracles  # noqa: F401: these fill ORACLES
import fold_oracles  # noqa: F401
import view_oracles  # noqa: F401
import window_oracles  # noqa: F401
from expected_cells import ORACLES, difference, number  # noqa: F401

# Registered operators without an oracle here, and what tests them instead.
TESTED_ELSEWHERE = {
    "growing_degree_hours": "spring_index_series_test.cpp and test_real_series.py: a reference program",
    "spring_onset": "spring_index_series_test.cpp and test_real_series.py: a reference program",
}


def may_be_refused(function, message):
    """Refusals on purpose where NumPy answers: it lets a literal wrap around in a choice."""
    return function in ("where", "fillna") and "the literal" in message
