#!/usr/bin/env bash
# Shows that a run's output depends on the scenario and the seed alone.
#
# Every embedded scenario is run by several builds of zksim, as text and as
# JSON lines, and every embedded sweep played for a few runs of each point. Every
# build must print the same bytes, and write the same tables:
#
#   native   this machine's processor
#   race     the same with the race detector, one processor, another time zone
#   arm64    cross-compiled, under qemu-user (amd64 where arm64 is native)
#   v3       amd64 level v3, which fuses multiplications and additions
#
# SEED   the seed of every run (default 7)
# ZKSIM_FORBID_SKIP=1   a missing emulator is a failure, not a remark
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seed=${SEED:-7}
formats='text jsonl'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail() {
	echo "determinism: $*" >&2
	exit 1
}

case $(go env GOHOSTOS)/$(go env GOHOSTARCH) in
linux/amd64) foreign=arm64 emulator=qemu-aarch64 ;;
linux/arm64) foreign=amd64 emulator=qemu-x86_64 ;;
*) fail "needs Linux on amd64 or arm64, not $(go env GOHOSTOS)/$(go env GOHOSTARCH)" ;;
esac

# play BUILD COMMAND... runs every scenario and every sweep and leaves the outputs
# in $work/BUILD.out.
play() {
	local build=$1 name format status
	shift
	mkdir "$work/$build.out"
	while read -r name; do
		for format in $formats; do
			status=0
			"$@" run "$name" --seed "$seed" --format "$format" \
				</dev/null >"$work/$build.out/$name.$format" 2>"$work/$build.err" || status=$?
			if [ "$status" -ne 0 ]; then
				tail -n 20 "$work/$build.err" >&2
				fail "$build: zksim run $name --seed $seed --format $format: exit status $status"
			fi
		done
	done <"$work/scenarios"
	while read -r name; do
		if ! "$@" sweep "$name" --runs 3 --seed "$seed" -o "$work/$build.sweep/$name" \
			</dev/null >"$work/$build.err" 2>&1; then
			tail -n 20 "$work/$build.err" >&2
			fail "$build: zksim sweep $name --runs 3 --seed $seed"
		fi
		# Not the manifest, which names the program.
		mv "$work/$build.sweep/$name/rows.csv" "$work/$build.out/$name.rows"
		mv "$work/$build.sweep/$name/summary.csv" "$work/$build.out/$name.summary"
	done <"$work/sweeps"
}

builds=(native race)
CGO_ENABLED=0 go build -o "$work/native" ./cmd/zksim
CGO_ENABLED=1 go build -race -o "$work/race" ./cmd/zksim
"$work/native" scenario list >"$work/list"
awk 'NF { print $1 }' "$work/list" >"$work/scenarios"
[ -s "$work/scenarios" ] || fail 'zksim scenario list named no scenario'
"$work/native" sweep list | awk 'NF { print $1 }' >"$work/sweeps"
[ -s "$work/sweeps" ] || fail 'zksim sweep list named no sweep'
{
	while read -r name; do for format in $formats; do echo "$name.$format run $name --format $format"; done; done <"$work/scenarios"
	while read -r name; do for table in rows summary; do echo "$name.$table sweep $name --runs 3, $table.csv"; done; done <"$work/sweeps"
} >"$work/outputs"

if command -v "$emulator" >/dev/null; then
	builds+=("$foreign")
	CGO_ENABLED=0 GOARCH=$foreign go build -o "$work/$foreign" ./cmd/zksim
elif [ "${ZKSIM_FORBID_SKIP:-}" = 1 ]; then
	fail "$emulator not found: apt-get install qemu-user"
else
	echo "    not run: $foreign, since $emulator is not installed (apt-get install qemu-user)"
fi
v3=yes
for feature in avx2 bmi1 bmi2 f16c fma movbe abm; do
	grep -qw "$feature" /proc/cpuinfo || v3=no
done
if [ "$v3" = yes ]; then
	builds+=(v3)
	CGO_ENABLED=0 GOAMD64=v3 go build -o "$work/v3" ./cmd/zksim
else
	echo '    not run: v3, which this processor does not offer'
fi

jobs=()
for build in "${builds[@]}"; do
	case $build in
	"$foreign") play "$build" "$emulator" "$work/$build" & ;;
	race) TZ=Asia/Kathmandu GOMAXPROCS=1 play race "$work/race" & ;;
	*) play "$build" "$work/$build" & ;;
	esac
	jobs+=($!)
done
failed=0
for job in "${jobs[@]}"; do
	wait "$job" || failed=1
done
[ "$failed" -eq 0 ] || fail 'not every build could run everything'

different=0
while read -r output what; do
	want=$work/native.out/$output
	[ -s "$want" ] || fail "zksim $what: printed nothing"
	printf '    %s  %s\n' "$(sha256sum <"$want" | cut -d ' ' -f 1)" "$output"
	for build in "${builds[@]}"; do
		got=$work/$build.out/$output
		cmp -s "$want" "$got" && continue
		different=$((different + 1))
		printf '%s differs from native (%s) in zksim %s, seed %s:\n' \
			"$build" "$(sha256sum <"$got" | cut -d ' ' -f 1)" "$what" "$seed" >&2
		{ diff "$want" "$got" || true; } | head -n 6 >&2
	done
done <"$work/outputs"
[ "$different" -eq 0 ] || fail "$different outputs differ between builds"
echo "    $(wc -l <"$work/scenarios") scenarios and $(wc -l <"$work/sweeps") sweeps, the same bytes from: ${builds[*]}"
