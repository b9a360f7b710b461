#!/bin/sh
# Compile requirements/*.in into hash-locked *.txt that name no index. Run after editing a *.in.
set -eu
cd "$(dirname "$0")/.."
lock() {
    name=$1; shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header "$@" \
        "requirements/$name.in" -o "requirements/$name.txt"
}
lock uv
lock node
lock base
for extra in postgres duckdb spark test; do lock "$extra" -c requirements/base.txt; done
lock bench -c requirements/test.txt --prerelease=allow
