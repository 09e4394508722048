"""Implicit ALS on Spark MLlib for histories that do not fit one machine. README.md beside this file has the whole way.

    spark-submit ials.py --training-set DIR_OR_S3 --out DIR_OR_S3 --rank 64

Reads  TRAINING_SET/training-set.json and its Parquet files (user_id, content_id), as `contentflow export interactions` writes them.
Writes OUT/users and OUT/items (Parquet: id, factors) and, last of all, OUT/factors.json: where that is, everything is.
"""

import argparse
import json
import sys

from pyspark.ml.feature import StringIndexer, StringIndexerModel
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

FORMAT = 1


def main() -> None:
    options = parse_options()
    spark = SparkSession.builder.appName("contentflow-ials").getOrCreate()
    training_set = json.loads(read_text(spark, f"{options.training_set}/training-set.json"))
    rows = read_rows(spark, options.training_set, training_set)
    users = StringIndexer(inputCol="user_id", outputCol="user", stringOrderType="alphabetAsc").fit(rows)
    items = StringIndexer(inputCol="content_id", outputCol="item", stringOrderType="alphabetAsc").fit(rows)
    indexed = items.transform(users.transform(rows)).select(
        F.col("user").cast("int"), F.col("item").cast("int"), F.lit(1.0).alias("rating")
    )
    als = ALS(
        rank=options.rank,
        maxIter=options.iterations,
        regParam=options.l2,
        alpha=options.alpha,
        implicitPrefs=True,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        seed=options.seed,
        numUserBlocks=options.blocks,
        numItemBlocks=options.blocks,
    )
    model = als.fit(indexed.cache())
    delete(spark, f"{options.out}/factors.json")
    write_factors(model.userFactors, users, "user_id", f"{options.out}/users")
    write_factors(model.itemFactors, items, "content_id", f"{options.out}/items")
    facts = {
        "format": FORMAT,
        "rank": options.rank,
        "settings": {
            "iterations": options.iterations,
            "l2": options.l2,
            "alpha": options.alpha,
            "seed": options.seed,
            "spark": spark.version,
        },
        "trainingSet": training_set,
    }
    write_text(spark, f"{options.out}/factors.json", json.dumps(facts, indent=2) + "\n")
    print(f"{len(users.labels)} users, {len(items.labels)} items, {options.rank} factors: {options.out}")
    spark.stop()


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--training-set", required=True, help="folder of `contentflow export interactions`")
    parser.add_argument("--out", required=True, help="folder for the factors; replaced when it exists")
    parser.add_argument("--rank", type=int, default=64, help="factors of each user and item")
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--l2", type=float, default=0.1, help="regParam; MLlib multiplies it by each row's interactions")
    parser.add_argument("--alpha", type=float, default=4.0, help="an interaction weighs 1 + alpha, other pairs 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=10, help="parts of users and of items; more for a larger cluster")
    return parser.parse_args()


def read_rows(spark: SparkSession, folder: str, training_set: dict) -> DataFrame:
    """The interactions; stops where they are not those that training-set.json describes."""
    frame = spark.read.parquet(f"{folder}/interactions*")
    missing = {"user_id", "content_id"} - set(frame.columns)
    if missing:
        names = ", ".join(sorted(missing))
        sys.exit(f"{folder}: expected the columns user_id and content_id; {names} is missing. Export again.")
    rows = frame.select("user_id", "content_id")
    found = rows.count()
    expected = training_set["rows"]
    if found != expected:
        sys.exit(f"{folder}: expected {expected} rows, as training-set.json says; found {found}. Export again.")
    return rows


def write_factors(factors: DataFrame, index: StringIndexerModel, name: str, folder: str) -> None:
    """id, factors: the ids of the training set instead of MLlib's numbers."""
    spark = factors.sparkSession
    labels = spark.createDataFrame(list(enumerate(index.labels)), f"id int, {name} string")
    named = factors.join(labels, "id").select(name, F.col("features").alias("factors"))
    named.write.mode("overwrite").parquet(folder)


# Small files by Hadoop's file systems, so that local paths, HDFS and S3 work alike.


def path_of(spark: SparkSession, name: str):
    path = spark._jvm.org.apache.hadoop.fs.Path(name)
    return path, path.getFileSystem(spark._jsc.hadoopConfiguration())


def read_text(spark: SparkSession, name: str) -> str:
    return "\n".join(row.value for row in spark.read.text(name).collect())


def write_text(spark: SparkSession, name: str, text: str) -> None:
    path, files = path_of(spark, name)
    stream = files.create(path, True)
    stream.write(bytearray(text, "utf-8"))
    stream.close()


def delete(spark: SparkSession, name: str) -> None:
    path, files = path_of(spark, name)
    files.delete(path, False)


if __name__ == "__main__":
    main()
