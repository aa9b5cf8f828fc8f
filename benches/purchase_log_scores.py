"""Prints the log scores of all that tells the chance of a purchase, on public logs.

    make purchase-log-scores WINBACK_DATA=../shared/data
    python benches/purchase_log_scores.py [--data-folder ../shared/data] [--logs cdnow,donations]
        [--rows 0]

At two cutoffs of each log the chance of a purchase within 30, 90 and 180 days: by the models of
purchases, `TimeToPurchase`, and `ChurnModel` trained for the horizon, all on what was known at the
cutoff. A score is the mean log loss of all customers with a purchase before the cutoff, the lower
the better; a dash where the outcomes are not observed, or a model cannot be trained for the
horizon. Lines at the end name where the hazard model is more than .003 behind the churn model.
"""

import argparse
from pathlib import Path

import numpy as np

import winback as wb
from quality import read

CUTOFFS = {
    "cdnow": ["1997-12-01", "1998-01-01"],
    "online_retail": ["2011-06-08", "2011-09-08"],
    "donations": ["2014-10-01", "2015-04-01"],
}
HORIZONS = ["30d", "90d", "180d"]
NAMES = {
    "beta_geo": "BG/NBD",
    "modified_beta_geo": "MBG/NBD",
    "regular": "MBG/CNBD-k",
    "pareto_nbd": "Pareto/NBD",
    "hazard": "TimeToPurchase",
    "churn": "ChurnModel",
}
BEHIND = 0.003


def or_none(make):
    """Return what is made, or nothing where the log does not allow it."""
    try:
        return make()
    except ValueError:
        return None


def log_loss(chances, bought):
    """Return the mean log loss, as the backtest has it."""
    tiny = np.finfo(float).eps
    p = np.clip(chances, tiny, 1 - tiny)
    return float(-np.mean(np.where(bought, np.log(p), np.log1p(-p))))


def regular_scores(log, at, days, losses):
    """Return k and the log loss of the MBG/CNBD-k model.

    The same way the MBG/NBD model has to get what the backtest says of it.
    """
    now, keys = log.at(at), ["customer_id", "days_to_purchase"]
    outcomes = log.panel(at=[at]).to_polars().select(keys)

    def loss(model):
        chances = model.purchase_probability(now, within=f"{days}d").to_polars()
        rows = chances.join(outcomes, on="customer_id", how="left")
        bought = (rows["days_to_purchase"] < days).fill_null(value=False).to_numpy()
        return log_loss(rows["purchase_probability"].to_numpy(), bought)

    plain = loss(wb.timing.ModifiedBetaGeo().fit(now))
    assert abs(plain - losses["modified_beta_geo"]) < 1e-9, (plain, losses)
    model = wb.timing.ModifiedBetaGeo("best").fit(now)
    return model.regularity_, loss(model)


def scores(log, at, horizon, hazard):
    """Return the log losses by model, and k."""
    now = log.at(at)
    churn = or_none(lambda: wb.ChurnModel(horizon=horizon).fit(log, until=at))
    options = {"churn": churn} if churn else {}
    found = hazard and or_none(
        lambda: wb.timing.backtest(now, horizon=horizon, hazard=hazard, **options)
    )
    found = found or or_none(lambda: wb.timing.backtest(now, horizon=horizon, **options))
    if found is None:
        return {}, None
    losses = dict(zip(found["model"], found["log_loss"], strict=True))
    k, losses["regular"] = regular_scores(log, at, int(horizon[:-1]), losses)
    return losses, k


def main():
    """Print a line for each log, cutoff and horizon."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-folder", type=Path, default=Path("../shared/data"))
    parser.add_argument("--logs", default=",".join(CUTOFFS), help="names, by commas")
    parser.add_argument("--rows", type=int, default=0, help="customers at most; 0: all")
    arguments = parser.parse_args()
    behind = []
    print("| log, cutoff | within |", " | ".join(NAMES.values()), "|")
    print("|---|---|" + "---|" * len(NAMES))
    for name in arguments.logs.split(","):
        log = read(arguments.data_folder, name, arguments.rows)[0]
        for at in CUTOFFS[name]:
            until = at
            hazard = or_none(lambda: wb.timing.TimeToPurchase().fit(log, until=until))  # noqa: B023
            for horizon in HORIZONS:
                losses, k = scores(log, at, horizon, hazard)
                cells = [f"{losses[of]:.4f}" if of in losses else "–" for of in NAMES]
                if k is not None:
                    cells[list(NAMES).index("regular")] += f" (k {k})"
                print(f"| {name}, {at} | {horizon} |", " | ".join(cells), "|", flush=True)
                off = losses.get("hazard", np.nan) - losses.get("churn", np.nan)
                if off > BEHIND:
                    behind.append(f"{name} {at}, {horizon}: {off:+.4f}")
    print(f"TimeToPurchase more than {BEHIND} behind ChurnModel:", "; ".join(behind) or "nowhere")


if __name__ == "__main__":
    main()
