# What tests use of the system, as Debian packages. Without one of them its tests are skipped, and say so.
PACKAGES = dbus python3-dbusmock fuse3 strace sqlite3 git
# Tools are pinned here and not as `tool` lines in go.mod: their hundreds of modules would be resolved with ours.
LINT     = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT  = go run mvdan.cc/gofumpt@v0.12.0
LONG     = $(filter-out $(SKIP), $(shell grep -rl --include='*_test.go' --exclude-dir=bench --exclude-dir=oracle 'flag.Bool."long"' . | xargs -n1 dirname | sort -u))
FUZZTIME = 60s
PROFILE  = internal/sim/population/cpu.pgo
# Lint vets, and only our own code, where go test vets SQLite first; the compiler takes 1 GB for SQLite, not 0.6, and less time;
# and many tests wait for other processes, so more packages than processors run at a time.
QUICK    = -vet=off -toolexec='env GOGC=400' -p $$(($$(nproc) + 1))

.PHONY: test long lint fuzz bench truth profile dist cover packages oracle
test: packages # LULL_REQUIRE=fuse,dbus,ns,cgroup turns what would be skipped into a failure
	go test $(QUICK) ./...
long: packages # minutes: every cut, kill and zone instead of a sample
	go test -timeout 60m $(LONG) -args -long
lint: # gofumpt also sees the files of other systems; a nested module must not lag behind ours
	$(LINT) run ./...
	@for dir in . bench oracle; do (cd $$dir && go mod tidy -diff) || exit 1; done
	@files=$$($(GOFUMPT) -l .) && { [ -z "$$files" ] || { echo "not in gofumpt's format: $$files" >&2; exit 1; }; }
fuzz: # each target for FUZZTIME
	@.ci/fuzz $(FUZZTIME)
bench: # side by side with other queues; see bench/README.md
	cd bench && go run . $(ARGS)
oracle: # island against tree-sitter: ORACLE_SOURCES=folders, colons between them, for more than our own; see oracle/README.md
	cd oracle && go test -count=1 -v .
truth: # recall and false reports of lull check on labelled apps: TRUTH=labels APPS=checkouts, one folder for each label
	@bin=$$(mktemp); go build -o $$bin ./cmd/lull && python3 $(TRUTH)/score.py $(TRUTH) $(APPS) $$bin | sed 's/^missing /unscored: /'; rm $$bin
profile: # of simulations, by which the compiler lays out what they run most: a tenth of the time of make dist's binaries
	go test -trimpath -run '^$$' -bench Population -benchtime 10x -o /dev/null -cpuprofile $(abspath $(PROFILE)) ./internal/sim/population
dist: # static binaries with checksums, so that who uses them needs no Go
	@rm -rf dist && mkdir dist
	@for system in linux darwin windows; do for arch in amd64 arm64; do \
		name=dist/lull-$$system-$$arch; [ $$system = windows ] && name=$$name.exe; \
		CGO_ENABLED=0 GOOS=$$system GOARCH=$$arch go build -trimpath -pgo=$(PROFILE) -ldflags '-s -w' -o $$name ./cmd/lull || exit 1; \
	done; done
	@cd dist && sha256sum lull-* > SHA256SUMS && ls -l
cover:
	@f=$$(mktemp); go test -coverpkg=./... -coverprofile=$$f ./... && go tool cover -func=$$f | tail -1; rm $$f
packages:
	@.ci/packages $(PACKAGES)
