#!/usr/bin/env bash
# Runs the check on a machine with an NVIDIA GPU and a Python torch (2.10 or newer). Nothing is fetched, nothing is installed.
#   ./gpu-check.sh [--device N] [--work DIR] [--json FILE] [--minutes N] [--small]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if [ -z "${SUBSPEC_LIBTORCH:-}" ]; then
  SUBSPEC_LIBTORCH="$("${PYTHON:-python3}" -c "import torch; print(torch.__path__[0] + '/lib')")" \
    || { echo "gpu-check: no Python torch: set PYTHON to one that has it, or SUBSPEC_LIBTORCH to its lib folder" >&2; exit 2; }
  export SUBSPEC_LIBTORCH
fi
# Everything a program needs lies here; nothing is to be unpacked anywhere else.
export DOTNET_CLI_TELEMETRY_OPTOUT=1
exec "$here/gpu-check" "$@"
