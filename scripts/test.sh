#!/usr/bin/env bash
# The whole suite. Trains the model first when none fits the data; installs a browser where that is possible.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests …" >&2
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
  else
    echo "Chromium is not here: install it (apt install chromium), or set HUTONG_TEST_BROWSER=skip." >&2
  fi
fi
# fonts that came after matplotlib's list of them was made are not in it
rm -f "${XDG_CACHE_HOME:-$HOME/.cache}"/matplotlib/fontlist-*.json
.venv/bin/python -m bot.catalogues compile
.venv/bin/hutong train --if-needed
# a worker for each core, a file always on one worker
exec .venv/bin/python -m pytest -n logical --dist loadfile "$@"
