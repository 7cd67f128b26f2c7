"""Prices come from a file that outlives releases: `shared/prices.csv` in the root of the host."""
import csv
import os


def prices(directory=None):
    """The prices by article; none where the host has no price list."""
    path = os.path.join(directory or os.environ.get("DEPLOY_SHARED", "."), "prices.csv")
    try:
        with open(path, newline="") as source:
            return {article: int(price) for article, price in csv.reader(source)}
    except FileNotFoundError:
        return {}
