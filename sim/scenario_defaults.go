package sim

import (
	"fmt"
	"time"

	"zksim/model"
)

// defaultScenario is what a scenario says that says nothing. The rows of the
// keys state the same values; a test compares the two.
func defaultScenario(name string) *Scenario {
	return &Scenario{
		Name: name,
		Seed: 1,
		Ensemble: Ensemble{
			Servers:   3,
			Version:   newestRelease,
			Tick:      2 * time.Second,
			InitLimit: 10,
			SyncLimit: 5,
			IdleCheck: 10 * time.Second,
			Backlog:   50,
			Log:       constantSampler(time.Millisecond),
			Load:      constantSampler(10 * time.Millisecond),
		},
		Network: Network{
			Clients: constantSampler(500 * time.Microsecond),
			Servers: constantSampler(500 * time.Microsecond),
			RTOMin:  200 * time.Millisecond,
		},
	}
}

// defaultClient is a client that says nothing: a Java client of the newest
// release that asks for 10 seconds.
func defaultClient(name string) Client {
	library, err := model.FindLibrary("java", newestRelease)
	if err != nil {
		panic(fmt.Sprintf("the newest release: %v", err))
	}
	return Client{Name: name, Count: 1, Library: library, Version: newestRelease, Timeout: 10 * time.Second,
		UnderVersion: newestRelease, Percent: 100, ConnectionTimeout: model.CuratorConnectionTimeout, InjectionRace: 0.069}
}

// constantSampler gives always d, which is in whole microseconds and at most
// [MaxSample].
func constantSampler(d time.Duration) *Sampler {
	return mustSampler("constant", map[string]float64{"value": float64(d)}, 0)
}

// mustSampler makes a law that is known to be right.
func mustSampler(name string, params map[string]float64, most time.Duration) *Sampler {
	law, err := NewLaw(name, params)
	if err != nil {
		panic(err)
	}
	s, err := NewSampler(law, 0, most)
	if err != nil {
		panic(err)
	}
	s.written = &lawWords{name: name, params: params, max: most}
	return s
}
