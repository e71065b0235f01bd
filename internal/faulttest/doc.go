// Package faulttest holds tests only: whole engines, each in a process of its own,
// that are killed, robbed of their disk, cut off from power and started twice.
package faulttest
