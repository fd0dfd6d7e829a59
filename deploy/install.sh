#!/bin/sh
# Installs Paperboy into a folder of its own, from this copy of the source:
#
#     deploy/install.sh [FOLDER]        (default: /opt/paperboy; PYTHON=python3.12 names the interpreter)
#
# The container image is built by this script too. It takes only what requirements.lock lists, each file
# checked by its hash. Afterwards FOLDER may be read-only and belong to somebody else: nothing is written there.
set -eu
umask 022

source=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
folder=${1:-/opt/paperboy}
python=${PYTHON:-python3}

refuse() {
    echo "install.sh: $1" >&2
    exit 2
}

case $folder in
-*) refuse "usage: deploy/install.sh [FOLDER], such as deploy/install.sh /opt/paperboy" ;;
esac
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    refuse "Paperboy needs Python 3.11 or newer; try: PYTHON=python3.12 deploy/install.sh $folder"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    refuse "this Python cannot make environments; on Debian: apt-get install python3-venv"
if [ -e "$folder" ] && [ ! -f "$folder/pyvenv.cfg" ] && [ -n "$(ls -A "$folder")" ]; then
    refuse "$folder holds something else; name a new folder"
fi

case $("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))') in
/home/* | ~root/*)
    echo "install.sh: note: this Python is in a home folder, where a service may not look;" \
        "for one, take the system's: PYTHON=/usr/bin/python3 deploy/install.sh $folder" >&2
    ;;
esac

# A clean start, so that nothing of an older version is left.
"$python" -m venv --clear "$folder"
inside() { "$folder/bin/python" -m pip --quiet --disable-pip-version-check --no-cache-dir "$@"; }
inside install --require-hashes -r "$source/requirements.lock"
inside install --no-deps --no-build-isolation "$source"
# What only building needed.
inside uninstall --yes hatchling packaging pathspec setuptools tomlkit trove-classifiers
inside check
echo "Installed in $folder: $("$folder/bin/paperboy" --version)"
