#!/usr/bin/env bash
# Executes the notebook from top to bottom and fails when a cell fails. Needs Node, and Python where `jupyter
# nbconvert` is not installed: then it goes into a temporary folder, from PyPI.
#   notebooks/run.sh             on DATA_DIR, or, where that has no runs, on a small sample world made for the occasion
#   notebooks/run.sh out.html    and keeps the result as a page
set -euo pipefail
out=${1:+$(realpath -m "$1")}
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

DATA_DIR=$(realpath -m "${DATA_DIR:-../data}")
if ! compgen -G "$DATA_DIR/runs/*/metrics.json" >/dev/null; then
  DATA_DIR=$scratch/data
  export DATA_DIR
  contentflow="node ../cli/contentflow.mjs"
  $contentflow sample --days 60
  $contentflow features build
  $contentflow train engagement
  $contentflow train virality
fi
export DATA_DIR

npm install --silent --no-audit --no-fund --prefix "$scratch" deno@2.9.6
if ! jupyter nbconvert --version >/dev/null 2>&1; then
  python3 -m venv "$scratch/python"
  "$scratch/python/bin/pip" install --quiet jupyter-core nbconvert ipykernel
  PATH=$scratch/python/bin:$PATH
fi
npm install --silent --no-audit --no-fund --no-package-lock --omit=dev

# The kernel lives only as long as this script: nothing is written to the home folder.
kernel=$scratch/share/kernels/deno
mkdir -p "$kernel"
printf '{"argv": ["%s", "jupyter", "--kernel", "--conn", "{connection_file}"], "display_name": "Deno", "language": "typescript"}\n' \
  "$scratch/node_modules/.bin/deno" >"$kernel/kernel.json"
export JUPYTER_PATH=$scratch/share${JUPYTER_PATH:+:$JUPYTER_PATH}

jupyter nbconvert --to html --execute --ExecutePreprocessor.kernel_name=deno --ExecutePreprocessor.timeout=120 \
  --output-dir "$scratch" --output executed.html start-here.ipynb
if [ -n "$out" ]; then cp "$scratch/executed.html" "$out"; fi
echo "start-here.ipynb: every cell ran"
