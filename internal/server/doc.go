// Package server is the HTTP face: routes, the two GraphQL transports (POST and
// graphql-transport-ws), the REST endpoint, and what every request passes
// through.
//
// It decides nothing about deployments. REST answers come out of the same
// GraphQL operations that other callers send, so that rules and errors cannot
// differ.
package server
