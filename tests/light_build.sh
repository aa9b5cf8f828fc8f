#!/usr/bin/env bash
# The library without what a service can leave out. Each combination of features compiles; models of the
# whole build score and explain in the light one to the bit. Wants the whole build in target/debug.
set -euo pipefail
cd "$(dirname "$0")/.."
light=target/light

# Within the whole build they are there anyway.
for features in io io,zstd train; do
    cargo clippy --quiet --locked --lib --no-default-features --features "$features" \
        --target-dir "$light" -- -D warnings
done
cargo clippy --quiet --locked --lib --no-default-features --target-dir "$light" -- -D warnings

crates=$(cargo tree --locked --no-default-features -e normal --prefix none | cut -d' ' -f1,2 | sort -u)
if [ "$(wc -l <<<"$crates")" -gt 40 ] || grep -qE '^(arrow-array|parquet|linfa|zstd) ' <<<"$crates"; then
    echo "the light build needs too much:" $crates >&2
    exit 1
fi

cargo build --quiet --locked --package light --target-dir "$light"
target/debug/winback simulate --customers-count 400 -o "$light/shop" >/dev/null
orders=$light/shop/transactions.csv
for estimator in average logistic tree boosting; do
    target/debug/winback fit --transactions "$orders" --observed-until 2025-01-01 --until 2024-10-01 \
        --estimator "$estimator" -o "$light/$estimator.winback" >/dev/null
    score() { "$1/light" "$light/$estimator.winback" 2025-01-01 <"$orders"; }
    score target/debug >"$light/whole.jsonl"
    score "$light/debug" >"$light/light.jsonl"
    # A line for each customer, each with a score.
    test "$(grep -c '"churn_probability":0\.[0-9]' "$light/light.jsonl")" -gt 300
    cmp "$light/whole.jsonl" "$light/light.jsonl"
done
echo "the light build has $(wc -l <<<"$crates") crates and scores as the whole one does"
