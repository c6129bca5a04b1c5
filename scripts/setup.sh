#!/usr/bin/env bash
# Builds .venv from the lock file, once: finds Python 3.10, installs, compiles. "dev" adds the tools of tests and checks.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
lock=requirements.lock
[ "$kind" = dev ] && lock=requirements-dev.lock
stamp=.venv/.installed
want=$(cat "$lock" pyproject.toml | cksum | cut -d' ' -f1)
if [ -f "$stamp" ] && grep -qx "$want" "$stamp"; then exit 0; fi

is_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in "${HUTONG_PYTHON:-}" python3.10 python3 python; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && is_310 "$candidate"; then
      command -v "$candidate"; return 0
    fi
  done
  # a pyenv shim answers only when its version is chosen: take the interpreter itself
  for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python; do
    if [ -x "$candidate" ] && is_310 "$candidate"; then echo "$candidate"; return 0; fi
  done
  if command -v uv >/dev/null 2>&1; then
    candidate=$(uv python find 3.10 2>/dev/null || true)
    if [ -z "$candidate" ]; then
      echo "Python 3.10 is not here: asking uv for it …" >&2
      uv python install 3.10 >&2 && candidate=$(uv python find 3.10)
    fi
    if [ -n "$candidate" ] && is_310 "$candidate"; then echo "$candidate"; return 0; fi
  fi
  return 1
}

if ! [ -x .venv/bin/python ] || ! is_310 .venv/bin/python; then
  if ! python=$(find_python); then
    cat >&2 <<'TEXT'
Hutong needs Python 3.10 (Rasa 3.6 runs on no newer one), and it was not found.
Get it in one of these ways, then run the command again:
  uv python install 3.10        (https://docs.astral.sh/uv)
  pyenv install 3.10
  your system's package manager, for instance: apt install python3.10 python3.10-venv
or name an interpreter: HUTONG_PYTHON=/path/to/python3.10 make run
TEXT
    exit 1
  fi
  echo "Making .venv with $("$python" --version 2>&1) …" >&2
  rm -rf .venv
  "$python" -m venv .venv
fi

echo "Installing from $lock (the first time takes some minutes) …" >&2
if command -v uv >/dev/null 2>&1; then
  VIRTUAL_ENV=$PWD/.venv uv pip install --quiet --require-hashes -r "$lock"
else
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile --require-hashes -r "$lock"
fi
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . 
echo "Compiling once, so that every later start is quick …" >&2
env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m compileall -q -j 0 .venv/lib bot nlu actions >/dev/null 2>&1 || true
.venv/bin/python -m bot.catalogues compile
if [ "$kind" = dev ]; then run_want=$(cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1); printf '%s\n%s\n' "$want" "$run_want" > "$stamp"; else echo "$want" > "$stamp"; fi
