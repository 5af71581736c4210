import numpy as np

from qalqan.simulate.calls.talks import LONGEST_S, Manner, talks


def test_only_answered_calls_last():
    drawn = talks(np.random.default_rng(6), 20_000, Manner(0.4, 100, 1.0))
    answered = drawn["answered"] == 1
    assert 0.37 < answered.mean() < 0.43
    assert (drawn["duration_s"][~answered] == 0).all()
    assert drawn["duration_s"][answered].min() >= 1
    assert drawn["duration_s"].max() <= LONGEST_S
    assert 85 < np.median(drawn["duration_s"][answered]) < 115
    assert drawn["ring_s"].min() >= 1
