package main

// ours lists the kinds of isolates of this repository.
func ours() []system { return nil }
