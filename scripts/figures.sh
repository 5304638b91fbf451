#!/bin/sh
# Draws every figure of docs/gallery.md by the commands that stand there, into
# docs/figures. The small print names no commit, so that the same commands give
# the same bytes; TestTheGalleryIsWhatTheToolDraws holds the figures to that.
set -eu

cd "$(dirname "$0")/.."
root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

CGO_ENABLED=0 go build -trimpath -ldflags '-X main.commit=gallery' -o "$work/zksim" ./cmd/zksim
mkdir -p "$work/drawn" docs/figures
# shellcheck disable=SC2016
sed -n '/^```sh$/,/^```$/p' docs/gallery.md | grep '^zksim ' >"$work/commands"
cd "$work/drawn"
while read -r line; do
	echo "$line"
	# The commands have no quotes: words are words.
	# shellcheck disable=SC2086
	set -- $line
	shift
	"$work/zksim" "$@" </dev/null >"$work/said" 2>&1 || {
		cat "$work/said" >&2
		exit 1
	}
done <"$work/commands"
rm -f "$root"/docs/figures/*.svg
cp ./*.svg "$root/docs/figures/"
