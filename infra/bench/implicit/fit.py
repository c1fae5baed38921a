"""Fits implicit's native iALS to a matrix on disk from given first factors: `fit.py FOLDER`, told what by FOLDER/order.json."""

import json
import sys
from pathlib import Path

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

folder = Path(sys.argv[1])
order = json.loads((folder / "order.json").read_text())
users, items, factors = order["users"], order["items"], order["factors"]
starts = np.fromfile(folder / "starts", dtype=np.int32)
indices = np.fromfile(folder / "indices", dtype=np.int32)
matrix = csr_matrix((np.ones(len(indices), dtype=np.float32), indices, starts), shape=(users, items))

model = AlternatingLeastSquares(
    factors=factors,
    regularization=order["regularization"],
    alpha=order["alpha"],
    iterations=order["iterations"],
    num_threads=order["threads"],
)
model.cg_steps = order["cgSteps"]
model.user_factors = np.zeros((users, factors), dtype=np.float32)
model.item_factors = np.fromfile(folder / "first-items", dtype=np.float32).reshape(items, factors)
seconds = []
model.fit(matrix, show_progress=False, callback=lambda iteration, elapsed, *rest: seconds.append(elapsed))
model.user_factors.astype(np.float32).tofile(folder / "users")
model.item_factors.astype(np.float32).tofile(folder / "items")
print(json.dumps(seconds))
