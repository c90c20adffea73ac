#!/usr/bin/env bash
# Writes the licences of everything that is compiled in for a target into a folder: a folder for each package with the
# texts that it ships, those of its fonts among them. A package that ships none is told with its licence and where it comes
# from, and `standard/` has the texts. Takes the folder, and the target triple if it is not this machine's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$1
target=${2:-$(rustc -vV | sed -n 's/^host: //p')}
sources=${CARGO_HOME:-$HOME/.cargo}/registry/src

mkdir -p "$out/standard"
cp LICENSE-APACHE "$out/standard/Apache-2.0"
# The text alone, without whose copyright it is.
sed '/^Copyright/d' LICENSE-MIT >"$out/standard/MIT"

cargo tree --locked --edges normal,build --target "$target" --prefix none --format '{p}|{l}|{r}' |
  sed 's/ (\*)$//' | sort -u >"$out/packages"
while IFS='|' read -r package licence repository; do
  read -r name version _ <<<"$package"
  if [ "$name" = moonburn ]; then continue; fi
  version=${version#v}
  folder=$out/$name-$version
  mkdir -p "$folder"
  source=$(find "$sources" -maxdepth 2 -type d -name "$name-$version" | head -n 1)
  find "$source" -type f ! -name '*.rs' \
    \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'ufl*' -o -iname 'ofl*' \) |
    while read -r text; do cp "$text" "$folder/"; done
  if [ -z "$(ls "$folder")" ]; then
    printf '%s %s\nlicence: %s\nfrom: %s\nIts package ships no text. The standard ones are in ../standard.\n' \
      "$name" "$version" "$licence" "$repository" >"$folder/LICENCE"
  fi
done <"$out/packages"
rm "$out/packages"
cp "$out"/full_moon-*/LICENSE* "$out/standard/MPL-2.0"
