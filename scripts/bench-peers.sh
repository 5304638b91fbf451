#!/usr/bin/env bash
# Measures zksim's engine beside its peers, in one run, and prints the medians.
#
#   scripts/bench-peers.sh [ROUNDS] [CSV]    (default 5 rounds, a CSV in the temporary folder)
#
# The peers' programs and their driver are in ../shared/peers (PEERS names another
# folder). ONLY=REGEX picks peers, as in ONLY='ns3|simpy'. What is not installed is
# skipped by the driver, with a word. Every round measures all of them, so that a
# busy machine strikes all alike. zksim's own lines count what the peers count:
# pings sent, arrivals, expiries.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}
peers=${PEERS:-../shared/peers}
[ -x "$peers/run.sh" ] || {
	echo "bench-peers: $peers/run.sh is not there; PEERS names the folder of the peers" >&2
	exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
csv=${2:-$work/peers.csv}

go test -c -o "$work/zksim.test" ./sim

# own WORKLOAD N H prints one line of zksim's own.
own() { W=$1 N=$2 H=$3 GOMAXPROCS=1 "$work/zksim.test" -test.run '^TestPeerLine$' | grep '^zksim' | sed "s/\$/,$round/"; }

: >"$csv"
for ((round = 1; round <= rounds; round++)); do
	"$peers/run.sh" 1 | awk -F, -v OFS=, -v round="$round" '$1 == "peer" { next } { $NF = round; print }' >>"$csv"
	{
		for n in 1000 100000 1000000; do own hold "$n" 2000000; done
		for workload in hb hb-timeline; do
			own "$workload" 1000 2500
			own "$workload" 100000 50
		done
	} >>"$csv"
	echo "round $round of $rounds done" >&2
done
python3 "$peers/summary.py" "$csv"
