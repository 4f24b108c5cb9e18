#!/bin/bash
# Gets the benchmark's data set into DATASET_DIR.
#
#   download_dataset.sh                 the synthetic one, made here and the same on every machine
#   download_dataset.sh URL SHA256      a tar archive of another one, with a SHA256SUMS at its top
#
# A data set that is there already, such as a mounted folder, is left as it is.
set -euo pipefail
dataset=${DATASET_DIR:-$HOME/dataset}

if [ -n "$(ls -A "$dataset" 2>/dev/null)" ]; then
    echo "$dataset: there is a data set already"
    exit 0
fi
if [ "$#" -ne 0 ] && [ "$#" -ne 2 ]; then
    echo "usage: download_dataset.sh [URL SHA256]" >&2
    exit 2
fi
mkdir -p "$(dirname "$dataset")"
partial=$(mktemp -d "$dataset.XXXXXX")
trap 'rm -rf "$partial"' EXIT
if [ "$#" -eq 0 ]; then
    mkdir "$partial/data"
    python3 /opt/mlperf/synthetic.py "$partial/data"
    (cd "$partial/data" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) > "$partial/sums"
    mv "$partial/sums" "$partial/data/SHA256SUMS"
else
    python3 -c 'import shutil, sys, urllib.request as web
if not sys.argv[1].startswith(("https://", "http://")):
    sys.exit("download_dataset.sh: only https:// and http://")
with web.urlopen(sys.argv[1]) as answer, open(sys.argv[2], "wb") as file:
    shutil.copyfileobj(answer, file)' "$1" "$partial/archive"
    echo "$2  $partial/archive" | sha256sum --check --quiet
    mkdir "$partial/data"
    tar --extract --no-same-owner --file "$partial/archive" --directory "$partial/data"
fi
mkdir -p "$dataset"
find "$partial/data" -mindepth 1 -maxdepth 1 -exec mv -t "$dataset" '{}' +
echo "$dataset: $(find "$dataset" -type f | wc -l) files"
