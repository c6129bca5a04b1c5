# make run opens the door, make test proves it. Both set up what they need.
PYTHON := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false

.PHONY: run chat test check audit bench torture fuzz catalogues lock pictures setup setup-dev

run: setup
	@.venv/bin/hutong serve

chat: setup
	@.venv/bin/hutong chat

test: setup-dev
	@scripts/test.sh

check: setup-dev
	@scripts/check.sh

# the locked dependencies against the advisories; says so where nobody answers
audit: setup
	@scripts/audit.sh

catalogues: setup
	@$(PYTHON) -m bot.catalogues update
	@$(PYTHON) -m bot.catalogues compile

# the README's picture and conversation
pictures: setup-dev
	@$(PYTHON) -m tests.support.pictures

# side by side with stock Rasa, written to docs/speed.md; ARGS="--every 40 --rounds 2" for a short look
bench: setup-dev
	@$(PYTHON) -m tests.bench $(ARGS)

# everything breaks on purpose; KILLS=5 is quicker
KILLS ?= 100
torture: setup-dev
	@$(PYTHON) -m tests.torture --kills $(KILLS) --write

# many strange messages through the whole turn; FUZZ=2000 is quicker
FUZZ ?= 100000
fuzz: setup-dev
	@$(PYTHON) -m tests.fuzz --messages $(FUZZ) --write

# after a change of requirements*.in; needs uv
lock:
	uv pip compile -q --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements.in -o requirements.lock
	uv pip compile -q --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements.lock requirements-dev.in -o requirements-dev.lock

setup:
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh dev
