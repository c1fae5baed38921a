"""Fits ALS of `implicit` and EASE beside ours: settings chosen on a validation part, lists made for a test part.

argv[1] is a folder with job.json and, for each of `validation` and `test`, a folder of little-endian arrays:
starts, columns, values: the training part by user, signed weights; seen, seen_starts, relevant, relevant_starts: of
the test users; known, known_starts, known_values: what is known of each; rows: their rows in the training part. Writes NAME.u32, test users x length, and prints a JSON report.
"""

import json
import os
import sys
import time

import numpy
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

folder = sys.argv[1]
job = json.load(open(os.path.join(folder, "job.json")))


class Part:
    def __init__(self, name):
        def read(array, dtype):
            return numpy.fromfile(os.path.join(folder, name, array), dtype=dtype)

        shape = (job[name]["users"], job[name]["items"])
        arrays = (read("values", "f4"), read("columns", "u4").astype("i4"), read("starts", "u4").astype("i4"))
        self.weights = scipy.sparse.csr_matrix(arrays, shape=shape)
        self.rows = read("rows", "u4")
        known = (read("known_values", "f4"), read("known", "u4").astype("i4"), read("known_starts", "u4").astype("i4"))
        self.known = scipy.sparse.csr_matrix(known, shape=(len(self.rows), shape[1]))
        self.seen = numpy.split(read("seen", "u4"), read("seen_starts", "u4")[1:-1])
        self.relevant = numpy.split(read("relevant", "u4"), read("relevant_starts", "u4")[1:-1])

    def observed(self, kind):
        """Ones for likes, or for all that was rated."""
        ones = self.weights.copy()
        ones.data = (ones.data > 0 if kind == "likes" else ones.data != 0).astype("f4")
        ones.eliminate_zeros()
        return ones

    def lists(self, scores, length):
        """Best unseen columns of each test user; scores(tests) gives a dense block of them, tests being their numbers."""
        found = numpy.empty((len(self.rows), length), dtype="u4")
        for first in range(0, len(self.rows), 500):
            last = min(first + 500, len(self.rows))
            block = scores(numpy.arange(first, last))
            for at in range(first, last):
                block[at - first, self.seen[at]] = -numpy.inf
            best = numpy.argpartition(-block, length, axis=1)[:, :length]
            order = numpy.argsort(-numpy.take_along_axis(block, best, 1), axis=1)
            found[first:last] = numpy.take_along_axis(best, order, 1)
        return found

    def ndcg(self, scores):
        discounts = 1 / numpy.log2(numpy.arange(2, 12))
        values = [
            (numpy.isin(best, relevant) * discounts).sum() / discounts[: len(relevant)].sum()
            for best, relevant in zip(self.lists(scores, 10), self.relevant)
        ]
        return float(numpy.mean(values))


def fit_als(part, settings, iterations):
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=settings["factors"],
            alpha=settings["alpha"],
            regularization=settings["regularization"],
            iterations=iterations,
            random_state=job["seed"],
            num_threads=job["threads"],
        )
        model.fit(part.observed(settings["observed"]), show_progress=False)
    return lambda tests: model.user_factors[part.rows[tests]] @ model.item_factors.T


def tune_als(part):
    """The same successive halving as ours: the library's own defaults first, then draws."""
    draw = numpy.random.default_rng(job["seed"])
    first = {"factors": job["factors"][-1], "alpha": 1.0, "regularization": 0.01, "observed": "all"}
    candidates = [first] + [
        {
            "factors": int(draw.choice(job["factors"])),
            "alpha": float(10 ** draw.uniform(0, 2)),
            "regularization": float(10 ** draw.uniform(-2, 1.5)),
            "observed": str(draw.choice(["likes", "all"])),
        }
        for _ in range(job["rounds"][0]["candidates"] - 1)
    ]
    for stage in job["rounds"]:
        candidates = candidates[: stage["candidates"]]
        scored = [(part.ndcg(fit_als(part, one, stage["iterations"])), one) for one in candidates]
        scored.sort(key=lambda pair: -pair[0])
        candidates = [one for _, one in scored]
    return scored[0]


def fit_ease(part, regularization):
    """Steck 2019, on the most liked items: B = I - P diag(1 / diag P), P = inverse of (X'X + lambda I)."""
    likes = part.observed("likes").tocsc()
    kept = numpy.argsort(-numpy.diff(likes.indptr), kind="stable")[: job["easeItems"]]
    likes = likes[:, kept].tocsr()
    gram = (likes.T @ likes).toarray().astype("f4")
    gram[numpy.diag_indices_from(gram)] += regularization
    lower, _ = lapack.spotrf(gram, lower=1, overwrite_a=1)
    inverse, _ = lapack.spotri(lower, lower=1, overwrite_c=1)
    inverse = numpy.tril(inverse)
    inverse += numpy.tril(inverse, -1).T
    weights = inverse / -numpy.diag(inverse)
    numpy.fill_diagonal(weights, 0)

    known = (part.known > 0).astype("f4").tocsc()[:, kept].tocsr()

    def scores(tests):
        whole = numpy.full((len(tests), part.weights.shape[1]), -1e9, dtype="f4")
        whole[:, kept] = known[tests] @ weights
        return whole

    return scores


def tune_ease(part):
    scored = [(part.ndcg(fit_ease(part, one)), one) for one in job["easeLambdas"]]
    return max(scored, key=lambda pair: pair[0])


def main():
    validation, test = Part("validation"), Part("test")
    report = {}
    for name, tune, fit in (
        ("implicit", tune_als, lambda part, one: fit_als(part, one, job["rounds"][-1]["iterations"])),
        ("ease", tune_ease, fit_ease),
    ):
        if name not in job["peers"]:
            continue
        began = time.time()
        score, settings = tune(validation)
        test.lists(fit(test, settings), job["length"]).tofile(os.path.join(folder, f"{name}.u32"))
        report[name] = {"validation": score, "settings": settings, "seconds": time.time() - began}
    print(json.dumps(report))


main()
