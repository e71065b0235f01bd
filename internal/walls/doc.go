// Package walls holds no code. Its tests keep the house rules that import lists
// cannot express: what decides is pure, and files stay small. The walls between
// packages are in .golangci.yml.
package walls
