#!/usr/bin/env bash
# Builds the static release binaries and their checksums.
#
#   scripts/release.sh [DIRECTORY]    default dist
#
# The same commit gives the same bytes on every machine with the same Go
# release. Nothing is fetched once the modules are in the module cache.
#
# ZKSIM_VERSION   the version to stamp (default: what git describe says)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dist=${1:-dist}
# A source archive has no history to ask, and a young checkout no tag.
version=${ZKSIM_VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo devel)}
commit=$(git rev-parse --verify --quiet HEAD 2>/dev/null || echo unknown)

checksum() {
	if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# The engine for the browser, which zksim site puts beside the page.
go generate ./web | sed 's/^/    /'

mkdir -p "$dist"
rm -f "$dist"/zksim_* "$dist"/SHA256SUMS
while read -r target; do
	os=${target%/*} arch=${target#*/}
	file=$dist/zksim_${version//\//-}_${os}_$arch
	if [ "$os" = windows ]; then file=$file.exe; fi
	echo "    build $file"
	# The commit is stamped by name: go build's own stamp would make the bytes
	# depend on GOFLAGS and on files beside the checkout.
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch GOAMD64=v1 GOARM64=v8.0 go build -tags site -trimpath -buildvcs=false \
		-ldflags "-s -w -X main.version=$version -X main.commit=$commit" \
		-o "$file" ./cmd/zksim
	# The linker ignores -X for a variable that does not exist.
	if [ "$commit" != unknown ] && ! grep -aqF "$commit" "$file"; then
		echo "release: $file does not hold the commit: want a variable main.commit that cmd/zksim prints" >&2
		exit 1
	fi
done <scripts/targets
(cd "$dist" && checksum zksim_* >SHA256SUMS)
echo "    $dist/SHA256SUMS"
