// Package app turns configuration into running processes: it reads the
// environment, wires the domain's services together, and starts and stops the
// API and the worker. It decides nothing of its own.
package app
