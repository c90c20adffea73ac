#!/usr/bin/env bash
# A release archive of this machine's kind: the program, its licences and those of what is compiled in, shell completions and
# manual pages; beside it a file with its SHA-256 checksum. Takes the target triple, this machine's by default; prints the
# archive's path.
#
#   runtime/packaging/archive.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=${1:-$(rustc -vV | sed -n 's/^host: //p')}
if [ $# -gt 0 ]; then
  cargo build --profile dist --locked --bin moonburn --target "$target" >&2
  built=target/$target/dist
else
  cargo build --profile dist --locked --bin moonburn >&2
  built=target/dist
fi

version=$(cargo metadata --no-deps --format-version 1 --locked | sed -n 's/.*"name":"moonburn","version":"\([^"]*\)".*/\1/p')
name=moonburn-$version-$target
out=target/archives
extension=""
case $target in *windows*) extension=.exe ;; esac
program=$built/moonburn$extension

rm -rf "${out:?}/$name"
mkdir -p "$out/$name/completions"
cp "$program" README.md LICENSE-MIT LICENSE-APACHE "$out/$name/"
for shell in bash zsh fish powershell elvish; do
  "$program" completions "$shell" >"$out/$name/completions/moonburn.$shell"
done
"$program" man "$out/$name/man" >&2
runtime/packaging/licences.sh "$PWD/$out/$name/licences" "$target"

# One owner, one order and one date, so that one program gives one archive.
cd "$out"
tar=tar
command -v gtar >/dev/null && tar=gtar
"$tar" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git -C ../.. log -1 --format=%ct)" -cf - "$name" |
  gzip -9n >"$name.tar.gz"
if command -v sha256sum >/dev/null; then
  sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
else
  shasum -a 256 "$name.tar.gz" >"$name.tar.gz.sha256"
fi
printf '%s\n' "$out/$name.tar.gz"
