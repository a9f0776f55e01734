"""What benchmarks rest on: canonical splits in the exact format of ml-100k, and ratings that look like ratings."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from benchmarks import published
from benchmarks.synthetic import synthetic_ratings
from workshop.datasets import load_movielens
from workshop.datasets.movielens import ML_100K_GENRES


@pytest.fixture
def folder(tmp_path):
    """Eight users and six movies: all files of a release, and the first two of its five splits."""
    folder = tmp_path / "ml-100k"
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = [f"{user}\t{item}\t{rng.integers(1, 6)}\t{881250949 + user}" for user in range(1, 9) for item in range(1, 7)]
    flags = "|".join(["0"] * (len(ML_100K_GENRES) - 2))
    items = [f"{item}|Café {item} (19{90 + item})|01-Jan-1995||http://x|0|{item % 2}|{flags}" for item in range(1, 7)]
    users = [f"{user}|{20 + user}|{'MF'[user % 2]}|{('writer', 'artist')[user % 2]}|85711" for user in range(1, 9)]
    (folder / "u.data").write_text("\n".join(rows))
    (folder / "u.item").write_text("\n".join(items), encoding="latin-1")
    (folder / "u.user").write_text("\n".join(users))
    for k in (1, 2):
        (folder / f"u{k}.base").write_text("\n".join(r for n, r in enumerate(rows) if n % 5 != k))
        (folder / f"u{k}.test").write_text("\n".join(r for n, r in enumerate(rows) if n % 5 == k))
    return folder


def test_canonical_splits_are_measured_beside_published_figures(folder, capsys):
    published.main(["--path", str(folder), "--folds", "1", "2", "--sweeps", "5"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ml-100k, RMSE in stars on u1, u2"
    ours = [line for line in lines if "ours" in line]
    assert len(ours) == len(published.MACHINES) and all(0.5 < float(line.split()[0]) < 3 for line in ours)
    assert any("GLocal-K" in line and "0.889" in line for line in lines)


def test_a_zip_file_holds_the_same_splits(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "ml-100k.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"ml-100k/{file.name}")
    frame = load_movielens(folder).frame
    for part in ("u1.base", "u2.test"):
        zipped = published.read_split(tmp_path / "ml-100k.zip", part, frame)
        assert zipped.equals(published.read_split(folder, part, frame))
    assert sum(len(published.read_split(folder, f"u1.{part}", frame)) for part in ("base", "test")) == 48


def test_a_split_with_other_ratings_is_refused(folder):
    frame, changed = load_movielens(folder).frame, folder / "u1.base"
    changed.write_text(changed.read_text().replace("\t5\t", "\t0.75\t"))
    with pytest.raises(ValueError, match="are not those of the release"):
        published.read_split(folder, "u1.base", frame)


@pytest.fixture(scope="module")
def ratings():
    return synthetic_ratings(100_004, seed=1)


def test_counts_and_pairs(ratings):
    assert len(ratings.frame) == 100_004
    assert ratings.frame["user"].nunique() == 671
    assert not ratings.frame.duplicated(["user", "item"]).any()
    assert set(ratings.frame["rating"]) <= set(np.arange(1, 11) / 2)


def test_shape_is_that_of_movielens(ratings):
    real = load_movielens().frame
    for column in ("user", "item"):
        share = [np.sort(f.groupby(column).size())[::-1] for f in (ratings.frame, real)]
        head = [s[: len(s) // 10].sum() / s.sum() for s in share]  # what the busiest tenth holds
        assert abs(head[0] - head[1]) < 0.15
    assert abs(ratings.frame["rating"].mean() - real["rating"].mean()) < 0.3
    assert abs(ratings.frame["rating"].std() - real["rating"].std()) < 0.15


def test_there_is_structure_to_learn(ratings):
    frame = ratings.frame
    spread = frame.groupby("item")["rating"].agg(["mean", "size"]).query("size >= 50")["mean"].std()
    shuffled = frame.assign(rating=np.random.default_rng(0).permutation(frame["rating"]))
    chance = shuffled.groupby("item")["rating"].agg(["mean", "size"]).query("size >= 50")["mean"].std()
    assert spread > 3 * chance
    genres = ratings.items["genres"].loc[frame["item"]].str[0].to_numpy()
    residual = frame["rating"] - frame.groupby("item")["rating"].transform("mean")
    by_user_and_genre = residual.groupby([frame["user"], pd.Series(genres, frame.index)]).agg(["mean", "size"])
    assert by_user_and_genre.query("size >= 30")["mean"].std() > 0.2  # users differ in the genres they like


def test_seed_decides_everything():
    a, b, c = (synthetic_ratings(500, seed=s) for s in (4, 4, 5))
    pd.testing.assert_frame_equal(a.frame, b.frame)
    assert not a.frame.equals(c.frame)


@pytest.mark.parametrize("n, users, items", [(1, None, None), (2, 2, 2), (5_000, 100, 100), (1_000, 10, 5_000)])
def test_exact_counts_at_the_edges(n, users, items):
    frame = synthetic_ratings(n, n_users=users, n_items=items).frame
    assert len(frame) == n and not frame.duplicated(["user", "item"]).any()


def test_more_ratings_than_fit_are_refused():
    with pytest.raises(ValueError, match="over half of 10 users x 10 items"):
        synthetic_ratings(90, n_users=10, n_items=10)
