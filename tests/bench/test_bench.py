"""The comparison is fair: the same data and questions, and a table that shows what was not met."""

from pathlib import Path

import pytest
import yaml

from nlu.measuring.stock import as_rasa
from nlu.training_data import FACTS, read_training
from tests.bench import page
from tests.bench.data import SAID, examples, own_project, stock_project
from tests.bench.page import Measured
from tests.bench.sides import seconds_of_epochs


def test_thin_data_still_holds_every_intent() -> None:
    whole, thin = examples(1), examples(40)
    assert {example.intent for example in thin} == {example.intent for example in whole}
    assert len(thin) < len(whole) / 10


def test_what_people_say_to_both_is_in_no_training_data() -> None:
    long = [text for text in SAID if len(text) > 6]
    assert long
    known = {example.text for example in [*examples(1), *examples(1, FACTS)]}
    assert not set(long) & known


def test_both_sides_are_trained_on_the_same_messages(tmp_path: Path) -> None:
    held, beside = examples(200), examples(200, FACTS)
    stock_project(tmp_path / "stock", [*held, *beside])
    own_project(tmp_path / "own", held, every=200)
    data = tmp_path / "own" / "nlu" / "data"
    ours = read_training(data / "nlu") + read_training(data / "facts")
    theirs = read_training(tmp_path / "stock" / "data")
    assert {(e.text, e.intent, e.spans) for e in ours} == {
        (e.text, e.intent, e.spans) for e in theirs
    }
    assert len(ours) == len(held) + len(beside)


def test_facts_survive_being_written_for_rasa(tmp_path: Path) -> None:
    held = [each for each in examples(1) if each.spans][:300]
    (tmp_path / "nlu.yml").write_text(as_rasa(held), encoding="utf-8")
    assert {(e.text, e.spans) for e in read_training(tmp_path)} == {(e.text, e.spans) for e in held}


def test_the_stock_project_names_every_intent_it_is_trained_on(tmp_path: Path) -> None:
    held = examples(200)
    stock_project(tmp_path, held)
    domain = yaml.safe_load((tmp_path / "domain.yml").read_text(encoding="utf-8"))
    assert {example.intent.partition("/")[0] for example in held} == set(domain["intents"])


@pytest.mark.parametrize(("ours", "theirs", "met"), [(5.0, 100.0, "yes"), (40.0, 100.0, "no")])
def test_an_aim_that_is_not_met_is_said_to_be_so(ours: float, theirs: float, met: str) -> None:
    own, stock = Measured({"p50": [ours]}), Measured({"p50": [theirs]})
    row = next(line for line in page.table(own, stock) if "p50" in line)
    assert row.endswith(f"| {met} |")


def test_more_turns_a_second_are_better() -> None:
    own, stock = Measured({"rate16": [200.0]}), Measured({"rate16": [20.0]})
    row = next(line for line in page.table(own, stock) if "16 people | 2" in line)
    assert "10.0 ×" in row
    assert row.endswith("| yes |")


def test_what_was_not_measured_is_not_claimed() -> None:
    row = page.table(Measured(), Measured())[-1]
    assert row.count("not measured") == 2
    assert "yes" not in row


def test_the_time_of_all_epochs_is_reckoned_from_the_bars_of_the_log() -> None:
    log = (
        "Epochs:  50%|█████     | 1/2 [00:40<00:40, 40.0s/it]\r"
        "Epochs: 100%|██████████| 2/2 [01:20<00:00, 40.0s/it, loss=1]\r"
        "Epochs: 100%|██████████| 2/2 [01:20<00:00, 40.0s/it, loss=1]\n"
        "Epochs: 100%|██████████| 2/2 [1:00:05<00:00, 2.5s/it]\n"
    )
    assert seconds_of_epochs(log, 2) == 80 + 3605
    with pytest.raises(ValueError, match="no epochs"):
        seconds_of_epochs("nothing", 2)
