# boxer: see README.md. Every target says what it does, installs what it lacks
# by apt or npm where it may, and works again when run twice. Nothing is
# fetched when nothing is missing.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PKGS        ?= ./...
say          = @printf '\033[1m== %s\033[0m\n'
# Test binaries never read the user's own settings or fill their cache.
TESTENV     := env -u BOXER_DEBUG BOXER_CACHE_DIR=$(CURDIR)/e2e/.cache/boxer

.DEFAULT_GOAL := help
.PHONY: help build web test check bench demo conformance browsers clean tools browser-tools cross

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: web ## build the page's files (web/dist) and bin/boxer, which carries them
	$(say) "building bin/boxer"
	@mkdir -p bin
	@$(GO) build -trimpath -o bin/boxer ./cmd/boxer

# The page's files: npm's packages as the lock has them, the core as
# WebAssembly, then esbuild. Without Node there is a bin/boxer without a page.
web: web/node_modules/.package-lock.json
	$(say) "building the page's files in web/dist"
	@if ! command -v node >/dev/null; then \
	  echo "node is missing (Debian: apt install nodejs npm): bin/boxer will have no page's files, and its export and serve say so"; exit 0; fi; \
	mkdir -p web/dist; rm -f web/dist/core.wasm; \
	GO=$(GO) web/core.sh web/dist/core.wasm; \
	node web/build.mjs; \
	find cmd/boxer/webdist/dist -mindepth 1 ! -name .gitkeep -delete; \
	cp -R web/dist/. cmd/boxer/webdist/dist/; rm -f cmd/boxer/webdist/dist/core.wasm

web/node_modules/.package-lock.json: web/package-lock.json
	@if command -v npm >/dev/null; then \
	  printf '\033[1m== %s\033[0m\n' "installing npm packages in web/node_modules"; \
	  npm --prefix web ci --no-audit --no-fund --loglevel=error && touch $@; \
	elif command -v node >/dev/null; then echo "npm is missing (Debian: apt install npm)" >&2; exit 1; fi

tools: ## install what tests use beside Go: an arm64 C compiler (apt)
	@e2e/tools.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross

# What drives browsers comes by npm, and takes no browser with it.
browser-tools: e2e/web/node_modules/.package-lock.json
	@e2e/tools.sh chromium

e2e/web/node_modules/.package-lock.json: e2e/web/package-lock.json
	$(say) "npm ci in e2e/web"
	@if command -v npm >/dev/null; then cd e2e/web && npm ci --no-progress --silent && touch node_modules/.package-lock.json || \
	  echo "npm could not install what drives browsers: their tests are skipped"; \
	 else echo "npm is not installed: tests in browsers are skipped"; fi

test: tools browser-tools web ## run all tests (prepares guests and a Debian arm64 busybox first)
	$(say) "preparing the test images"
	@$(TESTENV) $(GO) run ./e2e/prepare
	$(say) "go test $(PKGS)"
	@$(TESTENV) BOXER_WEB=built $(GO) test -json -timeout 15m $(PKGS) | $(GO) run ./e2e/tally

check: ## gofmt, vet, staticcheck, and a build for every platform boxer claims
	$(say) "gofmt"
	@out=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); if [ -n "$$out" ]; then echo "not gofmt: $$out"; exit 1; fi
	$(say) "go vet"
	@$(GO) vet ./...
	$(say) "staticcheck"
	@if GOBIN=$(CURDIR)/e2e/.cache/bin $(GO) install $(STATICCHECK) 2>/dev/null; then \
	   e2e/.cache/bin/staticcheck ./... && GOOS=js GOARCH=wasm e2e/.cache/bin/staticcheck ./jsbridge/... ./cmd/boxer-web; \
	 else echo "staticcheck could not be fetched: not run"; fi
	@$(MAKE) --no-print-directory cross

cross:
	$(say) "cross-building"
	@for p in linux/amd64 linux/arm64 darwin/arm64 windows/amd64; do \
	  echo "   $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build -o /dev/null ./cmd/boxer; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build ./runtime/... ./wasmfs/...; done
	@echo "   js/wasm"; export GOOS=js GOARCH=wasm; \
	  $(GO) build $$($(GO) list -f '{{if .GoFiles}}{{.ImportPath}}{{end}}' ./runtime/... ./wasmfs/... ./jsbridge/... ./cmd/boxer-web | grep -v /engine/wazero)

bench: tools browser-tools build ## time guest programs against qemu-aarch64 and native builds
	@e2e/tools.sh qemu-user gcc libc6-dev
	$(say) "benchmarks"
	@BOXER_WEB=built $(GO) run ./e2e/bench -o bin/bench.json $(BENCHFLAGS)

browsers: tools browser-tools web ## run the page tests in Firefox and WebKit too
	@e2e/tools.sh firefox-esr webkit2gtk-driver xvfb
	$(say) "tests in Chromium, Firefox and WebKit"
	@run() { $(TESTENV) BOXER_WEB=built BOXER_BROWSERS=1 $(GO) test -json -timeout 60m -p 1 "$$@"; }; \
	  { run -run InPage ./e2e || true; run ./e2e/browser ./e2e/element ./e2e/export ./e2e/kept ./e2e/page ./jsbridge || true; } | $(GO) run ./e2e/tally

demo: build ## pack an example image, run it here, then serve it as a page (CI=1: do not wait)
	$(say) "the demo"
	@CI="$(CI)" $(GO) run ./e2e/demo

conformance: tools ## the long comparisons with qemu-aarch64 (SEED=, N=)
	@e2e/tools.sh qemu-user
	$(say) "random instructions, on wazero"
	@$(TESTENV) $(GO) run ./e2e/conformance $(if $(SEED),-seed $(SEED)) $(if $(N),-n $(N))
	$(say) "random instructions, on V8"
	@$(TESTENV) $(GO) run ./e2e/conformance -judge v8 $(if $(SEED),-seed $(SEED)) $(if $(N),-n $(N))
	$(say) "all floating-point operands, on both"
	@$(TESTENV) $(GO) run ./e2e/conformance -level -mode vectors,vectors-precise
	@$(TESTENV) $(GO) run ./e2e/conformance -level -mode vectors,vectors-precise -judge v8
	$(say) "programs"
	@$(TESTENV) BOXER_CONFORMANCE=1 $(GO) test -run Conformance -v -timeout 5h $(PKGS)

clean: ## remove what was built and cached in the tree
	$(say) "cleaning"
	@rm -rf bin e2e/.cache web/dist web/node_modules
	@find cmd/boxer/webdist/dist -mindepth 1 ! -name .gitkeep -delete
