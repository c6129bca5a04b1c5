#!/usr/bin/env bash
# Lint, format, types, catalogues, training data. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
mkdir -p data
$bin/ruff check .
$bin/ruff format --check .
$bin/mypy
$bin/python -m bot.catalogues check
$bin/python -m nlu.measuring.leak
if ! $bin/rasa data validate --domain domain.yml --config config.yml --data nlu/data/nlu nlu/data/facts nlu/data/rules --fail-on-warnings >data/validate.log 2>&1; then
  cat data/validate.log
  exit 1
fi
echo "All checks passed."
