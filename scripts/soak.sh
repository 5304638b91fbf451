#!/usr/bin/env bash
# Looks for rare failures: random scenarios by number, many seeds for every embedded
# scenario, and many more cases for every property test. It prints the command that
# replays a failure.
#
# SCENARIOS   how many random scenarios are played, on all processors (default 100000)
# SEEDS       how many seeds each embedded scenario is run with (default 1000)
# FROM        the first of either (default 1)
# CHECKS      cases for each property test (default 20000)
#
# Zero leaves a part out: SEEDS=0 CHECKS=0 plays random scenarios alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scenarios=${SCENARIOS:-100000}
seeds=${SEEDS:-1000}
from=${FROM:-1}
checks=${CHECKS:-20000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

go build -o "$work/zksim" ./cmd/zksim
failures=0
if [ "$scenarios" -gt 0 ]; then
	"$work/zksim" soak --from "$from" --count "$scenarios" || failures=$((failures + 1))
fi

"$work/zksim" scenario list >"$work/list"
while read -r name _; do
	if [ -z "$name" ] || [ "$seeds" -le 0 ]; then continue; fi
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
if [ -s "$work/packages" ] && [ "$checks" -gt 0 ]; then
	# shellcheck disable=SC2046 # import paths hold no blanks
	go test -count=1 -timeout 6h $(cat "$work/packages") -rapid.checks="$checks" || failures=$((failures + 1))
fi
if [ "$failures" -gt 0 ]; then
	echo "soak: $failures failures" >&2
	exit 1
fi
