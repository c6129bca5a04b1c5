# make run opens the door, make test proves it. Both set up what they need.
PYTHON := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false

.PHONY: run chat test check catalogues lock pictures setup setup-dev

run: setup
	@.venv/bin/hutong serve

chat: setup
	@.venv/bin/hutong chat

test: setup-dev
	@scripts/test.sh

check: setup-dev
	@scripts/check.sh

catalogues: setup
	@$(PYTHON) -m bot.catalogues update
	@$(PYTHON) -m bot.catalogues compile

# the README's picture and conversation
pictures: setup-dev
	@$(PYTHON) -m tests.support.pictures

# after a change of requirements*.in; needs uv
lock:
	uv pip compile -q --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements.in -o requirements.lock
	uv pip compile -q --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements.lock requirements-dev.in -o requirements-dev.lock

setup:
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh dev
