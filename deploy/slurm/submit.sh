#!/usr/bin/env bash
# Plays a sweep on a Slurm cluster: an array of tasks, each of which plays one
# part of it, and a job that merges the parts once every task is done.
#
#   deploy/slurm/submit.sh SWEEP FOLDER [TASKS] [SWEEP FLAG...]
#   deploy/slurm/submit.sh crash /shared/results/crash 64 --runs 10000
#
# SWEEP    a sweep that comes with zksim, or a file that every node can read
# FOLDER   the results; on a file system that all nodes share. What the tasks
#          print goes to FOLDER-slurm
# TASKS    how many tasks (default 16)
#
# ZKSIM    the program on the nodes (default: zksim, from their PATH)
# SBATCH_* Slurm's own variables, such as SBATCH_PARTITION and SBATCH_TIMELIMIT
#
# It prints the number of the merging job. What is there already is not played
# again: after a failure run the same line once more.
set -euo pipefail
usage() {
	sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "${BASH_SOURCE[0]}" >&2
	exit 2
}
[ $# -ge 2 ] || usage
sweep=$1 folder=$2 tasks=${3:-16}
shift $(($# < 3 ? $# : 3))
if ! [[ $tasks =~ ^[1-9][0-9]*$ ]]; then
	echo "submit.sh: $tasks tasks; want a number of 1 or more" >&2
	exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$folder" "$folder-slurm"
folder=$(cd "$folder" && pwd)
export ZKSIM=${ZKSIM:-zksim}

array=$(sbatch --parsable --array="0-$((tasks - 1))" --job-name=zksim-sweep \
	--output="$folder-slurm/%A-%a.log" "$here/task.sbatch" "$sweep" "$folder" "$@")
# A merge whose array failed is taken off the queue, and leaves the parts as they are.
sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes --job-name=zksim-merge \
	--output="$folder-slurm/%j-merge.log" "$here/merge.sbatch" "$folder"
