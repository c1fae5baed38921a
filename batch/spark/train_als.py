"""Fits ALS for implicit preferences on Spark to interactions that `millrace export interactions` wrote.

    spark-submit train_als.py EXPORT OUTPUT [--factors 64] [--iterations 15] ...

EXPORT is any folder that Spark can read, OUTPUT a folder on the driver, for `millrace models import-factors`. Two models
are fitted with equal settings: one to the rows that are not held out, by which it is judged, and one to all.

Spark minimises Σ (1 + α|r|)(p − x·y)² + λ Σ n_u |x_u|² + …; divided by α that is Millrace's own loss (docs/explanation/model.md)
with c = |r|, α0 = 1 / α, but for the scaling of λ: folding users in, Millrace scales it by (|S_u| + α0|I|)^ν, and gets the λ
by which the mean over users is the same.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pyspark
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

EXPORT_FORMAT = "millrace-interactions-1"
FACTORS_FORMAT = "millrace-factors-1"
DAY_SECONDS = 86_400


def main() -> None:
    began = time.time()
    options = parsed_options()
    spark = SparkSession.builder.appName("millrace ALS").getOrCreate()
    export = read_export(spark, options.export)
    rows = spark.read.parquet(options.export)
    output = Path(options.output)
    output.mkdir(parents=True)
    trial = fit(rows.where(~F.col("held_out")), export["confidenceCap"], options, output / "trial")
    full = fit(rows, export["confidenceCap"], options, output / "full")
    alpha0 = 1 / options.alpha
    manifest = {
        "format": FACTORS_FORMAT,
        "trainer": f"pyspark.ml ALS {pyspark.__version__}",
        "k": options.factors,
        "alpha0": alpha0,
        "lambda": options.regularization * alpha0 * full["likes"] / (full["interactions"] + alpha0 * full["users"] * full["items"]),
        "nu": 1,
        "weightExponent": options.weight_exponent,
        "halfLifeDays": options.half_life_days,
        "iterations": options.iterations,
        "seed": options.seed,
        "seconds": time.time() - began,
        "export": export,
        "trial": {name: trial[name] for name in ("users", "interactions", "userGramian")},
        "full": {name: full[name] for name in ("users", "interactions", "userGramian")},
    }
    # Last: a folder without it is not whole.
    (output / "manifest.json").write_text(json.dumps(manifest) + "\n")
    print(f"{full['interactions']} interactions of {full['users']} users on {full['items']} items in {options.output}")
    spark.stop()


def parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export", help="folder that `millrace export interactions` wrote")
    parser.add_argument("output", help="new folder on the driver")
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--alpha", type=float, default=1 / 3, help="weight of an observed pair against one that is not: 1 / α0")
    parser.add_argument("--regularization", type=float, default=0.1)
    parser.add_argument("--weight-exponent", type=float, default=1)
    parser.add_argument("--half-life-days", type=float, default=30, help="0 for never")
    parser.add_argument("--blocks", type=int, default=10, help="blocks that users and items are cut into")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def read_export(spark: SparkSession, folder: str) -> dict:
    """The manifest of an export, from whatever file system Spark reads the folder."""
    jvm = spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(folder, "_export.json")
    stream = path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).open(path)
    try:
        export = json.loads(jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()
    if export["format"] != EXPORT_FORMAT:
        raise SystemExit(f"{folder} is of the format {export['format']}, not {EXPORT_FORMAT}")
    return export


def preferences(rows: DataFrame, cap: float, weight_exponent: float, half_life_days: float) -> DataFrame:
    """One signed confidence for each pair of a user and an item, as `shapedPreferences` of schemas/models/preference.ts."""
    pairs = rows.groupBy("user_id", "item_id").agg(F.sum("weight").alias("net"), F.max("time").alias("time"))
    size = F.least(F.abs("net"), F.lit(cap)) ** weight_exponent
    rated = pairs.where("net != 0").withColumn("rating", F.signum("net") * size)
    if half_life_days > 0:
        newest = rows.groupBy("user_id").agg(F.max("time").alias("newest"))
        days = (F.col("newest").cast("double") - F.col("time").cast("double")) / DAY_SECONDS
        rated = rated.join(newest, "user_id").withColumn("rating", F.col("rating") * 0.5 ** (days / half_life_days))
    return rated.select("user_id", "item_id", "rating")


def numbered(rated: DataFrame, name: str) -> DataFrame:
    """Ids in their order with consecutive numbers: ALS takes integers only."""
    ids = rated.select(name).distinct().orderBy(name)
    return ids.rdd.map(lambda row: row[0]).zipWithIndex().toDF(f"{name} string, number long").withColumn("number", F.col("number").cast("int"))


def fit(rows: DataFrame, cap: float, options: argparse.Namespace, folder: Path) -> dict:
    """Fits one model and writes the items' ids and vectors."""
    rated = preferences(rows, cap, options.weight_exponent, options.half_life_days).persist(StorageLevel.MEMORY_AND_DISK)
    users = numbered(rated, "user_id").withColumnRenamed("number", "user").persist(StorageLevel.MEMORY_AND_DISK)
    items = numbered(rated, "item_id").withColumnRenamed("number", "item").persist(StorageLevel.MEMORY_AND_DISK)
    als = ALS(
        rank=options.factors,
        maxIter=options.iterations,
        regParam=options.regularization,
        alpha=options.alpha,
        implicitPrefs=True,
        numUserBlocks=options.blocks,
        numItemBlocks=options.blocks,
        seed=options.seed,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
    )
    model = als.fit(rated.join(users, "user_id").join(items, "item_id").select("user", "item", "rating"))
    write_items(model.itemFactors.join(items, model.itemFactors["id"] == items["item"]), folder)
    facts = {
        "users": users.count(),
        "items": items.count(),
        "interactions": rated.count(),
        "likes": rated.where("rating > 0").count(),
        "userGramian": gramian(model.userFactors, options.factors),
    }
    for frame in (rated, users, items):
        frame.unpersist()
    return facts


def write_items(factors: DataFrame, folder: Path) -> None:
    """Item by item, a partition at a time on the driver."""
    folder.mkdir()
    item_ids = []
    with (folder / "vectors.f32").open("wb") as vectors:
        for row in factors.orderBy("item").select("item_id", "features").toLocalIterator():
            item_ids.append(row["item_id"])
            vectors.write(np.asarray(row["features"], dtype="<f4").tobytes())
    (folder / "items.json").write_text(json.dumps(item_ids))


def gramian(factors: DataFrame, k: int) -> list:
    """XᵀX, row by row."""

    def of_partition(rows):
        total = np.zeros((k, k))
        for row in rows:
            vector = np.asarray(row["features"], dtype=np.float64)
            total += np.outer(vector, vector)
        yield total

    return factors.select("features").rdd.mapPartitions(of_partition).treeReduce(np.add).ravel().tolist()


if __name__ == "__main__":
    main()
