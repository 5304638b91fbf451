#!/usr/bin/env bash
# Tests submit.sh on a Slurm of its own: munge, slurmctld and slurmd from
# Debian's packages (munge slurmctld slurmd slurm-client), all on this machine, as
# root, with everything that they write in one temporary folder.
#
# An array plays a small sweep. One of its tasks is killed in the middle, the
# program with SIGKILL; Slurm queues it again. The merged results must be those
# of this machine alone, byte for byte, and no chunk may have been played twice
# but those in flight.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for program in munged slurmctld slurmd sbatch; do
	command -v "$program" >/dev/null || {
		echo "$program is not installed; want munge slurmctld slurmd slurm-client" >&2
		exit 77
	}
done

dir=$(mktemp -d)
chmod 755 "$dir"
mkdir "$dir/state" "$dir/spool" "$dir/log"
pids=()
finish() {
	local status=$?
	trap - EXIT
	if [ "$status" -ne 0 ]; then
		tail -n 20 "$dir"/log/* "$dir"/array-slurm/* >&2 2>/dev/null || true
	fi
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null || true
		wait "${pids[i]}" 2>/dev/null || true
	done
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# until SECONDS COMMAND... waits until the command succeeds.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "still not so: $*" >&2
			return 1
		}
		sleep 0.2
	done
}

host=$(hostname -s)
head -c 1024 /dev/urandom >"$dir/munge.key"
chmod 400 "$dir/munge.key"
# Ports of its own, and a credential that expires soon: a task is started anew
# when that of its first start has.
cat >"$dir/slurm.conf" <<-EOF
	ClusterName=zksim
	SlurmctldHost=$host(127.0.0.1)
	SlurmUser=root
	SlurmdUser=root
	AuthType=auth/munge
	AuthInfo=socket=$dir/munge.socket,cred_expire=5
	CryptoType=crypto/munge
	SlurmctldPort=26817
	SlurmdPort=26818
	StateSaveLocation=$dir/state
	SlurmdSpoolDir=$dir/spool
	SlurmctldPidFile=$dir/slurmctld.pid
	SlurmdPidFile=$dir/slurmd.pid
	ProctrackType=proctrack/pgid
	TaskPlugin=task/none
	SelectType=select/cons_tres
	SelectTypeParameters=CR_CPU
	MpiDefault=none
	ReturnToService=2
	SchedulerParameters=sched_interval=2,batch_sched_delay=0
	NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
	PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$dir/slurm.conf
munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
	--seed-file="$dir/munge.seed" --log-file="$dir/log/munged" >"$dir/log/munged.out" 2>&1 &
pids+=($!)
until_true 20 test -S "$dir/munge.socket"
slurmctld -D -c >"$dir/log/slurmctld" 2>&1 &
pids+=($!)
slurmd -D -c >"$dir/log/slurmd" 2>&1 &
pids+=($!)
up() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }
until_true 60 up

export ZKSIM=$dir/zksim
go build -o "$ZKSIM" ./cmd/zksim

# 30 points of 10,000 runs, in 600 chunks: some seconds for each of the four tasks.
what=(crash --vary 'clients.worker.timeout=4s..40s/4s' --vary 'ensemble.tickTime=500ms,1s,2s' --runs 10000 --chunk 500)
echo "    on this machine alone"
"$ZKSIM" sweep "${what[@]}" -o "$dir/alone" >"$dir/log/alone" 2>&1

echo "    as an array of four"
merge=$(deploy/slurm/submit.sh "${what[0]}" "$dir/array" 4 "${what[@]:1}")

# The process of one task, once it has written a chunk.
victim() { pid=$(pgrep -f "^$ZKSIM sweep .*--shard auto" | head -n 1) && [ -n "$(find "$dir/array/chunks" -name '*.chunk' -print -quit 2>/dev/null)" ]; }
until_true 60 victim
kill -KILL "$pid"
echo "    killed process $pid of one task"

over() { [ -z "$(squeue --noheader --jobs="$merge" 2>/dev/null)" ]; }
until_true 300 over
grep -lq 'queued again' "$dir"/array-slurm/*.log || {
	echo 'no task was queued again' >&2
	exit 1
}
for file in rows.csv summary.csv manifest.json; do
	cmp "$dir/alone/$file" "$dir/array/$file"
done
echo "    rows.csv, summary.csv and manifest.json: the same bytes ($(wc -l <"$dir/array/rows.csv") lines)"
