#!/usr/bin/env bash
# Looks the locked dependencies up in the advisories. pip-audit lives apart: it needs newer libraries than Rasa allows.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=.venv/audit
want=$(cksum < scripts/pip-audit.lock)
if ! [ -f "$tool/.installed" ] || [ "$(cat "$tool/.installed")" != "$want" ]; then
  .venv/bin/python -m venv "$tool"
  if ! "$tool/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r scripts/pip-audit.lock; then
    echo "NOT CHECKED: pip-audit could not be installed."
    exit 0
  fi
  echo "$want" > "$tool/.installed"
fi
report=$(mktemp)
trap 'rm -f "$report"' EXIT
# its own exit code does not matter: the report does, and an empty one means that nobody answered
"$tool/bin/pip-audit" --no-deps --disable-pip -r requirements.lock --progress-spinner off --format json --output "$report" >/dev/null 2>&1 || true
.venv/bin/python scripts/audit.py "$report" "$@"
