"""The table of evidence: every sentence that compares has its row, stands where it says, and is measured rightly."""

import json
import re

import numpy as np
import pytest
from scipy import stats

from benchmarks.evidence import CLAIMS, __main__, prose
from benchmarks.evidence.claims import (
    Claim,
    Exact,
    Seeds,
    Spread,
    Users,
    above,
    auc_of_users,
    below,
    estimate,
    mean_of_users,
    rmse_of_users,
    unproven,
    within,
)
from workshop.metrics import auc, rmse

SENTENCES = {name: prose.sentences(name) for name in prose.NOTEBOOKS}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_the_sentence_of_a_row_stands_in_its_notebook(claim):
    assert __main__.stands(claim), f"not in {claim.notebook}: {claim.sentence!r}; change the row, or measure anew"
    assert claim.n_units >= 16 or not isinstance(claim.measure, Seeds), "fewer than 16 seeds prove nothing"


def test_names_of_rows_are_unique():
    names = [claim.name for claim in CLAIMS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("notebook", prose.NOTEBOOKS)
def test_every_sentence_with_a_figure_or_a_comparison_is_accounted_for(notebook):
    told = [prose.plain(claim.sentence) for claim in CLAIMS if claim.notebook == notebook]
    need = [s for s in SENTENCES[notebook] if s.compares or not s.is_shown]
    rows = [s for s in need if any(part in s.text or s.text in part for part in told)]
    left = [s for s in need if s not in rows and not s.exempt]
    print(
        f"{notebook}: {len(SENTENCES[notebook])} sentences, {len(need)} compare or state what no cell shows: ", end=""
    )
    print(f"{len(rows)} in the table ({len(told)} rows), {len(need) - len(rows) - len(left)} exempt, {len(left)} left")
    assert not left, (
        f"these sentences of {notebook} compare, or state figures that no cell above shows: give each a row in "
        "benchmarks/evidence, a reason in exempt.toml, or a weaker form:\n" + "\n".join(s.text for s in left)
    )


def test_every_exemption_is_used():
    texts = [s.text for sentences in SENTENCES.values() for s in sentences]
    idle = [
        start for starts in prose.EXEMPT.values() for start in starts if not any(t.startswith(start) for t in texts)
    ]
    assert not idle, f"no sentence begins like that any more; take it out of exempt.toml: {idle}"


@pytest.mark.parametrize("notebook", prose.NOTEBOOKS)
def test_every_reference_is_cited(notebook):
    cells = json.loads(prose.NOTEBOOKS[notebook].read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    body, _, listed = text.partition("## References")
    for line in re.findall(r"^- (.+?\(\d{4}\))", listed, re.MULTILINE):
        surname = re.findall(r"[^\W\d_][\w'’-]+", line)[0]  # initials are shorter
        year = line[-5:-1]
        assert re.search(rf"{surname}[^\n]*?{year}", body), f"{line} is listed, and cited nowhere"


QUICK = [claim for claim in CLAIMS if claim.quick]


def test_quick_rows_hold(tmp_path):
    known = __main__.measure(QUICK, tmp_path / "evidence.json", bar=False)
    for claim in QUICK:
        effect = claim.measure.effect(known[claim.name]["values"])
        assert claim.rule.holds(effect), f"{claim.name}: {effect}, wanted {claim.rule.words}: {claim.sentence}"


def test_the_page_has_every_row_as_it_is():
    page = __main__.PAGE.read_text(encoding="utf-8")
    for claim in CLAIMS:
        rows = [line for line in page.splitlines() if line.startswith(f"| `{claim.name}` |")]
        assert len(rows) == 1, f"{claim.name} is not measured: make evidence"
        assert __main__.shown(claim.sentence) in rows[0] and "**no**" not in rows[0], rows[0]  # "not yet" is honest


def rows_of_users(n=300, seed=0):
    rng = np.random.default_rng(seed)
    users = rng.integers(0, 20, n)
    return users, rng.integers(0, 2, n), np.round(rng.normal(size=n), 1)


def test_a_bootstrap_by_users_is_that_of_a_loop_that_copies_rows():
    users, liked, score = rows_of_users()
    ours = auc_of_users(liked, score, users), rmse_of_users(liked, score, users), mean_of_users(score, users)
    assert ours[0][0] == pytest.approx(auc(liked, score))
    assert ours[1][0] == pytest.approx(rmse(liked, score))
    counts = np.random.default_rng(0).multinomial(20, np.full(20, 1 / 20), size=1000)
    for draw in (0, 1, 999):
        rows = np.concatenate([np.tile(np.flatnonzero(users == user), n) for user, n in enumerate(counts[draw])])
        assert ours[0][draw + 1] == pytest.approx(auc(liked[rows], score[rows]))
        assert ours[1][draw + 1] == pytest.approx(rmse(liked[rows], score[rows]))
        assert ours[2][draw + 1] == pytest.approx(score[rows].mean())


def test_users_with_many_rows_make_the_error_larger_than_rows_say():
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(50), 40)
    values = rng.normal(size=50)[users] + 0.1 * rng.normal(size=2000)
    by_users = mean_of_users(values, users)[1:].std()
    assert by_users == pytest.approx(rng.normal(size=50).std() / np.sqrt(50), rel=0.35)
    assert by_users > 4 * values.std() / np.sqrt(2000)


def test_intervals_are_those_of_scipy():
    values = np.random.default_rng(0).normal(3, 2, size=24).tolist()
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert Seeds(float, 24).effect(values) == pytest.approx((np.mean(values), *expected))
    spread = Spread(float, 24).effect(values)
    held = [stats.chi2.cdf(23 * (spread.estimate / end) ** 2, 23) for end in (spread.high, spread.low)]
    assert held == pytest.approx([0.025, 0.975])
    draws = Users(lambda: np.r_[0.5, np.arange(1001)])
    assert draws.effect(draws.summary()) == (0.5, 25, 975)


def test_rules_look_at_the_interval():
    wide, up = Seeds(float, 16).effect([-1.0, 1.1] * 8), Seeds(float, 16).effect([1.0, 1.1] * 8)
    assert unproven().holds(wide) and not unproven().holds(up)
    assert above(0).holds(up) and not above(0).holds(wide) and not below(0).holds(up)
    assert within(0.9, 1.2).holds(up) and not within(0.9, 1.05).holds(up)
    assert estimate(0, 0.1).holds(wide) and not estimate(0, 0.1).holds(up)


@pytest.fixture
def claim():
    asked = []

    def effect(seed):
        asked.append(seed)
        if len(asked) == 5:
            raise KeyboardInterrupt
        return 1.0 + seed / 100

    return Claim("x.row", "01_data_exploration", "a sentence", "an effect", Seeds(effect), above(0)), asked


def test_an_interrupted_run_goes_on_where_it_was(tmp_path, claim):
    row, asked = claim
    row.measure.of.__module__ = "benchmarks.evidence.part1"
    path = tmp_path / "evidence.json"
    with pytest.raises(KeyboardInterrupt):
        __main__.measure([row], path, bar=False)
    values = __main__.measure([row], path, bar=False)["x.row"]["values"]
    assert values == [1.0 + seed / 100 for seed in range(16)]
    assert 16 <= len(asked) <= 21, "seeds that were measured are not measured again"


def test_what_other_code_measured_is_measured_anew_unless_it_is_kept(tmp_path, claim):
    row, _ = claim
    row.measure.of.__module__ = "benchmarks.evidence.part1"
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps({"x.row": {"digest": "other", "commit": "older", "values": [7.0] * 16}}))
    assert __main__.measure([row], path, keep=True, bar=False)["x.row"]["values"] == [7.0] * 16
    with pytest.raises(KeyboardInterrupt):
        __main__.measure([row], path, bar=False)


def test_a_sentence_that_does_not_hold_ends_with_exit_code_1(monkeypatch, tmp_path, capsys):
    wrong = Claim("x.wrong", "01_data_exploration", "no such sentence", "zero", Exact(lambda: 0.0), above(1))
    monkeypatch.setattr(__main__, "CLAIMS", [wrong])
    monkeypatch.setattr(__main__, "PAGE", tmp_path / "evidence.md")
    monkeypatch.setattr(__main__, "measure", lambda claims, **_: {"x.wrong": {"values": [0.0], "commit": "abc"}})
    assert __main__.main([]) == 1
    said = capsys.readouterr().out
    assert "not in 01_data_exploration" in said and "wanted > 1" in said
    assert "**no**" in (tmp_path / "evidence.md").read_text()
