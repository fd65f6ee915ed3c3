#!/bin/sh
# What a machine without internet needs: the wheel of Gongshi with its pages, and all wheels that it asks for.
#   deploy/bundle.sh [x86_64|aarch64] [FOLDER]
# Run it where there is internet, on any kind of machine; copy the folder; there:
#   python3.11 -m venv gongshi && gongshi/bin/pip install --no-index --find-links FOLDER/wheels gongshi
set -eu
machine=${1:-x86_64}
folder=${2:-bundle}
case $machine in
    x86_64 | aarch64) ;;
    *) echo "x86_64 or aarch64, not $machine" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
mkdir -p "$folder/wheels"
platforms=""
for glibc in 17 24 27 28 31 34; do platforms="$platforms --platform manylinux_2_${glibc}_$machine"; done
# shellcheck disable=SC2086 # several options
$python -m pip download --quiet --require-hashes --no-deps --only-binary :all: --python-version 3.11 --implementation cp \
    $platforms --platform "manylinux2014_$machine" --dest "$folder/wheels" -r requirements.txt
$python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$folder/wheels" .
cp -r deploy docs README.md LICENSE "$folder/"
(cd "$folder" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
echo "$folder: $(ls "$folder/wheels" | wc -l) wheels for $machine"
