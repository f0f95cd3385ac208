// Package chaos kills, stops and starves Golive's processes in the middle of
// deployments and proves that nothing comes of it: no object twice, none lost, no
// deployment stuck, nothing unsellable.
//
// It holds tests only. `make test` runs a short version, `make chaos` the whole.
package chaos
