# Every script here starts with this: the project's folder, a clean environment, and functions for messages.
# Sourced, not run.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034  # for the scripts that source this
python=$root/.venv/bin/python

# Variables that another environment left must not affect ours.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT
# Without its .pyc files each process would compile every module again.
unset PYTHONDONTWRITEBYTECODE
export DJANGO_SETTINGS_MODULE=vvdash.settings

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
misused() { say "$*"; exit 2; }

# Drops every variable that the settings read, so that tests and checks see the defaults.
forget_settings() {
    local name
    # shellcheck disable=SC2013  # a name has no blanks
    for name in $(grep -oE '\benv\.[a-z]+\("[A-Z_]+"' "$root/vvdash/settings.py" | cut -d '"' -f 2); do
        unset "$name"
    done
}
