#!/usr/bin/env bash
# core.sh OUT: builds the page's core, cmd/boxer-web, as the file OUT. It needs node.
#
# The budget is 1.6 MB after brotli (DESIGN; e2e/size tests it). Beside what the code
# imports, three things decide, measured on one tree:
#
#   go build -trimpath -ldflags='-s -w'                      1,850 KB
#   zeros in the data section written out (core.mjs)         1,725
#   without line numbers (core.mjs)                          1,551
#   no inlining in packages whose speed nobody notices       1,521
#
# BOXER_LINES=1 keeps line numbers, to read a panic's trace in a page.
set -euo pipefail
out=$(realpath -m "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What runs once, or waits for the network or for a disk. What translates and what serves
# system calls is compiled as ever.
cold=(fmt reflect strconv internal/strconv time os syscall io/fs internal/poll internal/fmtsort
  internal/reflectlite internal/bisect internal/godebug context errors sort bufio github.com/hack-pad/...
  boxer/runtime/oci/... boxer/runtime/box boxer/runtime/loader boxer/runtime/wasi
  boxer/wasmfs/persist boxer/wasmfs/overlay boxer/wasmfs/tarfs boxer/cmd/boxer-web
  boxer/jsbridge/pageimage boxer/jsbridge/idb boxer/jsbridge/port boxer/jsbridge/translations)

flags=()
for package in "${cold[@]}"; do flags+=("-gcflags=$package=-l"); done
mkdir -p "$(dirname "$out")"
GOOS=js GOARCH=wasm "${GO:-go}" build -trimpath -buildvcs=false -ldflags='-s -w' "${flags[@]}" -o "$out.lines" ./cmd/boxer-web
node web/core.mjs "$out.lines" "$out"
rm "$out.lines"
