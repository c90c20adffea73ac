#!/usr/bin/env bash
# Writes the licences of everything that is compiled in into a folder: one folder for each package, with the licence that
# its manifest names and the texts that it ships, those of its fonts among them. Takes the folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$1

# Name, version, licence and folder of every package that the program is built from.
cargo tree --locked --edges normal,build --target all --prefix none --format '{p}|{l}' |
  sed 's/ (\*)$//' | sort -u |
  while IFS='|' read -r package licence; do
    read -r name version _ <<<"$package"
    [ "$name" = moonburn ] && continue
    source=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -type d -name "$name-${version#v}" -print -quit)
    folder=$out/$name-${version#v}
    mkdir -p "$folder"
    printf '%s\n' "${licence:-see the texts}" >"$folder/LICENCE-NAME"
    find "$source" -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'ufl*' -o -iname 'ofl*' \) \
      -exec cp --no-clobber {} "$folder/" \;
  done
