// Package zksim is the root of the module. It holds no code: see clock, model,
// sim, experiments, conformance and cmd/zksim, and ARCHITECTURE.md for how they
// fit together.
package zksim
