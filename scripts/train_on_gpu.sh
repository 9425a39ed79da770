#!/usr/bin/env bash
# A whole run on a rented GPU: prepare, render, train, export, evaluate. Every step continues where
# the last call stopped, so call it again until it says that the run is complete.
#
#   scripts/train_on_gpu.sh DATA WORK [CONFIG] [MINUTES]
#
#   DATA     folder with clips/ and perhaps stills/. Where the machine has no face tracker, find the
#            landmarks before: avatarify train --prepare DATA/clips --prepare DATA/stills --tracks
#   WORK     folder for caches, checkpoint and results
#   CONFIG   default: avatarify/training/configs/compact-gpu.yaml
#   MINUTES  of training in this call; default 8, so that a slot of ten holds the rest too
#
# Environment: RENDERED=200 clips to render; PIECES=FOLDER keeps the checkpoint as pieces of 15 MB,
# for machines that give back small files only: bring the folder along to the next call.
set -euo pipefail

project=$(cd "$(dirname "$0")/.." && pwd)
data=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
config=$(realpath "${3:-$project/avatarify/training/configs/compact-gpu.yaml}")
minutes=${4:-8}
python=${PYTHON:-python3}
export PYTHONPATH="$project${PYTHONPATH:+:$PYTHONPATH}"

avatarify() {
    "$python" -c 'import sys; from avatarify.cli import main; sys.exit(main(sys.argv[1:]))' "$@"
}

if [[ -n "${PIECES:-}" && ! -e "$work/run/state.ckpt" ]] && compgen -G "$PIECES/state.*" > /dev/null; then
    mkdir -p "$work/run"
    cat "$PIECES"/state.* | gunzip > "$work/run/state.partial"
    mv "$work/run/state.partial" "$work/run/state.ckpt"
fi

cd "$work" # the caches in the configuration are relative
for kind in clips stills; do
    if [[ -d "$data/$kind" ]]; then
        avatarify train --prepare "$data/$kind" --cache "cache/$kind"
    fi
done
device=$("$python" -c 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")')
avatarify render --format cache --style mixed --output cache/rendered --size 320 \
    --clips "${RENDERED:-200}" --frames 48 --fps 2.5 --blinks 3 --device "$device"

# PROCESSES=N trains on N GPUs.
avatarify train "$config" --run run --minutes "$minutes" --devices "${PROCESSES:-1}" \
    --export model.safetensors --half

if [[ -n "${PIECES:-}" ]]; then
    mkdir -p "$PIECES"
    rm -f "$PIECES"/state.*
    gzip -1 -c run/state.ckpt | split -b 15M - "$PIECES/state."
fi

if "$python" -c 'import mediapipe' 2> /dev/null; then
    portraits=()
    if [[ -d "$data/stills" ]]; then portraits=(--portraits "$data/stills"); fi
    avatarify evaluate --clips "$data/clips" --people "${PEOPLE:-q02,q06,p03,p06,p19}" \
        "${portraits[@]}" --model model.safetensors --output evaluation
fi

"$python" - run/state.ckpt "$config" << 'PYTHON'
import sys
from pathlib import Path

from avatarify.training.run_state import read_state
from avatarify.training.settings import read_settings

step, steps = read_state(Path(sys.argv[1]))["step"], read_settings(Path(sys.argv[2])).steps
print(f"{step} of {steps} steps:", "the run is complete." if step >= steps else "call again.")
PYTHON
