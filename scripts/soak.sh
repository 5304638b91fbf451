#!/usr/bin/env bash
# Looks for rare failures: many seeds for every embedded scenario, many more
# cases for every property test. It prints the command that replays a failure.
#
# SEEDS    how many seeds each scenario is run with (default 1000)
# FROM     the first of them (default 1)
# CHECKS   cases for each property test (default 20000)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seeds=${SEEDS:-1000}
from=${FROM:-1}
checks=${CHECKS:-20000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

go build -o "$work/zksim" ./cmd/zksim
"$work/zksim" scenario list >"$work/list"
failures=0
while read -r name _; do
	[ -n "$name" ] || continue
	failed=0
	for ((seed = from; seed < from + seeds; seed++)); do
		"$work/zksim" run "$name" --seed "$seed" </dev/null >"$work/out" 2>&1 && continue
		failed=$((failed + 1))
		echo "FAILED: go run ./cmd/zksim run $name --seed $seed" >&2
		tail -n 5 "$work/out" >&2
	done
	echo "$name: $((seeds - failed)) of $seeds seeds passed"
	failures=$((failures + failed))
done <"$work/list"

# Only packages whose tests import rapid know its flags.
go list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... |
	awk '/pgregory\.net\/rapid/ { print $1 }' >"$work/packages"
if [ -s "$work/packages" ]; then
	# shellcheck disable=SC2046 # import paths hold no blanks
	go test -count=1 -timeout 6h $(cat "$work/packages") -rapid.checks="$checks" || failures=$((failures + 1))
fi
if [ "$failures" -gt 0 ]; then
	echo "soak: $failures failures" >&2
	exit 1
fi
