from __future__ import annotations

import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from nlu.encoder import Pieces
from nlu.network import Reading
from nlu.thresholds import TEMPERATURE
from nlu.understanding import Understanding, _keep_to, leaning


def test_an_urgent_reading_that_is_likely_enough_comes_first() -> None:
    ranking = [("inform", 0.6), ("report_emergency", 0.2), ("child_seeking_help", 0.1)]
    assert leaning(ranking, "")[0][0] == "report_emergency"
    assert [name for name, _ in leaning(ranking, "")][1:] == ["inform", "child_seeking_help"]


def test_a_faint_urgent_reading_changes_nothing() -> None:
    ranking = [("greet", 0.9), ("report_emergency", 0.05)]
    assert leaning(ranking, "") == tuple(ranking)


def test_a_clear_urgent_reading_keeps_its_own_share() -> None:
    ranking = [("report_emergency", 0.7), ("child_seeking_help", 0.2)]
    assert leaning(ranking, "") == tuple(ranking)


def test_an_old_person_alone_comes_first_where_no_child_is_named() -> None:
    ranking = [("report_unattended_child", 0.7), ("report_elder_alone", 0.25), ("inform", 0.05)]
    assert leaning(ranking, "阿婆一个人住,门关着")[0] == ("report_elder_alone", 0.25)
    assert len(leaning(ranking, "阿婆一个人住,门关着")) == len(ranking)
    assert leaning(ranking, "阿婆带着三岁的娃") == tuple(ranking)
    faint = [("report_unattended_child", 0.85), ("report_elder_alone", 0.15)]
    assert leaning(faint, "阿婆一个人住") == tuple(faint)
    other = [("out_of_scope", 0.6), ("report_elder_alone", 0.4)]
    assert leaning(other, "阿婆一个人住") == tuple(other)


def test_everyday_talk_comes_oftener_than_it_is_trained_on() -> None:
    labels = ("child_seeking_help", "greet", "out_of_scope")
    grams = SimpleNamespace(labels=labels, margins=lambda row: np.zeros(3, np.float32))
    parts = Understanding(None, grams, None, None)  # type: ignore[arg-type] # only the n-grams are asked
    scores = np.log(np.array([0.05, 0.6, 0.35], np.float32)) / np.float32(TEMPERATURE)
    reading = Reading(scores, np.zeros((0, 0), np.float32), Pieces(np.zeros(0, np.int64), ()))
    row = (np.zeros(0, np.int64), np.zeros(0, np.float32))
    ranking = parts.ranking("今天真冷", reading, row)
    assert [name for name, _ in ranking] == ["out_of_scope", "greet", "child_seeking_help"]
    assert dict(ranking)["out_of_scope"] == pytest.approx(0.7 / 1.35, rel=1e-4)
    assert sum(value for _, value in ranking) == pytest.approx(1)


def test_what_is_plainly_asked_is_a_question() -> None:
    asked = [("faq/privacy", 0.7), ("child_seeking_help", 0.25)]
    assert leaning(asked, "") == tuple(asked)
    unsure = [("faq/privacy", 0.45), ("child_seeking_help", 0.25)]
    assert leaning(unsure, "")[0][0] == "child_seeking_help"


def test_an_urgent_opener_gives_way_to_an_old_person_alone_only_where_it_is_less_likely() -> None:
    loud = [("child_seeking_help", 0.6), ("report_elder_alone", 0.4)]
    assert leaning(loud, "没人开门") == tuple(loud)
    faint = [("report_elder_alone", 0.75), ("child_seeking_help", 0.25)]
    assert leaning(faint, "没人开门") == tuple(faint)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux alone pins threads")
def test_a_process_is_kept_to_some_cores_and_let_go_with_all_its_threads() -> None:
    cores = sorted(os.sched_getaffinity(0))
    asked, seen = threading.Event(), []

    def wait() -> None:
        asked.wait()
        seen.append(os.sched_getaffinity(0))

    other = threading.Thread(target=wait)
    other.start()
    try:
        _keep_to(cores[:1])
        assert os.sched_getaffinity(0) == {cores[0]}
        _keep_to([])
        assert os.sched_getaffinity(0) == {cores[0]}
        asked.set()
        other.join()
        assert seen == [{cores[0]}]
    finally:
        asked.set()
        _keep_to(cores)
    assert os.sched_getaffinity(0) == set(cores)
