//go:build !js

package experiments

import (
	"fmt"
	"strconv"
	"strings"
)

// ArrayVariables are the variables by which schedulers tell a task of an array its number,
// and how many there are.
var ArrayVariables = []struct {
	Scheduler    string
	Index, Count string
	First        string // variable of the least number; empty: it is 0
}{
	{"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"},
	{"Kubernetes", "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", ""},
	{"AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", ""},
}

// Shard reads which part of a sweep is played: i/N, counted from 1; auto/N or auto takes
// the number from a scheduler's variables, and auto also how many there are.
func Shard(text string, getenv func(string) string) (shard, shards int, err error) {
	wrong := fmt.Errorf("--shard %s: want i/N with i from 1 to N, as in 3/16; or auto, or auto/N, in a task of an array", text)
	first, count, ok := strings.Cut(text, "/")
	if ok {
		if shards, err = strconv.Atoi(count); err != nil || shards < 1 {
			return 0, 0, wrong
		}
	} else if first != "auto" {
		return 0, 0, wrong
	}
	if first != "auto" {
		if shard, err = strconv.Atoi(first); err != nil || shard < 1 || shard > shards {
			return 0, 0, wrong
		}
		return shard, shards, nil
	}
	var asked []string
	for _, v := range ArrayVariables {
		asked = append(asked, v.Index)
		index, err := strconv.Atoi(getenv(v.Index))
		if err != nil {
			continue
		}
		if v.First != "" {
			least, err := strconv.Atoi(getenv(v.First))
			if err != nil {
				return 0, 0, fmt.Errorf("--shard %s: %s is %d, but %s is not set; want both", text, v.Index, index, v.First)
			}
			index -= least
		}
		if shards == 0 {
			if shards, err = strconv.Atoi(getenv(v.Count)); err != nil || shards < 1 {
				return 0, 0, fmt.Errorf("--shard auto: %s is %d, but %s does not say how many tasks there are; want auto/N", v.Index, index, v.Count)
			}
		}
		if index < 0 || index >= shards {
			return 0, 0, fmt.Errorf("--shard %s: %s makes this task %d of %d; want one from 1 to %d", text, v.Index, index+1, shards, shards)
		}
		return index + 1, shards, nil
	}
	return 0, 0, fmt.Errorf("--shard %s: this is no task of an array (%s are not set); want i/N", text, strings.Join(asked, ", "))
}
