#!/bin/bash
# Checks every file of the data set in DATASET_DIR against its SHA256SUMS; of the synthetic one, that list as well.
set -euo pipefail
cd "${DATASET_DIR:-$HOME/dataset}"

if [ ! -e SHA256SUMS ]; then
    echo "$PWD has no SHA256SUMS: make one where the files are known to be good, by" >&2
    echo "  find . -type f ! -name SHA256SUMS -exec sha256sum '{}' + > SHA256SUMS" >&2
    exit 2
fi
sha256sum --check --quiet --strict SHA256SUMS
if [ -e SYNTHETIC ]; then
    sha256sum --check --quiet --strict /opt/mlperf/synthetic.sha256
    echo "the synthetic data set of $BENCHMARK, unchanged"
else
    echo "$(wc -l < SHA256SUMS) files as in SHA256SUMS"
fi
