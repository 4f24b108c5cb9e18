#!/bin/bash
# Trains on the data set in DATASET_DIR until the quality is reached and tells the seconds that took; options are the
# training program's. The last line is: RESULT, benchmark, seed, seconds, start.
set -euo pipefail
dataset=${DATASET_DIR:-$HOME/dataset}
seed=${SEED:-1}

# The platform says how many cores a session has. Elsewhere one is safe: more threads than free cores wait for each other.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

if [ -z "$(ls -A "$dataset" 2>/dev/null)" ]; then
    echo "$dataset: no data set; download_dataset.sh gets one" >&2
    exit 2
fi
begun=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
start=$(date +%s)
python3 /opt/mlperf/train.py --dataset "$dataset" --seed "$seed" "$@"
echo "RESULT,$BENCHMARK,$seed,$(($(date +%s) - start)),$begun"
