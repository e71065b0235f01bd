module github.com/lullwork/lull/oracle

go 1.26.0

replace github.com/lullwork/lull => ../

require (
	github.com/lullwork/lull v0.0.0
	github.com/tree-sitter/go-tree-sitter v0.25.0
)

require github.com/mattn/go-pointer v0.0.1 // indirect
